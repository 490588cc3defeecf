/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory passed to the commands for sealed models: of every size, of any
 * alignment, at the edge of mapped memory, and read-only where it is input.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "box/bytes.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"
#include "tests/standin/standin.h"

#define IMAGE	  ENC_MNIST_IMAGE_BYTES
#define IMAGES	  4
#define CHUNK	  BOX_HEAD_CHUNK_BYTES
#define PAGE	  4096u
#define PAGES	  20u
#define UNTOUCHED 0xa5

/* TEE_PARAM_TYPES() of a memory reference in, and out. */
#define TYPES_IN     0x0005u
#define TYPES_OUT    0x0006u
#define TYPES_IN_OUT 0x0065u

static TEEC_Context context;
static TEEC_Session session;
static struct sealed_maker owner;
static uint8_t device[BOX_X25519_BYTES];
static uint8_t *sealed;
static uint8_t *other;
static size_t len;
static uint32_t epoch;
static uint8_t images[IMAGES * IMAGE];
static uint8_t labels[IMAGES]; /* of `other`, the active model */

/* Pages with nothing before and behind them. */
static uint8_t *pages;

static uint8_t *make(uint64_t factor)
{
	size_t record_len = 0;
	uint8_t *record = networks_mnist(factor, &record_len);
	uint8_t *made = sealed_make(&owner, record, record_len, &len);

	free(record);
	return made;
}

static void map_pages(void)
{
	uint8_t *all = mmap(NULL, (PAGES + 2) * PAGE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(all != MAP_FAILED);
	pages = all + PAGE;
}

static int setup(void **state)
{
	(void)state;
	standin_reset();
	map_pages();
	sealed_owner(&owner);
	sealed = make(1);
	other = make(3);
	for (uint64_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * IMAGE);
	formula_labels(3, images, IMAGES, labels);
	epoch = 1;
	return ta_open(&context, &session) == TEEC_SUCCESS &&
			       ta_device_key(&session, device) ==
				       TEEC_SUCCESS &&
			       ta_provision_epoch(&session, &owner, epoch) ==
				       TEEC_SUCCESS &&
			       ta_load_sealed(&session, other, len) ==
				       TEEC_SUCCESS ?
		       0 :
		       -1;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	munmap(pages - PAGE, (PAGES + 2) * PAGE);
	sealed_free(&owner);
	free(sealed);
	free(other);
	return standin_leaks() ? -1 : 0;
}

static void check_still_answers(void)
{
	uint8_t again[IMAGES] = { 0 };

	assert_int_equal(ta_infer(&session, images, IMAGES, again),
			 TEEC_SUCCESS);
	assert_memory_equal(again, labels, IMAGES);
}

static void next_envelope(uint8_t envelope[BOX_ENVELOPE_BYTES])
{
	sealed_envelope(&owner, device, ++epoch, NULL, envelope);
}

static void begin(void)
{
	assert_int_equal(ta_begin_sealed(&session, sealed, len), TEEC_SUCCESS);
}

/* A reference that the TA must not follow: it would crash. */
static void *const nowhere = (void *)16;

/* ---- sizes ---- */

static void a_head_has_one_size(void **state)
{
	(void)state;
	for (size_t size = 0; size < 3 * (size_t)BOX_HEAD_BYTES; size++) {
		if (size == BOX_HEAD_BYTES)
			continue;
		assert_int_equal(ta_send(&session, ENC_MNIST_CMD_BEGIN_SEALED,
					 sealed, size),
				 TEEC_ERROR_BAD_PARAMETERS);
		assert_int_equal(standin_invoke_types(
					 &session, ENC_MNIST_CMD_BEGIN_SEALED,
					 TYPES_IN, nowhere, size),
				 TEEC_ERROR_BAD_PARAMETERS);
	}
	check_still_answers();
}

static void an_envelope_has_one_size(void **state)
{
	uint8_t bytes[3 * BOX_ENVELOPE_BYTES] = { 0 };

	(void)state;
	next_envelope(bytes);
	for (size_t size = 0; size < sizeof(bytes); size++) {
		if (size == BOX_ENVELOPE_BYTES)
			continue;
		assert_int_equal(
			ta_send(&session, ENC_MNIST_CMD_PROVISION, bytes, size),
			TEEC_ERROR_BAD_PARAMETERS);
	}
	assert_int_equal(ta_provision(&session, bytes), TEEC_SUCCESS);
}

/* Chunks of wrong sizes. One that is longer than any chunk is not even read. */
static void a_chunk_has_one_size(void **state)
{
	const size_t sizes[] = { 0,	    1,	       39,	   40,
				 41,	    55,	       56,	   57,
				 CHUNK - 1, CHUNK + 1, UINT32_MAX, SIZE_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const bool over = sizes[i] > CHUNK;

		begin();
		assert_int_equal(
			standin_invoke_types(
				&session, ENC_MNIST_CMD_PUSH, TYPES_IN,
				over ? nowhere : sealed + BOX_HEAD_BYTES,
				sizes[i]),
			over ? TEEC_ERROR_EXCESS_DATA : TEEC_ERROR_BAD_FORMAT);
		assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_STATE);
	}
	check_still_answers();
}

static void expect_answer(uint32_t command, size_t want, size_t room)
{
	uint8_t bytes[2 * ENC_MNIST_STATUS_BYTES];
	size_t size = room;
	size_t touched = room < want ? 0 : want;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	memset(bytes, UNTOUCHED, sizeof(bytes));
	res = ta_ask(&session, command, bytes, &size);
	assert_int_equal(res,
			 room < want ? TEEC_ERROR_SHORT_BUFFER : TEEC_SUCCESS);
	assert_int_equal(size, want);
	for (size_t i = touched; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], UNTOUCHED);
	if (touched && command == ENC_MNIST_CMD_DEVICE_KEY)
		assert_memory_equal(bytes, device, sizeof(device));
	else if (touched)
		assert_memory_equal(bytes + ENC_MNIST_STATUS_AT_DEVICE, device,
				    sizeof(device));
}

static void each_size_of_an_answer_is_enough_or_short(void **state)
{
	(void)state;
	for (size_t room = 0; room < 2 * (size_t)ENC_MNIST_STATUS_BYTES;
	     room++) {
		expect_answer(ENC_MNIST_CMD_STATUS, ENC_MNIST_STATUS_BYTES,
			      room);
		expect_answer(ENC_MNIST_CMD_DEVICE_KEY, BOX_X25519_BYTES, room);
	}
}

/* An answer has its fixed length, however large the output claims to be. */
static void room_without_end_is_not_filled(void **state)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES + 1] = { 0 };

	(void)state;
	bytes[ENC_MNIST_STATUS_BYTES] = UNTOUCHED;
	assert_int_equal(standin_invoke_types(&session, ENC_MNIST_CMD_STATUS,
					      TYPES_OUT, bytes, SIZE_MAX),
			 TEEC_SUCCESS);
	assert_int_equal(bytes[ENC_MNIST_STATUS_BYTES], UNTOUCHED);
	bytes[BOX_X25519_BYTES] = UNTOUCHED;
	assert_int_equal(standin_invoke_types(&session,
					      ENC_MNIST_CMD_DEVICE_KEY,
					      TYPES_OUT, bytes, SIZE_MAX),
			 TEEC_SUCCESS);
	assert_int_equal(bytes[BOX_X25519_BYTES], UNTOUCHED);
	assert_memory_equal(bytes, device, sizeof(device));
}

/* Samples of more work than a call may take; not even the first is read. */
static void a_call_has_an_end(void **state)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	size_t size = sizeof(bytes);
	uint64_t most = 0;

	(void)state;
	assert_int_equal(ta_ask(&session, ENC_MNIST_CMD_DESCRIBE, bytes, &size),
			 TEEC_SUCCESS);
	most = box_load64(bytes + ENC_MNIST_DESCRIBE_AT_MOST);
	assert_in_range(most, 1000, 1000000);
	assert_int_equal(standin_invoke_types(&session, ENC_MNIST_CMD_RUN,
					      TYPES_IN_OUT, nowhere,
					      (most + 1) * IMAGE),
			 TEEC_ERROR_EXCESS_DATA);
	check_still_answers();
}

/* ---- alignment and page boundaries ---- */

/* Input at `at` in the pages, which are read-only during the call. */
static TEEC_Result send_from(size_t at, uint32_t command, const void *in,
			     size_t size)
{
	TEEC_Result res = TEEC_ERROR_GENERIC;

	assert_int_equal(mprotect(pages, PAGES * PAGE, PROT_READ | PROT_WRITE),
			 0);
	memcpy(pages + at, in, size);
	assert_int_equal(mprotect(pages, PAGES * PAGE, PROT_READ), 0);
	res = ta_send(&session, command, pages + at, size);
	return res;
}

static void load_from(size_t (*place)(size_t size, size_t way), size_t way)
{
	const size_t at = place(BOX_HEAD_BYTES, way);

	assert_int_equal(send_from(at, ENC_MNIST_CMD_BEGIN_SEALED, other,
				   BOX_HEAD_BYTES),
			 TEEC_SUCCESS);
	for (size_t chunk = 0; chunk < sealed_chunks(len); chunk++) {
		const size_t size = sealed_chunk_size(len, chunk);

		assert_int_equal(send_from(place(size, way), ENC_MNIST_CMD_PUSH,
					   other + sealed_chunk_at(chunk),
					   size),
				 TEEC_SUCCESS);
	}
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
	check_still_answers();
}

static void provision_from(size_t at)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	next_envelope(envelope);
	assert_int_equal(send_from(at, ENC_MNIST_CMD_PROVISION, envelope,
				   sizeof(envelope)),
			 TEEC_SUCCESS);
}

static void ask_to(size_t at, uint32_t command, size_t want)
{
	size_t size = want;
	uint8_t *bytes = pages + at;

	assert_int_equal(mprotect(pages, PAGES * PAGE, PROT_READ | PROT_WRITE),
			 0);
	memset(bytes, UNTOUCHED, want);
	assert_int_equal(ta_ask(&session, command, bytes, &size), TEEC_SUCCESS);
	if (command == ENC_MNIST_CMD_STATUS)
		bytes += ENC_MNIST_STATUS_AT_DEVICE;
	assert_memory_equal(bytes, device, sizeof(device));
}

static void all_from(size_t (*place)(size_t size, size_t way), size_t way)
{
	load_from(place, way);
	provision_from(place(BOX_ENVELOPE_BYTES, way));
	ask_to(place(BOX_X25519_BYTES, way), ENC_MNIST_CMD_DEVICE_KEY,
	       BOX_X25519_BYTES);
	ask_to(place(ENC_MNIST_STATUS_BYTES, way), ENC_MNIST_CMD_STATUS,
	       ENC_MNIST_STATUS_BYTES);
}

static size_t shifted(size_t size, size_t way)
{
	(void)size;
	return way;
}

static size_t at_the_end(size_t size, size_t way)
{
	return PAGES * PAGE - size - way;
}

static void memory_may_have_any_alignment(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 16; shift++)
		all_from(shifted, shift);
}

static void memory_may_end_where_nothing_follows(void **state)
{
	(void)state;
	for (size_t way = 0; way < 2; way++)
		all_from(at_the_end, way);
}

/* A load of no chunks. */
static void begin_from(size_t at)
{
	assert_int_equal(send_from(at, ENC_MNIST_CMD_BEGIN_SEALED, other,
				   BOX_HEAD_BYTES),
			 TEEC_SUCCESS);
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_FORMAT);
}

/* Small inputs, with each of their bytes as the first of a page. */
static void memory_may_straddle_pages(void **state)
{
	(void)state;
	for (size_t n = 1; n < ENC_MNIST_STATUS_BYTES; n++) {
		const size_t at = PAGE - n;

		ask_to(at, ENC_MNIST_CMD_STATUS, ENC_MNIST_STATUS_BYTES);
		if (n < BOX_X25519_BYTES)
			ask_to(at, ENC_MNIST_CMD_DEVICE_KEY, BOX_X25519_BYTES);
		if (n < BOX_ENVELOPE_BYTES)
			provision_from(at);
		if (n < BOX_HEAD_BYTES)
			begin_from(at);
	}
	check_still_answers();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_has_one_size),
		cmocka_unit_test(an_envelope_has_one_size),
		cmocka_unit_test(a_chunk_has_one_size),
		cmocka_unit_test(each_size_of_an_answer_is_enough_or_short),
		cmocka_unit_test(room_without_end_is_not_filled),
		cmocka_unit_test(a_call_has_an_end),
		cmocka_unit_test(memory_may_have_any_alignment),
		cmocka_unit_test(memory_may_end_where_nothing_follows),
		cmocka_unit_test(memory_may_straddle_pages),
	};

	return cmocka_run_group_tests_name("buffers", tests, setup, teardown);
}
