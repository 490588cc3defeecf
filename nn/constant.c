/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor that is a parameter. */
#include "rules.h"

static bool check(const struct nn_at *at)
{
	return !at->node->sources && !at->node->variant &&
	       nn_unused_zero(at->node, 0) && at->out->type != NN_UINT8;
}

static size_t bytes(const struct nn_at *at)
{
	return nn_elements(at->out) * nn_type_size(at->out->type);
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->out);
}

static uint64_t params(const struct nn_at *at)
{
	return nn_params_bytes(bytes(at));
}

static bool values(const struct nn_at *at, const void *from)
{
	if (at->out->type == NN_F32)
		return nn_floats_allowed(from, nn_elements(at->out));
	return nn_padding_zero(from, bytes(at));
}

static void run(const struct nn_call *call)
{
	const size_t size = bytes(&call->at);

	for (size_t b = 0; b < call->batch; b++)
		memcpy((uint8_t *)call->out + b * size, call->params, size);
}

const struct nn_operator nn_op_constant = {
	.check = check,
	.macs = macs,
	.params = params,
	.values = values,
	.run = run,
};
