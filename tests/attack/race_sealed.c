/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race_sealed TIMES: shared memory that changes while the TA looks at the head
 * of a sealed model, a chunk, and an envelope.
 *
 * A second thread (tests/lib/rewrite.h) writes one byte to and fro between the
 * genuine one, A, and another, B. So the TA sees what is genuine and takes it,
 * or sees that it is not and says so; what it has taken is genuine to the end.
 * For who reads twice, and checks the one and uses the other:
 *
 * head      B is another key: after a right signature there would be no such
 *           key, or the first chunk would not be this model's
 * chunk     B makes a weight infinite: behind a right tag there would be no
 *           record
 * envelope  B is a later epoch, and would be stored
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/stream.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/rewrite.h"

#define SHARED_BYTES (BOX_HEAD_CHUNK_BYTES + 4096)
#define IMAGES	     8
#define KEY_ID_AT    104 /* in a head */
#define EPOCH_TOP_AT 15	 /* in an envelope */
#define WEIGHT_AT    152 /* in a record: the first of many */

#define ERROR_MAC_INVALID	0xFFFF3071
#define ERROR_SIGNATURE_INVALID 0xFFFF3072

static size_t times;
static TEEC_Context context;
static TEEC_Session session;
static TEEC_SharedMemory shared = { .size = SHARED_BYTES,
				    .flags = TEEC_MEM_INPUT };
static struct sealed_maker owner;
static uint8_t *model;
static size_t len;
static size_t raced_at; /* the byte of chunk 0 */
static uint8_t raced_b;
static uint8_t images[IMAGES * ENC_MNIST_IMAGE_BYTES];
static uint8_t labels[IMAGES];
static uint32_t epoch;

static TEEC_Result call(uint32_t command, size_t size)
{
	TEEC_Operation op = { 0 };

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT, TEEC_NONE,
					 TEEC_NONE, TEEC_NONE);
	op.params[0].memref.parent = &shared;
	op.params[0].memref.size = size;
	return TEEC_InvokeCommand(&session, command, &op, NULL);
}

/* Sends `size` bytes, the one at `at` being what it is or `b`. */
static TEEC_Result race(uint32_t command, const uint8_t *bytes, size_t size,
			size_t at, uint8_t b)
{
	rewrite_nothing();
	memcpy(shared.buffer, bytes, size);
	rewrite_byte(at, bytes[at], b);
	return call(command, size);
}

/* The first weight to which a changed top byte gives an infinite exponent. */
static void find_weight(const uint8_t *record)
{
	size_t at = WEIGHT_AT;

	while (!(record[at + 2] & 0x80))
		at += sizeof(float);
	raced_at = BOX_STREAM_HEADER_BYTES + at + 3;
	raced_b = model[sealed_chunk_at(0) + raced_at] ^ record[at + 3] ^ 0x7f;
}

static int setup(void **state)
{
	uint8_t *record = formula_record(1);
	struct enc_status status = { 0 };

	(void)state;
	sealed_owner(&owner);
	model = sealed_make(&owner, record, FORMULA_RECORD_BYTES, &len);
	find_weight(record);
	free(record);
	for (uint64_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * ENC_MNIST_IMAGE_BYTES);
	formula_labels(1, images, IMAGES, labels);
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    TEEC_AllocateSharedMemory(&context, &shared) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS ||
	    ta_status(&session, &status) != TEEC_SUCCESS)
		return -1;
	epoch = status.epoch + 1;
	if (ta_provision_epoch(&session, &owner, epoch) != TEEC_SUCCESS)
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
	sealed_free(&owner);
	free(model);
	return 0;
}

static void report(const char *what, size_t n, size_t accepted)
{
	assert_in_range(accepted, 1, n - 1);
	printf("# figure: %zu %s raced: %zu accepted, %zu refused, "
	       "0 divergences\n",
	       n, what, accepted, n - accepted);
}

static void heads_are_read_once(void **state)
{
	size_t accepted = 0;

	(void)state;
	for (size_t i = 0; i < times; i++) {
		TEEC_Result res =
			race(ENC_MNIST_CMD_BEGIN_SEALED, model, BOX_HEAD_BYTES,
			     KEY_ID_AT, model[KEY_ID_AT] ^ 1);

		if (res != TEEC_SUCCESS) {
			assert_int_equal(res, ERROR_SIGNATURE_INVALID);
			continue;
		}
		accepted++;
		assert_int_equal(ta_push(&session, model + sealed_chunk_at(0),
					 sealed_chunk_size(len, 0)),
				 TEEC_SUCCESS);
	}
	report("heads", times, accepted);
}

/* The rest of a model, whose chunk 0 was accepted, and its answers. */
static void complete(void)
{
	const size_t at = sealed_chunk_at(1);
	uint8_t answer[IMAGES] = { 0 };

	assert_int_equal(ta_push_all(&session, model + at, len - at),
			 TEEC_SUCCESS);
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, IMAGES, answer),
			 TEEC_SUCCESS);
	assert_memory_equal(answer, labels, IMAGES);
}

static void chunks_are_read_once(void **state)
{
	size_t accepted = 0;

	(void)state;
	for (size_t i = 0; i < times; i++) {
		TEEC_Result res = ta_begin_sealed(&session, model, len);

		assert_int_equal(res, TEEC_SUCCESS);
		res = race(ENC_MNIST_CMD_PUSH, model + sealed_chunk_at(0),
			   sealed_chunk_size(len, 0), raced_at, raced_b);
		if (res != TEEC_SUCCESS)
			assert_int_equal(res, ERROR_MAC_INVALID);
		else if (accepted++ % 100 == 0)
			complete();
	}
	report("chunks", times, accepted);
}

/* An envelope counts, with the epoch of which it is, or it does not. */
static void envelopes_are_read_once(void **state)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	size_t accepted = 0;

	(void)state;
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	for (size_t i = 0; i < times; i++) {
		struct enc_status status = { 0 };
		TEEC_Result res = TEEC_SUCCESS;

		sealed_envelope(&owner, device, epoch + 1, NULL, envelope);
		res = race(ENC_MNIST_CMD_PROVISION, envelope, sizeof(envelope),
			   EPOCH_TOP_AT, envelope[EPOCH_TOP_AT] + 1);
		if (res == TEEC_SUCCESS)
			epoch++;
		else
			assert_int_equal(res, ERROR_MAC_INVALID);
		accepted += res == TEEC_SUCCESS;
		assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
		assert_int_equal(status.epoch, epoch);
	}
	report("envelopes", times, accepted);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_read_once),
		cmocka_unit_test(chunks_are_read_once),
		cmocka_unit_test(envelopes_are_read_once),
	};

	if (argc != 2)
		return 2;
	times = (size_t)atol(argv[1]);
	return cmocka_run_group_tests_name("race_sealed", tests, setup,
					   teardown);
}
