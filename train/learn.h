/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The training loop. Two threads share the work of each step in a fixed way, so
 * that the result depends on the seed, and not on which thread is faster.
 */
#ifndef TRAIN_LEARN_H
#define TRAIN_LEARN_H

#include <stdbool.h>
#include <stdint.h>

#include "data.h"
#include "network.h"
#include "nn/arch.h"

struct lesson {
	const struct nn_arch *arch;
	const struct data *data;
	uint32_t images; /* the first ones of data; at least LEARN_BATCH */
	uint32_t epochs; /* passes over the images; at least 1 */
	uint64_t seed;
	/*
	 * Called after each step. steps: of the whole lesson; score: over the
	 * `seen` images of this epoch.
	 */
	void (*report)(void *ctx, uint32_t step, uint32_t steps,
		       const struct score *score, uint32_t seen);
	void *ctx;
};

/* Images per step. */
#define LEARN_BATCH 256

/* Trains, and sets params, nn_param_count() values. */
bool learn(const struct lesson *lesson, float *params, struct enc_error *e);

#endif
