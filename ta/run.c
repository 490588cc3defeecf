/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples go through a network in passes of its batch. Each byte of them is
 * copied once, from shared memory to its place in the arena, and each byte of
 * an answer is written once.
 */
#include "run.h"

#include <string.h>

#include "answer.h"
#include "box/bytes.h"
#include "network.h"
#include "policy.h"

_Static_assert(ENC_MNIST_OUTPUT_LABEL == BOX_LABEL &&
		       ENC_MNIST_OUTPUT_TOP == BOX_TOP &&
		       ENC_MNIST_OUTPUT_SCORES == BOX_SCORES &&
		       ENC_MNIST_OUTPUT_RAW == BOX_RAW &&
		       ENC_MNIST_DESCRIBE_PORTS == BOX_PORTS_MAX &&
		       ENC_MNIST_DESCRIBE_PORT_BYTES == BOX_PORT_BYTES,
	       "one numbering");
_Static_assert(ENC_MNIST_RUN_MACS_MAX == BOX_MACS_MAX,
	       "a call computes at least one sample of any network");

/* --- one pass --- */

/* samples: (batch, inputs of a sample) in shared memory */
static void take_samples(const struct session *s, const uint8_t *samples,
			 size_t batch)
{
	const struct network *n = s->model.network;
	const struct nn_net *net = &n->record.net;

	for (size_t b = 0; b < batch; b++) {
		for (uint32_t t = 0; t < n->head.inputs; t++) {
			const struct box_port *port = &n->head.input[t];
			size_t size = box_port_elements(port);
			uint8_t *to = nn_tensor_at(net, s->work, t, batch);

			if (port->type == BOX_F32 || port->type == BOX_INT32)
				size *= 4;
			memcpy(to + b * size, samples, size);
			samples += size;
		}
	}
}

/* The outputs of sample `b` of the batch. */
static void find_values(const struct session *s, size_t batch, size_t b,
			struct answer_values values[BOX_PORTS_MAX])
{
	const struct network *n = s->model.network;

	for (uint32_t i = 0; i < n->head.outputs; i++) {
		const struct box_port *port = &n->head.output[i];
		const uint8_t *at = nn_tensor_at(&n->record.net, s->work,
						 n->output[i], batch);
		size_t size = box_port_elements(port);

		if (port->type != BOX_INT8)
			size *= 4;
		values[i] = (struct answer_values){ port, at + b * size };
	}
}

static void compute(const struct session *s, const uint8_t *samples,
		    size_t batch)
{
	const struct record_net *record = &s->model.network->record;

	take_samples(s, samples, batch);
	nn_net_run(&record->net, record->params, s->work, batch);
}

/*
 * Samples that a call may have, at least one. Each of the likeliest classes is
 * found in a pass over all of them, which is work, too.
 */
static uint64_t most_samples(const struct box_head *head)
{
	uint64_t work = head->macs;

	if (head->policy == BOX_TOP)
		work += (uint64_t)head->amount *
			box_port_elements(&head->output[0]);
	return work < ENC_MNIST_RUN_MACS_MAX ? ENC_MNIST_RUN_MACS_MAX / work :
					       1;
}

static size_t next_batch(const struct network *n, size_t left)
{
	return left < n->head.batch ? left : n->head.batch;
}

/* After `count` samples: a smaller batch has used less. */
static void wipe_work(const struct session *s, size_t count)
{
	const struct network *n = s->model.network;

	session_wipe(s->work,
		     nn_work_bytes(&n->record.net, next_batch(n, count)));
}

/* --- RUN --- */

static bool pass(const struct session *s, const uint8_t *samples, size_t batch,
		 uint8_t *out)
{
	const struct network *n = s->model.network;
	struct answer_values values[BOX_PORTS_MAX] = { 0 };

	compute(s, samples, batch);
	for (size_t b = 0; b < batch; b++) {
		find_values(s, batch, b, values);
		if (!answer_write(&n->head, values, out + b * n->answer_bytes))
			return false;
	}
	return true;
}

static TEE_Result run_all(struct session *s, const uint8_t *in, size_t count,
			  uint8_t *out)
{
	const struct network *n = s->model.network;
	TEE_Result res = TEE_SUCCESS;
	size_t batch = 0;

	for (size_t done = 0; done < count && res == TEE_SUCCESS;
	     done += batch) {
		batch = next_batch(n, count - done);
		if (!pass(s, in + done * n->sample_bytes, batch,
			  out + done * n->answer_bytes))
			res = TEE_ERROR_OVERFLOW;
	}
	wipe_work(s, count);
	if (res != TEE_SUCCESS)
		memset(out, 0, count * (size_t)n->answer_bytes);
	return res;
}

TEE_Result run(struct session *s, const void *in, size_t in_size, void *out,
	       size_t *out_size)
{
	const struct network *n = s->model.network;
	TEE_Result res = TEE_ERROR_GENERIC;
	size_t size = 0;
	size_t count = 0;

	if (!s->model.kind)
		return TEE_ERROR_BAD_STATE;
	if (!n)
		return TEE_ERROR_NOT_SUPPORTED;
	if (!in_size || in_size % n->sample_bytes)
		return TEE_ERROR_BAD_PARAMETERS;
	count = (size_t)(in_size / n->sample_bytes);
	if (count > most_samples(&n->head) ||
	    __builtin_mul_overflow(count, n->answer_bytes, &size))
		return TEE_ERROR_EXCESS_DATA;
	if (*out_size < size) {
		*out_size = size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	*out_size = size;
	res = policy_take(s, count);
	if (res == TEE_SUCCESS)
		res = run_all(s, in, count, out);
	s->answers.has_answered |= res == TEE_SUCCESS;
	return res;
}

/* --- INFER --- */

static bool takes_images(const struct network *n)
{
	const struct box_port *in = &n->head.input[0];
	const struct box_port *out = &n->head.output[0];

	return n->head.inputs == 1 && n->head.outputs == 1 &&
	       in->type == BOX_UINT8 &&
	       box_port_elements(in) == ENC_MNIST_IMAGE_BYTES &&
	       out->type != BOX_INT32 &&
	       box_port_elements(out) == ENC_MNIST_CLASSES;
}

static bool label_pass(const struct session *s, const uint8_t *images,
		       size_t batch, uint8_t *labels)
{
	struct answer_values values[BOX_PORTS_MAX] = { 0 };
	uint32_t label = 0;

	compute(s, images, batch);
	for (size_t b = 0; b < batch; b++) {
		find_values(s, batch, b, values);
		if (!answer_label(values, &label))
			return false;
		labels[b] = (uint8_t)label;
	}
	return true;
}

TEE_Result run_classify(struct session *s, const uint8_t *images, size_t count,
			uint8_t *labels)
{
	const struct network *n = s->model.network;
	TEE_Result res = TEE_SUCCESS;
	size_t batch = 0;

	if (!takes_images(n))
		return TEE_ERROR_NOT_SUPPORTED;
	if (count > most_samples(&n->head))
		return TEE_ERROR_EXCESS_DATA;
	res = policy_take(s, count);
	if (res != TEE_SUCCESS)
		return res;
	for (size_t done = 0; done < count && res == TEE_SUCCESS;
	     done += batch) {
		batch = next_batch(n, count - done);
		if (!label_pass(s, images + done * ENC_MNIST_IMAGE_BYTES, batch,
				labels + done))
			res = TEE_ERROR_OVERFLOW;
	}
	wipe_work(s, count);
	s->answers.has_answered |= res == TEE_SUCCESS;
	return res;
}

/* --- DESCRIBE --- */

static uint32_t classes_of(const struct box_head *head)
{
	if (head->outputs > 1 || head->output[0].type == BOX_INT32)
		return 0;
	return box_port_elements(&head->output[0]);
}

TEE_Result run_describe(const struct session *s,
			uint8_t answer[ENC_MNIST_DESCRIBE_BYTES])
{
	const struct network *n = s->model.network;
	const struct box_head *head = NULL;
	uint8_t *port = answer + ENC_MNIST_DESCRIBE_AT_PORTS;

	if (!s->model.kind)
		return TEE_ERROR_BAD_STATE;
	if (!n)
		return TEE_ERROR_NOT_SUPPORTED;
	head = &n->head;
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_POLICY, head->policy);
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_AMOUNT, head->amount);
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_BATCH, head->batch);
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_TYPE, head->number_type);
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_INPUTS, head->inputs);
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_OUTPUTS, head->outputs);
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_CLASSES, classes_of(head));
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_VERSION,
		    head->model_version);
	box_store64(answer + ENC_MNIST_DESCRIBE_AT_SAMPLE, n->sample_bytes);
	box_store64(answer + ENC_MNIST_DESCRIBE_AT_ANSWER, n->answer_bytes);
	box_store64(answer + ENC_MNIST_DESCRIBE_AT_MACS, head->macs);
	box_store64(answer + ENC_MNIST_DESCRIBE_AT_MOST, most_samples(head));
	memcpy(answer + ENC_MNIST_DESCRIBE_AT_ID, head->model_id,
	       BOX_MODEL_ID_BYTES);
	box_store32(answer + ENC_MNIST_DESCRIBE_AT_SECURITY_VERSION,
		    head->security_version);
	box_store64(answer + ENC_MNIST_DESCRIBE_AT_LOAD_ANSWERS,
		    head->load_answers);
	box_store64(answer + ENC_MNIST_DESCRIBE_AT_LIFE_ANSWERS,
		    head->life_answers);
	for (size_t i = 0; i < BOX_PORTS_MAX; i++, port += BOX_PORT_BYTES) {
		box_port_write(&head->input[i], port);
		box_port_write(&head->output[i],
			       port + BOX_PORTS_MAX * BOX_PORT_BYTES);
	}
	return TEE_SUCCESS;
}
