/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands leave on the stack of the TA: no key. Each runs on a stack that
 * was painted before, and that is searched afterwards, as far as the TA itself
 * has come: below that are the stand-in and its libraries, which leave keys.
 */
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/owner/crypto.h"
#include "ta/compat/key.h"
#include "ta/platform.h"
#include "testkit/sealed_client.h"
#include "testkit/secret.h"
#include "testkit/test.h"
#include "tests/lib/models.h"
#include "tests/standin/standin.h"

#define STACK (1u << 20) /* bytes */
#define PAINT 0xa5

static TEEC_Context context;
static TEEC_Session session;
static uint8_t *stack;
static uint8_t *deepest; /* that the TA has been, when it called the TEE */
static uint8_t device[BOX_X25519_BYTES];
static EVP_PKEY *ephemeral;
static uint8_t envelope[BOX_ENVELOPE_BYTES];
static const uint8_t hardware_key[STANDIN_HARDWARE_KEY_BYTES] =
	"sixteen bytes..";

/* --- a stack of one's own --- */

static __attribute__((noinline)) void note_depth(void)
{
	uint8_t *here = __builtin_frame_address(0);

	if (here < deepest)
		deepest = here;
}

struct job {
	TEEC_Result (*run)(void);
	TEEC_Result res;
};

/*
 * The end of a thread, and of an instance, overwrites some of the stack: `body`
 * runs below that.
 */
static __attribute__((noinline)) TEEC_Result
call_below(TEEC_Result (*body)(void))
{
	volatile uint8_t end[8192];
	TEEC_Result res = TEEC_ERROR_GENERIC;

	for (size_t i = 0; i < sizeof(end); i++)
		end[i] = PAINT;
	res = body();
	return end[sizeof(end) - 1] == PAINT ? res : TEEC_ERROR_GENERIC;
}

static void *start(void *job)
{
	struct job *j = job;

	j->res = call_below(j->run);
	return NULL;
}

/* Runs it on the stack, which is searched afterwards. */
static TEEC_Result run(TEEC_Result (*body)(void))
{
	struct job job = { .run = body };
	pthread_attr_t attr;
	pthread_t thread;

	memset(stack, PAINT, STACK);
	deepest = stack + STACK;
	standin_on_call(note_depth);
	assert_int_equal(pthread_attr_init(&attr), 0);
	assert_int_equal(pthread_attr_setstack(&attr, stack, STACK), 0);
	assert_int_equal(pthread_create(&thread, &attr, start, &job), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attr);
	standin_on_call(NULL);
	secret_reveal(stack, STACK);
	assert_in_range(deepest - stack, 1, STACK - 1);
	return job.res;
}

static bool holds(const void *secret, size_t size)
{
	const size_t used = (size_t)(stack + STACK - deepest);

	return memmem(deepest, used, secret, size);
}

static void check_gone(const char *what, const void *secret, size_t size)
{
	/* half of it is enough */
	if (holds(secret, size / 2) ||
	    holds((const uint8_t *)secret + size / 2, size / 2))
		fail_msg("%s is on the stack", what);
}

static void check_model_key(void)
{
	check_gone("the model key", models_owner.key, sizeof(models_owner.key));
}

static int setup(void **state)
{
	static const uint8_t private_key[32] = { 0x58, 1, 2, 3, 4, 5, 6, 7 };

	(void)state;
	models_make();
	stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(stack != MAP_FAILED);
	secret_library(true);
	ephemeral = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
						 private_key, 32);
	secret_library(false);
	standin_reset();
	standin_hardware_key(hardware_key);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	sealed_envelope_from(&models_owner, device, 1, NULL, ephemeral,
			     envelope);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	EVP_PKEY_free(ephemeral);
	munmap(stack, STACK);
	models_free();
	return standin_leaks() ? -1 : 0;
}

/* --- what would be found --- */

static TEEC_Result leave_key(void)
{
	volatile uint8_t copy[sizeof(models_owner.key)];

	for (size_t i = 0; i < sizeof(models_owner.key); i++)
		copy[i] = models_owner.key[i];
	note_depth();
	return copy[0] == models_owner.key[0] ? TEEC_SUCCESS :
						TEEC_ERROR_GENERIC;
}

static void what_is_left_is_found(void **state)
{
	(void)state;
	assert_int_equal(run(leave_key), TEEC_SUCCESS);
	assert_true(holds(models_owner.key, sizeof(models_owner.key)));
}

/* --- commands --- */

static TEEC_Result provision(void)
{
	return ta_provision(&session, envelope);
}

/* What the TA has computed. The stand-in leaves the nonce, and its block. */
static void check_hpke(void)
{
	struct box_hpke_input in = {
		.encapsulated = envelope + BOX_ENVELOPE_BOUND_BYTES,
		.recipient = device,
		.info = envelope,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	struct box_hpke hpke = { 0 };

	secret_library(true);
	assert_true(enc_x25519(ephemeral, device, in.dh) &&
		    box_hpke_base(enc_hmac, NULL, &in, &hpke));
	secret_library(false);
	secret_reveal(&in, sizeof(in));
	secret_reveal(&hpke, sizeof(hpke));
	check_gone("the result of X25519", in.dh, BOX_X25519_BYTES);
	check_gone("the secret of HPKE", hpke.secret, sizeof(hpke.secret));
	check_gone("the key of HPKE", hpke.key, sizeof(hpke.key));
	check_model_key();
}

static void provisioning_leaves_no_key(void **state)
{
	(void)state;
	envelope[BOX_ENVELOPE_SIGNED_BYTES - 1] ^= 1;
	sealed_sign_envelope(&models_owner, envelope);
	assert_int_equal(run(provision), ENC_TEE_MAC_INVALID);
	check_hpke();
	envelope[BOX_ENVELOPE_SIGNED_BYTES - 1] ^= 1;
	sealed_sign_envelope(&models_owner, envelope);
	assert_int_equal(run(provision), TEEC_SUCCESS);
	check_hpke();
}

static TEEC_Result begin(void)
{
	return ta_begin_sealed(&session, models[0].sealed,
			       models[0].sealed_len);
}

/* The first one derives the key of the stream. */
static TEEC_Result push(void)
{
	return ta_push(&session, models[0].sealed + sealed_chunk_at(0),
		       sealed_chunk_size(models[0].sealed_len, 0));
}

static void check_sealed(void)
{
	const uint8_t *sealed = models[0].sealed;
	uint8_t key[BOX_STREAM_KEY_BYTES] = { 0 };

	secret_library(true);
	assert_true(enc_hkdf(models_owner.key, sealed + BOX_HEAD_BYTES + 1,
			     sealed, BOX_HEAD_BOUND_BYTES, key));
	secret_library(false);
	secret_reveal(key, sizeof(key));
	check_gone("the key of the stream", key, sizeof(key));
	check_model_key();
}

static void a_sealed_load_leaves_no_key(void **state)
{
	(void)state;
	assert_int_equal(run(begin), TEEC_SUCCESS);
	check_sealed();
	assert_int_equal(run(push), TEEC_SUCCESS);
	check_sealed();
}

static TEEC_Result store_key(void)
{
	return ta_store_key(&session, models_key);
}

static TEEC_Result load_compat(void)
{
	return ta_load(&session, models[0].container, models[0].container_len);
}

static TEEC_Result encrypt(void)
{
	return models_encrypt(&session);
}

static TEEC_Result decrypt(void)
{
	return models_decrypt(&session);
}

static void check_compat(void)
{
	check_gone("the key", models_key, sizeof(models_key));
}

static void commands_of_enc_mnist_rs_leave_no_key(void **state)
{
	static TEEC_Result (*const commands[])(void) = { store_key, load_compat,
							 encrypt, decrypt };

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		assert_int_equal(run(commands[i]), TEEC_SUCCESS);
		check_compat();
	}
}

static TEEC_Result ask_status(void)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	size_t size = sizeof(bytes);

	return ta_ask(&session, ENC_MNIST_CMD_STATUS, bytes, &size);
}

/* The key that the TA asks for is one of its own: with it, others can tell. */
static void check_status(void)
{
	static const uint8_t extra[] = "enc_mnist status";
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;
	const uint32_t usage = 3;
	const struct box_part parts[] = { { &usage, sizeof(usage) },
					  { &uuid, sizeof(uuid) },
					  { extra, sizeof(extra) } };
	uint8_t huk[BOX_HMAC_BYTES] = { 0 };
	uint8_t key[BOX_HMAC_BYTES] = { 0 };

	memcpy(huk, hardware_key, sizeof(hardware_key));
	secret_library(true);
	assert_true(enc_hmac(NULL, huk, parts, COUNT(parts), key));
	secret_library(false);
	secret_reveal(key, sizeof(key));
	check_gone("the key of the TA", key, sizeof(key));
}

static void status_leaves_no_key(void **state)
{
	struct standin_storage *stored = standin_storage_save();

	(void)state;
	assert_int_equal(run(ask_status), TEEC_SUCCESS);
	check_status();
	/* the less that comes afterwards, the more would be left */
	assert_true(standin_storage_remove("device"));
	assert_int_equal(run(ask_status), TEEC_SUCCESS);
	check_status();
	standin_storage_restore(stored);
	free(stored);
}

/* --- parts of commands, whose rest would cover what they leave --- */

static TEEC_Result huk_flag(void)
{
	return platform_huk_flag() ? TEEC_SUCCESS : TEEC_ERROR_GENERIC;
}

static TEEC_Result read_key(void)
{
	static uint8_t key[ENC_MNIST_KEY_BYTES];

	return key_read(key);
}

static TEEC_Result (*part)(void);

static void only_part(void *unused)
{
	(void)unused;
	assert_int_equal(call_below(part), TEEC_SUCCESS);
}

static TEEC_Result run_part(void)
{
	return standin_run(only_part, NULL, NULL, 0) ? TEEC_SUCCESS :
						       TEEC_ERROR_TARGET_DEAD;
}

static void parts_of_commands_leave_no_key(void **state)
{
	(void)state;
	part = huk_flag;
	assert_int_equal(run(run_part), TEEC_SUCCESS);
	check_status();
	assert_int_equal(store_key(), TEEC_SUCCESS);
	part = read_key;
	assert_int_equal(run(run_part), TEEC_SUCCESS);
	check_compat();
}

/* --- calls that fail --- */

/* Of X25519 and HPKE, the stand-in leaves results that the TA has not seen. */
static const struct command {
	TEEC_Result (*before)(void);
	TEEC_Result (*run)(void);
	void (*check)(void);
	size_t least; /* calls that fail and are no panic */
} commands[] = {
	{ NULL, provision, check_model_key, 20 },
	{ begin, push, check_sealed, 8 },
	{ NULL, store_key, check_compat, 1 },
	{ NULL, load_compat, check_compat, 4 },
	{ NULL, encrypt, check_compat, 4 },
	{ NULL, decrypt, check_compat, 4 },
	{ NULL, ask_status, check_status, 6 },
};

/* False: it makes fewer calls. */
static bool fail_call(const struct command *c, size_t call, size_t *failed)
{
	TEEC_Result res = TEEC_SUCCESS;
	size_t ways = 0;
	bool struck = false;

	TEEC_CloseSession(&session);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	if (c->before)
		assert_int_equal(c->before(), TEEC_SUCCESS);
	standin_fault(call, 0);
	res = run(c->run);
	struck = standin_fault_struck(&ways);
	standin_fault(0, 0);
	/* of what has panicked, nothing is left */
	if (struck && res != TEEC_ERROR_TARGET_DEAD) {
		c->check();
		++*failed;
	}
	return struck;
}

/* What comes later would cover what was left. */
static void what_fails_leaves_no_key(void **state)
{
	struct standin_storage *stored = NULL;

	(void)state;
	assert_int_equal(store_key(), TEEC_SUCCESS);
	stored = standin_storage_save();
	sealed_envelope_from(&models_owner, device, 2, NULL, ephemeral,
			     envelope);
	for (size_t i = 0; i < COUNT(commands); i++) {
		size_t failed = 0;

		for (size_t call = 1; fail_call(&commands[i], call, &failed);
		     call++)
			standin_storage_restore(stored);
		if (failed < commands[i].least)
			fail_msg("command %zu: %zu calls fail", i, failed);
		standin_storage_restore(stored);
	}
	free(stored);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_is_found),
		cmocka_unit_test(provisioning_leaves_no_key),
		cmocka_unit_test(a_sealed_load_leaves_no_key),
		cmocka_unit_test(commands_of_enc_mnist_rs_leave_no_key),
		cmocka_unit_test(status_leaves_no_key),
		cmocka_unit_test(parts_of_commands_leave_no_key),
		cmocka_unit_test(what_fails_leaves_no_key),
	};

	return cmocka_run_group_tests_name("stack", tests, setup, teardown);
}
