/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The optimiser: Adam (Kingma and Ba 2015). The learning rate rises for a short
 * time, then falls from its peak to 0 on half a cosine.
 */
#ifndef TRAIN_ADAM_H
#define TRAIN_ADAM_H

#include <stddef.h>
#include <stdint.h>

/* Running means over the steps, one for each parameter, 0 at the start. */
struct adam {
	float *mean;   /* of the gradient */
	float *square; /* of its square */
};

/*
 * Does one step for parameters [begin, end); step counts from 0 to steps - 1.
 * gradient: of the mean loss, (parameters)
 */
void adam_step(struct adam *adam, float *params, const float *gradient,
	       size_t begin, size_t end, uint32_t step, uint32_t steps);

#endif
