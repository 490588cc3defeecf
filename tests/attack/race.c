/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race WAY CALLS: shared memory that changes while the TA works on it: images,
 * pieces of a model and records (WAY `compat`); the head of a sealed model, its
 * chunks, envelopes, samples and their answers (`sealed`).
 *
 * A second thread (tests/lib/rewrite.h) keeps switching one byte of the shared
 * buffer between A and B. Every answer must be one that A alone or B alone
 * would get. The contents are made so that a mixture gets a different answer:
 * see tests/lib/twofold.h and telltale.h. For sealed data A is genuine. B would
 * show in a TA that reads twice, checking one value and using the other:
 *
 *   head      B is another key: the signature would be right, and yet there
 *             would be no such key, or the first chunk would not open
 *   chunk     B makes a weight infinite: the tag would be right, and yet there
 *             would be no valid record
 *   envelope  B is a later epoch: the signature would be right, and yet it
 *             would be stored
 *   sample    two outputs are the same number: of A in one of them, of B in the
 *             other; or B is infinite, and would have a label
 *   answer    B is what another score would be rounded from: a byte of it that
 *             nobody rewrites would change
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/stream.h"
#include "testkit/sealed_client.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"
#include "tests/lib/rewrite.h"
#include "tests/lib/telltale.h"
#include "tests/lib/twofold.h"
#include "tests/lib/way.h"

#define IMAGE	     ENC_MNIST_IMAGE_BYTES
#define BLOCK	     16
#define KEY_ID_AT    96	 /* in a head */
#define EPOCH_TOP_AT 15	 /* in an envelope */
#define WEIGHT_AT    152 /* in a record: the first of many */

/* What is sent comes first, then answers, then a byte that nobody uses. */
#define ANSWER_AT    BOX_HEAD_CHUNK_BYTES
#define SHARED_BYTES (ANSWER_AT + 4096)

static const struct way *way;
static struct way_model model;
static size_t calls; /* for fast calls; slower ones do a part of that */
static TEEC_Context context;
static TEEC_Session session;
static TEEC_SharedMemory shared = {
	.size = SHARED_BYTES,
	.flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT,
};
static unsigned int turns; /* of the other thread, in the last race() */

static uint8_t *sent(void)
{
	return shared.buffer;
}

static uint8_t *answered(void)
{
	return (uint8_t *)shared.buffer + ANSWER_AT;
}

/* `size` bytes in the shared buffer, with room behind them for an answer. */
static TEEC_Result call(uint32_t command, size_t size, size_t *answer)
{
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT,
					 answer ? TEEC_MEMREF_PARTIAL_OUTPUT :
						  TEEC_NONE,
					 TEEC_NONE, TEEC_NONE);
	op.params[0].memref.parent = &shared;
	op.params[0].memref.size = size;
	op.params[1].memref.parent = &shared;
	op.params[1].memref.offset = ANSWER_AT;
	op.params[1].memref.size = answer ? *answer : 0;
	res = TEEC_InvokeCommand(&session, command, &op, NULL);
	if (answer)
		*answer = op.params[1].memref.size;
	return res;
}

/* Sends `size` bytes, of which the one at `at` switches to `b` and back. */
static TEEC_Result race(uint32_t command, const uint8_t *bytes, size_t size,
			size_t at, uint8_t b)
{
	TEEC_Result res = TEEC_ERROR_GENERIC;

	rewrite_nothing();
	memcpy(sent(), bytes, size);
	rewrite_byte(at, bytes[at], b);
	turns = rewrite_turns();
	res = call(command, size, NULL);
	turns = rewrite_turns() - turns;
	return res;
}

/*
 * Whether a race is run again after `done` of them, `a` of which met A: as
 * often as wanted, and then until one has met A and another one B. By chance
 * few races may all meet the same.
 */
static bool goes_on(size_t done, size_t wanted, size_t a)
{
	const bool one_sided = !a || a == done;

	return done < wanted || (one_sided && done < 50 * wanted);
}

static void report(const char *what, size_t n, size_t accepted)
{
	assert_in_range(accepted, 1, n - 1);
	printf("# figure: %zu %s raced: %zu accepted, %zu refused, "
	       "0 divergences\n",
	       n, what, accepted, n - accepted);
}

static void report_seen(const char *what, size_t n, const size_t seen[2])
{
	assert_true(seen[0] && seen[1]);
	printf("# figure: %zu %s raced: %zu times A, %zu times B, "
	       "0 divergences\n",
	       n, what, seen[0], seen[1]);
}

static int setup(void **state)
{
	(void)state;
	models_make();
	model = way_model(way, &models[0]);
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    TEEC_AllocateSharedMemory(&context, &shared) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS ||
	    way->give_key(&session) != TEEC_SUCCESS)
		return -1;
	rewrite_start(shared.buffer, shared.size);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rewrite_end();
	TEEC_CloseSession(&session);
	TEEC_ReleaseSharedMemory(&shared);
	TEEC_FinalizeContext(&context);
	models_free();
	return 0;
}

/* ---- compat ---- */

static struct twofold *twofold;

static int setup_compat(void **state)
{
	twofold = twofold_make(models_key, calls);
	return setup(state);
}

static int teardown_compat(void **state)
{
	free(twofold);
	return teardown(state);
}

/* n images; the first pixel of image `raced` switches between 0 and 255. */
static void race_images(size_t n, size_t raced, size_t times)
{
	char what[32] = "";
	size_t seen[2] = { 0 };
	size_t done = 0;

	rewrite_nothing();
	memset(sent(), 0, n * IMAGE);
	for (size_t i = 0; i < n; i++)
		sent()[i * IMAGE] = i % 2 ? 255 : 0;
	rewrite_byte(raced * IMAGE, 0, 255);
	for (; goes_on(done, times, seen[0]); done++) {
		size_t count = n;

		assert_int_equal(call(ENC_MNIST_CMD_INFER, n * IMAGE, &count),
				 TEEC_SUCCESS);
		assert_int_equal(count, n);
		for (size_t k = 0; k < n; k++) {
			if (k == raced && answered()[k] < 2)
				seen[answered()[k]]++;
			else
				assert_int_equal(answered()[k], k % 2);
		}
	}
	snprintf(what, sizeof(what), "batches of %zu", n);
	report_seen(what, done, seen);
}

static void infer_reads_once(void **state)
{
	size_t len = 0;
	uint8_t *record = telltale_record(0, 1, 2);
	uint8_t *telltale =
		ta_seal(models_key, record, FORMULA_RECORD_BYTES, &len);

	(void)state;
	assert_int_equal(ta_load(&session, telltale, len), TEEC_SUCCESS);
	free(telltale);
	free(record);
	race_images(1, 0, calls / 20);
	race_images(9, 8, calls / 400 + 25);
}

/* Each pair of blocks is good under A and under B; a mixture is not. */
static void push_pairs(size_t *met)
{
	const uint8_t *pair = twofold->sealed + TWOFOLD_PAIRS_AT;
	const uint8_t *end = twofold->sealed + sizeof(twofold->sealed);

	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	assert_int_equal(ta_push(&session, twofold->sealed, TWOFOLD_PAIRS_AT),
			 TEEC_SUCCESS);
	for (size_t i = 0; i < twofold->pairs; i++) {
		assert_int_equal(race(ENC_MNIST_CMD_PUSH, pair,
				      TWOFOLD_PAIR_BYTES, 0, twofold->other[i]),
				 TEEC_SUCCESS);
		*met += turns > 1;
		pair += TWOFOLD_PAIR_BYTES;
	}
	assert_int_equal(ta_push_all(&session, pair, (size_t)(end - pair)),
			 TEEC_SUCCESS);
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
}

static void pushes_read_once(void **state)
{
	size_t done = 0;
	size_t met = 0; /* calls during which the thread had a turn */

	(void)state;
	for (; done < calls; done += twofold->pairs)
		push_pairs(&met);
	printf("# figure: %zu pushes raced, the byte changing during %zu of "
	       "them, 0 divergences\n",
	       done, met);
}

/* The first bytes are the beginning of a record under A, but not under B. */
static void a_load_goes_on_or_ends(void **state)
{
	const uint8_t *sealed = twofold->sealed;
	const size_t size = TWOFOLD_PAIR_BYTES;
	const size_t times = calls / 1000 + 20;
	size_t accepted = 0;
	size_t done = 0;

	(void)state;
	for (; goes_on(done, times, accepted); done++) {
		TEEC_Result res = TEEC_ERROR_GENERIC;

		assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
		res = race(ENC_MNIST_CMD_PUSH, sealed, size, 4, sealed[4] ^ 1);
		if (res == TEEC_SUCCESS)
			accepted++;
		else
			assert_int_equal(res, TEEC_ERROR_BAD_FORMAT);
		assert_int_equal(ta_push(&session, sealed + size, size),
				 res == TEEC_SUCCESS ? TEEC_SUCCESS :
						       TEEC_ERROR_BAD_STATE);
	}
	report("first pushes", done, accepted);
}

static void decrypt_sent(size_t len, uint8_t *plain, size_t plain_len)
{
	size_t size = len;

	assert_int_equal(call(ENC_MNIST_CMD_DECRYPT, len, &size), TEEC_SUCCESS);
	assert_int_equal(size, plain_len);
	memcpy(plain, answered(), size);
}

/* The plaintext of A or of B; they differ in a block and a byte of the next. */
static void decrypt_reads_once(void **state)
{
	const uint8_t plain[3 * BLOCK - 4] = "a record without any padding";
	uint8_t want[2][sizeof(plain)];
	const size_t times = calls / 500 + 20;
	size_t seen[2] = { 0 };
	size_t done = 0;
	size_t len = 0;
	uint8_t *sealed = ta_seal(models_key, plain, sizeof(plain), &len);
	const uint8_t ab[2] = { sealed[2 * BLOCK], sealed[2 * BLOCK] ^ 1 };

	(void)state;
	rewrite_nothing();
	memcpy(sent(), sealed, len);
	free(sealed);
	for (size_t i = 0; i < 2; i++) {
		sent()[2 * BLOCK] = ab[i];
		decrypt_sent(len, want[i], sizeof(plain));
	}
	rewrite_byte(2 * BLOCK, ab[0], ab[1]);
	for (; goes_on(done, times, seen[0]); done++) {
		uint8_t got[sizeof(plain)] = { 0 };

		decrypt_sent(len, got, sizeof(plain));
		if (!memcmp(got, want[0], sizeof(got)))
			seen[0]++;
		else if (!memcmp(got, want[1], sizeof(got)))
			seen[1]++;
	}
	assert_int_equal(seen[0] + seen[1], done);
	report_seen("decryptions", done, seen);
}

/* ---- sealed ---- */

static void heads_are_read_once(void **state)
{
	size_t accepted = 0;
	size_t done = 0;

	(void)state;
	for (; goes_on(done, calls, accepted); done++) {
		TEEC_Result res = race(ENC_MNIST_CMD_BEGIN_SEALED, model.bytes,
				       BOX_HEAD_BYTES, KEY_ID_AT,
				       model.bytes[KEY_ID_AT] ^ 1);

		if (res != TEEC_SUCCESS) {
			assert_int_equal(res, ENC_TEE_SIGNATURE_INVALID);
			continue;
		}
		accepted++;
		assert_int_equal(way_push(&model, &session, 0), TEEC_SUCCESS);
	}
	report("heads", done, accepted);
}

/* The rest of a model, whose chunk 0 was accepted, and its answers. */
static void complete(void)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	for (size_t i = 1; i < way_pushes(&model); i++)
		assert_int_equal(way_push(&model, &session, i), TEEC_SUCCESS);
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
	assert_int_equal(
		ta_infer(&session, models_images, MODELS_IMAGES, answer),
		TEEC_SUCCESS);
	assert_memory_equal(answer, models[0].labels, MODELS_IMAGES);
}

/* The first weight to which a changed top byte gives an infinite exponent. */
static size_t weight_at(void)
{
	size_t at = WEIGHT_AT;

	while (!(models[0].record[at + 2] & 0x80))
		at += sizeof(float);
	return at;
}

static void chunks_are_read_once(void **state)
{
	const uint8_t *chunk = model.bytes + sealed_chunk_at(0);
	const size_t size = sealed_chunk_size(model.len, 0);
	const size_t top = weight_at() + 3;
	const size_t at = BOX_STREAM_HEADER_BYTES + top;
	const uint8_t b = chunk[at] ^ models[0].record[top] ^ 0x7f;
	size_t accepted = 0;
	size_t done = 0;

	(void)state;
	for (; goes_on(done, calls, accepted); done++) {
		TEEC_Result res = way_begin(&model, &session);

		assert_int_equal(res, TEEC_SUCCESS);
		res = race(ENC_MNIST_CMD_PUSH, chunk, size, at, b);
		if (res != TEEC_SUCCESS)
			assert_int_equal(res, ENC_TEE_MAC_INVALID);
		else if (accepted++ % 100 == 0)
			complete();
	}
	report("chunks", done, accepted);
}

/* An envelope is taken with the epoch in it, or not at all. */
static void envelopes_are_read_once(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	struct enc_status status = { 0 };
	uint32_t epoch = 0;
	size_t accepted = 0;
	size_t done = 0;

	(void)state;
	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	epoch = status.epoch;
	for (; goes_on(done, calls, accepted); done++) {
		TEEC_Result res = TEEC_SUCCESS;

		sealed_envelope(&models_owner, status.device, epoch + 1, NULL,
				envelope);
		res = race(ENC_MNIST_CMD_PROVISION, envelope, sizeof(envelope),
			   EPOCH_TOP_AT, envelope[EPOCH_TOP_AT] + 1);
		if (res == TEEC_SUCCESS)
			epoch++;
		else
			assert_int_equal(res, ENC_TEE_SIGNATURE_INVALID);
		accepted += res == TEEC_SUCCESS;
		assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
		assert_int_equal(status.epoch, epoch);
	}
	report("envelopes", done, accepted);
}

/* ---- RUN ---- */

/* Loads a network of `count` values. */
static void load_network(uint8_t *(*make)(uint32_t count, size_t *len),
			 uint32_t count, uint32_t policy, uint32_t amount)
{
	struct sealed_maker maker = models_owner;
	size_t len = 0;
	size_t sealed_len = 0;
	uint8_t *record = make(count, &len);
	uint8_t *sealed = NULL;

	maker.head.policy = policy;
	maker.head.amount = amount;
	sealed = sealed_make(&maker, record, len, &sealed_len);
	assert_int_equal(ta_load_sealed(&session, sealed, sealed_len),
			 TEEC_SUCCESS);
	free(sealed);
	free(record);
}

/* A sample's values in the shared buffer. */
static void put(size_t at, float value)
{
	memcpy(sent() + at * sizeof(value), &value, sizeof(value));
}

static float got(size_t at)
{
	float value = 0;

	memcpy(&value, answered() + at * sizeof(value), sizeof(value));
	return value;
}

/* The sum of sample i, which is the larger one, too. */
static float sum_of(size_t i)
{
	const float sum = got(2 * i);
	const float larger = got(2 * i + 1);

	if (sum != larger)
		fail_msg("sample %zu: %g, but %g", i, (double)sum,
			 (double)larger);
	return sum;
}

/*
 * n samples, of which output 0 is the sum of two numbers and output 1 the
 * larger one. The second number is 0, so the outputs are the same. The first
 * one of sample `raced` switches between 1 and 4, which differ in a byte.
 */
static void race_samples(size_t n, size_t raced, size_t times)
{
	char what[32] = "";
	size_t seen[2] = { 0 };
	size_t done = 0;

	rewrite_nothing();
	for (size_t i = 0; i < n; i++) {
		put(2 * i, (float)(i + 8));
		put(2 * i + 1, 0);
	}
	put(2 * raced, 1);
	rewrite_byte(2 * raced * sizeof(float) + 3, 0x3f, 0x40);
	for (; goes_on(done, times, seen[0]); done++) {
		size_t size = 2 * n * sizeof(float);

		assert_int_equal(call(ENC_MNIST_CMD_RUN, size, &size),
				 TEEC_SUCCESS);
		assert_int_equal(size, 2 * n * sizeof(float));
		for (size_t i = 0; i < n; i++) {
			const float sum = sum_of(i);

			if (i == raced ? sum != 1 && sum != 4 :
					 sum != (float)(i + 8))
				fail_msg("sample %zu: %g", i, (double)sum);
			seen[sum == 4] += i == raced;
		}
	}
	snprintf(what, sizeof(what), "runs of %zu", n);
	report_seen(what, done, seen);
}

static void runs_read_once(void **state)
{
	(void)state;
	load_network(networks_two, 1, BOX_RAW, 0);
	race_samples(1, 0, calls * 20);
	race_samples(BOX_BATCH_MAX + 1, 0, calls * 2 + 25);
	race_samples(BOX_BATCH_MAX + 1, BOX_BATCH_MAX, calls * 2 + 25);
}

/*
 * The last of two samples more than a batch becomes -1, 1 under A, whose label
 * is 0, and infinite under B: all labels, or none and zeros.
 */
static void runs_answer_all_or_nothing(void **state)
{
	const size_t n = BOX_BATCH_MAX + 2;
	const size_t last = 2 * (n - 1);
	const uint8_t none[(BOX_BATCH_MAX + 2) * sizeof(uint32_t)] = { 0 };
	uint8_t labels[sizeof(none)] = { 0 };
	size_t seen[2] = { 0 };
	size_t done = 0;

	(void)state;
	load_network(networks_negate, 2, BOX_LABEL, 0);
	rewrite_nothing();
	for (size_t i = 0; i < n - 1; i++) {
		put(2 * i, 1);
		put(2 * i + 1, -1);
		labels[i * sizeof(uint32_t)] = 1;
	}
	put(last, -1);
	put(last + 1, 1);
	/* 0x3f800000 is 1, and 0xff800000 infinite and negative */
	rewrite_byte((last + 1) * sizeof(float) + 3, 0x3f, 0xff);
	for (; goes_on(done, calls * 20, seen[0]); done++) {
		size_t size = sizeof(labels);
		TEEC_Result res =
			call(ENC_MNIST_CMD_RUN, 2 * n * sizeof(float), &size);
		const bool overflow = res == ENC_TEE_OVERFLOW;

		if (!overflow)
			assert_int_equal(res, TEEC_SUCCESS);
		assert_int_equal(size, sizeof(labels));
		assert_memory_equal(answered(), overflow ? none : labels, size);
		seen[overflow]++;
	}
	report_seen("runs that may overflow", done, seen);
}

/*
 * Scores of 0.75, 0x3f400000, are multiples of 1/16. In the first one, a byte
 * becomes 0xff, and it reads 0x3fff0000: as a score that would be 2,
 * 0x40000000.
 */
static void answers_are_not_read(void **state)
{
	const size_t values = 1000;
	const size_t times = calls * 20;
	size_t met = 0; /* calls during which the thread had a turn */
	size_t done = 0;

	(void)state;
	load_network(networks_negate, (uint32_t)values, BOX_SCORES, 4);
	rewrite_nothing();
	for (size_t i = 0; i < values; i++)
		put(i, -0.75f);
	rewrite_byte(ANSWER_AT + 2, 0x40, 0xff);
	for (; done < times || (!met && done < 50 * times); done++) {
		size_t size = values * sizeof(float);

		turns = rewrite_turns();
		assert_int_equal(call(ENC_MNIST_CMD_RUN, size, &size),
				 TEEC_SUCCESS);
		met += rewrite_turns() - turns > 1;
		assert_int_equal(size, values * sizeof(float));
		assert_int_equal(answered()[0], 0);
		assert_int_equal(answered()[1], 0);
		assert_int_equal(answered()[3], 0x3f);
		for (size_t i = 1; i < values; i++) {
			if (got(i) != 0.75f)
				fail_msg("score %zu: %g", i, (double)got(i));
		}
	}
	assert_true(met);
	printf("# figure: %zu answers raced, a byte changing during %zu of "
	       "them, 0 divergences\n",
	       done, met);
}

int main(int argc, char **argv)
{
	struct CMUnitTest compat[] = {
		cmocka_unit_test(infer_reads_once),
		cmocka_unit_test(pushes_read_once),
		cmocka_unit_test(a_load_goes_on_or_ends),
		cmocka_unit_test(decrypt_reads_once),
	};
	struct CMUnitTest sealed[] = {
		cmocka_unit_test(runs_read_once),
		cmocka_unit_test(runs_answer_all_or_nothing),
		cmocka_unit_test(answers_are_not_read),
		cmocka_unit_test(heads_are_read_once),
		cmocka_unit_test(chunks_are_read_once),
		cmocka_unit_test(envelopes_are_read_once),
	};

	if (argc != 3)
		return 2;
	way = way_named(argv[1]);
	calls = (size_t)atol(argv[2]);
	return way == &way_compat ?
		       way_run_tests(way, "race", compat, setup_compat,
				     teardown_compat) :
		       way_run_tests(way, "race", sealed, setup, teardown);
}
