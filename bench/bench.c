/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench MODEL: what the TEE takes for what, on the device. MODEL is encrypted
 * under the key of the TA. Prints nanoseconds of the guest's clock, which
 * under `board/run --icount` are instructions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host/lib/load.h"
#include "host/lib/model_json.h"
#include "proto/enc_mnist_ta.h"

#define BATCH 64

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

static bool ignore(void *ctx, const uint8_t *data, size_t len,
		   struct enc_error *e)
{
	(void)ctx;
	(void)data;
	(void)len;
	(void)e;
	return true;
}

static bool measure(const char *model, struct enc_error *e)
{
	static uint8_t images[BATCH * ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[BATCH] = { 0 };
	struct enc_tee *tee = NULL;
	bool good = false;

	start();
	good = enc_tee_open(&tee, e);
	stop("open a session", 1);

	start();
	good = good && enc_tee_load_begin(tee, e);
	stop("begin: read the key, make room", 1);

	start();
	good = good && enc_model_json_read(model, ignore, NULL, e);
	stop("read the model's JSON, normal world only", 1);

	start();
	good = good && enc_load_model(tee, model, e);
	stop("load a model, reading included", 1);

	/* the first calls make the driver's buffers */
	good = good && enc_tee_infer(tee, images, BATCH, labels, e);
	start();
	good = good && enc_tee_infer(tee, images, 1, labels, e);
	stop("infer 1 image, call included", 1);
	start();
	good = good && enc_tee_infer(tee, images, BATCH, labels, e);
	stop("infer 64 images, call included, each", BATCH);
	enc_tee_close(tee);
	return good;
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
