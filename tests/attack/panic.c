/* SPDX-License-Identifier: Apache-2.0 */
/*
 * panic WAY: what a panic of the TA in the middle of a command leaves behind.
 * tests/mutants/panic.patch puts a panic into each command, where most of its
 * work is half done; the command before it arms the panic. WAY `sealed` needs
 * empty trusted storage, and its tests run in order; its models are small: the
 * board loads them in a tenth of the time.
 */
#include <stdlib.h>
#include <string.h>

#include "testkit/sealed_client.h"
#include "tests/lib/networks.h"
#include "tests/lib/way.h"

#define CMD_PANIC_IN_NEXT 99 /* of the patch; 100: at its second point */
#define PLAIN_BYTES	  40
#define SEALED_BYTES	  64 /* with this many bytes of plaintext */

static const uint8_t next_key[ENC_MNIST_KEY_BYTES] =
	"another key, as long as it was.";

static const struct way *way;
static struct way_model incoming[MODELS];
static TEEC_Context context;
static TEEC_Session other; /* has models[0] all the time */
static TEEC_Session dead;
static uint8_t device[BOX_X25519_BYTES]; /* only for sealed models */
static uint32_t epoch;			 /* likewise; 0: there is no device */

static void check_labels(TEEC_Session *session, size_t n)
{
	const uint8_t *expected =
		way == &way_sealed ? models[n].small_labels : models[n].labels;
	uint8_t labels[MODELS_IMAGES] = { 0 };

	assert_int_equal(
		ta_infer(session, models_images, MODELS_IMAGES, labels),
		TEEC_SUCCESS);
	assert_memory_equal(labels, expected, MODELS_IMAGES);
}

static void load(TEEC_Session *session, size_t n)
{
	assert_int_equal(way_load(&incoming[n], session), TEEC_SUCCESS);
}

static int setup(void **state)
{
	(void)state;
	models_make();
	for (size_t i = 0; i < MODELS; i++) {
		incoming[i] = way_model(way, &models[i]);
		if (way == &way_sealed) {
			incoming[i].bytes = models[i].small;
			incoming[i].len = models[i].small_len;
		}
	}
	return TEEC_InitializeContext(NULL, &context) == TEEC_SUCCESS &&
			       ta_open(&context, &other) == TEEC_SUCCESS ?
		       0 :
		       -1;
}

static int setup_compat(void **state)
{
	if (setup(state) || way->give_key(&other) != TEEC_SUCCESS)
		return -1;
	load(&other, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&other);
	TEEC_FinalizeContext(&context);
	models_free();
	return 0;
}

static int open_dead(void **state)
{
	(void)state;
	return ta_open(&context, &dead) == TEEC_SUCCESS ? 0 : -1;
}

/* A session with a model that answers. */
static int open_loaded(void **state)
{
	if (open_dead(state))
		return -1;
	load(&dead, 0);
	return 0;
}

static int close_dead(void **state)
{
	(void)state;
	TEEC_CloseSession(&dead);
	return 0;
}

/* The next command, whichever it is, does not return; point: 1 or 2. */
static void arm_at(uint32_t point)
{
	assert_int_equal(ta_send(&dead, CMD_PANIC_IN_NEXT + point - 1, NULL, 0),
			 TEEC_SUCCESS);
}

static void arm(void)
{
	arm_at(1);
}

static void check_device(TEEC_Session *session)
{
	uint8_t key[BOX_X25519_BYTES] = { 0 };
	struct enc_status status = { 0 };

	assert_int_equal(ta_device_key(session, key), TEEC_SUCCESS);
	assert_memory_equal(key, device, sizeof(device));
	assert_int_equal(ta_status(session, &status), TEEC_SUCCESS);
	assert_int_equal(status.epoch, epoch);
}

/* The session is dead. Another one still answers, and a new one works. */
static void check_after(TEEC_Result res)
{
	uint8_t label = 0;
	TEEC_Session fresh = { 0 };

	assert_int_equal(res, TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(way_begin(&incoming[0], &dead),
			 TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(ta_infer(&dead, models_images, 1, &label),
			 TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(ta_finalize(&dead), TEEC_ERROR_TARGET_DEAD);
	check_labels(&other, 0);
	assert_int_equal(ta_open(&context, &fresh), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&fresh, models_images, 1, &label),
			 TEEC_ERROR_BAD_STATE);
	if (epoch)
		check_device(&fresh);
	load(&fresh, 1);
	check_labels(&fresh, 1);
	TEEC_CloseSession(&fresh);
}

/* ---- a load, in both ways ---- */

static void in_begin(void **state)
{
	(void)state;
	arm();
	check_after(way_begin(&incoming[0], &dead));
}

static void in_push(void **state)
{
	const size_t last = way_pushes(&incoming[0]) - 1;

	(void)state;
	assert_int_equal(way_push_first(&incoming[0], &dead, last),
			 TEEC_SUCCESS);
	arm();
	check_after(way_push(&incoming[0], &dead, last));
}

static void push_all(const struct way_model *model)
{
	assert_int_equal(way_push_first(model, &dead, way_pushes(model)),
			 TEEC_SUCCESS);
}

static void in_finalize(void **state)
{
	(void)state;
	push_all(&incoming[0]);
	arm();
	check_after(ta_finalize(&dead));
}

/* ---- the key of enc_mnist-rs, and its commands ---- */

/* No byte of the answer arrives. */
static void in_infer(void **state)
{
	uint8_t labels[MODELS_IMAGES] = { 0 };
	uint8_t untouched[MODELS_IMAGES] = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	(void)state;
	memset(labels, 0xee, sizeof(labels));
	memset(untouched, 0xee, sizeof(untouched));
	arm();
	res = ta_infer(&dead, models_images, MODELS_IMAGES, labels);
	assert_memory_equal(labels, untouched, sizeof(labels));
	check_after(res);
}

/* Part of the answer may have arrived by then. */
static void in_command(uint32_t command, const uint8_t *in, size_t in_size)
{
	uint8_t out[SEALED_BYTES] = { 0 };
	size_t size = sizeof(out);

	arm();
	check_after(ta_call(&dead, command, in, in_size, out, &size));
}

static void in_encrypt(void **state)
{
	(void)state;
	in_command(ENC_MNIST_CMD_ENCRYPT, models[0].record, PLAIN_BYTES);
}

static void in_decrypt(void **state)
{
	size_t len = 0;
	uint8_t *sealed =
		ta_seal(models_key, models[0].record, PLAIN_BYTES, &len);

	(void)state;
	assert_int_equal(len, SEALED_BYTES);
	in_command(ENC_MNIST_CMD_DECRYPT, sealed, len);
	free(sealed);
}

/* The new key was completely on disk: it counts, not a third state. */
static void in_store_key(void **state)
{
	TEEC_Result res = TEEC_SUCCESS;

	(void)state;
	arm();
	res = ta_store_key(&dead, next_key);
	assert_int_equal(way_load(&incoming[1], &other), TEEC_ERROR_BAD_FORMAT);
	assert_int_equal(way->give_key(&other), TEEC_SUCCESS);
	check_after(res);
}

/* ---- what the device keeps for sealed models ---- */

/* Asks for an answer of which no byte arrives. */
static TEEC_Result ask(uint32_t command, size_t size)
{
	uint8_t out[ENC_MNIST_STATUS_BYTES] = { 0 };
	uint8_t untouched[ENC_MNIST_STATUS_BYTES] = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	arm();
	res = ta_ask(&dead, command, out, &size);
	assert_memory_equal(out, untouched, sizeof(out));
	return res;
}

/* Once it is stored, it is the device's key. */
static void in_the_first_device_key(void **state)
{
	(void)state;
	assert_int_equal(ask(ENC_MNIST_CMD_DEVICE_KEY, BOX_X25519_BYTES),
			 TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(ta_device_key(&other, device), TEEC_SUCCESS);
	assert_int_equal(way->give_key(&other), TEEC_SUCCESS);
	epoch = 1;
	check_device(&other);
	load(&other, 0);
}

static void in_device_key(void **state)
{
	(void)state;
	check_after(ask(ENC_MNIST_CMD_DEVICE_KEY, BOX_X25519_BYTES));
}

static void in_status(void **state)
{
	(void)state;
	check_after(ask(ENC_MNIST_CMD_STATUS, ENC_MNIST_STATUS_BYTES));
}

/* The models' owner with another model key. */
static struct sealed_maker next_maker(void)
{
	struct sealed_maker next = models_owner;

	memset(next.key, 0x5a, sizeof(next.key));
	next.head.key_id[0] ^= 1;
	return next;
}

static void check_keys(uint32_t count, const struct sealed_maker *last)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(&other, &status), TEEC_SUCCESS);
	assert_int_equal(status.key_count, count);
	assert_memory_equal(status.keys[count - 1].id, last->head.key_id,
			    BOX_KEY_ID_BYTES);
}

/* The key is stored, but does not count yet: the same envelope is taken. */
static void in_provision(void **state)
{
	const struct sealed_maker next = next_maker();
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	(void)state;
	sealed_envelope(&next, device, epoch + 1, NULL, envelope);
	arm();
	check_after(ta_provision(&dead, envelope));
	check_keys(1, &models_owner);
	assert_int_equal(ta_provision(&other, envelope), TEEC_SUCCESS);
	epoch++;
	check_device(&other);
	check_keys(2, &next);
}

/* The new state counts, and what it retires does not, deleted or not. */
static void in_provision_before_it_deletes(void **state)
{
	const struct sealed_maker next = next_maker();
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope envelope = sealed_claim(&next);

	(void)state;
	memcpy(envelope.device, device, sizeof(envelope.device));
	envelope.retired = epoch;
	sealed_envelope(&next, device, epoch + 1, &envelope, bytes);
	arm_at(2);
	assert_int_equal(ta_provision(&dead, bytes), TEEC_ERROR_TARGET_DEAD);
	epoch++;
	check_device(&other);
	check_keys(1, &next);
	check_labels(&other, 0);
	assert_int_equal(way_begin(&incoming[0], &other),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_provision(&other, bytes), TEEC_ERROR_SECURITY);
	assert_int_equal(way->give_key(&other), TEEC_SUCCESS);
	epoch++;
	check_after(TEEC_ERROR_TARGET_DEAD);
}

/* models[0], as large as incoming[0]. */
static uint8_t *seal(const char *id, uint32_t security_version,
		     uint64_t life_answers)
{
	struct sealed_maker maker = models_owner;
	size_t len = 0;
	uint8_t *record = networks_small(1, &len);
	uint8_t *sealed = NULL;

	sealed_set_id(&maker, id);
	maker.head.security_version = security_version;
	maker.head.life_answers = life_answers;
	sealed = sealed_make(&maker, record, len, &len);
	assert_int_equal(len, incoming[0].len);
	free(record);
	return sealed;
}

/* The version is stored before COMMIT has answered. */
static void in_commit(void **state)
{
	uint8_t *newer = seal("newer", 2, 0);
	uint8_t *older = seal("newer", 1, 0);
	const struct way_model incoming_newer = { way, newer, incoming[0].len };
	const struct way_model incoming_older = { way, older, incoming[0].len };
	struct enc_status status = { 0 };

	(void)state;
	assert_int_equal(way_load(&incoming_newer, &dead), TEEC_SUCCESS);
	check_labels(&dead, 0);
	arm();
	check_after(ta_commit(&dead));
	assert_int_equal(ta_status(&other, &status), TEEC_SUCCESS);
	assert_int_equal(ta_find_model(&status, "newer")->security_version, 2);
	assert_int_equal(way_begin(&incoming_older, &other),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(way_load(&incoming_newer, &other), TEEC_SUCCESS);
	check_labels(&other, 0);
	free(newer);
	free(older);
}

static uint64_t answers_of(const char *id)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(&other, &status), TEEC_SUCCESS);
	return ta_find_model(&status, id)->answers;
}

/* Answers are counted before they are given: none is given twice. */
static void in_an_answer_that_is_counted(void **state)
{
	uint8_t *sealed = seal("counted", 1, 1u << 20);
	const struct way_model counted = { way, sealed, incoming[0].len };
	uint8_t labels[MODELS_IMAGES] = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	(void)state;
	assert_int_equal(way_load(&counted, &dead), TEEC_SUCCESS);
	assert_int_equal(answers_of("counted"), 0);
	arm();
	res = ta_infer(&dead, models_images, MODELS_IMAGES, labels);
	assert_true(answers_of("counted") >= MODELS_IMAGES);
	check_after(res);
	free(sealed);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_dead, close_dead)
#define LOADED(test) \
	cmocka_unit_test_setup_teardown(test, open_loaded, close_dead)

int main(int argc, char **argv)
{
	struct CMUnitTest compat[] = {
		LOADED(in_infer),     LOADED(in_encrypt), LOADED(in_decrypt),
		LOADED(in_store_key), LOADED(in_begin),	  LOADED(in_push),
		LOADED(in_finalize),
	};
	struct CMUnitTest sealed[] = {
		TEST(in_the_first_device_key),
		TEST(in_device_key),
		TEST(in_status),
		TEST(in_provision),
		TEST(in_provision_before_it_deletes),
		TEST(in_begin),
		TEST(in_push),
		TEST(in_finalize),
		TEST(in_commit),
		TEST(in_an_answer_that_is_counted),
	};

	if (argc != 2)
		return 2;
	way = way_named(argv[1]);
	return way == &way_compat ?
		       way_run_tests(way, "panic", compat, setup_compat,
				     teardown) :
		       way_run_tests(way, "panic", sealed, setup, teardown);
}
