/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's key in a token, which is SoftHSM, from seal and wrap to an answer
 * of the TA, on the stand-in. What the owner is told is for token.bats.
 */
#include "host/base/file.h"
#include "host/import/import.h"
#include "host/owner/seal.h"
#include "host/owner/wrap.h"
#include "host/public/envelope.h"
#include "host/token/token.h"
#include "testkit/client.h"
#include "testkit/sealed_client.h"
#include "tests/lib/scratch.h"
#include "tests/standin/standin.h"

#define URI                                                            \
	"pkcs11:token=owner;object=sign?module-path=/usr/lib/softhsm/" \
	"libsofthsm2.so&pin-value=1234"
#define SEALED_MAX (1u << 22)

static const uint8_t key[32] = "a model's key, 32 bytes of it..";
static struct enc_error e;

static void must(bool good)
{
	if (!good)
		fail_msg("%s (%s)", e.what, e.hint);
}

/* A token with the key of the TA's owner. */
#define MAKE_TOKEN                                                           \
	"cd $SCRATCH && mkdir tokens && "                                    \
	"echo \"directories.tokendir = $PWD/tokens\" >conf && "              \
	"softhsm2-util --init-token --free --label owner --so-pin 12345678 " \
	"--pin 1234 && "                                                     \
	"softhsm2-util --import $OLDPWD/out/owner/owner.pem --token owner "  \
	"--label sign --id 01 --pin 1234"

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	setenv("SCRATCH", scratch_dir, 1);
	setenv("SOFTHSM2_CONF", scratch_path("conf"), 1);
	standin_reset();
	return system(MAKE_TOKEN) ||
	       TEEC_InitializeContext(NULL, &ta_context) != TEEC_SUCCESS;
}

static int teardown(void **state)
{
	TEEC_FinalizeContext(&ta_context);
	return system("rm -r $SCRATCH/tokens") || scratch_teardown(state);
}

static void provision(TEEC_Session *session, const struct enc_signer *owner)
{
	const struct enc_wrap wrap = {
		.key = key, .owner = owner, .ta = enc_ta_uuid, .epoch = 1
	};
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	assert_int_equal(ta_device_key(session, device), TEEC_SUCCESS);
	must(enc_wrap_key(&wrap, device, envelope, &e));
	assert_int_equal(ta_provision(session, envelope), TEEC_SUCCESS);
}

static void load(TEEC_Session *session, const struct enc_signer *owner)
{
	const struct import_options options = { .pixels = NULL };
	struct enc_sealed how = { .key = key,
				  .owner = owner,
				  .model_version = 1,
				  .security_version = 1 };
	enum import_kind kind = IMPORT_OTHER;
	struct box_head head = { 0 };
	uint8_t *sealed = NULL;
	size_t len = 0;
	uint8_t *record = import_to_memory(
		import_file("models/mnist.bin", &options, &kind, &e), &len, &e);

	must(record);
	assert_true(enc_model_id("mnist", how.model_id));
	must(enc_seal_network(&how, record, len, scratch_path("sealed"), &head,
			      &e));
	free(record);
	must(enc_file_read(scratch_path("sealed"), SEALED_MAX, &sealed, &len,
			   &e));
	assert_int_equal(ta_load_sealed(session, sealed, len), TEEC_SUCCESS);
	free(sealed);
}

static void the_ta_takes_what_a_token_signed(void **state)
{
	TEEC_Session *session = *state;
	struct enc_signer owner = { 0 };
	uint8_t image[ENC_MNIST_IMAGE_BYTES] = { 0 };
	uint8_t label = 0xff;

	must(enc_token_open(URI, NULL, &owner, &e));
	provision(session, &owner);
	load(session, &owner);
	assert_int_equal(ta_infer(session, image, 1, &label), TEEC_SUCCESS);
	assert_true(label < 10);
	enc_signer_close(&owner);
}

/* Every part of it is given back, also where a command ends early. */
static void a_token_is_opened_again(void **state)
{
	struct enc_owner first = { 0 };
	struct enc_signer owner = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		must(enc_token_open(URI, NULL, &owner, &e));
		if (!i)
			first = owner.owner;
		assert_memory_equal(&first, &owner.owner, sizeof(first));
		enc_signer_close(&owner);
		assert_false(enc_token_open(URI "5", NULL, &owner, &e));
		assert_non_null(strstr(e.what, "the PIN is wrong"));
		enc_signer_close(&owner);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_ta_takes_what_a_token_signed, ta_setup_session,
			ta_teardown_session),
		cmocka_unit_test(a_token_is_opened_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
