/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a table, one for each index. Sources: the table and the indices, or
 * the indices alone where the table is the node's parameters.
 *
 * The index is secret: each one takes a pass over the whole table, in which a
 * mask is set for one row. An index outside of the table gives zeros.
 */
#include "math.h"
#include "rules.h"

#define STEP 4 /* vectors of a row in one pass */

typedef uint8_t bytes_at
	__attribute__((vector_size(16), aligned(1), may_alias));

static const struct nn_tensor *indices(const struct nn_at *at)
{
	return at->in[at->node->sources - 1];
}

/* Elements of a row: the dimensions of the output behind those of indices. */
static size_t row_elements(const struct nn_at *at)
{
	return nn_elements(at->out) / nn_elements(indices(at));
}

/* A table's rows and their dimensions are those that the output needs. */
static bool table_allowed(const struct nn_at *at)
{
	const struct nn_tensor *table = at->in[0];
	const uint32_t first = indices(at)->rank;

	if (!nn_same_type(table, at->out) ||
	    table->dims[0] != at->node->gather.rows ||
	    table->rank - 1u + first != at->out->rank)
		return false;
	for (uint32_t d = 1; d < table->rank; d++) {
		if (at->out->dims[first + d - 1] != table->dims[d])
			return false;
	}
	return true;
}

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	if (node->sources < 1 || node->sources > 2 || node->variant ||
	    !nn_unused_zero(node, sizeof(node->gather)) ||
	    !nn_is_activation(at->out) || indices(at)->type != NN_INT32 ||
	    indices(at)->rank > at->out->rank)
		return false;
	for (uint32_t d = 0; d < indices(at)->rank; d++) {
		if (at->out->dims[d] != indices(at)->dims[d])
			return false;
	}
	if (!node->gather.rows ||
	    node->gather.rows > NN_ELEMENTS_MAX / row_elements(at))
		return false;
	return node->sources == 1 || table_allowed(at);
}

static uint64_t table_elements(const struct nn_at *at)
{
	return (uint64_t)at->node->gather.rows * row_elements(at);
}

static uint64_t macs(const struct nn_at *at)
{
	return table_elements(at) * nn_elements(indices(at)) +
	       nn_elements(at->out);
}

static uint64_t params(const struct nn_at *at)
{
	if (at->node->sources == 2)
		return 0;
	return nn_params_bytes(table_elements(at) *
			       nn_type_size(at->out->type));
}

static bool values(const struct nn_at *at, const void *from)
{
	if (at->node->sources == 2)
		return true;
	if (at->out->type == NN_F32)
		return nn_floats_allowed(from, table_elements(at));
	return nn_padding_zero(from, table_elements(at));
}

/* `left` bytes of a row, at most STEP vectors, from a column of the table. */
static void gather(const uint8_t *column, size_t row_bytes, size_t rows,
		   int32_t index, uint8_t *out, size_t left)
{
	nn_ints found[STEP] = { 0 };
	nn_ints row = { 0 };

	for (size_t r = 0; r < rows; r++, column += row_bytes) {
		const nn_ints mask = row == index;

		for (size_t v = 0; v < STEP; v++)
			found[v] |=
				(nn_ints)((const bytes_at *)column)[v] & mask;
		row += 1;
	}
	memcpy(out, found, left < sizeof(found) ? left : sizeof(found));
}

static void run(const struct nn_call *call)
{
	const struct nn_at *at = &call->at;
	const size_t rows = at->node->gather.rows;
	const size_t row = row_elements(at) * nn_type_size(at->out->type);
	const size_t count = nn_elements(indices(at));
	const int32_t *index = call->in[at->node->sources - 1];
	uint8_t *out = call->out;

	for (size_t i = 0; i < call->batch * count; i++, out += row) {
		const uint8_t *table = call->params;

		if (at->node->sources == 2)
			table = (const uint8_t *)call->in[0] +
				i / count * rows * row;
		for (size_t k = 0; k < row; k += STEP * sizeof(bytes_at))
			gather(table + k, row, rows, index[i], out + k,
			       row - k);
	}
}

const struct nn_operator nn_op_gather = {
	.check = check,
	.macs = macs,
	.params = params,
	.values = values,
	.run = run,
};
