/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that stops where the host is to look into the board's memory
 * (tests/lib/stop.h):
 *
 *   hold at NAME           stops there and does nothing else
 *   hold load MODEL        at "loading", half-way through a load; at "loaded",
 *                          after it; at "answered", after an inference
 *   hold refused MODEL     at "refused": only its last push was refused
 *   hold panic MODEL       at "panicked": trusted storage failed with one model
 *                          loaded and another on its way
 *   hold leak MODEL KEY... at "leaking", with data that no client should have:
 *                          each key, its digits, its schedules, and the
 *                          plaintext of the model, whose key is the first. Keys
 *                          are written in letters: tests/lib/letters.h
 *
 * MODEL is sealed, or a model of enc_mnist-rs.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/base/file.h"
#include "host/base/hex.h"
#include "host/compat/json.h"
#include "testkit/client.h"
#include "testkit/sealed_maker.h"
#include "tests/lib/formula.h"
#include "tests/lib/letters.h"
#include "tests/lib/stop.h"
#include "tests/lib/streams.h"
#include "tests/lib/way.h"

#define IV_BYTES    16
#define SECRETS_MAX 8
#define STORAGE	    "/var/lib/optee-client/data/tee/dirf.db"

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

/* A container, assembled from a model's file, or a sealed model. */
static uint8_t *container;
static size_t container_len;
static struct way_model model; /* refers to `container` */

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

	require(enc_file_read(path, 1u << 24, &container, &container_len, &e));
	model.way = &way_sealed;
	if (container_len < BOX_HEAD_BYTES ||
	    memcmp(container, "ENCMODEL", 8) != 0) {
		free(container);
		container = NULL;
		container_len = 0;
		require(enc_model_json_read(path, gather, NULL, &e));
		model.way = &way_compat;
	}
	model.bytes = container;
	model.len = container_len;
}

static void load_half(void)
{
	require(way_push_first(&model, &session, way_pushes(&model) / 2) ==
		TEEC_SUCCESS);
}

static void open_session(void)
{
	require(TEEC_InitializeContext(NULL, &context) == TEEC_SUCCESS);
	require(ta_open(&context, &session) == TEEC_SUCCESS);
}

static void close_session(void)
{
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
}

static void hold_load(void)
{
	uint8_t image[ENC_MNIST_IMAGE_BYTES] = { 0 };
	uint8_t label = 0;

	formula_image(1, image);
	open_session();
	load_half();
	require(stop_at("loading"));
	for (size_t i = way_pushes(&model) / 2; i < way_pushes(&model); i++)
		require(way_push(&model, &session, i) == TEEC_SUCCESS);
	require(ta_finalize(&session) == TEEC_SUCCESS);
	require(stop_at("loaded"));
	require(ta_infer(&session, image, 1, &label) == TEEC_SUCCESS);
	require(stop_at("answered"));
	close_session();
}

static void hold_refused(void)
{
	open_session();
	require(way_push_first(&model, &session, way_pushes(&model)) ==
		ENC_TEE_MAC_INVALID);
	require(stop_at("refused"));
	close_session();
}

/* A directory where tee-supplicant expects a file: OP-TEE panics the TA. */
static void hold_panic(void)
{
	open_session();
	require(way_load(&model, &session) == TEEC_SUCCESS);
	load_half();
	require(!rename(STORAGE, STORAGE ".kept") && !mkdir(STORAGE, 0700));
	require(way_begin(&model, &session) == TEEC_ERROR_TARGET_DEAD);
	require(stop_at("panicked"));
	require(!rmdir(STORAGE) && !rename(STORAGE ".kept", STORAGE));
	close_session();
}

/* What a leaking client knows of a secret. */
struct secret {
	char digits[ENC_KEY_DIGITS + 1];
	uint8_t bytes[ENC_KEY_BYTES];
	EVP_CIPHER_CTX *ctx[2]; /* for decryption and for encryption */
};

static struct secret secrets[SECRETS_MAX];

static void learn(struct secret *s, const char *letters)
{
	char padded[ENC_KEY_DIGITS + 1] = "";
	struct enc_error e = { 0 };
	const EVP_CIPHER *aes = strlen(letters) == ENC_KEY_DIGITS ?
					EVP_aes_256_cbc() :
					EVP_aes_128_cbc();

	require(letters_to_digits(letters, s->digits));
	memset(padded, '0', ENC_KEY_DIGITS);
	memcpy(padded, s->digits, strlen(letters));
	require(enc_hex_key("key", padded, ENC_KEY_DIGITS, s->bytes, &e));
	for (int encrypt = 0; encrypt < 2; encrypt++) {
		s->ctx[encrypt] = EVP_CIPHER_CTX_new();
		require(EVP_CipherInit_ex(s->ctx[encrypt], aes, NULL, s->bytes,
					  container, encrypt));
	}
}

static void decrypt(uint8_t *plain)
{
	struct streams_key key = {
		.hash = "SHA256",
		.key = secrets[0].bytes,
		.key_len = ENC_KEY_BYTES,
		.derived_len = BOX_STREAM_KEY_BYTES,
		.aad = container,
		.aad_len = BOX_HEAD_BOUND_BYTES,
	};
	struct box_head head = { 0 };
	size_t n = 0;
	int len = 0;

	if (model.way == &way_compat) {
		require(EVP_CipherUpdate(secrets[0].ctx[0], plain, &len,
					 container + IV_BYTES,
					 (int)(container_len - IV_BYTES)));
		return;
	}
	require(box_head_read(container, &head) == BOX_OK);
	require(streams_open(&key, BOX_HEAD_CHUNK_BYTES, head.length,
			     container + BOX_HEAD_BYTES,
			     container_len - BOX_HEAD_BYTES, plain,
			     &n) == BOX_OK);
}

static void hold_leak(char **letters, size_t count)
{
	uint8_t *plain = malloc(container_len);

	require(plain && count <= SECRETS_MAX);
	for (size_t i = 0; i < count; i++)
		learn(&secrets[i], letters[i]);
	decrypt(plain);
	require(stop_at("leaking"));
	for (size_t i = 0; i < count; i++) {
		EVP_CIPHER_CTX_free(secrets[i].ctx[0]);
		EVP_CIPHER_CTX_free(secrets[i].ctx[1]);
	}
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
	else if (!strcmp(what, "refused"))
		hold_refused();
	else if (!strcmp(what, "panic"))
		hold_panic();
	else if (!strcmp(what, "leak") && argc > 3)
		hold_leak(argv + 3, (size_t)argc - 3);
	else
		require(!"usage");
	free(container);
	return 0;
}
