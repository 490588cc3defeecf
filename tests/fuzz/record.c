/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/burn.c: any bytes as a record, of networks so small that a whole
 * record is within reach, and of the product's.
 *
 * Every split gives the same answer, report and parameters. No byte is written
 * outside the parameters. An error stays. An accepted record is what Burn
 * writes for these parameters, except for ids, version and recorder.
 */
#include <math.h>

#include "nn/pack.h"
#include "record/burn.h"
#include "record/write/burn.h"
#include "tests/lib/fuzz.h"

static const struct nn_layer small_layers[] = {
	{ "a", 3, 2, true },
	{ "b", 2, 2, false },
};

/* Numbers that need more than one byte. */
static const struct nn_layer wide_layers[] = {
	{ "a", 300, 1, true },
	{ "b", 1, 2, false },
};

static const struct nn_arch small = { small_layers, 2, 0, 1 };
static const struct nn_arch wide = { wide_layers, 2, 0, 1 };

struct network {
	const struct nn_arch *arch;
	float *whole; /* parameters, read in one piece */
	float *split; /* ... and in many */
};

static size_t params_size(const struct nn_arch *arch)
{
	return nn_packed_count(arch) * sizeof(float);
}

static void allocate(struct network *n)
{
	if (n->whole)
		return;
	n->whole = fuzz_alloc(params_size(n->arch));
	n->split = fuzz_alloc(params_size(n->arch));
	memset(n->whole, 0, params_size(n->arch));
	memset(n->split, 0, params_size(n->arch));
}

/* Goes on after an error: the error has to stay. */
static enum record_burn_error read_record(struct record_burn *r,
					  const struct nn_arch *arch,
					  float *params, const uint8_t *data,
					  size_t len, uint32_t *pieces)
{
	enum record_burn_error error = RECORD_BURN_OK;

	record_burn_begin(r, arch, params);
	while (len) {
		size_t n = fuzz_piece_len(pieces, len);
		uint8_t *piece = fuzz_copy(data, n);
		enum record_burn_error now = record_burn_push(r, piece, n);

		free(piece);
		FUZZ_ASSERT(error == RECORD_BURN_OK || now == error);
		error = now;
		data += n;
		len -= n;
	}
	FUZZ_ASSERT(error == RECORD_BURN_OK || record_burn_end(r) == error);
	error = record_burn_end(r);
	FUZZ_ASSERT(record_burn_push(r, NULL, 0) == error);
	FUZZ_ASSERT(error == r->report.error);
	return error;
}

static void check_same_report(const struct record_burn_report *a,
			      const struct record_burn_report *b)
{
	FUZZ_ASSERT(a->error == b->error);
	FUZZ_ASSERT(a->offset == b->offset);
	FUZZ_ASSERT(a->tensor == b->tensor);
	FUZZ_ASSERT(a->field == b->field);
	FUZZ_ASSERT(a->got == b->got);
	FUZZ_ASSERT(a->want == b->want);
	FUZZ_ASSERT(!memcmp(a->shape, b->shape, sizeof(a->shape)));
	FUZZ_ASSERT(!memcmp(a->text, b->text, sizeof(a->text)));
}

/* Two records side by side. */
struct pair {
	const uint8_t *a;
	const uint8_t *b;
	size_t a_left;
	size_t b_left;
};

static void same(struct pair *p, size_t n)
{
	FUZZ_ASSERT(p->a_left >= n && p->b_left >= n);
	FUZZ_ASSERT(!memcmp(p->a, p->b, n));
	p->a += n;
	p->b += n;
	p->a_left -= n;
	p->b_left -= n;
}

/* Strings, preceded by a byte of length, that may differ. */
static void skip_text(struct pair *p)
{
	size_t a = p->a_left ? 1 + (size_t)p->a[0] : SIZE_MAX;
	size_t b = p->b_left ? 1 + (size_t)p->b[0] : SIZE_MAX;

	FUZZ_ASSERT(p->a_left >= a && p->b_left >= b);
	p->a += a;
	p->b += b;
	p->a_left -= a;
	p->b_left -= b;
}

static size_t varint_size(size_t v)
{
	return v <= 250 ? 1 : v <= UINT16_MAX ? 3 : 5;
}

static void same_tensor(struct pair *p, size_t in, size_t out)
{
	size_t size = (in ? in : 1) * out * sizeof(float);

	skip_text(p); /* its id */
	same(p, varint_size(size) + size);
	same(p, 1 + (in ? varint_size(in) : 0) + varint_size(out) + 1);
}

static void check_same_record(const struct nn_arch *arch, struct pair *p)
{
	same(p, 4 + 4);	 /* f32, i32 */
	skip_text(p);	 /* the recorder */
	skip_text(p);	 /* Burn's version */
	same(p, 1 + 21); /* FullPrecisionSettings */
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		same_tensor(p, arch->layers[l].in, arch->layers[l].out);
		same(p, 1); /* there is a bias */
		same_tensor(p, 0, arch->layers[l].out);
	}
	same(p, 1); /* dropout */
	FUZZ_ASSERT(!p->a_left && !p->b_left);
}

struct written {
	uint8_t *data;
	size_t len;
	size_t room;
};

static bool append(void *ctx, const void *data, size_t len)
{
	struct written *w = ctx;

	FUZZ_ASSERT(len <= w->room - w->len);
	memcpy(w->data + w->len, data, len);
	w->len += len;
	return true;
}

static void check_canonical(const struct network *n, const uint8_t *data,
			    size_t len)
{
	struct written w = { .room = record_burn_max_size(n->arch) };
	struct pair p = { .a = data, .a_left = len };

	FUZZ_ASSERT(len <= w.room);
	for (size_t i = 0; i < nn_packed_count(n->arch); i++)
		FUZZ_ASSERT(isfinite(n->whole[i]));
	w.data = fuzz_alloc(w.room);
	FUZZ_ASSERT(record_burn_write(n->arch, n->whole, record_burn_ids,
				      append, &w));
	p.b = w.data;
	p.b_left = w.len;
	check_same_record(n->arch, &p);
	free(w.data);
}

static void check(struct network *n, const uint8_t *data, size_t len)
{
	struct record_burn whole = { 0 };
	struct record_burn split = { 0 };
	uint32_t pieces = fuzz_hash(data, len);
	size_t used = params_size(n->arch);

	used = len < used ? len : used; /* no more can have been written */
	allocate(n);
	read_record(&whole, n->arch, n->whole, data, len, NULL);
	read_record(&split, n->arch, n->split, data, len, &pieces);
	check_same_report(&whole.report, &split.report);
	FUZZ_ASSERT(!memcmp(n->whole, n->split, used));
	if (whole.report.error == RECORD_BURN_OK)
		check_canonical(n, data, len);
	memset(n->whole, 0, used);
	memset(n->split, 0, used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct network networks[] = {
		{ &small, NULL, NULL },
		{ &wide, NULL, NULL },
		{ &nn_mnist, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		check(&networks[i], data, len);
	return 0;
}
