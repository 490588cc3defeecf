/* SPDX-License-Identifier: Apache-2.0 */
/* What several operators check of a node. Private to nn/. */
#ifndef NN_RULES_H
#define NN_RULES_H

#include <string.h>

#include "choose.h"
#include "op.h"
#include "reveal.h"

static inline bool nn_all_zero(const void *at, size_t len)
{
	const uint8_t *bytes = at;
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= bytes[i];
	return !any;
}

/* True if the union of a node is 0 behind its first `used` bytes. */
static inline bool nn_unused_zero(const struct nn_node *node, size_t used)
{
	return nn_all_zero(node->bytes + used, sizeof(node->bytes) - used);
}

static inline bool nn_is_activation(const struct nn_tensor *t)
{
	return t->type == NN_F32 || t->type == NN_INT8;
}

/* True if an element of both means the same number. */
static inline bool nn_same_type(const struct nn_tensor *a,
				const struct nn_tensor *b)
{
	return a->type == b->type && a->zero == b->zero &&
	       !memcmp(&a->scale, &b->scale, sizeof(a->scale));
}

/*
 * True if numbers lie between the limits. Of floats, -infinity below and
 * infinity above do not limit; the comparisons fail for what is no number.
 */
static inline bool nn_clamp_allowed(const union nn_clamp *c, uint8_t type)
{
	if (type == NN_F32)
		return c->f32[0] <= c->f32[1] && c->f32[0] < __builtin_inff() &&
		       c->f32[1] > -__builtin_inff();
	return -128 <= c->int8[0] && c->int8[0] <= c->int8[1] &&
	       c->int8[1] <= 127;
}

static inline bool nn_scale_allowed(const struct nn_scale *s)
{
	if (s->multiplier == 0)
		return s->shift == 0;
	return s->multiplier >= 1 << 30 && -31 <= s->shift && s->shift <= 30;
}

/* True if the bytes from `used` up to the next unit are 0. */
static inline bool nn_padding_zero(const void *params, uint64_t used)
{
	return NN_REVEAL(nn_all_zero((const uint8_t *)params + used,
				     (size_t)(nn_params_bytes(used) - used)));
}

/* True if `count` floats are finite, and the padding behind them is 0. */
static inline bool nn_floats_allowed(const float *params, uint64_t count)
{
	uint32_t bad = 0;

	for (uint64_t i = 0; i < count; i++)
		bad |= nn_not_finite(nn_to_bits(params[i]));
	return NN_REVEAL(!(bad >> 31)) &&
	       nn_padding_zero(params, count * sizeof(float));
}

#endif
