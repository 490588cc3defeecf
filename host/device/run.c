/* SPDX-License-Identifier: Apache-2.0 */
/* DESCRIBE and RUN. */
#include <string.h>

#include "box/bytes.h"
#include "call.h"
#include "proto/enc_mnist_ta.h"

static void read_ports(const uint8_t *bytes, struct box_port *ports)
{
	for (size_t i = 0; i < BOX_PORTS_MAX; i++)
		box_port_read(bytes + i * BOX_PORT_BYTES, &ports[i]);
}

static void read_network(const uint8_t *b, struct enc_network *n)
{
	memset(n, 0, sizeof(*n));
	n->policy = box_load32(b + ENC_MNIST_DESCRIBE_AT_POLICY);
	n->amount = box_load32(b + ENC_MNIST_DESCRIBE_AT_AMOUNT);
	n->batch = box_load32(b + ENC_MNIST_DESCRIBE_AT_BATCH);
	n->number_type = box_load32(b + ENC_MNIST_DESCRIBE_AT_TYPE);
	n->inputs = box_load32(b + ENC_MNIST_DESCRIBE_AT_INPUTS);
	n->outputs = box_load32(b + ENC_MNIST_DESCRIBE_AT_OUTPUTS);
	n->classes = box_load32(b + ENC_MNIST_DESCRIBE_AT_CLASSES);
	n->model_version = box_load32(b + ENC_MNIST_DESCRIBE_AT_VERSION);
	n->sample_bytes = box_load64(b + ENC_MNIST_DESCRIBE_AT_SAMPLE);
	n->answer_bytes = box_load64(b + ENC_MNIST_DESCRIBE_AT_ANSWER);
	n->macs = box_load64(b + ENC_MNIST_DESCRIBE_AT_MACS);
	n->most_samples = box_load64(b + ENC_MNIST_DESCRIBE_AT_MOST);
	memcpy(n->model_id, b + ENC_MNIST_DESCRIBE_AT_ID, BOX_MODEL_ID_BYTES);
	read_ports(b + ENC_MNIST_DESCRIBE_AT_PORTS, n->input);
	read_ports(b + ENC_MNIST_DESCRIBE_AT_PORTS +
			   BOX_PORTS_MAX * BOX_PORT_BYTES,
		   n->output);
}

bool enc_tee_describe(struct enc_tee *tee, struct enc_network *network,
		      struct enc_error *e)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_lend(&op, 0, TEEC_MEM_OUTPUT, bytes, sizeof(bytes));
	res = enc_tee_invoke(tee, ENC_MNIST_CMD_DESCRIBE, &op, &origin);
	if (res != TEEC_SUCCESS) {
		enc_tee_fail(e, "describe the model", res, origin);
		return res == TEEC_ERROR_NOT_SUPPORTED &&
		       enc_hint(e, "a model of enc_mnist-rs has no "
				   "description: seal its record");
	}
	read_network(bytes, network);
	if (network->inputs < 1 || network->inputs > BOX_PORTS_MAX ||
	    network->outputs < 1 || network->outputs > BOX_PORTS_MAX ||
	    !network->sample_bytes || !network->answer_bytes)
		return enc_fail(e, ENC_ERR_TEE, "the TA describes no network");
	return true;
}

bool enc_tee_run(struct enc_tee *tee, const struct enc_network *network,
		 const void *samples, size_t n, void *answers,
		 struct enc_error *e)
{
	const size_t size = n * (size_t)network->answer_bytes;
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_lend(&op, 0, TEEC_MEM_INPUT, samples,
		     n * (size_t)network->sample_bytes);
	enc_tee_lend(&op, 1, TEEC_MEM_OUTPUT, answers, size);
	res = enc_tee_invoke(tee, ENC_MNIST_CMD_RUN, &op, &origin);
	if (res != TEEC_SUCCESS) {
		enc_tee_fail(e, "compute", res, origin);
		return res == ENC_TEE_OVERFLOW &&
		       enc_hint(e, "a result of the network is infinite or "
				   "not a number");
	}
	return op.params[1].tmpref.size == size ||
	       enc_fail(e, ENC_ERR_TEE,
			"the TA returned %zu bytes instead of %zu",
			op.params[1].tmpref.size, size);
}
