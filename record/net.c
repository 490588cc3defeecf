/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <string.h>

_Static_assert(sizeof(struct nn_head) == 64 && sizeof(struct nn_tensor) == 40 &&
		       sizeof(struct nn_node) == 64,
	       "stored as they are");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "numbers are stored as they come: little endian");

/* Where the tables, then the parameters begin. */
#define AT_TABLES sizeof(struct nn_head)

static uint64_t at_params(const struct record_net *r)
{
	return AT_TABLES + nn_tables_size(&r->head);
}

uint64_t record_net_size(const struct nn_head *head)
{
	return AT_TABLES + nn_tables_size(head) + head->params;
}

void record_net_begin(struct record_net *r)
{
	memset(r, 0, sizeof(*r));
}

static void refuse(struct record_net *r, enum record_net_error error,
		   enum nn_error why, uint64_t offset)
{
	r->error = error;
	r->why = why;
	r->offset = offset;
}

/* In the record: of the tensor, the node or the head that an error is about. */
static uint64_t place_of(const struct record_net *r, enum nn_error why)
{
	uint64_t tensors = (uint64_t)r->head.inputs + r->head.nodes;

	switch (why) {
	case NN_ERROR_TENSOR:
	case NN_ERROR_OUTPUT:
	case NN_ERROR_ARENA:
	case NN_ERROR_OVERLAP:
		return AT_TABLES + r->at * sizeof(struct nn_tensor);
	case NN_ERROR_NODE:
		return AT_TABLES + tensors * sizeof(struct nn_tensor) +
		       r->at * sizeof(struct nn_node);
	default:
		return 0;
	}
}

static void end_head(struct record_net *r)
{
	if (nn_head_check(&r->head) != NN_OK)
		refuse(r, RECORD_NET_HEAD, NN_ERROR_HEAD, 0);
	else
		r->need = nn_tables_size(&r->head);
}

static void end_tables(struct record_net *r)
{
	enum nn_error why = nn_net_check(&r->net, &r->at);

	if (why != NN_OK)
		refuse(r, RECORD_NET_NETWORK, why, place_of(r, why));
	else
		r->need = (size_t)r->head.params + NN_SLACK;
}

/* Checks the node whose parameters are complete, and those without any. */
static void end_nodes(struct record_net *r)
{
	uint64_t taken = r->offset - at_params(r);

	while (r->at < r->head.nodes && r->end <= taken) {
		if (r->end > r->start &&
		    !nn_values_check(&r->net, r->at, r->params + r->start)) {
			refuse(r, RECORD_NET_VALUE, NN_ERROR_VALUE,
			       at_params(r) + r->start);
			return;
		}
		r->start = r->end;
		if (++r->at < r->head.nodes)
			r->end += nn_params_size(&r->net, r->at);
	}
}

void record_net_give(struct record_net *r, void *memory)
{
	r->need = 0;
	if (r->tables) {
		r->params = memory;
		r->at = 0;
		r->end = nn_params_size(&r->net, 0);
		end_nodes(r);
		return;
	}
	r->tables = memory;
	r->net.head = &r->head;
	r->net.tensors = memory;
	r->net.nodes = (const void *)(r->tables +
				      ((size_t)r->head.inputs + r->head.nodes) *
					      sizeof(struct nn_tensor));
}

/* Copies what belongs to one part of the record; gives the number of bytes. */
static size_t take(struct record_net *r, uint8_t *part, uint64_t begin,
		   uint64_t end, const uint8_t *data, size_t len)
{
	size_t n = end - r->offset < len ? (size_t)(end - r->offset) : len;

	memcpy(part + (r->offset - begin), data, n);
	r->offset += n;
	return n;
}

static size_t take_some(struct record_net *r, const uint8_t *data, size_t len)
{
	uint64_t params = 0;
	size_t n = 0;

	if (r->offset < AT_TABLES) {
		n = take(r, (uint8_t *)&r->head, 0, AT_TABLES, data, len);
		if (r->offset == AT_TABLES)
			end_head(r);
		return n;
	}
	params = at_params(r);
	if (r->offset < params) {
		n = take(r, r->tables, AT_TABLES, params, data, len);
		if (r->offset == params)
			end_tables(r);
		return n;
	}
	if (r->at < r->head.nodes) {
		n = take(r, r->params, params, params + r->end, data, len);
		end_nodes(r);
		return n;
	}
	refuse(r, RECORD_NET_TRAILING, NN_OK, r->offset);
	return 0;
}

size_t record_net_push(struct record_net *r, const uint8_t *data, size_t len)
{
	size_t done = 0;

	while (done < len && !r->need && r->error == RECORD_NET_OK)
		done += take_some(r, data + done, len - done);
	return done;
}

enum record_net_error record_net_end(struct record_net *r)
{
	bool is_complete = r->params && r->at == r->head.nodes;

	if (r->error == RECORD_NET_OK && !is_complete)
		r->error = RECORD_NET_SHORT;
	return r->error;
}
