/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers that each tensor of an f32 network has, from samples: see
 * quantize.h. The engine computes the network in memory where no tensor
 * overwrites another one.
 */
#ifndef HOST_IMPORT_CALIBRATE_H
#define HOST_IMPORT_CALIBRATE_H

#include "lower.h"
#include "run.h"

/* low <= 0 <= high; both infinite if a number was not finite. */
struct range {
	float low;
	float high;
};

struct calibration {
	struct run run; /* its inputs are written before calibrate_sample() */
	size_t samples;
	struct range ranges[NN_INPUTS_MAX + NN_NODES_MAX]; /* of f32 tensors */
	/* Private. */
	struct nn_net net;
	struct nn_head head;
	struct nn_tensor tensors[NN_INPUTS_MAX + NN_NODES_MAX];
};

/*
 * Refuses a network with int8 tensors, and one whose tensors have more than 4
 * GiB together. net: in use until the end. *c is to be closed in any case.
 */
bool calibrate_open(struct calibration *c, const struct lowered *net,
		    struct enc_error *e);

/* Computes a sample, and widens the ranges. */
void calibrate_sample(struct calibration *c);

/* The ranges stay. */
void calibrate_close(struct calibration *c);

#endif
