/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-load BATCHES MODEL RECORD [FORM...]: measures the product's commands on
 * the device. BATCHES are numbers of images in a call, with commas. MODEL is
 * encrypted under the key that the TA stores. RECORD is the same model in
 * plaintext: it is sealed here with the keys of the TA's owner, loaded, and
 * loaded in parts. FORMs are other files of MODEL, which are read only.
 */
#include "host/device/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "host/base/file.h"
#include "host/compat/json.h"
#include "host/import/import.h"
#include "parts.h"
#include "proto/enc_mnist_ta.h"
#include "testkit/sealed_maker.h"

#define BATCH_MAX 256
#define ROUNDS	  6 /* the least counts: the kernel sometimes does other work */
#define MODEL_MAX (4u << 20)

static double started;

static void start(void)
{
	started = bench_now();
}

static void stop(const char *name)
{
	bench_print(name, bench_now() - started);
}

/* The container that was in the JSON. */
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

/* Pushes a model in pieces and ends the load, as enc_load_model() does. */
static bool push(struct enc_tee *tee, const uint8_t *data, size_t len,
		 struct enc_error *e)
{
	bool ok = true;

	for (size_t at = 0; ok && at < len; at += ENC_MODEL_PIECE_BYTES) {
		size_t left = len - at;
		size_t n = left < ENC_MODEL_PIECE_BYTES ? left :
							  ENC_MODEL_PIECE_BYTES;

		memcpy(enc_tee_chunk(tee), data + at, n);
		ok = enc_tee_load_push(tee, n, e);
	}
	return ok && enc_tee_load_finalize(tee, e);
}

/* Sends this device a model key in an envelope. */
static bool provision(struct enc_tee *tee, const struct sealed_maker *owner,
		      struct enc_error *e)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	bool ok = false;

	start();
	ok = enc_tee_device_key(tee, device, e);
	stop("device.key");
	if (!ok)
		return false;
	sealed_envelope(owner, device, 1, NULL, envelope);
	start();
	ok = enc_tee_provision(tee, envelope, e);
	stop("device.provision");
	return ok;
}

static bool load_cbc(struct enc_tee *tee, const struct container *c,
		     struct enc_error *e)
{
	bool ok = false;

	start();
	ok = enc_tee_load_begin(tee, e);
	stop("load.cbc.begin");
	start();
	ok = ok && push(tee, c->data, c->len, e);
	stop("load.cbc.push");
	return ok;
}

static bool load_sealed(struct enc_tee *tee, const uint8_t *sealed, size_t len,
			struct enc_error *e)
{
	bool ok = false;

	start();
	ok = enc_tee_load_begin_sealed(tee, sealed, e);
	stop("load.sealed.begin");
	start();
	ok = ok && push(tee, sealed + BOX_HEAD_BYTES, len - BOX_HEAD_BYTES, e);
	stop("load.sealed.push");
	return ok;
}

/* The first commit stores the version of the model. */
static bool commit(struct enc_tee *tee, struct enc_error *e)
{
	bool ok = enc_tee_network(tee, e) && enc_tee_run(tee, 1, e);

	start();
	ok = ok && enc_tee_commit(tee, e);
	stop("device.commit");
	return ok;
}

static bool measure_sealed(struct enc_tee *tee, const uint8_t *record,
			   size_t len, struct enc_error *e)
{
	struct sealed_maker owner = { 0 };
	const struct import_options no_options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	uint8_t *network = NULL;
	uint8_t *sealed = NULL;
	bool ok = false;

	network = import_to_memory(
		import_network(record, len, &no_options, &kind, e), &len, e);
	if (!network)
		return false;
	sealed_owner(&owner);
	sealed = sealed_make(&owner, network, len, &len);
	free(network);
	ok = provision(tee, &owner, e) && load_sealed(tee, sealed, len, e) &&
	     commit(tee, e);
	sealed_free(&owner);
	free(sealed);
	return ok;
}

static bool measure_infer(struct enc_tee *tee, const char *batches,
			  struct enc_error *e)
{
	/* the driver allocates its buffers in the first call */
	bool ok = enc_tee_network(tee, e) && enc_tee_run(tee, BATCH_MAX, e);

	for (const char *at = batches; ok && *at; at += *at == ',') {
		char *end = NULL;
		size_t images = strtoul(at, &end, 10);
		char name[32] = "";
		double least = 0;

		for (size_t k = 0; ok && k < ROUNDS; k++) {
			double from = bench_now();
			double taken = 0;

			ok = enc_tee_run(tee, images, e);
			taken = bench_now() - from;
			least = k && least < taken ? least : taken;
		}
		snprintf(name, sizeof(name), "call.infer.%zu", images);
		bench_print(name, least);
		at = end;
	}
	return ok;
}

static struct container container;

/* Reads other forms of the model, in memory that has been used before. */
static bool measure_forms(char **forms, struct enc_error *e)
{
	bool ok = true;

	for (; ok && *forms; forms++) {
		const char *slash = strrchr(*forms, '/');
		char name[64] = "";

		snprintf(name, sizeof(name), "json.read.%s",
			 slash ? slash + 1 : *forms);
		container.len = 0;
		start();
		ok = enc_model_json_read(*forms, keep, &container, e);
		stop(name);
	}
	return ok;
}

static bool measure(const char *batches, const char *model,
		    const uint8_t *record, size_t len, struct enc_error *e)
{
	struct enc_tee *tee = NULL;
	bool ok = false;

	start();
	ok = enc_tee_open(&tee, NULL, e);
	stop("session.open");
	start();
	ok = ok && enc_model_json_read(model, keep, &container, e);
	stop("json.read");
	ok = ok && load_cbc(tee, &container, e) &&
	     measure_infer(tee, batches, e) &&
	     measure_sealed(tee, record, len, e);
	enc_tee_close(tee);
	return ok;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };
	uint8_t *record = NULL;
	size_t len = 0;
	bool ok = false;

	if (argc < 4) {
		fprintf(stderr, "usage: bench-load BATCHES MODEL RECORD "
				"[FORM...]\n");
		return 2;
	}
	ok = enc_file_read(argv[3], MODEL_MAX, &record, &len, &e) &&
	     measure(argv[1], argv[2], record, len, &e) &&
	     measure_forms(argv + 4, &e);
	if (!ok)
		fprintf(stderr, "bench-load: %s; %s\n", e.what, e.hint);
	ok = ok && bench_parts(record, len);
	free(record);
	return ok ? 0 : 1;
}
