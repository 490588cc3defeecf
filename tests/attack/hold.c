/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that stops where the host is to look into the board's memory
 * (tests/lib/stop.h):
 *
 * hold at NAME           stops there, nothing else
 * hold load MODEL        at "loading", half-way through a load; at "loaded",
 *                        after it; at "answered", after an inference
 * hold panic MODEL       at "panicked": trusted storage failed while one model
 *                        was loaded and another was on its way
 * hold leak MODEL KEY    at "leaking", with what no client should have: key,
 *                        its digits, its schedule, and the plaintext. KEY in
 *                        letters: tests/lib/letters.h
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/lib/hex.h"
#include "host/lib/model_json.h"
#include "tests/lib/client.h"
#include "tests/lib/formula.h"
#include "tests/lib/letters.h"
#include "tests/lib/stop.h"

#define IV_BYTES 16
#define STORAGE	 "/var/lib/optee-client/data/tee/dirf.db"

#define require(condition)                                               \
	do {                                                             \
		if (!(condition)) {                                      \
			fprintf(stderr, "hold: line %d: %s\n", __LINE__, \
				#condition);                             \
			exit(1);                                         \
		}                                                        \
	} while (0)

static TEEC_Context context;
static TEEC_Session session;

/* A container, gathered from a model's file. */
static uint8_t *container;
static size_t container_len;

static bool gather(void *ctx, const uint8_t *data, size_t len,
		   struct enc_error *e)
{
	uint8_t *grown = realloc(container, container_len + len);

	(void)ctx;
	(void)e;
	require(grown);
	container = grown;
	memcpy(container + container_len, data, len);
	container_len += len;
	return true;
}

static void read_model(const char *path)
{
	struct enc_error e = { 0 };

	require(enc_model_json_read(path, gather, NULL, &e));
}

static void open_session(void)
{
	require(TEEC_InitializeContext(NULL, &context) == TEEC_SUCCESS);
	require(ta_open(&context, &session) == TEEC_SUCCESS);
}

static void hold_load(void)
{
	const size_t half = container_len / 2;
	uint8_t image[ENC_MNIST_IMAGE_BYTES] = { 0 };
	uint8_t label = 0;

	formula_image(1, image);
	open_session();
	require(ta_begin(&session) == TEEC_SUCCESS);
	require(ta_push_all(&session, container, half) == TEEC_SUCCESS);
	require(stop_at("loading"));
	require(ta_push_all(&session, container + half, container_len - half) ==
		TEEC_SUCCESS);
	require(ta_finalize(&session) == TEEC_SUCCESS);
	require(stop_at("loaded"));
	require(ta_infer(&session, image, 1, &label) == TEEC_SUCCESS);
	require(stop_at("answered"));
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
}

/* A directory where tee-supplicant expects a file: OP-TEE panics the TA. */
static void hold_panic(void)
{
	open_session();
	require(ta_load(&session, container, container_len) == TEEC_SUCCESS);
	require(ta_begin(&session) == TEEC_SUCCESS);
	require(ta_push_all(&session, container, container_len / 2) ==
		TEEC_SUCCESS);
	require(!rename(STORAGE, STORAGE ".kept") && !mkdir(STORAGE, 0700));
	require(ta_begin(&session) == TEEC_ERROR_TARGET_DEAD);
	require(stop_at("panicked"));
	require(!rmdir(STORAGE) && !rename(STORAGE ".kept", STORAGE));
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
}

static EVP_CIPHER_CTX *cipher(const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	require(ctx && EVP_CipherInit_ex(ctx, EVP_aes_256_cbc(), NULL, key,
					 container, encrypt));
	return ctx;
}

static void hold_leak(const char *letters)
{
	char digits[ENC_KEY_DIGITS + 1] = "";
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	uint8_t *plain = malloc(container_len);
	struct enc_error e = { 0 };
	EVP_CIPHER_CTX *ctx[2] = { NULL };
	int len = 0;

	require(plain && letters_to_digits(letters, digits));
	require(enc_hex_key("key", digits, ENC_KEY_DIGITS, key, &e));
	ctx[0] = cipher(key, 0);
	ctx[1] = cipher(key, 1);
	require(EVP_CipherUpdate(ctx[0], plain, &len, container + IV_BYTES,
				 (int)(container_len - IV_BYTES)));
	require(stop_at("leaking"));
	EVP_CIPHER_CTX_free(ctx[0]);
	EVP_CIPHER_CTX_free(ctx[1]);
	free(plain);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "at")) {
		require(stop_at(argv[2]));
		return 0;
	}
	require(argc > 2);
	read_model(argv[2]);
	if (!strcmp(what, "load"))
		hold_load();
	else if (!strcmp(what, "panic"))
		hold_panic();
	else if (!strcmp(what, "leak") && argc > 3)
		hold_leak(argv[3]);
	else
		require(!"usage");
	free(container);
	return 0;
}
