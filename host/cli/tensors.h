/* SPDX-License-Identifier: Apache-2.0 */
/* Samples from .npy files, and what a network gives of them to .npy. */
#ifndef CLI_TENSORS_H
#define CLI_TENSORS_H

#include "cli.h"
#include "host/base/file.h"
#include "host/image/npy.h"
#include "model.h"

struct cli_samples {
	const struct enc_network *net;
	struct enc_npy inputs[BOX_PORTS_MAX];
	size_t count; /* of samples */
};

/*
 * Reads a file for each input of the network. Its shape is that of the input
 * behind the batch; its type, too, but f32 for an int8 input is quantised.
 * *samples is to be freed in any case.
 */
bool cli_samples_read(struct cli_samples *samples,
		      const struct enc_network *net,
		      const struct cli_list *paths, struct enc_error *e);

/* Sample i, as the network reads it. */
void cli_samples_get(const struct cli_samples *samples, size_t i, uint8_t *to);

void cli_samples_free(struct cli_samples *samples);

/* A file for each output. */
struct cli_outputs {
	const struct cli_model *model;
	struct enc_out_file files[BOX_PORTS_MAX];
	uint32_t file_count;
	size_t count; /* samples so far */
	bool dequantize;
};

/*
 * Fails if the owner of the model keeps its outputs. *outputs is to be aborted,
 * after a commit, too.
 */
bool cli_outputs_open(struct cli_outputs *outputs,
		      const struct cli_model *model,
		      const struct cli_infer *args, struct enc_error *e);

/* Takes the model's first n answers. */
void cli_outputs_add(struct cli_outputs *outputs, size_t n);

bool cli_outputs_commit(struct cli_outputs *outputs, struct enc_error *e);
void cli_outputs_abort(struct cli_outputs *outputs);

#endif
