/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench MODEL [RECORD]: what the TEE takes for what, on the device. MODEL is
 * encrypted under the key of the TA; RECORD is plain, to be sealed here by the
 * owner of the TA. Prints nanoseconds of the guest's clock, which under
 * `board/run --icount` are instructions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/ta/bench_ta.h"
#include "host/lib/file.h"
#include "host/lib/load.h"
#include "host/lib/model_json.h"
#include "proto/enc_mnist_ta.h"
#include "tests/lib/client.h"
#include "tests/lib/sealed_maker.h"

#define BATCH	  64
#define MODEL_MAX (4u << 20)

static struct timespec started;

static void start(void)
{
	clock_gettime(CLOCK_MONOTONIC, &started);
}

static double elapsed(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - started.tv_sec) * 1e9 +
	       (double)(now.tv_nsec - started.tv_nsec);
}

static void print(const char *what, double ns)
{
	printf("%-44s %14.0f\n", what, ns);
}

static void stop(const char *what, size_t times)
{
	print(what, elapsed() / (double)times);
}

/* The container out of its JSON. */
struct container {
	uint8_t data[MODEL_MAX];
	size_t len;
};

static bool keep(void *ctx, const uint8_t *data, size_t len,
		 struct enc_error *e)
{
	struct container *c = ctx;

	if (len > sizeof(c->data) - c->len)
		return enc_fail(e, ENC_ERR_LIMIT, "a model too large to bench");
	memcpy(c->data + c->len, data, len);
	c->len += len;
	return true;
}

/* The next chunk, as if it had been read from a file. */
static bool push(struct enc_tee *tee, const uint8_t *data, size_t left,
		 struct enc_error *e)
{
	size_t n = left < BOX_HEAD_CHUNK_BYTES ? left : BOX_HEAD_CHUNK_BYTES;

	return enc_tee_load_push(tee, memcpy(enc_tee_chunk(tee), data, n), n,
				 e);
}

/* What enc_load_model() does, without reading a file. */
static bool load(struct enc_tee *tee, const struct container *c,
		 struct enc_error *e)
{
	bool ok = enc_tee_load_begin(tee, e);

	for (size_t at = 0; ok && at < c->len; at += BOX_HEAD_CHUNK_BYTES) {
		ok = push(tee, c->data + at, c->len - at, e);
	}
	return ok && enc_tee_load_finalize(tee, e);
}

/* What of loading is decryption: the container to its record, in one call. */
static bool decrypt(const struct container *c, struct enc_error *e)
{
	static uint8_t record[MODEL_MAX];
	size_t len = sizeof(record);
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	TEEC_Result res = TEEC_InitializeContext(NULL, &context);

	if (res == TEEC_SUCCESS)
		res = ta_open(&context, &session);
	if (res == TEEC_SUCCESS) {
		start();
		res = ta_call(&session, ENC_MNIST_CMD_DECRYPT, c->data, c->len,
			      record, &len);
		stop("decrypt the model in the TEE", 1);
		TEEC_CloseSession(&session);
	}
	TEEC_FinalizeContext(&context);
	return res == TEEC_SUCCESS ||
	       enc_fail(e, ENC_ERR_TEE, "decrypt: result 0x%x", res);
}

/* What of loading a sealed model is decryption and authentication. */
static bool run_alone(const char *what, uint32_t parts, uint32_t bytes,
		      struct enc_error *e)
{
	const TEEC_UUID uuid = BENCH_TA_UUID;
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_InitializeContext(NULL, &context);

	if (res == TEEC_SUCCESS)
		res = TEEC_OpenSession(&context, &session, &uuid,
				       TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
	if (res == TEEC_SUCCESS) {
		op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE,
						 TEEC_NONE, TEEC_NONE);
		op.params[0].value.a = parts;
		op.params[0].value.b = bytes;
		start();
		res = TEEC_InvokeCommand(&session, BENCH_CMD_RUN, &op, NULL);
		stop(what, 1);
		TEEC_CloseSession(&session);
	}
	TEEC_FinalizeContext(&context);
	return res == TEEC_SUCCESS ||
	       enc_fail(e, ENC_ERR_TEE, "the bench's TA: result 0x%x", res);
}

static bool check_alone(uint32_t bytes, struct enc_error *e)
{
	return run_alone("an empty call", 0, 0, e) &&
	       run_alone("AES-GCM of a sealed model, alone", BENCH_GCM, bytes,
			 e) &&
	       run_alone("SHA-256 of it, alone", BENCH_SHA256, bytes, e) &&
	       run_alone("Ed25519, verify, alone", BENCH_ED25519, 0, e) &&
	       run_alone("all of these, alone",
			 BENCH_GCM | BENCH_SHA256 | BENCH_ED25519, bytes, e);
}

/* A key for this device, in an envelope. */
static bool provision(struct enc_tee *tee, const struct sealed_maker *owner,
		      struct enc_error *e)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	bool ok = false;

	start();
	ok = enc_tee_device_key(tee, device, e);
	stop("make the device's key", 1);
	if (!ok)
		return false;
	sealed_envelope(owner, device, 1, NULL, envelope);
	start();
	ok = enc_tee_provision(tee, envelope, e);
	stop("provision a key", 1);
	return ok;
}

static double push_stream(struct enc_tee *tee, const uint8_t *sealed,
			  size_t len, bool *ok, struct enc_error *e)
{
	start();
	for (size_t at = BOX_HEAD_BYTES; *ok && at < len;
	     at += BOX_HEAD_CHUNK_BYTES) {
		*ok = push(tee, sealed + at, len - at, e);
	}
	return elapsed();
}

/* `parts`: whether to print those, too. */
static bool load_sealed(struct enc_tee *tee, const uint8_t *sealed, size_t len,
			const char *what, bool parts, struct enc_error *e)
{
	double begin = 0;
	double push = 0;
	double finalize = 0;
	bool ok = false;

	start();
	ok = enc_tee_load_begin_sealed(tee, sealed, e);
	begin = elapsed();
	push = push_stream(tee, sealed, len, &ok, e);
	start();
	ok = ok && enc_tee_load_finalize(tee, e);
	finalize = elapsed();
	print(what, begin + push + finalize);
	if (parts) {
		print("  begin: signature, trusted storage", begin);
		print("  push: all chunks", push);
		print("  finalize: digest", finalize);
	}
	return ok;
}

static bool measure_sealed(struct enc_tee *tee, const char *path,
			   struct enc_error *e)
{
	struct sealed_maker owner = { 0 };
	uint8_t *record = NULL;
	uint8_t *sealed = NULL;
	size_t len = 0;
	bool ok = enc_file_read(path, MODEL_MAX, &record, &len, e);

	if (!ok)
		return false;
	sealed_owner(&owner);
	sealed = sealed_make(&owner, record, len, &len);
	ok = check_alone((uint32_t)(len - BOX_HEAD_BYTES), e) &&
	     provision(tee, &owner, e) &&
	     load_sealed(tee, sealed, len,
			 "load a sealed model, and store its version", false,
			 e) &&
	     load_sealed(tee, sealed, len, "load a sealed model again", true,
			 e);
	sealed_free(&owner);
	free(sealed);
	free(record);
	return ok;
}

static bool measure(const char *model, const char *record, struct enc_error *e)
{
	static struct container container;
	uint8_t labels[BATCH] = { 0 };
	struct enc_tee *tee = NULL;
	bool ok = false;

	start();
	ok = enc_tee_open(&tee, e);
	stop("open a session", 1);

	start();
	ok = ok && enc_model_json_read(model, keep, &container, e);
	stop("read the model's JSON (normal world)", 1);
	ok = ok && decrypt(&container, e);

	start();
	ok = ok && load(tee, &container, e);
	stop("load the model into the TEE", 1);

	/* the first calls make the driver's buffers */
	ok = ok && enc_tee_infer(tee, enc_tee_images(tee), BATCH, labels, e);
	start();
	ok = ok && enc_tee_infer(tee, enc_tee_images(tee), 1, labels, e);
	stop("infer 1 image, call included", 1);
	start();
	ok = ok && enc_tee_infer(tee, enc_tee_images(tee), BATCH, labels, e);
	stop("infer 64 images, call included, each", BATCH);
	ok = ok && (!record || measure_sealed(tee, record, e));
	enc_tee_close(tee);
	return ok;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: bench MODEL [RECORD]\n");
		return 2;
	}
	if (measure(argv[1], argv[2], &e))
		return 0;
	fprintf(stderr, "bench: %s; %s\n", e.what, e.hint);
	return 1;
}
