/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves of a network's outputs: the policy in the head of its sealed
 * model, as proto/enc_mnist_ta.h defines it. No branch and no address depends
 * on a value; what leaves is revealed at the end.
 */
#ifndef TA_ANSWER_H
#define TA_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/head.h"

/* Values of an output of one sample, as the network has them. */
struct answer_values {
	const struct box_port *port;
	const void *at;
};

/*
 * The label: the first of the largest values. False if one is infinite or not a
 * number.
 */
bool answer_label(const struct answer_values *values, uint32_t *label);

/*
 * Writes the answer of one sample, front to back, and reads none of it: it may
 * be shared memory. values: of each output. False if a value is infinite or not
 * a number, or, for BOX_SCORES, over 2^127; never for BOX_RAW.
 */
bool answer_write(const struct box_head *head,
		  const struct answer_values *values, uint8_t *to);

#endif
