/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TA at work under valgrind, with keys, weights, pixels and everything
 * computed from them undefined: valgrind reports every branch and every address
 * that depends on one. Built with testkit/reveal.h; see constant_time.bats.
 */
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api.h>

#include "nn/op.h"
#include "testkit/client.h"
#include "testkit/sealed_client.h"
#include "testkit/secret.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"
#include "tests/lib/operators.h"
#include "tests/standin/standin.h"

#define IMAGE	     ENC_MNIST_IMAGE_BYTES
#define IMAGES	     9 /* a block, and one image by itself */
#define LENGTH_BYTES 4

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

/* The offsets of the tensors' values in the record: see doc/FORMAT.md. */
static const struct {
	size_t from;
	size_t to;
} values[] = {
	{ 152, 1605784 },     { 1605810, 1607858 }, { 1607882, 2132170 },
	{ 2132196, 2133220 }, { 2133244, 2264316 }, { 2264340, 2264852 },
	{ 2264872, 2269992 }, { 2270012, 2270052 },
};

static TEEC_Context context;
static TEEC_Session session;
static struct sealed_maker owner;
static uint8_t device[BOX_X25519_BYTES];

static bool is_value(size_t at)
{
	for (size_t i = 0; i < COUNT(values); i++) {
		if (at >= values[i].from && at < values[i].to)
			return true;
	}
	return false;
}

/* The length, the record around its values, and the padding are not secret. */
static void reveal_framing(size_t at, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (at + i < LENGTH_BYTES || !is_value(at + i - LENGTH_BYTES))
			secret_reveal(data + i, 1);
	}
}

/* Whether each bit, or any, is undefined. */
static bool is_secret(const uint8_t *data, size_t len, bool all)
{
	uint8_t undefined[64] = { 0 };
	size_t count = 0;

	assert_true(len <= sizeof(undefined));
	assert_int_equal(VALGRIND_GET_VBITS(data, undefined, len), 1);
	for (size_t i = 0; i < len; i++)
		count += undefined[i] != 0;
	return all ? count == len : count != 0;
}

static int setup(void **state)
{
	(void)state;
	if (!RUNNING_ON_VALGRIND)
		return -1;
	standin_reset();
	return ta_open(&context, &session) == TEEC_SUCCESS ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	sealed_free(&owner);
	return 0;
}

static void store_key(void **state)
{
	uint8_t copy[ENC_MNIST_KEY_BYTES] = { 0 };

	(void)state;
	memcpy(copy, key, sizeof(copy));
	secret_make(copy, sizeof(copy));
	assert_int_equal(ta_store_key(&session, copy), TEEC_SUCCESS);
}

/* The record of the formula's model, with some values replaced by these. */
static void load_with(const float *value, size_t count, TEEC_Result expected)
{
	uint8_t *record = formula_record(1);
	uint8_t *container = NULL;
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		memcpy(record + values[0].from + i * sizeof(*value), value,
		       sizeof(*value));
	container = ta_seal(key, record, FORMULA_RECORD_BYTES, &len);
	standin_secrets(reveal_framing);
	assert_int_equal(ta_load(&session, container, len), expected);
	standin_secrets(NULL);
	free(container);
	free(record);
}

/* Only the position of the first value that is not finite may become known. */
static void refuse(void **state)
{
	const float infinite = 1.0f / 0.0f;

	(void)state;
	load_with(&infinite, 7, TEEC_ERROR_BAD_FORMAT);
}

static void overflow(void **state)
{
	const float huge = 3e38f;
	const uint8_t image[IMAGE] = { 255 };
	uint8_t label = 0;

	(void)state;
	load_with(&huge, 784 * 512, TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, image, 1, &label),
			 ENC_TEE_OVERFLOW);
}

static void load(void **state)
{
	(void)state;
	load_with(NULL, 0, TEEC_SUCCESS);
}

/* The weights left by a load are undefined. */
static void infer(void **state)
{
	uint8_t images[IMAGES * IMAGE] = { 0 };
	uint8_t labels[IMAGES] = { 0 };

	(void)state;
	for (uint64_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * IMAGE);
	secret_make(images, sizeof(images));
	assert_int_equal(ta_infer(&session, images, IMAGES, labels),
			 TEEC_SUCCESS);
	assert_true(is_secret(images, 64, true));
	assert_false(is_secret(labels, IMAGES, false));
}

/* ---- sealed models: the TEE derives every key ---- */

/* The model's key on its way: no bit of it may be visible to anyone. */
static void reveal_nothing(size_t at, uint8_t *data, size_t size)
{
	(void)at;
	(void)data;
	(void)size;
}

static void make_device_key(void **state)
{
	(void)state;
	sealed_owner(&owner);
	standin_secrets(reveal_nothing);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	standin_secrets(NULL);
}

static void provision(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	(void)state;
	sealed_envelope(&owner, device, 1, NULL, envelope);
	standin_secrets(reveal_nothing);
	envelope[BOX_ENVELOPE_SIGNED_BYTES - 1] ^= 1;
	sealed_sign_envelope(&owner, envelope);
	assert_int_equal(ta_provision(&session, envelope), ENC_TEE_MAC_INVALID);
	envelope[BOX_ENVELOPE_SIGNED_BYTES - 1] ^= 1;
	sealed_sign_envelope(&owner, envelope);
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	standin_secrets(NULL);
}

/* A key that the TEE derives for the TA says how the device is protected. */
static void ask_for_status(void **state)
{
	struct enc_status status = { 0 };

	(void)state;
	standin_secrets(reveal_nothing);
	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	standin_secrets(NULL);
	assert_true(status.flags & ENC_MNIST_STATUS_HUK_ZERO);
}

/* Bytes of the record in the previous chunks, and those before parameters. */
static size_t record_at;
static size_t record_tables;

/* The head and the tables of a record are not secret. */
static void reveal_tables(size_t at, uint8_t *data, size_t size)
{
	(void)at;
	if (record_at < record_tables)
		secret_reveal(data, record_tables - record_at < size ?
					    record_tables - record_at :
					    size);
	record_at += size;
}

/* A record with this value at an offset of its parameters, and frees it. */
static void load_network_with(uint8_t *record, size_t len, size_t at,
			      const float *value, TEEC_Result expected)
{
	struct box_head head = { 0 };
	uint8_t *sealed = NULL;
	size_t sealed_len = 0;

	sealed_describe(&owner, record, len, &head);
	record_tables = len - (size_t)head.params;
	if (value)
		memcpy(record + record_tables + at, value, sizeof(*value));
	sealed = sealed_make(&owner, record, len, &sealed_len);
	record_at = 0;
	standin_secrets(reveal_tables);
	assert_int_equal(ta_load_sealed(&session, sealed, sealed_len),
			 expected);
	standin_secrets(NULL);
	free(sealed);
	free(record);
}

/* For each node, whether a value is out of range may become known. */
static void refuse_sealed(void **state)
{
	const float infinite = 1.0f / 0.0f;
	size_t len = 0;
	uint8_t *record = networks_mnist(3, &len);

	(void)state;
	load_network_with(record, len, 4096, &infinite, TEEC_ERROR_BAD_FORMAT);
}

static void load_sealed(void **state)
{
	size_t len = 0;
	uint8_t *record = networks_mnist(3, &len);

	(void)state;
	load_network_with(record, len, 0, NULL, TEEC_SUCCESS);
	assert_int_equal(record_at, len);
}

/* What leaves is known, and nothing else, under each policy. */
static void run_sealed(void **state)
{
	(void)state;
	for (uint32_t policy = BOX_LABEL; policy <= BOX_RAW; policy++) {
		const bool has_amount =
			policy == BOX_TOP || policy == BOX_SCORES;
		uint8_t images[IMAGES * IMAGE] = { 0 };
		uint8_t answer[IMAGES * 40] = { 0 };
		size_t size = sizeof(answer);
		size_t len = 0;
		uint8_t *record = networks_small(1, &len);

		owner.head.policy = policy;
		owner.head.amount = has_amount ? 5 : 0;
		load_network_with(record, len, 0, NULL, TEEC_SUCCESS);
		for (uint64_t i = 0; i < IMAGES; i++)
			formula_image(i, images + i * IMAGE);
		secret_make(images, sizeof(images));
		assert_int_equal(ta_call(&session, ENC_MNIST_CMD_RUN, images,
					 sizeof(images), answer, &size),
				 TEEC_SUCCESS);
		assert_true(is_secret(images, 64, true));
		for (size_t i = 0; i + 4 <= size; i += 4)
			assert_false(is_secret(answer + i, 4, false));
	}
	owner.head.policy = 0;
	owner.head.amount = 0;
}

static size_t input_bytes(const struct operators_tables *t)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < t->head.inputs; i++)
		bytes += nn_elements(&t->tensors[i]) *
			 nn_type_size(t->tensors[i].type);
	return bytes;
}

/*
 * Loads a network, and computes three samples of numbers below 1: so positions
 * come in fours and twos, and one is left.
 */
static void run_operator(struct operators_tables *t)
{
	static uint8_t samples[8192];
	static uint8_t answer[65536];
	const size_t bytes = 3 * input_bytes(t);
	size_t size = sizeof(answer);
	size_t len = 0;
	uint8_t *record = operators_record(t, &len);

	assert_in_range(bytes, 1, sizeof(samples));
	load_network_with(record, len, 0, NULL, TEEC_SUCCESS);
	memset(samples, 0x3f, bytes);
	secret_make(samples, bytes);
	assert_int_equal(ta_call(&session, ENC_MNIST_CMD_RUN, samples, bytes,
				 answer, &size),
			 TEEC_SUCCESS);
}

/* Each operator, with parameters and inputs undefined. */
static void run_operators(void **state)
{
	(void)state;
	owner.head.policy = BOX_RAW;
	for (size_t i = 0; i < operators_count(); i++) {
		struct operators_tables t = operators_tables(i);

		run_operator(&t);
	}
	owner.head.policy = 0;
}

/* 40 bytes that the TA may not look at; then zeros. */
static void reveal_all_but_40(size_t at, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (at + i < LENGTH_BYTES || at + i >= LENGTH_BYTES + 40)
			secret_reveal(data + i, 1);
	}
}

static void encrypt_and_decrypt(void **state)
{
	uint8_t plain[40] = { 0 };
	uint8_t sealed[64] = { 0 };
	uint8_t again[64] = { 0 };
	size_t sealed_len = sizeof(sealed);
	size_t len = sizeof(again);

	(void)state;
	secret_make(plain, sizeof(plain));
	standin_secrets(reveal_all_but_40);
	assert_int_equal(ta_call(&session, ENC_MNIST_CMD_ENCRYPT, plain,
				 sizeof(plain), sealed, &sealed_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_call(&session, ENC_MNIST_CMD_DECRYPT, sealed,
				 sealed_len, again, &len),
			 TEEC_SUCCESS);
	standin_secrets(NULL);
	assert_int_equal(len, sizeof(plain));
	assert_true(is_secret(again, len, true));
}

/* ---- the secrets that the stand-in marks ---- */

static TEE_OperationHandle operation(uint32_t algorithm, uint32_t mode,
				     TEE_ObjectType type)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };

	TEE_AllocateTransientObject(type, 8 * sizeof(key), &object);
	TEE_InitRefAttribute(&attr, TEE_ATTR_SECRET_VALUE, key, sizeof(key));
	TEE_PopulateTransientObject(object, &attr, 1);
	TEE_AllocateOperation(&op, algorithm, mode, 8 * sizeof(key));
	TEE_SetOperationKey(op, object);
	TEE_FreeTransientObject(object);
	return op;
}

static void decrypt(const uint8_t *in, uint8_t *out, size_t len)
{
	const uint8_t nonce[12] = { 0 };
	TEE_OperationHandle op =
		operation(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, TEE_TYPE_AES);

	TEE_AEInit(op, nonce, sizeof(nonce), 128, 0, len);
	TEE_AEUpdate(op, in, len, out, &len);
	TEE_FreeOperation(op);
}

static void authenticate(const uint8_t *in, size_t len, uint8_t *mac,
			 size_t *mac_len)
{
	TEE_OperationHandle op = operation(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC,
					   TEE_TYPE_HMAC_SHA256);

	TEE_MACInit(op, NULL, 0);
	TEE_MACComputeFinal(op, in, len, mac, mac_len);
	TEE_FreeOperation(op);
}

static void read_pair(uint8_t *private_key, uint8_t *public_key, size_t len)
{
	TEE_ObjectHandle pair = TEE_HANDLE_NULL;

	TEE_AllocateTransientObject(TEE_TYPE_X25519_KEYPAIR, 256, &pair);
	TEE_GenerateKey(pair, 256, NULL, 0);
	TEE_GetObjectBufferAttribute(pair, TEE_ATTR_X25519_PRIVATE_VALUE,
				     private_key, &len);
	TEE_GetObjectBufferAttribute(pair, TEE_ATTR_X25519_PUBLIC_VALUE,
				     public_key, &len);
	TEE_FreeTransientObject(pair);
}

static void check_secrets(void *ctx)
{
	uint8_t in[32] = { 0 };
	uint8_t out[32] = { 0 };
	uint8_t mac[32] = { 0 };
	size_t mac_len = sizeof(mac);

	(void)ctx;
	secret_make(in, sizeof(in));
	decrypt(in, out, sizeof(in));
	assert_false(is_secret(out, LENGTH_BYTES, false));
	assert_true(is_secret(out + LENGTH_BYTES, 32 - LENGTH_BYTES, true));
	authenticate(in, sizeof(in), mac, &mac_len);
	assert_true(is_secret(mac, sizeof(mac), true));
	assert_true(is_secret(in, sizeof(in), true));
	read_pair(out, mac, sizeof(out));
	assert_true(is_secret(out, sizeof(out), true));
	assert_false(is_secret(mac, sizeof(mac), false));
}

static void stand_in_makes_secrets(void **state)
{
	(void)state;
	standin_secrets(reveal_all_but_40);
	assert_true(standin_run(check_secrets, NULL, NULL, 0));
	standin_secrets(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store_key),
		cmocka_unit_test(refuse),
		cmocka_unit_test(overflow),
		cmocka_unit_test(load),
		cmocka_unit_test(infer),
		cmocka_unit_test(make_device_key),
		cmocka_unit_test(provision),
		cmocka_unit_test(ask_for_status),
		cmocka_unit_test(refuse_sealed),
		cmocka_unit_test(load_sealed),
		cmocka_unit_test(infer),
		cmocka_unit_test(run_sealed),
		cmocka_unit_test(run_operators),
		cmocka_unit_test(encrypt_and_decrypt),
		cmocka_unit_test(stand_in_makes_secrets),
	};

	return cmocka_run_group_tests_name("secrets", tests, setup, teardown);
}
