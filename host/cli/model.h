/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model that answers: in the TEE of this device, or here, on the workstation,
 * where the engine of the TA runs a network that is not sealed. Each program
 * has one of these places. Samples and answers are those of RUN:
 * proto/enc_mnist_ta.h.
 */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include "host/base/error.h"
#include "host/public/labels.h"
#include "host/public/network.h"

struct cli_tee;

struct cli_model {
	const struct cli_place *place;
	void *there;	   /* of the place */
	const char *label; /* of the file, for messages */
	struct enc_network net;
	struct enc_labels names; /* of the file; NULL: it has none */
	uint8_t *samples;	 /* (net.room, net.sample_bytes) */
	const uint8_t *answers;	 /* (net.room, net.answer_bytes) */
};

struct cli_place {
	const char *name;	   /* "in the TEE" and the like */
	const struct cli_tee *tee; /* of the command; NULL: not in a TEE */
	/* Fills `model`, which has the place and the label. */
	bool (*open)(struct cli_model *model, const char *path,
		     struct enc_error *e);
	/* Answers the first n samples; n: 1 to net.room. */
	bool (*run)(const struct cli_model *model, size_t n,
		    struct enc_error *e);
	/* NULL: nothing lasts there. */
	bool (*commit)(const struct cli_model *model, struct enc_error *e);
	void (*close)(struct cli_model *model);
};

/* Loads a model. *model is to be closed in any case. */
bool cli_model_open(struct cli_model *model, const struct cli_place *place,
		    const char *path, struct enc_error *e);

void cli_model_close(struct cli_model *model);

/* Commands, in a place. args: their structs. */
struct cli_infer;
struct cli_eval;
int cli_infer_at(const struct cli_infer *args, const struct cli_place *place);
int cli_eval_at(const struct cli_eval *args, const struct cli_place *place);

#endif
