/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps of scripts that run sealed models. Each of these has a few samples,
 * whose answers are made here from what the network computes in the normal
 * world: of all values in their order, and not as ta/answer.c makes them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "networks.h"
#include "score.h"
#include "script_steps.h"
#include "testkit/client.h"
#include "testkit/test.h"

#define SAMPLES	   MODELS_IMAGES
#define INFINITE   SAMPLES /* one more, of small networks */
#define COUNT_MAX  80	   /* samples of a call: more than a batch */
#define VALUES_MAX 6
#define ANSWER_MAX 24
#define UNTOUCHED  0xee

static uint8_t *tiny(uint32_t count, size_t *len)
{
	(void)count;
	return networks_tiny(len);
}

/* The small networks: `count` is for make(), `values` are of an output. */
static const struct {
	uint8_t *(*make)(uint32_t count, size_t *len);
	uint32_t count;
	uint32_t policy;
	uint32_t amount;
	uint32_t values;
	size_t sample_bytes;
	size_t answer_bytes;
} small[SCRIPT_NETWORKS] = {
	{ networks_negate, 2, BOX_LABEL, 0, 2, 8, 4 },
	{ networks_quantize, 6, BOX_TOP, 3, 6, 24, 12 },
	{ networks_two, 3, BOX_SCORES, 5, 3, 24, 24 },
	{ tiny, 3, BOX_RAW, 0, 1, 3, 4 },
};

/* What is right for each sealed model. */
static struct network {
	uint32_t policy;
	uint32_t amount;
	size_t sample_bytes;
	size_t answer_bytes;
	uint8_t samples[(SAMPLES + 1) * ENC_MNIST_IMAGE_BYTES];
	uint8_t answers[SAMPLES + 1][ANSWER_MAX];
	bool overflows[SAMPLES + 1];
} networks[SCRIPT_SEALED];

uint8_t *script_run_seal(size_t n, uint32_t version, size_t *len)
{
	struct sealed_maker maker = models_owner;
	size_t record_len = 0;
	uint8_t *record = small[n].make(small[n].count, &record_len);
	uint8_t *sealed = NULL;

	maker.head.policy = small[n].policy;
	maker.head.amount = small[n].amount;
	maker.head.security_version = version;
	sealed = sealed_make(&maker, record, record_len, len);
	free(record);
	return sealed;
}

/* ---- right answers ---- */

/* Some values are equal. */
static void make_samples(struct network *n, bool f32)
{
	for (size_t i = 0; i < (SAMPLES + 1) * n->sample_bytes; i++)
		n->samples[i] = (uint8_t)(i * 37);
	for (size_t s = 0; f32 && s <= INFINITE; s++) {
		for (size_t k = 0; k < n->sample_bytes / 4; k++) {
			float v = ((float)((k * 3 + s) % 5) - 2) *
				  (0.31f + 0.07f * (float)s);

			if (s == INFINITE && !k)
				v = INFINITY;
			memcpy(n->samples + s * n->sample_bytes + k * 4, &v, 4);
		}
	}
}

/* Of value i in descending order; of equal ones the first comes first. */
static size_t place_of(const float *values, size_t count, size_t i)
{
	size_t place = 0;

	for (size_t k = 0; k < count; k++)
		place += values[k] > values[i] ||
			 (k < i && values[k] == values[i]);
	return place;
}

static void put_labels(const float *values, size_t count, size_t amount,
		       uint8_t *to)
{
	for (size_t i = 0; i < count; i++) {
		size_t place = place_of(values, count, i);

		if (place < amount)
			box_store32(to + place * 4, (uint32_t)i);
	}
}

static void put_scores(const float *values, size_t count, int bits, uint8_t *to)
{
	float largest = 0;

	for (size_t i = 0; i < count; i++)
		largest = fmaxf(largest, fabsf(values[i]));
	for (size_t i = 0; i < count; i++) {
		float score = score_of(values[i], largest, bits);

		memcpy(to + i * 4, &score, 4);
	}
}

/* values: of `outputs` outputs, as f32; not of int8, whose order is enough. */
static bool put_answer(size_t i, const float *values, size_t outputs,
		       uint8_t *to)
{
	const size_t count = small[i].values;

	for (size_t k = 0; k < outputs * count; k++) {
		if (!isfinite(values[k]))
			return false;
	}
	if (small[i].policy == BOX_LABEL)
		put_labels(values, count, 1, to);
	if (small[i].policy == BOX_TOP)
		put_labels(values, count, small[i].amount, to);
	for (size_t k = 0; small[i].policy == BOX_SCORES && k < outputs; k++)
		put_scores(values + k * count, count, (int)small[i].amount,
			   to + k * count * 4);
	if (small[i].policy == BOX_RAW)
		memcpy(to, values, outputs * count * 4);
	return true;
}

static void make_answer(size_t i, const uint8_t *record, size_t len, size_t s)
{
	struct network *n = &networks[SCRIPT_NEWER + 1 + i];
	const bool is_int8 = small[i].make == networks_quantize;
	float values[VALUES_MAX] = { 0 };
	size_t size = 0;
	uint8_t *outputs = networks_run(
		record, len, n->samples + s * n->sample_bytes, &size);

	if (is_int8) {
		for (size_t k = 0; k < size; k++)
			values[k] = (float)(int8_t)outputs[k];
	} else {
		memcpy(values, outputs, size);
	}
	free(outputs);
	n->overflows[s] = !put_answer(
		i, values, size / (is_int8 ? 1 : 4) / small[i].values,
		n->answers[s]);
}

static void setup_small(size_t i)
{
	struct network *n = &networks[SCRIPT_NEWER + 1 + i];
	size_t len = 0;
	uint8_t *record = small[i].make(small[i].count, &len);

	n->policy = small[i].policy;
	n->amount = small[i].amount;
	n->sample_bytes = small[i].sample_bytes;
	n->answer_bytes = small[i].answer_bytes;
	make_samples(n, small[i].make != tiny);
	for (size_t s = 0; s <= INFINITE; s++)
		make_answer(i, record, len, s);
	free(record);
}

void script_run_setup(void)
{
	for (int i = 0; i <= SCRIPT_NEWER; i++) {
		struct network *n = &networks[i];
		const uint8_t *labels = models[script_sealed_labels(i)].labels;

		n->policy = BOX_LABEL;
		n->sample_bytes = ENC_MNIST_IMAGE_BYTES;
		n->answer_bytes = sizeof(uint32_t);
		memcpy(n->samples, models_images, sizeof(models_images));
		for (size_t s = 0; s < SAMPLES; s++)
			box_store32(n->answers[s], labels[s]);
	}
	for (size_t i = 0; i < SCRIPT_NETWORKS; i++)
		setup_small(i);
}

/* ---- RUN ---- */

/* A call: samples from `first` on, which begin again after the last one. */
struct call {
	const struct network *n;
	size_t first;
	bool is_infinite; /* its last sample */
	uint8_t *in;
	size_t in_size;
	size_t count;
	uint8_t *out;
	size_t room;
	size_t need;
};

static uint8_t *allocate(size_t size, uint8_t fill)
{
	uint8_t *memory = malloc(size);

	if (!memory)
		abort();
	memset(memory, fill, size);
	return memory;
}

/* The i-th sample of a call; one more may be there in part. */
static size_t sample_of(const struct call *call, size_t i)
{
	if (call->is_infinite && i + 1 == call->count)
		return INFINITE;
	return (call->first + i) % SAMPLES;
}

/* In memory of exactly these sizes, so that a sanitizer sees a step outside. */
static struct call make_call(const struct script_client *c, const uint8_t *how)
{
	const bool is_small = c->network > SCRIPT_NEWER;
	struct call call = {
		.n = &networks[c->network < 0 ? 0 : c->network],
		.first = how[3] % SAMPLES,
		.is_infinite = is_small && how[3] >= 224,
	};
	const size_t sample = call.n->sample_bytes;
	const size_t limit = is_small ? COUNT_MAX : SAMPLES;

	call.in_size = how[0] % limit * sample;
	if (how[1] >= 192)
		call.in_size += how[1] - 191u;
	call.count = call.in_size / sample;
	call.need = call.room = call.count * call.n->answer_bytes;
	if (how[2] >= 192)
		call.room = call.need * (how[2] - 192u) / 32 + how[2] % 4;
	call.in = allocate(call.in_size, 0);
	call.out = allocate(call.room, UNTOUCHED);
	for (size_t i = 0; i < call.in_size; i++)
		call.in[i] =
			call.n->samples[sample_of(&call, i / sample) * sample +
					i % sample];
	return call;
}

static TEEC_Result no_network(const struct script_client *c)
{
	if (c->model == SCRIPT_NO_MODEL)
		return TEEC_ERROR_BAD_STATE;
	return c->network == SCRIPT_NO_MODEL ? TEEC_ERROR_NOT_SUPPORTED :
					       TEEC_SUCCESS;
}

static TEEC_Result right_result(const struct script_client *c,
				const struct call *call)
{
	TEEC_Result res = no_network(c);

	if (res != TEEC_SUCCESS)
		return res;
	if (!call->in_size || call->in_size % call->n->sample_bytes)
		return TEEC_ERROR_BAD_PARAMETERS;
	if (call->room < call->need)
		return TEEC_ERROR_SHORT_BUFFER;
	for (size_t i = 0; i < call->count; i++) {
		if (call->n->overflows[sample_of(call, i)])
			return ENC_TEE_OVERFLOW;
	}
	return TEEC_SUCCESS;
}

/* Nothing but answers is written, and after an overflow 0. */
static void check_answers(const struct call *call, TEEC_Result res)
{
	const uint8_t none[ANSWER_MAX] = { 0 };
	const size_t size = call->n->answer_bytes;
	size_t used = 0;

	if (res == TEEC_SUCCESS || res == ENC_TEE_OVERFLOW)
		used = call->need;
	for (size_t i = 0; i < used / size; i++)
		assert_memory_equal(
			call->out + i * size,
			res == TEEC_SUCCESS ?
				call->n->answers[sample_of(call, i)] :
				none,
			size);
	for (size_t i = used; i < call->room; i++)
		assert_int_equal(call->out[i], UNTOUCHED);
}

void script_run_samples(struct script_client *c, const uint8_t *how)
{
	struct call call = make_call(c, how);
	size_t size = call.room;
	TEEC_Result res = ta_call(&c->session, ENC_MNIST_CMD_RUN, call.in,
				  call.in_size, call.out, &size);

	assert_int_equal(res, right_result(c, &call));
	if (res == TEEC_SUCCESS || res == TEEC_ERROR_SHORT_BUFFER ||
	    res == ENC_TEE_OVERFLOW)
		assert_int_equal(size, call.need);
	check_answers(&call, res);
	c->answered |= res == TEEC_SUCCESS;
	script_say("run", res, call.out, res == TEEC_SUCCESS ? size : 0);
	free(call.in);
	free(call.out);
}

/* ---- DESCRIBE ---- */

static void check_description(const struct script_client *c,
			      const uint8_t *bytes)
{
	const struct network *n = &networks[c->network];

	assert_int_equal(box_load32(bytes + ENC_MNIST_DESCRIBE_AT_POLICY),
			 n->policy);
	assert_int_equal(box_load32(bytes + ENC_MNIST_DESCRIBE_AT_AMOUNT),
			 n->amount);
	assert_int_equal(
		box_load32(bytes + ENC_MNIST_DESCRIBE_AT_SECURITY_VERSION),
		script_sealed_version(c->network));
	assert_int_equal(box_load64(bytes + ENC_MNIST_DESCRIBE_AT_SAMPLE),
			 n->sample_bytes);
	assert_int_equal(box_load64(bytes + ENC_MNIST_DESCRIBE_AT_ANSWER),
			 n->answer_bytes);
}

void script_describe(struct script_client *c, const uint8_t *how)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES + 64] = { 0 };
	const size_t room =
		how[0] < 192 ? ENC_MNIST_DESCRIBE_BYTES :
			       ((size_t)how[1] << 8 | how[2]) % sizeof(bytes);
	size_t size = room;
	TEEC_Result right = no_network(c);
	TEEC_Result res = TEEC_ERROR_GENERIC;

	if (right == TEEC_SUCCESS && room < ENC_MNIST_DESCRIBE_BYTES)
		right = TEEC_ERROR_SHORT_BUFFER;
	memset(bytes, UNTOUCHED, sizeof(bytes));
	res = ta_ask(&c->session, ENC_MNIST_CMD_DESCRIBE, bytes, &size);
	assert_int_equal(res, right);
	if (res == TEEC_SUCCESS || res == TEEC_ERROR_SHORT_BUFFER)
		assert_int_equal(size, ENC_MNIST_DESCRIBE_BYTES);
	if (res == TEEC_SUCCESS)
		check_description(c, bytes);
	for (size_t i = res == TEEC_SUCCESS ? size : 0; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], UNTOUCHED);
	script_say("describe", res, bytes, res == TEEC_SUCCESS ? size : 0);
}
