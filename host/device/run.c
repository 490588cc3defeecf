/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the session's model takes and gives, and its answers: DESCRIBE and RUN.
 * A model of enc_mnist-rs has neither. Its description is here, and INFER,
 * whose labels are bytes, answers.
 */
#include <string.h>

#include "box/bytes.h"
#include "call.h"
#include "proto/enc_mnist_ta.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NO_MORE_IDS                                                            \
	"the device keeps numbers of as many model ids as it can (`enc_mnist " \
	"status`): an envelope that names ids (`enc_mnist wrap --model`) "     \
	"forgets the others; or trusted storage is full"

/* batch and macs: far below the limits of a call */
static const struct enc_network mnist = {
	.policy = BOX_LABEL,
	.batch = 1,
	.inputs = 1,
	.outputs = 1,
	.macs = 1,
	.input = { { .type = BOX_UINT8,
		     .rank = 3,
		     .dims = { ENC_MNIST_IMAGE_HEIGHT, ENC_MNIST_IMAGE_WIDTH, 1,
			       1, 1, 1 } } },
	.output = { { .type = BOX_F32,
		      .rank = 1,
		      .dims = { ENC_MNIST_CLASSES, 1, 1, 1, 1, 1 } } },
};

_Static_assert(ENC_ROOM_MAX <= ENC_MNIST_BATCH_MAX, "INFER takes a full room");

/* --- DESCRIBE --- */

static void read_ports(const uint8_t *bytes, struct box_port *ports)
{
	for (size_t i = 0; i < BOX_PORTS_MAX; i++)
		box_port_read(bytes + i * BOX_PORT_BYTES, &ports[i]);
}

static void read_network(const uint8_t *b, struct enc_network *n)
{
	const uint8_t *ports = b + ENC_MNIST_DESCRIBE_AT_PORTS;

	memset(n, 0, sizeof(*n));
	n->policy = box_load32(b + ENC_MNIST_DESCRIBE_AT_POLICY);
	n->amount = box_load32(b + ENC_MNIST_DESCRIBE_AT_AMOUNT);
	n->batch = box_load32(b + ENC_MNIST_DESCRIBE_AT_BATCH);
	n->inputs = box_load32(b + ENC_MNIST_DESCRIBE_AT_INPUTS);
	n->outputs = box_load32(b + ENC_MNIST_DESCRIBE_AT_OUTPUTS);
	n->macs = box_load64(b + ENC_MNIST_DESCRIBE_AT_MACS);
	memcpy(n->model_id, b + ENC_MNIST_DESCRIBE_AT_ID, BOX_MODEL_ID_BYTES);
	enc_printable(n->model_id);
	n->model_version = box_load32(b + ENC_MNIST_DESCRIBE_AT_VERSION);
	n->security_version =
		box_load32(b + ENC_MNIST_DESCRIBE_AT_SECURITY_VERSION);
	read_ports(ports, n->input);
	read_ports(ports + BOX_PORTS_MAX * BOX_PORT_BYTES, n->output);
}

/* Sizes of memory follow from ports, so ports are checked. */
static bool measure(const uint8_t *b, struct enc_network *n)
{
	const uint64_t most = box_load64(b + ENC_MNIST_DESCRIBE_AT_MOST);

	if (!n->batch || !n->macs || !most || n->policy < BOX_LABEL ||
	    n->policy > BOX_RAW || n->amount > BOX_CLASSES_MAX ||
	    !box_are_ports(n->input, n->inputs, true) ||
	    !box_are_ports(n->output, n->outputs, false))
		return false;
	enc_network_measure(n);
	/* A process of 32 bits can have a call: no larger network exists. */
	if (n->sample_bytes + n->answer_bytes > PTRDIFF_MAX / 2)
		return false;
	if (n->room > most)
		n->room = (size_t)most;
	return n->sample_bytes ==
		       box_load64(b + ENC_MNIST_DESCRIBE_AT_SAMPLE) &&
	       n->answer_bytes == box_load64(b + ENC_MNIST_DESCRIBE_AT_ANSWER);
}

static bool describe(struct enc_tee *tee, struct enc_error *e)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_lend(&op, 0, TEEC_MEM_OUTPUT, bytes, sizeof(bytes));
	res = enc_tee_invoke(tee, ENC_MNIST_CMD_DESCRIBE, &op, &origin);
	tee->is_mnist = res == TEEC_ERROR_NOT_SUPPORTED;
	if (tee->is_mnist) {
		tee->network = mnist;
		enc_network_measure(&tee->network);
		return true;
	}
	if (res != TEEC_SUCCESS)
		return enc_tee_fail(e, "describe the model", res, origin);
	read_network(bytes, &tee->network);
	return measure(bytes, &tee->network) ||
	       enc_fail(e, ENC_ERR_TEE, "the TA describes no network");
}

const struct enc_network *enc_tee_network(struct enc_tee *tee,
					  struct enc_error *e)
{
	TEEC_Result res = TEEC_SUCCESS;

	if (!describe(tee, e))
		return NULL;
	res = enc_tee_share_samples(tee);
	if (res == TEEC_SUCCESS)
		return &tee->network;
	enc_tee_fail(e, "share memory with the TEE", res, TEEC_ORIGIN_API);
	return NULL;
}

/* --- RUN --- */

/* Labels of INFER as RUN gives them, in place: from the end. */
static void widen(uint8_t *answers, size_t n)
{
	while (n--)
		box_store32(answers + 4 * n, answers[n]);
}

/* Labels are places in tables here. */
static bool check_labels(const struct enc_tee *tee, const uint8_t *answers,
			 size_t n, struct enc_error *e)
{
	const struct enc_network *net = &tee->network;
	const size_t count = n * (size_t)net->answer_bytes / sizeof(uint32_t);

	if (net->policy != BOX_LABEL && net->policy != BOX_TOP)
		return true;
	for (size_t i = 0; i < count; i++) {
		uint32_t label = box_load32(answers + 4 * i);

		if (label >= net->classes)
			return enc_fail(e, ENC_ERR_TEE,
					"the TA returned label %u",
					(unsigned int)label);
	}
	return true;
}

static const struct enc_tee_hint compute[] = {
	{ ENC_TEE_OVERFLOW,
	  "a result of the network is infinite or not a number: look at the "
	  "samples, are they what it was trained for? Else train it again" },
	{ TEEC_ERROR_ACCESS_DENIED,
	  "its owner allows no more answers after a load, or in the life of a "
	  "device: compare `enc_mnist inspect` and `enc_mnist status`" },
	{ ENC_TEE_STORAGE_NO_SPACE, NO_MORE_IDS },
};

static bool fail(struct enc_tee *tee, const char *doing, TEEC_Result res,
		 uint32_t origin, const struct enc_tee_hint *hints,
		 size_t count, struct enc_error *e)
{
	enc_tee_fail(e, doing, res, origin);
	enc_tee_advise(e, res, hints, count);
	enc_tee_judge_model(tee, res, e);
	return false;
}

bool enc_tee_run(struct enc_tee *tee, size_t n, struct enc_error *e)
{
	const struct enc_network *net = &tee->network;
	const size_t size = n * (tee->is_mnist ? 1 : (size_t)net->answer_bytes);
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_refer(&tee->samples, &op, 0, TEEC_MEM_INPUT, 0,
		      n * (size_t)net->sample_bytes);
	enc_tee_refer(&tee->samples, &op, 1, TEEC_MEM_OUTPUT, tee->answers_at,
		      size);
	tee->work = n * net->macs;
	res = enc_tee_invoke(
		tee, tee->is_mnist ? ENC_MNIST_CMD_INFER : ENC_MNIST_CMD_RUN,
		&op, &origin);
	tee->work = 0;
	if (res != TEEC_SUCCESS)
		return fail(tee, "compute", res, origin, compute,
			    COUNT(compute), e);
	if (op.params[1].memref.size != size)
		return enc_fail(e, ENC_ERR_TEE,
				"the TA returned %zu byte%s instead of %zu",
				op.params[1].memref.size,
				enc_s(op.params[1].memref.size), size);
	if (tee->is_mnist)
		widen(enc_tee_answers(tee), n);
	return check_labels(tee, enc_tee_answers(tee), n, e);
}

/* --- COMMIT --- */

static const struct enc_tee_hint commit[] = {
	{ TEEC_ERROR_BAD_STATE,
	  "only a sealed model that has answered can be" },
	{ TEEC_ERROR_SECURITY,
	  "the device would not load it any more: it has committed a newer "
	  "one, or its owner has changed what it may load" },
	{ TEEC_ERROR_ITEM_NOT_FOUND, "its key was retired meanwhile" },
	{ ENC_TEE_STORAGE_NO_SPACE, NO_MORE_IDS },
};

bool enc_tee_commit(struct enc_tee *tee, struct enc_error *e)
{
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res =
		enc_tee_invoke(tee, ENC_MNIST_CMD_COMMIT, &op, &origin);

	return res == TEEC_SUCCESS || fail(tee, "commit the model", res, origin,
					   commit, COUNT(commit), e);
}
