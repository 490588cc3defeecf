/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <stdlib.h>
#include <string.h>

#include "nn/op.h"
#include "record/net.h"

#define FILL   0x3c /* four of them are the float 0.0115 */
#define BLOCKS 4

/* Memory, aligned for the engine. */
struct memory {
	void *blocks[BLOCKS];
	size_t used;
};

static void *take(struct memory *m, size_t size)
{
	uint8_t *block = m->used < BLOCKS ? calloc(1, size + NN_ALIGN) : NULL;

	if (!block)
		return NULL;
	m->blocks[m->used++] = block;
	return block + -(uintptr_t)block % NN_ALIGN;
}

static void drop(const struct memory *m)
{
	for (size_t i = 0; i < m->used; i++)
		free(m->blocks[i]);
}

static bool read_record(struct record_net *r, const uint8_t *record, size_t len,
			struct memory *m)
{
	record_net_begin(r);
	while (len && r->error == RECORD_NET_OK) {
		size_t taken = record_net_push(r, record, len);

		record += taken;
		len -= taken;
		if (r->need) {
			void *memory = take(m, r->need);

			if (!memory)
				return false;
			record_net_give(r, memory);
		}
	}
	return record_net_end(r) == RECORD_NET_OK;
}

static size_t input_size(const struct nn_net *net, uint32_t t)
{
	const struct nn_tensor *input = &net->tensors[t];

	return nn_elements(input) * nn_type_size(input->type);
}

static size_t inputs_size(const struct nn_net *net)
{
	size_t size = 0;

	for (uint32_t t = 0; t < net->head->inputs; t++)
		size += input_size(net, t);
	return size;
}

/* samples: (batch, inputs of a sample) */
static void pass(const struct record_net *r, const uint8_t *samples,
		 size_t batch, void *work)
{
	for (uint32_t t = 0; t < r->head.inputs; t++) {
		size_t size = batch * input_size(&r->net, t);

		memcpy(nn_tensor_at(&r->net, work, t, batch), samples, size);
		samples += size;
	}
	nn_net_run(&r->net, r->params, work, batch);
}

bool bench_network(const uint8_t *record, size_t len, size_t n, size_t times)
{
	struct memory m = { .used = 0 };
	struct record_net r;
	bool ok = read_record(&r, record, len, &m);

	if (ok) {
		const size_t batch = r.head.batch;
		const size_t size = batch * inputs_size(&r.net);
		void *work = take(&m, nn_work_bytes(&r.net, batch));
		uint8_t *samples = take(&m, size);

		ok = work && samples;
		if (samples)
			memset(samples, FILL, size);
		for (size_t i = 0; ok && i < times; i++)
			for (size_t at = 0; at < n; at += batch)
				pass(&r, samples,
				     n - at < batch ? n - at : batch, work);
	}
	drop(&m);
	return ok;
}
