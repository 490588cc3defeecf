/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <string.h>

#include "nn/choose.h"
#include "nn/reveal.h"

#define LARGEST 0x1p127f

static inline float value_at(const struct answer_values *values, size_t i)
{
	float v = 0;

	if (values->port->type == BOX_F32) {
		memcpy(&v, (const uint8_t *)values->at + i * sizeof(v),
		       sizeof(v));
		return v;
	}
	return (float)(((const int8_t *)values->at)[i] - values->port->zero) *
	       nn_from_bits(values->port->scale);
}

/* The largest magnitude; more than all of them if a value is not finite. */
static float largest_of(const struct answer_values *values)
{
	const uint32_t count = box_port_elements(values->port);
	uint32_t largest = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t magnitude =
			nn_to_bits(value_at(values, i)) & 0x7fffffff;

		largest = nn_choose_bits(nn_mask(magnitude > largest),
					 magnitude, largest);
	}
	return nn_from_bits(largest);
}

static bool are_finite(const struct answer_values *values)
{
	const uint32_t bits = nn_to_bits(largest_of(values));

	return NN_REVEAL((bool)(bits < 0x7f800000));
}

/*
 * The first of the largest values behind value `last` of `index`, in the order
 * in which the largest comes first, and the lower index of two equal values.
 */
static uint32_t next_label(const struct answer_values *values, float *last,
			   uint32_t index)
{
	const uint32_t count = box_port_elements(values->port);
	float best = -__builtin_inff();
	uint32_t found = 0;

	for (uint32_t i = 0; i < count; i++) {
		float v = value_at(values, i);
		uint32_t less = nn_mask(*last > v);
		uint32_t same = ~(less | nn_mask(v > *last));
		uint32_t more = nn_mask(v > best) &
				(less | (same & nn_mask(i > index)));

		found = nn_choose_bits(more, i, found);
		best = nn_choose_float(more, v, best);
	}
	*last = best;
	return found;
}

bool answer_label(const struct answer_values *values, uint32_t *label)
{
	float last = __builtin_inff();

	if (!are_finite(values))
		return false;
	*label = NN_REVEAL(next_label(values, &last, 0));
	return true;
}

static bool write_labels(const struct answer_values *values, uint32_t amount,
			 uint8_t *to)
{
	float last = __builtin_inff();
	uint32_t index = 0;

	if (!are_finite(values))
		return false;
	for (uint32_t k = 0; k < amount; k++) {
		uint32_t label = 0;

		index = next_label(values, &last, index);
		label = NN_REVEAL(index);
		memcpy(to + k * sizeof(label), &label, sizeof(label));
	}
	return true;
}

/*
 * The distance of neighbours on the grid: 2^-bits times the smallest power of
 * two, from 1 on, that is not below the largest magnitude.
 */
static float grid_of(float largest, uint32_t bits)
{
	uint32_t exponent = (nn_to_bits(largest) + 0x7fffff) >> 23;

	exponent = nn_choose_bits(nn_mask(exponent < 127), 127, exponent);
	return nn_from_bits((exponent - bits) << 23);
}

/* Half to even: so large a number has no bits for a fraction. */
static float round_to(float v, float grid)
{
	const float round = 0x1.8p23f;

	return (v / grid + round - round) * grid;
}

static bool write_scores(const struct answer_values *values, uint32_t bits,
			 uint8_t *to)
{
	const uint32_t count = box_port_elements(values->port);
	const float largest = largest_of(values);
	float grid = 0;

	if (!NN_REVEAL((bool)(nn_to_bits(largest) <= nn_to_bits(LARGEST))))
		return false;
	grid = grid_of(largest, bits);
	for (uint32_t i = 0; i < count; i++) {
		float score = NN_REVEAL(round_to(value_at(values, i), grid));

		memcpy(to + i * sizeof(score), &score, sizeof(score));
	}
	return true;
}

static size_t write_raw(const struct answer_values *values, uint8_t *to)
{
	const size_t element = values->port->type == BOX_INT8 ? 1 : 4;
	const size_t size = element * box_port_elements(values->port);
	const uint8_t *from = values->at;

	for (size_t i = 0; i < size; i++)
		to[i] = NN_REVEAL(from[i]);
	return size;
}

bool answer_write(const struct box_head *head,
		  const struct answer_values *values, uint8_t *to)
{
	if (head->policy == BOX_LABEL)
		return write_labels(values, 1, to);
	if (head->policy == BOX_TOP)
		return write_labels(values, head->amount, to);
	for (uint32_t i = 0; i < head->outputs; i++) {
		if (head->policy == BOX_RAW) {
			to += write_raw(&values[i], to);
			continue;
		}
		if (!write_scores(&values[i], head->amount, to))
			return false;
		to += sizeof(float) * (size_t)box_port_elements(values[i].port);
	}
	return true;
}
