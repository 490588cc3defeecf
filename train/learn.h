/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The training loop. Two threads share each step's work in a fixed way, so
 * that the result depends on the seed and not on which of them is faster.
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
	uint32_t images; /* the first so many of data; at least LEARN_BATCH */
	uint32_t epochs; /* how often each of them is seen; at least 1 */
	uint64_t seed;
	/*
	 * Called after each step. `steps` are in all of the lesson, `score` is
	 * over the `seen` images of this epoch.
	 */
	void (*report)(void *ctx, uint32_t step, uint32_t steps,
		       const struct score *score, uint32_t seen);
	void *ctx;
};

/* Images in a step. */
#define LEARN_BATCH 256

/*
 * Sets params (nn_param_count()) to what the lesson teaches. False if out of
 * memory or threads.
 */
bool learn(const struct lesson *lesson, float *params);

#endif
