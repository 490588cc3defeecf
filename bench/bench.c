/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench MODEL: what the TEE takes for what, on the device. MODEL is encrypted
 * under the key of the TA. Prints nanoseconds of the guest's clock, which
 * under `board/run --icount` are instructions.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/lib/load.h"
#include "host/lib/model_json.h"
#include "proto/enc_mnist_ta.h"
#include "tests/lib/client.h"

#define BATCH	  64
#define MODEL_MAX (4u << 20)

static struct timespec started;

static void start(void)
{
	clock_gettime(CLOCK_MONOTONIC, &started);
}

static void stop(const char *what, size_t times)
{
	struct timespec now = { 0 };
	double ns = 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = (double)(now.tv_sec - started.tv_sec) * 1e9 +
	     (double)(now.tv_nsec - started.tv_nsec);
	printf("%-44s %14.0f\n", what, ns / (double)times);
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

/* What enc_load_model() does, without reading a file. */
static bool load(struct enc_tee *tee, const struct container *c,
		 struct enc_error *e)
{
	bool ok = enc_tee_load_begin(tee, e);

	for (size_t at = 0; ok && at < c->len; at += ENC_MODEL_PIECE_BYTES) {
		size_t left = c->len - at;

		ok = enc_tee_load_push(tee, c->data + at,
				       left < ENC_MODEL_PIECE_BYTES ?
					       left :
					       ENC_MODEL_PIECE_BYTES,
				       e);
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

static bool measure(const char *model, struct enc_error *e)
{
	static uint8_t images[BATCH * ENC_MNIST_IMAGE_BYTES];
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
	ok = ok && enc_tee_infer(tee, images, BATCH, labels, e);
	start();
	ok = ok && enc_tee_infer(tee, images, 1, labels, e);
	stop("infer 1 image, call included", 1);
	start();
	ok = ok && enc_tee_infer(tee, images, BATCH, labels, e);
	stop("infer 64 images, call included, each", BATCH);
	enc_tee_close(tee);
	return ok;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: bench MODEL\n");
		return 2;
	}
	if (measure(argv[1], &e))
		return 0;
	fprintf(stderr, "bench: %s; %s\n", e.what, e.hint);
	return 1;
}
