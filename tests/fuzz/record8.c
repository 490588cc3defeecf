/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/int8.c: any bytes as a record of 8-bit weights, of networks so small
 * that a whole record is within reach, and of the product's.
 *
 * Every split gives the same answer, position and parameters. No byte is
 * written outside the parameters. An error stays. An accepted record has no
 * value out of range, and is byte for byte the writer's output for it.
 */
#include <math.h>

#include "record/int8.h"
#include "record/write/int8.h"
#include "tests/lib/fuzz.h"

static const struct nn_layer small_layers[] = {
	{ "a", 3, 2, true },
	{ "b", 2, 2, false },
};

/* The maximum number of layers, and tiles and steps that are not full. */
static const struct nn_layer deep_layers[] = {
	{ "1", 5, 9, true },  { "2", 9, 1, false },  { "3", 1, 17, true },
	{ "4", 17, 2, true }, { "5", 2, 4, false },  { "6", 4, 3, false },
	{ "7", 3, 6, false }, { "8", 6, 10, false },
};

static const struct nn_arch small = { small_layers, 2, 0, 1 };
static const struct nn_arch deep = { deep_layers, 8, 0, 1 };

struct network {
	const struct nn_arch *arch;
	uint8_t *whole; /* parameters, read in one piece */
	uint8_t *split; /* ... and in many */
};

static void allocate(struct network *n)
{
	const size_t size = nn_dense8_size(n->arch);

	if (n->whole)
		return;
	n->whole = fuzz_alloc(size);
	n->split = fuzz_alloc(size);
	memset(n->whole, 0, size);
	memset(n->split, 0, size);
}

/* Goes on after an error: the error has to stay. */
static void read_record(struct record_int8 *r, const struct nn_arch *arch,
			uint8_t *packed, const uint8_t *data, size_t len,
			uint32_t *pieces)
{
	enum record_int8_error error = RECORD_INT8_OK;

	record_int8_begin(r, arch, packed);
	while (len) {
		size_t n = fuzz_piece_len(pieces, len);
		uint8_t *piece = fuzz_copy(data, n);
		enum record_int8_error now = record_int8_push(r, piece, n);

		free(piece);
		FUZZ_ASSERT(error == RECORD_INT8_OK || now == error);
		error = now;
		data += n;
		len -= n;
	}
	FUZZ_ASSERT(error == RECORD_INT8_OK || record_int8_end(r) == error);
	error = record_int8_end(r);
	FUZZ_ASSERT(record_int8_push(r, NULL, 0) == error);
	FUZZ_ASSERT(error == r->error);
}

/* No value that the format forbids. */
static void check_values(const struct nn_arch *arch, const uint8_t *packed)
{
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];

		for (size_t i = 0; i < nn_dense8_scales(layer); i++)
			FUZZ_ASSERT(packed[i] != 0x80);
		for (size_t o = 0; o < layer->out; o++) {
			float scale = 0;
			float bias = 0;

			memcpy(&scale, packed + nn_dense8_scales(layer) + 4 * o,
			       sizeof(scale));
			memcpy(&bias, packed + nn_dense8_bias(layer) + 4 * o,
			       sizeof(bias));
			FUZZ_ASSERT(isnormal(scale) && scale > 0);
			FUZZ_ASSERT(isfinite(bias));
		}
		packed += nn_dense8_layer(layer);
	}
}

struct rest {
	const uint8_t *data;
	size_t len;
};

static bool same(void *ctx, const void *data, size_t len)
{
	struct rest *rest = ctx;

	FUZZ_ASSERT(len <= rest->len && !memcmp(data, rest->data, len));
	rest->data += len;
	rest->len -= len;
	return true;
}

static void check(struct network *n, const uint8_t *data, size_t len)
{
	const size_t size = nn_dense8_size(n->arch);
	struct record_int8 whole = { 0 };
	struct record_int8 split = { 0 };
	uint32_t pieces = fuzz_hash(data, len);
	struct rest rest = { data, len };

	allocate(n);
	read_record(&whole, n->arch, n->whole, data, len, NULL);
	read_record(&split, n->arch, n->split, data, len, &pieces);
	FUZZ_ASSERT(whole.error == split.error);
	FUZZ_ASSERT(whole.offset == split.offset && whole.offset <= len);
	if (whole.offset <= RECORD_INT8_HEAD_BYTES)
		return; /* nothing has been written */
	FUZZ_ASSERT(!memcmp(n->whole, n->split, size));
	if (whole.error == RECORD_INT8_OK) {
		check_values(n->arch, n->whole);
		FUZZ_ASSERT(record_int8_write(n->arch, n->whole, same, &rest));
		FUZZ_ASSERT(!rest.len);
	}
	memset(n->whole, 0, size);
	memset(n->split, 0, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct network networks[] = {
		{ &small, NULL, NULL },
		{ &deep, NULL, NULL },
		{ &nn_mnist, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		check(&networks[i], data, len);
	return 0;
}
