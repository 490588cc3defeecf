/* SPDX-License-Identifier: Apache-2.0 */
/* The classes that a model answers with, as far as its owner lets it. */
#ifndef CLI_CLASSES_H
#define CLI_CLASSES_H

#include "model.h"

struct cli_class {
	uint32_t label;
	float score; /* where the model gives scores */
};

/*
 * Checks that the model classifies, and may give the *top likeliest labels,
 * which become all if there are fewer, and scores.
 */
bool cli_classes_check(const struct cli_model *model, size_t *top, bool scores,
		       struct enc_error *e);

/* Says what the owner lets the model give. Always false. */
bool cli_policy_refuse(const struct cli_model *model, const char *what,
		       struct enc_error *e);

/* Classes that an answer names, at most. */
size_t cli_classes_count(const struct enc_network *net);

/*
 * The classes of an answer, that of the highest score first; of equal ones, the
 * lower label. A score that is not a number is the lowest.
 */
void cli_classes_read(const struct enc_network *net, const uint8_t *answer,
		      struct cli_class *classes);

#endif
