/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <string.h>

#include "run.h"

_Static_assert(SESSION_ALIGN == NN_ALIGN, "what the engine wants");
_Static_assert((int)BOX_F32 == NN_F32 && (int)BOX_INT8 == NN_INT8 &&
		       (int)BOX_UINT8 == NN_UINT8 && (int)BOX_INT32 == NN_INT32,
	       "ports name types as tensors do");
_Static_assert(BOX_PORTS_MAX == NN_INPUTS_MAX && BOX_RANK_MAX == NN_RANK_MAX &&
		       BOX_BATCH_MAX == NN_BATCH_MAX &&
		       BOX_RECORD_HEAD == sizeof(struct nn_head),
	       "limits of a head are those of a network");

static const struct model_kind kind = { .classify = run_classify };

static size_t tables_size(const struct box_head *head)
{
	return (size_t)(head->length - head->params - BOX_RECORD_HEAD);
}

/* Where parameters begin in the memory of a network. */
static size_t params_at(const struct box_head *head)
{
	return session_round(sizeof(struct network)) +
	       session_round(tables_size(head));
}

void network_sizes(const struct box_head *head, struct model *model)
{
	const struct nn_head nn = { .arena = head->arena };
	const struct nn_net net = { .head = &nn };

	model->size = params_at(head) +
		      session_round((size_t)head->params + NN_SLACK);
	model->work_size = nn_work_bytes(&net, head->batch);
}

void network_begin(struct model *model, const struct box_head *head)
{
	model->kind = &kind;
	model->network = model->memory;
	model->params = (uint8_t *)model->memory + params_at(head);
	model->network->head = *head;
	record_net_begin(&model->network->record);
}

static bool is_port(const struct box_port *port, const struct nn_tensor *t)
{
	uint32_t scale = 0;

	memcpy(&scale, &t->scale, sizeof(scale));
	return port->type == t->type && port->rank == t->rank &&
	       port->zero == t->zero && port->scale == scale &&
	       !memcmp(port->dims, t->dims, sizeof(port->dims));
}

/* The record's own head says the same as that of the sealed model. */
static bool is_same_head(const struct box_head *head, const struct nn_head *nn)
{
	return nn_tables_size(nn) == tables_size(head) &&
	       nn->params == head->params && nn->macs == head->macs &&
	       nn->arena == head->arena && nn->batch == head->batch &&
	       nn->inputs == head->inputs;
}

static uint64_t port_bytes(const struct box_port *port)
{
	const uint64_t elements = box_port_elements(port);

	return port->type == BOX_F32 || port->type == BOX_INT32 ? 4 * elements :
								  elements;
}

/* What RUN gives for a sample: proto/enc_mnist_ta.h. */
static uint64_t answer_bytes(const struct box_head *head)
{
	uint64_t bytes = 0;

	if (head->policy == BOX_LABEL)
		return sizeof(uint32_t);
	if (head->policy == BOX_TOP)
		return head->amount * sizeof(uint32_t);
	for (uint32_t i = 0; i < head->outputs; i++)
		bytes += head->policy == BOX_SCORES ?
				 box_port_elements(&head->output[i]) *
					 (uint64_t)sizeof(float) :
				 port_bytes(&head->output[i]);
	return bytes;
}

/* The network takes and gives what the head says, and computes in its type. */
static bool take_ports(struct network *n)
{
	const struct nn_net *net = &n->record.net;
	const uint32_t inputs = n->head.inputs;
	uint32_t number_type = BOX_F32;
	uint32_t outputs = 0;
	bool same = true;

	for (uint32_t t = 0; t < inputs + net->head->nodes; t++) {
		const struct nn_tensor *tensor = &net->tensors[t];

		if (t < inputs)
			same &= is_port(&n->head.input[t], tensor);
		else if (tensor->type == NN_INT8)
			number_type = BOX_INT8;
		if (!tensor->is_output)
			continue;
		if (outputs == n->head.outputs ||
		    !is_port(&n->head.output[outputs], tensor))
			return false;
		n->output[outputs++] = (uint16_t)t;
	}
	for (uint32_t i = 0; i < inputs; i++)
		n->sample_bytes += port_bytes(&n->head.input[i]);
	n->answer_bytes = answer_bytes(&n->head);
	return same && outputs == n->head.outputs &&
	       number_type == n->head.number_type;
}

/* Gives the reader memory, which it wants once for tables, once for params. */
static bool give(struct model *model)
{
	struct network *n = model->network;

	if (!n->record.net.tensors) {
		if (!is_same_head(&n->head, &n->record.head))
			return false;
		record_net_give(&n->record, (uint8_t *)model->memory +
						    session_round(sizeof(*n)));
		return true;
	}
	if (!take_ports(n))
		return false;
	record_net_give(&n->record, model->params);
	return true;
}

TEE_Result network_push(struct model *model, const uint8_t *data, size_t len)
{
	struct record_net *record = &model->network->record;

	while (len && record->error == RECORD_NET_OK) {
		size_t taken = record_net_push(record, data, len);

		data += taken;
		len -= taken;
		if (record->need && !give(model))
			return TEE_ERROR_BAD_FORMAT;
	}
	return record->error == RECORD_NET_OK ? TEE_SUCCESS :
						TEE_ERROR_BAD_FORMAT;
}

TEE_Result network_end(struct model *model)
{
	return record_net_end(&model->network->record) == RECORD_NET_OK ?
		       TEE_SUCCESS :
		       TEE_ERROR_BAD_FORMAT;
}
