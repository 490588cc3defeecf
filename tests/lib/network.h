/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of networks that nobody has made: reads and runs them in memory of
 * exactly the size asked for, so that a sanitizer sees a step outside.
 */
#ifndef TEST_NETWORK_H
#define TEST_NETWORK_H

#include <stdlib.h>
#include <string.h>

#include "nn/op.h"
#include "record/net.h"

#define NETWORK_BYTES_MAX (1u << 20) /* of what is read and run here */
#define NETWORK_MACS_MAX  (1u << 20)

/* A number from 0 to below - 1. */
static inline uint32_t network_draw(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

/* Sets one, two or four of some bytes to a number that is special, or any. */
static inline void network_change(uint32_t *state, void *bytes, size_t size)
{
	static const uint32_t numbers[] = {
		0,	    1,		2,	    3,		64,
		127,	    128,	255,	    65535,	65536,
		0x3f800000, 0x7f800000, 0x7fc00000, 0x80000000, UINT32_MAX
	};
	const uint32_t count = sizeof(numbers) / sizeof(*numbers);
	const size_t width = (size_t)1 << network_draw(state, 3);
	const uint32_t places = (uint32_t)(size / width);
	uint32_t number = numbers[network_draw(state, count)];

	if (network_draw(state, 2))
		number = network_draw(state, 16);
	if (places)
		memcpy((uint8_t *)bytes + network_draw(state, places) * width,
		       &number, width);
}

/* Exactly `size` bytes, aligned, all of them `fill`. */
static inline void *network_memory(size_t size, uint8_t fill)
{
	void *p = NULL;

	if (posix_memalign(&p, NN_ALIGN, size))
		abort();
	return memset(p, fill, size);
}

/*
 * Reads a record, each time as many bytes as piece() says. Memory that is not
 * small is not given: the record is too short then.
 */
static inline void network_read(struct record_net *r, const uint8_t *data,
				size_t len, size_t (*piece)(void *, size_t),
				void *ctx)
{
	record_net_begin(r);
	while (len && r->error == RECORD_NET_OK) {
		size_t n = piece(ctx, len);
		uint8_t *copy = malloc(n);

		if (n)
			memcpy(copy, data, n);
		n = record_net_push(r, copy, n);
		free(copy);
		data += n;
		len -= n;
		if (r->need > NETWORK_BYTES_MAX)
			break;
		if (r->need)
			record_net_give(r, network_memory(r->need, 0));
	}
	record_net_end(r);
}

static inline void network_free(struct record_net *r)
{
	free(r->tables);
	free(r->params);
}

static inline bool network_is_small(const struct nn_head *head)
{
	return head->macs <= NETWORK_MACS_MAX &&
	       head->arena <= NETWORK_BYTES_MAX / NN_BATCH_MAX;
}

/* Computes a batch of samples whose bytes are `input`; the rest is `rest`. */
static inline uint8_t *network_compute(const struct record_net *r, size_t batch,
				       uint8_t input, uint8_t rest)
{
	uint8_t *work = network_memory(nn_work_bytes(&r->net, batch), rest);

	for (uint32_t t = 0; t < r->head.inputs; t++) {
		const struct nn_tensor *in = &r->net.tensors[t];

		memset(nn_tensor_at(&r->net, work, t, batch), input,
		       batch * nn_elements(in) * nn_type_size(in->type));
	}
	nn_net_run(&r->net, r->params, work, batch);
	return work;
}

/* True if an output is the same in both. */
static inline bool network_same(const struct record_net *r, size_t batch,
				uint8_t *a, uint8_t *b, uint32_t t)
{
	const struct nn_tensor *out = &r->net.tensors[t];

	return !out->is_output ||
	       !memcmp(nn_tensor_at(&r->net, a, t, batch),
		       nn_tensor_at(&r->net, b, t, batch),
		       batch * nn_elements(out) * nn_type_size(out->type));
}

/*
 * Runs a complete network that is small. False if its outputs depend on what
 * lay in the memory before, or if bytes behind the arena are written.
 */
static inline bool network_run(const struct record_net *r, size_t batch,
			       uint8_t input)
{
	uint8_t *a = network_compute(r, batch, input, 0);
	uint8_t *b = network_compute(r, batch, input, 0xff);
	const uint8_t *behind = b + r->head.arena * batch;
	bool good = true;

	for (uint32_t t = 0; t < (uint32_t)r->head.inputs + r->head.nodes; t++)
		good &= network_same(r, batch, a, b, t);
	for (size_t i = 0; i < NN_SLACK; i++)
		good &= behind[i] == 0xff;
	free(a);
	free(b);
	return good;
}

/* Places tensors side by side. False if they are not small. */
static inline bool network_place(struct nn_head *head,
				 struct nn_tensor *tensors)
{
	uint64_t end = 0;

	for (uint32_t t = 0; t < (uint32_t)head->inputs + head->nodes; t++) {
		uint64_t bytes = nn_type_size(tensors[t].type);

		tensors[t].offset = (uint32_t)end;
		for (size_t d = 0; d < NN_RANK_MAX; d++) {
			bytes *= tensors[t].dims[d];
			if (bytes > NETWORK_BYTES_MAX)
				return false;
		}
		end += (bytes + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
	}
	head->arena = (uint32_t)end;
	return end <= NETWORK_BYTES_MAX;
}

/*
 * Gives tables the arena, the parameters and the work that their nodes need,
 * which no one hits by chance. False if they cannot be accepted even so.
 */
static inline bool network_repair(struct nn_head *head,
				  struct nn_tensor *tensors,
				  const struct nn_node *nodes)
{
	const struct nn_net net = { head, tensors, nodes };

	head->params = 0;
	head->macs = 0;
	if (!network_place(head, tensors))
		return false;
	for (;;) {
		uint32_t n = 0;
		enum nn_error error = nn_net_check(&net, &n);
		struct nn_at at = { 0 };

		if (error != NN_ERROR_PARAMS && error != NN_ERROR_MACS)
			return error == NN_OK;
		at.node = &nodes[n];
		for (uint32_t i = 0; i < nodes[n].sources; i++)
			at.in[i] = &tensors[nodes[n].source[i]];
		at.out = &tensors[head->inputs + n];
		if (error == NN_ERROR_PARAMS)
			head->params += nn_params_size(&net, n);
		else
			head->macs += nn_operators[nodes[n].op]->macs(&at);
	}
}

#endif
