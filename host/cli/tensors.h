/* SPDX-License-Identifier: Apache-2.0 */
/* Samples for a network from .npy files, and what it computes of them to .npy.
 */
#ifndef CLI_TENSORS_H
#define CLI_TENSORS_H

#include "cli.h"
#include "host/base/file.h"
#include "host/image/npy.h"
#include "host/import/lower.h"

struct cli_samples {
	const struct nn_net *net;
	struct enc_npy inputs[NN_INPUTS_MAX];
	size_t count; /* of samples */
};

/*
 * Reads a file for each input of the network. Its shape is that of the input
 * behind the batch; its type, too, but f32 for an int8 input is quantised.
 * *samples is to be freed in any case.
 */
bool cli_samples_read(struct cli_samples *samples, const struct nn_net *net,
		      const struct cli_list *paths, struct enc_error *e);

/* Input t of sample i, as the network reads it. */
void cli_samples_get(const struct cli_samples *samples, size_t i, uint32_t t,
		     void *to);

void cli_samples_free(struct cli_samples *samples);

/* A file for each output. */
struct cli_outputs {
	const struct nn_net *net;
	struct enc_out_file *files;
	size_t file_count;
	size_t count; /* samples so far */
	bool dequantize;
};

/* *outputs is to be aborted, after a commit, too. */
bool cli_outputs_open(struct cli_outputs *outputs, const struct nn_net *net,
		      const struct cli_infer *args, struct enc_error *e);

/* Takes the outputs of a batch that was computed in `work`. */
void cli_outputs_add(struct cli_outputs *outputs, void *work, size_t batch);

bool cli_outputs_commit(struct cli_outputs *outputs, struct enc_error *e);
void cli_outputs_abort(struct cli_outputs *outputs);

#endif
