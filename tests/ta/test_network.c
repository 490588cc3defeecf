/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any network, through the TEE Client API: what DESCRIBE says, what RUN gives
 * of it under each policy, and what both refuse. Wants empty trusted storage.
 * test_network sampled: some of the tests, with some operators and some bytes
 * of the tables of a record.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "testkit/client.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/network.h"
#include "tests/lib/networks.h"
#include "tests/lib/operators.h"
#include "tests/lib/score.h"

#define COUNT_MAX 64
#define IMAGES	  20

static struct sealed_maker owner;
static TEEC_Session session;
static size_t each_operator = 1; /* is tried */
static size_t each_byte = 1;	 /* of the tables is broken */

static int setup(void **state)
{
	(void)state;
	sealed_owner(&owner);
	if (TEEC_InitializeContext(NULL, &ta_context) != TEEC_SUCCESS ||
	    ta_open(&ta_context, &session) != TEEC_SUCCESS)
		return -1;
	return ta_provision_epoch(&session, &owner, 1) == TEEC_SUCCESS ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&ta_context);
	sealed_free(&owner);
	return 0;
}

/* --- helpers --- */

static TEEC_Result load(const uint8_t *record, size_t len, uint32_t policy,
			uint32_t amount)
{
	size_t sealed_len = 0;
	uint8_t *sealed = NULL;
	TEEC_Result res = TEEC_SUCCESS;

	owner.head.policy = policy;
	owner.head.amount = amount;
	sealed = sealed_make(&owner, record, len, &sealed_len);
	res = ta_load_sealed(&session, sealed, sealed_len);
	free(sealed);
	return res;
}

static void load_network(uint8_t *(*make)(uint32_t count, size_t *len),
			 uint32_t count, uint32_t policy, uint32_t amount)
{
	size_t len = 0;
	uint8_t *record = make(count, &len);

	assert_int_equal(load(record, len, policy, amount), TEEC_SUCCESS);
	free(record);
}

static TEEC_Result run(const void *in, size_t in_size, void *out,
		       size_t *out_size)
{
	return ta_call(&session, ENC_MNIST_CMD_RUN, in, in_size, out, out_size);
}

static void run_well(const void *in, size_t in_size, void *out, size_t out_size)
{
	size_t size = out_size;

	assert_int_equal(run(in, in_size, out, &size), TEEC_SUCCESS);
	assert_int_equal(size, out_size);
}

static void describe(uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES])
{
	size_t size = ENC_MNIST_DESCRIBE_BYTES;

	assert_int_equal(ta_ask(&session, ENC_MNIST_CMD_DESCRIBE, bytes, &size),
			 TEEC_SUCCESS);
	assert_int_equal(size, ENC_MNIST_DESCRIBE_BYTES);
}

/* --- before a load --- */

static void without_a_model_nothing_answers(void **state)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	size_t size = sizeof(bytes);

	(void)state;
	assert_int_equal(ta_ask(&session, ENC_MNIST_CMD_DESCRIBE, bytes, &size),
			 TEEC_ERROR_BAD_STATE);
	size = sizeof(bytes);
	assert_int_equal(run(bytes, 4, bytes + 64, &size),
			 TEEC_ERROR_BAD_STATE);
}

/* --- DESCRIBE --- */

static void a_network_is_described(void **state)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	const uint8_t port[32] = { 1, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0,
				   0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0,
				   0, 0, 1, 0, 0, 0, 1, 0, 0, 0 };
	const uint8_t none[64] = { 0 };
	size_t size = sizeof(bytes) - 1;

	(void)state;
	owner.head.model_version = 40;
	owner.head.security_version = 3;
	owner.head.load_answers = 0x100000001;
	owner.head.life_answers = 0x200000002;
	load_network(networks_two, 5, BOX_SCORES, 7);
	owner.head.load_answers = owner.head.life_answers = 0;
	assert_int_equal(ta_ask(&session, ENC_MNIST_CMD_DESCRIBE, bytes, &size),
			 TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(size, sizeof(bytes));
	describe(bytes);
	assert_int_equal(box_load32(bytes), ENC_MNIST_OUTPUT_SCORES);
	assert_int_equal(box_load32(bytes + 4), 7);
	assert_in_range(box_load32(bytes + 8), 1, 64);
	assert_int_equal(box_load32(bytes + 12), 1);
	assert_int_equal(box_load32(bytes + 16), 2);
	assert_int_equal(box_load32(bytes + 20), 2);
	assert_int_equal(box_load32(bytes + 24), 0); /* two outputs */
	assert_int_equal(box_load32(bytes + 28), 40);
	assert_int_equal(box_load64(bytes + 32), 40);
	assert_int_equal(box_load64(bytes + 40), 40);
	assert_in_range(box_load64(bytes + 48), 10, 100);
	assert_int_equal(box_load64(bytes + 56),
			 ENC_MNIST_RUN_MACS_MAX / box_load64(bytes + 48));
	assert_string_equal((const char *)bytes + 64, "test");
	assert_int_equal(box_load32(bytes + 96), 3);
	assert_int_equal(box_load32(bytes + 100), 0);
	assert_int_equal(box_load64(bytes + 104), 0x100000001);
	assert_int_equal(box_load64(bytes + 112), 0x200000002);
	for (size_t i = 0; i < 2; i++) {
		assert_memory_equal(bytes + 120 + 32 * i, port, 32);
		assert_memory_equal(bytes + 248 + 32 * i, port, 32);
	}
	assert_memory_equal(bytes + 184, none, 64);
	assert_memory_equal(bytes + 312, none, 64);

	/* each class that leaves is a pass over all of them */
	load_network(networks_quantize, 6, BOX_TOP, 2);
	describe(bytes);
	assert_int_equal(box_load64(bytes + 56),
			 ENC_MNIST_RUN_MACS_MAX /
				 (box_load64(bytes + 48) + 12));

	load_network(networks_quantize, 6, BOX_LABEL, 0);
	describe(bytes);
	assert_int_equal(box_load32(bytes + 12), 2);
	assert_int_equal(box_load32(bytes + 24), 6);
	assert_int_equal(box_load64(bytes + 32), 24);
	assert_int_equal(box_load64(bytes + 40), 4);
	assert_memory_equal(bytes + 248, "\2\1\375\0\0\0\0\77\6\0\0\0", 12);
}

/* --- RUN --- */

static void raw_outputs_are_as_computed(void **state)
{
	const float in[] = { 1, -2, 0.1f, 3e38f, 5, 6 };
	float out[6] = { 0 };
	int8_t q[6] = { 0 };

	(void)state;
	load_network(networks_negate, 6, BOX_RAW, 0);
	run_well(in, sizeof(in), out, sizeof(out));
	for (size_t i = 0; i < 6; i++)
		assert_true(out[i] == -in[i]);
	load_network(networks_quantize, 3, BOX_RAW, 0);
	run_well(in, sizeof(in), q, sizeof(q));
	assert_memory_equal(q, ((int8_t[]){ -1, -7, -3, 127, 7, 9 }), 6);
}

/* A sample is all of its inputs; an answer is all of its outputs. */
static void inputs_and_outputs_are_in_order(void **state)
{
	const float in[] = { 1, 2, 3, -4, 5, 6, 7, 8 };
	float out[8] = { 0 };

	(void)state;
	load_network(networks_two, 2, BOX_RAW, 0);
	run_well(in, sizeof(in), out, sizeof(out));
	assert_memory_equal(out, ((float[]){ 4, -2, 3, 2, 12, 14, 7, 8 }),
			    sizeof(out));
}

static void the_label_is_the_first_of_the_largest(void **state)
{
	const float in[] = { 0, -3,   -3, 1,	 -1e-30f, 0, 0, 0,
			     1, -2.f, -9, -9.5f, 7,	  7, 7, 7 };
	uint32_t labels[4] = { 9, 9, 9, 9 };

	(void)state;
	load_network(networks_negate, 4, BOX_LABEL, 0);
	run_well(in, sizeof(in), labels, sizeof(labels));
	assert_int_equal(labels[0], 1);
	assert_int_equal(labels[1], 0);
	assert_int_equal(labels[2], 3);
	assert_int_equal(labels[3], 0);
	load_network(networks_quantize, 4, BOX_LABEL, 0);
	run_well(in, sizeof(in), labels, sizeof(labels));
	assert_int_equal(labels[0], 3);
	assert_int_equal(labels[1], 0); /* all the same in int8 */
	assert_int_equal(labels[2], 0);
	assert_int_equal(labels[3], 0);
}

static void labels_come_in_descending_order(void **state)
{
	const float in[] = { 3, -1, 2, -1, 2, 9, 0, -0.0f };
	const uint32_t order[] = { 1, 3, 6, 7, 2, 4, 0, 5 };
	uint32_t labels[8] = { 0 };

	(void)state;
	for (uint32_t k = 1; k <= 8; k++) {
		load_network(networks_negate, 8, BOX_TOP, k);
		memset(labels, 0xee, sizeof(labels));
		run_well(in, sizeof(in), labels, k * sizeof(*labels));
		assert_memory_equal(labels, order, k * sizeof(*labels));
		if (k < 8)
			assert_int_equal(labels[k], 0xeeeeeeee);
	}
}

static void scores_have_so_many_bits(void **state)
{
	float in[] = { 0.1f,	 -0.7f, 0.5f,	 0.49f,	  1.0f,	  0.031f,
		       0.03125f, 0,	1e9f,	 -3e8f,	  2e4f,	  17,
		       1.5f,	 -1,	0x1p30f, 0x1p29f, 0.4f,	  2.5f,
		       -2.5f,	 3.5f,	-3.9f,	 0.5f,	  0.125f, 3.0625f };
	float out[24] = { 0 };

	(void)state;
	for (int bits = 1; bits <= 16; bits++) {
		load_network(networks_negate, 8, BOX_SCORES, (uint32_t)bits);
		run_well(in, sizeof(in), out, sizeof(out));
		for (size_t i = 0; i < 24; i++) {
			const float largest[] = { 1, 0x1p30f, 3.9f };
			float want = score_of(-in[i], largest[i / 8], bits);

			if (out[i] != want || (out[i] == 0 && signbit(out[i])))
				fail_msg("%d bits, value %zu: %g, not %g", bits,
					 i, (double)out[i], (double)want);
		}
	}
	/* of int8: its numbers, and as many bytes as of f32 */
	load_network(networks_quantize, 8, BOX_SCORES, 16);
	run_well(in, sizeof(in), out, sizeof(out));
	assert_true(out[1] == -0.5f && out[4] == 1.0f && out[8] == 65.0f);
}

/* More samples than a batch: each is as if it were alone. */
static void samples_do_not_depend_on_each_other(void **state)
{
	static float in[COUNT_MAX][5];
	static float out[COUNT_MAX][5];

	(void)state;
	for (size_t i = 0; i < COUNT_MAX * 5; i++)
		in[i / 5][i % 5] = (float)i - 77.25f;
	load_network(networks_negate, 5, BOX_RAW, 0);
	for (size_t n = 1; n <= COUNT_MAX; n += n < 20 ? 1 : 11) {
		memset(out, 0xee, sizeof(out));
		run_well(in, n * sizeof(in[0]), out, n * sizeof(out[0]));
		for (size_t i = 0; i < n * 5; i++)
			assert_true(out[i / 5][i % 5] == -in[i / 5][i % 5]);
		if (n < COUNT_MAX)
			assert_int_equal(((uint8_t *)out[n])[0], 0xee);
	}
}

static void samples_have_one_size(void **state)
{
	uint8_t in[400] = { 0 };
	uint8_t out[400] = { 0 };

	(void)state;
	load_network(networks_two, 5, BOX_RAW, 0);
	for (size_t size = 0; size <= sizeof(in); size++) {
		size_t room = sizeof(out);

		assert_int_equal(run(in, size, out, &room),
				 size && size % 40 == 0 ?
					 TEEC_SUCCESS :
					 TEEC_ERROR_BAD_PARAMETERS);
	}
}

static void short_outputs_say_what_is_needed(void **state)
{
	const uint8_t in[120] = { 0 };
	uint8_t out[120];

	(void)state;
	load_network(networks_two, 5, BOX_RAW, 0);
	for (size_t room = 0; room < sizeof(out); room++) {
		size_t size = room;

		memset(out, 0xa5, sizeof(out));
		assert_int_equal(run(in, sizeof(in), out, &size),
				 TEEC_ERROR_SHORT_BUFFER);
		assert_int_equal(size, sizeof(out));
		for (size_t i = 0; i < sizeof(out); i++)
			assert_int_equal(out[i], 0xa5);
	}
}

/* Values that are no numbers are not compared, and not rounded. */
static void what_is_not_finite_has_no_label(void **state)
{
	const float bad[] = { INFINITY, -INFINITY, NAN, -NAN };
	const uint8_t zeros[64] = { 0 };

	(void)state;
	for (uint32_t policy = BOX_LABEL; policy <= BOX_RAW; policy++) {
		uint32_t amount = policy == BOX_TOP || policy == BOX_SCORES;

		load_network(networks_negate, 4, policy, amount);
		for (size_t i = 0; i < 4 * COUNT(bad); i++) {
			float in[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
			uint8_t out[64] = { 0 };
			size_t size = sizeof(out);

			in[4 + i % 4] = bad[i / 4];
			memset(out, 0xa5, sizeof(out));
			assert_int_equal(run(in, sizeof(in), out, &size),
					 policy == BOX_RAW ? TEEC_SUCCESS :
							     ENC_TEE_OVERFLOW);
			if (policy != BOX_RAW)
				assert_memory_equal(out, zeros,
						    policy == BOX_SCORES ? 32 :
									   8);
		}
	}
}

static void scores_have_a_largest_number(void **state)
{
	float in[4] = { 1, 0x1p127f, 3, 4 };
	float out[4] = { 0 };
	size_t size = sizeof(out);

	(void)state;
	load_network(networks_negate, 4, BOX_SCORES, 1);
	run_well(in, sizeof(in), out, sizeof(out));
	assert_true(out[1] == -0x1p127f && out[0] == 0);
	in[1] = -0x1.000002p127f;
	assert_int_equal(run(in, sizeof(in), out, &size), ENC_TEE_OVERFLOW);
}

/* --- INFER --- */

static void infer_and_run_agree(void **state)
{
	static uint8_t images[IMAGES * ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[IMAGES] = { 0 };
	uint32_t same[IMAGES] = { 0 };
	uint8_t *record = NULL;
	size_t len = 0;

	(void)state;
	for (uint64_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * ENC_MNIST_IMAGE_BYTES);
	for (uint32_t policy = BOX_LABEL; policy <= BOX_RAW; policy++) {
		uint32_t amount = policy == BOX_TOP || policy == BOX_SCORES;

		record = networks_small(1, &len);
		assert_int_equal(load(record, len, policy, amount),
				 TEEC_SUCCESS);
		free(record);
		assert_int_equal(ta_infer(&session, images, IMAGES, labels),
				 TEEC_SUCCESS);
		if (policy > BOX_TOP)
			continue;
		run_well(images, sizeof(images), same, sizeof(same));
		for (size_t i = 0; i < IMAGES; i++)
			assert_int_equal(labels[i], same[i]);
	}
}

static void infer_is_for_images(void **state)
{
	const uint8_t image[ENC_MNIST_IMAGE_BYTES] = { 0 };
	uint8_t label = 0xee;

	(void)state;
	load_network(networks_negate, 196, BOX_RAW, 0);
	assert_int_equal(ta_infer(&session, image, 1, &label),
			 TEEC_ERROR_NOT_SUPPORTED);
	assert_int_equal(label, 0xee);
}

static void load_picture(const struct networks_picture *of, uint32_t policy)
{
	size_t len = 0;
	uint8_t *record = networks_picture(of, &len);

	assert_int_equal(load(record, len, policy, 0), TEEC_SUCCESS);
	free(record);
}

/* One difference is enough. */
static void infer_is_for_784_pixels_and_ten_values(void **state)
{
	static const struct networks_picture pictures[] = {
		{ 28, 28, 3, 28, 1, .of_floats = false },
		{ 28, 28, 3, 28, 1, .of_floats = true },
		{ 28, 28, 3, 28, 1, .two_inputs = true },
		{ 28, 28, 3, 28, 1, .two_outputs = true },
		{ 27, 28, 3, 28, 1, .of_floats = false },
		{ 28, 28, 4, 28, 1, .of_floats = false },
	};
	static const uint8_t image[ENC_MNIST_IMAGE_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(pictures); i++) {
		uint8_t label = 0xee;
		TEEC_Result res = TEEC_SUCCESS;

		load_picture(&pictures[i], BOX_RAW);
		res = ta_infer(&session, image, 1, &label);
		if (res != (i ? TEEC_ERROR_NOT_SUPPORTED : TEEC_SUCCESS) ||
		    label != (i ? 0xee : 0))
			fail_msg("network %zu: 0x%x", i, res);
	}
}

/* It has no label, it is no answer, and the model cannot be committed. */
static void what_is_not_finite_is_no_answer(void **state)
{
	const struct networks_picture picture = {
		28, 28, 3, 28, 0x1p-126f, .of_floats = false
	};
	uint8_t image[ENC_MNIST_IMAGE_BYTES] = { 0 };
	uint8_t label = 0xee;
	uint32_t answer = 0;
	size_t size = sizeof(answer);

	(void)state;
	load_picture(&picture, BOX_LABEL);
	image[400] = 255;
	assert_int_equal(ta_infer(&session, image, 1, &label),
			 ENC_TEE_OVERFLOW);
	assert_int_equal(label, 0xee);
	assert_int_equal(ta_commit(&session), TEEC_ERROR_BAD_STATE);
	assert_int_equal(run(image, sizeof(image), &answer, &size),
			 ENC_TEE_OVERFLOW);
	assert_int_equal(ta_commit(&session), TEEC_ERROR_BAD_STATE);
	image[400] = 0;
	run_well(image, sizeof(image), &answer, sizeof(answer));
	assert_int_equal(ta_commit(&session), TEEC_SUCCESS);
}

/* A call of INFER is no more work than one of RUN. */
static void infer_has_an_end(void **state)
{
	static const uint8_t images[64 * ENC_MNIST_IMAGE_BYTES];
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	uint8_t labels[64] = { 0 };
	size_t most = 0;
	size_t len = 0;
	uint8_t *record = networks_costly(&len);

	(void)state;
	assert_int_equal(load(record, len, BOX_LABEL, 0), TEEC_SUCCESS);
	free(record);
	describe(bytes);
	most = (size_t)box_load64(bytes + ENC_MNIST_DESCRIBE_AT_MOST);
	assert_in_range(most, 1, 63);
	assert_int_equal(ta_infer(&session, images, most, labels),
			 TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, most + 1, labels),
			 TEEC_ERROR_EXCESS_DATA);
}

/* --- heads and records --- */

/* The head after a change, with its record. */
static void refuse_other(const struct box_head *head, const uint8_t *record,
			 size_t len, const char *what)
{
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };
	struct box_head back = { 0 };
	size_t sealed_len = 0;
	uint8_t *sealed =
		sealed_make_as(&owner, head, record, len, &sealed_len);
	TEEC_Result res = TEEC_SUCCESS;

	/* it is the record that refutes it */
	box_head_write(head, bytes);
	if (box_head_read(bytes, &back) != BOX_OK)
		fail_msg("%s: not a head", what);
	assert_int_equal(ta_begin_sealed(&session, sealed, sealed_len),
			 TEEC_SUCCESS);
	res = ta_push(&session, sealed + BOX_HEAD_BYTES,
		      sealed_len - BOX_HEAD_BYTES);
	if (res != TEEC_ERROR_BAD_FORMAT)
		fail_msg("%s: 0x%x", what, res);
	free(sealed);
}

#define REFUSE(change)                                  \
	do {                                            \
		struct box_head h = head;               \
		change;                                 \
		refuse_other(&h, record, len, #change); \
	} while (0)

static void a_head_describes_its_record(void **state)
{
	struct box_head head = { 0 };
	size_t len = 0;
	uint8_t *record = networks_two(5, &len);

	(void)state;
	owner.head.policy = BOX_RAW;
	owner.head.amount = 0;
	sealed_describe(&owner, record, len, &head);
	REFUSE(h.batch ^= 2);
	REFUSE(h.macs++);
	REFUSE(h.macs--);
	REFUSE(h.arena += 64);
	REFUSE(h.arena -= 64);
	REFUSE(h.params = 8);
	REFUSE(h.number_type = BOX_INT8);
	REFUSE((h.inputs = 1, h.input[1] = (struct box_port){ 0 }));
	REFUSE((h.inputs = 3, h.input[2] = h.input[0]));
	REFUSE((h.outputs = 1, h.output[1] = (struct box_port){ 0 }));
	REFUSE((h.outputs = 3, h.output[2] = h.output[0]));
	REFUSE(h.input[0].type = BOX_INT32);
	REFUSE(h.input[1].type = BOX_UINT8);
	REFUSE(h.input[0].rank = 2);
	REFUSE(h.input[1].dims[0] = 4);
	REFUSE((h.input[0].type = BOX_INT8, h.input[0].scale = 0x3f800000));
	REFUSE(h.output[0].type = BOX_INT32);
	REFUSE(h.output[1].rank = 3);
	REFUSE(h.output[1].dims[0] = 6);
	free(record);

	record = networks_quantize(6, &len);
	sealed_describe(&owner, record, len, &head);
	REFUSE(h.number_type = BOX_F32);
	REFUSE(h.output[0].zero = -4);
	REFUSE(h.output[0].scale++);
	free(record);

	/* it says so itself, before parameters are missing */
	record = networks_small(1, &len);
	sealed_describe(&owner, record, len, &head);
	head.params -= 4;
	head.length -= 4;
	refuse_other(&head, record, len - 4, "fewer parameters");
	free(record);
}

/* --- each operator, and each rule --- */

/* Numbers of a few units, whatever the type; or indices of a first row. */
static void fill_sample(const struct operators_tables *t, uint8_t *sample)
{
	for (uint32_t i = 0; i < t->head.inputs; i++) {
		const struct nn_tensor *in = &t->tensors[i];
		const size_t size = nn_type_size(in->type);

		for (size_t n = 0; n < nn_elements(in); n++, sample += size) {
			float f = (float)(n * 7 % 23) / 8 - 1;

			if (in->type == NN_F32)
				memcpy(sample, &f, size);
			else if (size == 1)
				*sample = (uint8_t)(n * 29);
			else
				memset(sample, 0, size);
		}
	}
}

static void every_operator_gives_what_the_workstation_computes(void **state)
{
	static uint8_t sample[NETWORK_BYTES_MAX];
	static uint8_t out[NETWORK_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < operators_count(); i += each_operator) {
		struct operators_tables t = operators_tables(i);
		size_t len = 0;
		uint8_t *record = operators_record(&t, &len);
		size_t in_size = 0;
		size_t out_size = 0;
		uint8_t *expected = NULL;

		assert_int_equal(load(record, len, BOX_RAW, 0), TEEC_SUCCESS);
		fill_sample(&t, sample);
		for (uint32_t n = 0; n < t.head.inputs; n++)
			in_size += nn_elements(&t.tensors[n]) *
				   nn_type_size(t.tensors[n].type);
		expected = networks_run(record, len, sample, &out_size);
		run_well(sample, in_size, out, out_size);
		if (memcmp(out, expected, out_size))
			fail_msg("operator %u, variant %u, type %u: other "
				 "bytes",
				 t.node.op, t.node.variant, t.tensors[0].type);
		free(expected);
		free(record);
	}
}

static size_t all_at_once(void *ctx, size_t left)
{
	(void)ctx;
	return left;
}

/* Whether a record is one, or its error. */
static enum record_net_error read_here(const uint8_t *record, size_t len)
{
	struct record_net r = { 0 };

	network_read(&r, record, len, all_at_once, NULL);
	network_free(&r);
	return r.error;
}

/* What the reader refuses here, the TA refuses, whatever the head says. */
static bool refuse_if_broken(const struct box_head *head, const uint8_t *record,
			     size_t len, size_t at)
{
	char what[32] = "";

	if (read_here(record, len) == RECORD_NET_OK)
		return false;
	snprintf(what, sizeof(what), "byte %zu", at);
	refuse_other(head, record, len, what);
	return true;
}

/* Bytes of the tables: three other values of each. */
static void what_breaks_a_rule_is_refused(void **state)
{
	const uint8_t changes[] = { 0x01, 0x80, 0xff };
	size_t refused[3] = { 0 };

	(void)state;
	owner.head.policy = BOX_RAW;
	owner.head.amount = 0;
	for (size_t i = 0, kinds = 0; i < operators_count() && kinds < 3; i++) {
		struct operators_tables t = operators_tables(i);
		struct box_head head = { 0 };
		size_t len = 0;
		uint8_t *record = NULL;
		size_t tables = 0;

		if (t.node.op != NN_CONV && t.node.op != NN_POOL_MAX &&
		    t.node.op != NN_BINARY)
			continue;
		record = operators_record(&t, &len);
		sealed_describe(&owner, record, len, &head);
		tables = sizeof(t.head) + nn_tables_size(&t.head);
		for (size_t n = 0; n < 3 * (tables / each_byte); n++) {
			const size_t at = n / 3 * each_byte;
			uint8_t before = record[at];

			record[at] ^= changes[n % 3];
			refused[kinds] +=
				refuse_if_broken(&head, record, len, at);
			record[at] = before;
		}
		if (refused[kinds] < tables / each_byte)
			fail_msg("only %zu changes of %zu bytes break a rule",
				 refused[kinds], tables / each_byte);
		kinds++;
		free(record);
	}
	assert_int_not_equal(refused[2], 0);
}

/* --- memory --- */

static void what_is_too_large_is_refused_at_once(void **state)
{
	const float in[] = { 1, 2, 3, 4 };
	float out[4] = { 0 };
	size_t len = 0;
	uint8_t *record = NULL;
	size_t sealed_len = 0;
	uint8_t *sealed = NULL;

	(void)state;
	load_network(networks_negate, 4, BOX_RAW, 0);
	record = networks_wide(2048, &len);
	owner.head.policy = BOX_RAW;
	sealed = sealed_make(&owner, record, len, &sealed_len);
	assert_int_equal(ta_begin_sealed(&session, sealed, sealed_len),
			 TEEC_ERROR_OUT_OF_MEMORY);
	assert_int_equal(ta_push(&session, sealed, 100), TEEC_ERROR_BAD_STATE);
	free(sealed);
	free(record);
	run_well(in, sizeof(in), out, sizeof(out)); /* still answers */
	assert_true(out[0] == -1);

	/* much working memory, few parameters */
	record = networks_negate(65536, &len);
	assert_int_equal(load(record, len, BOX_RAW, 0), TEEC_SUCCESS);
	free(record);
	load_network(networks_negate, 4, BOX_RAW, 0);
	run_well(in, sizeof(in), out, sizeof(out));
	assert_true(out[3] == -4);
	record = networks_wide(512, &len);
	assert_int_equal(load(record, len, BOX_RAW, 0), TEEC_SUCCESS);
	free(record);
}

/* Of a network that asks for more working memory than it needs. */
static TEEC_Result load_with_arena(uint32_t arena)
{
	struct nn_head head = { 0 };
	size_t len = 0;
	uint8_t *record = networks_negate(4, &len);
	TEEC_Result res = TEEC_SUCCESS;

	memcpy(&head, record, sizeof(head));
	head.arena = arena;
	head.batch = 1;
	memcpy(record, &head, sizeof(head));
	res = load(record, len, BOX_RAW, 0);
	free(record);
	return res;
}

/* That of the active network, and of the one that is being loaded. */
static void working_memory_is_there_before_a_load(void **state)
{
	const float in[] = { 1, 2, 3, 4 };
	float out[4] = { 0 };
	struct enc_status status = { 0 };
	size_t len = 0;
	uint8_t *record = networks_wide(512, &len);

	(void)state;
	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	load_network(networks_negate, 4, BOX_RAW, 0);
	assert_int_equal(load_with_arena(status.heap / 64 * 64),
			 TEEC_ERROR_OUT_OF_MEMORY);
	assert_int_equal(load_with_arena(status.heap / 512 * 448),
			 TEEC_SUCCESS);
	run_well(in, sizeof(in), out, sizeof(out));
	assert_int_equal(load(record, len, BOX_RAW, 0),
			 TEEC_ERROR_OUT_OF_MEMORY);
	run_well(in, sizeof(in), out, sizeof(out));
	load_network(networks_negate, 4, BOX_RAW, 0);
	assert_int_equal(load(record, len, BOX_RAW, 0), TEEC_SUCCESS);
	free(record);
}

static const struct CMUnitTest all[] = {
	cmocka_unit_test(without_a_model_nothing_answers),
	cmocka_unit_test(a_network_is_described),
	cmocka_unit_test(raw_outputs_are_as_computed),
	cmocka_unit_test(inputs_and_outputs_are_in_order),
	cmocka_unit_test(the_label_is_the_first_of_the_largest),
	cmocka_unit_test(labels_come_in_descending_order),
	cmocka_unit_test(scores_have_so_many_bits),
	cmocka_unit_test(samples_do_not_depend_on_each_other),
	cmocka_unit_test(samples_have_one_size),
	cmocka_unit_test(short_outputs_say_what_is_needed),
	cmocka_unit_test(what_is_not_finite_has_no_label),
	cmocka_unit_test(scores_have_a_largest_number),
	cmocka_unit_test(infer_and_run_agree),
	cmocka_unit_test(infer_is_for_images),
	cmocka_unit_test(infer_is_for_784_pixels_and_ten_values),
	cmocka_unit_test(what_is_not_finite_is_no_answer),
	cmocka_unit_test(infer_has_an_end),
	cmocka_unit_test(a_head_describes_its_record),
	cmocka_unit_test(every_operator_gives_what_the_workstation_computes),
	cmocka_unit_test(what_breaks_a_rule_is_refused),
	cmocka_unit_test(what_is_too_large_is_refused_at_once),
	cmocka_unit_test(working_memory_is_there_before_a_load),
};

static const struct CMUnitTest some[] = {
	cmocka_unit_test(without_a_model_nothing_answers),
	cmocka_unit_test(a_network_is_described),
	cmocka_unit_test(raw_outputs_are_as_computed),
	cmocka_unit_test(inputs_and_outputs_are_in_order),
	cmocka_unit_test(scores_have_so_many_bits),
	cmocka_unit_test(short_outputs_say_what_is_needed),
	cmocka_unit_test(what_is_not_finite_has_no_label),
	cmocka_unit_test(infer_and_run_agree),
	cmocka_unit_test(a_head_describes_its_record),
	cmocka_unit_test(every_operator_gives_what_the_workstation_computes),
	cmocka_unit_test(what_breaks_a_rule_is_refused),
	cmocka_unit_test(working_memory_is_there_before_a_load),
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "sampled")) {
		each_operator = 3;
		each_byte = 97;
		return cmocka_run_group_tests_name("network", some, setup,
						   teardown);
	}
	return argc > 1 ? 2 :
			  cmocka_run_group_tests_name("network", all, setup,
						      teardown);
}
