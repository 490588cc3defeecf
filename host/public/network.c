/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <string.h>

#include "nn/net.h"
#include "proto/enc_mnist_ta.h"

#define ROOM_BYTES ((uint64_t)1 << 20)
#define ROOM_MACS  ((uint64_t)1 << 30)

/* What describes a model in the heap of the TA, at most. */
#define HEAP_MODEL (2u * 1024)

uint64_t enc_port_bytes(const struct box_port *port)
{
	const uint64_t elements = box_port_elements(port);

	return port->type == BOX_F32 || port->type == BOX_INT32 ? 4 * elements :
								  elements;
}

uint64_t enc_output_bytes(const struct enc_network *n, uint32_t i)
{
	return n->policy == BOX_SCORES ?
		       sizeof(float) *
			       (uint64_t)box_port_elements(&n->output[i]) :
		       enc_port_bytes(&n->output[i]);
}

float enc_port_scale(const struct box_port *port)
{
	float scale = 0;

	memcpy(&scale, &port->scale, sizeof(scale));
	return scale;
}

static uint64_t answer_bytes(const struct enc_network *n)
{
	uint64_t bytes = 0;

	if (n->policy == BOX_LABEL || n->policy == BOX_TOP)
		return sizeof(uint32_t) *
		       (uint64_t)(n->policy == BOX_TOP ? n->amount : 1);
	for (uint32_t i = 0; i < n->outputs; i++)
		bytes += enc_output_bytes(n, i);
	return bytes;
}

/* A list of numbers, or what its owner takes for one. */
static uint32_t classes_of(const struct enc_network *n)
{
	const struct box_port *out = &n->output[0];
	const uint32_t elements = box_port_elements(out);
	bool is_list = true;

	for (size_t d = 0; d < BOX_RANK_MAX; d++)
		is_list &= out->dims[d] == 1 || out->dims[d] == elements;
	if (n->outputs > 1 || out->type == BOX_INT32 ||
	    elements < BOX_CLASSES_MIN || elements > BOX_CLASSES_MAX)
		return 0;
	return is_list || n->policy < BOX_SCORES ? elements : 0;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How many fit, if each takes something. */
static uint64_t fit(uint64_t room, uint64_t each)
{
	return each ? room / each : room;
}

void enc_network_measure(struct enc_network *n)
{
	uint64_t room = ENC_ROOM_MAX;

	n->sample_bytes = 0;
	for (uint32_t i = 0; i < n->inputs; i++)
		n->sample_bytes += enc_port_bytes(&n->input[i]);
	n->answer_bytes = answer_bytes(n);
	n->classes = classes_of(n);
	room = lower(room, fit(ROOM_BYTES, n->sample_bytes + n->answer_bytes));
	room = lower(room, fit(ROOM_MACS, n->macs));
	if (room > n->batch)
		room -= room % n->batch;
	n->room = room ? (size_t)room : 1;
}

struct enc_heap enc_heap_of(const struct box_head *head)
{
	const struct nn_head nn = { .arena = head->arena };
	const struct nn_net net = { .head = &nn };
	struct enc_heap heap = {
		.model = head->length + NN_SLACK + HEAP_MODEL,
		.session = nn_work_bytes(&net, head->batch),
	};

	if (heap.session < ENC_MNIST_TA_LOAD_BYTES)
		heap.session = ENC_MNIST_TA_LOAD_BYTES;
	heap.session += ENC_MNIST_TA_OTHER_BYTES;
	return heap;
}
