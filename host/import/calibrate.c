/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "cost.h"
#include "nn/op.h"

/* Each tensor gets a place of its own. */
static bool place_tensors(struct calibration *c, struct enc_error *e)
{
	uint64_t at = 0;

	for (uint32_t t = 0; t < (uint32_t)c->head.inputs + c->head.nodes;
	     t++) {
		struct nn_tensor *tensor = &c->tensors[t];

		if (tensor->type == NN_INT8)
			return enc_fail(e, ENC_ERR_UNSUPPORTED,
					"it computes in int8 already");
		tensor->offset = (uint32_t)at;
		at += cost_tensor(tensor);
		if (at > UINT32_MAX)
			return enc_fail(e, ENC_ERR_LIMIT,
					"its tensors have more than 4 GiB "
					"together");
	}
	c->head.arena = (uint32_t)at;
	return true;
}

bool calibrate_open(struct calibration *c, const struct lowered *net,
		    struct enc_error *e)
{
	*c = (struct calibration){ .head = net->head };
	memcpy(c->tensors, net->tensors, sizeof(c->tensors));
	c->net = (struct nn_net){ &c->head, c->tensors, net->nodes };
	return place_tensors(c, e) &&
	       run_open(&c->run, &c->net, net->params, e);
}

static void widen(struct range *r, const float *x, size_t count)
{
	bool finite = true;

	for (size_t i = 0; i < count; i++) {
		r->low = x[i] < r->low ? x[i] : r->low;
		r->high = x[i] > r->high ? x[i] : r->high;
		finite &= fabsf(x[i]) <= FLT_MAX;
	}
	if (!finite)
		*r = (struct range){ -INFINITY, INFINITY };
}

void calibrate_sample(struct calibration *c)
{
	run_sample(&c->run);
	for (uint32_t t = 0; t < (uint32_t)c->head.inputs + c->head.nodes;
	     t++) {
		if (c->tensors[t].type == NN_F32)
			widen(&c->ranges[t], run_tensor(&c->run, t),
			      nn_elements(&c->tensors[t]));
	}
	c->samples++;
}

void calibrate_close(struct calibration *c)
{
	run_close(&c->run);
}
