/* SPDX-License-Identifier: Apache-2.0 */
/* What quantisation costs a classifier: both networks answer a test set. */
#ifndef HOST_IMPORT_ACCURACY_H
#define HOST_IMPORT_ACCURACY_H

#include "lower.h"
#include "run.h"

struct accuracy {
	/* Before and after; inputs of the first are written for each sample. */
	struct run run[2];
	uint32_t output[2];
	size_t classes;
	/* results */
	size_t samples;
	size_t right[2];
	size_t differ; /* samples whose label changes */
};

/*
 * Both have the same inputs, and one output, f32, a score for each class; else
 * it fails. They stay in use until the end. *a is to be closed in any case.
 */
bool accuracy_open(struct accuracy *a, const struct lowered *before,
		   const struct lowered *after, struct enc_error *e);

/* Computes a sample with both. Fails if the networks have no such class. */
bool accuracy_sample(struct accuracy *a, uint32_t label, struct enc_error *e);

void accuracy_close(struct accuracy *a);

#endif
