/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a .npy file is a dictionary of Python in ASCII, padded with
 * spaces:
 *
 *	{'descr': '<f4', 'fortran_order': False, 'shape': (2, 784), }
 *
 * A cursor goes through it; keys may have any order, each is there once.
 */
#include "npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"

#define MAGIC	    "\x93NUMPY\x01" /* and a minor version, 0 */
#define MAGIC_BYTES 8u
#define HEAD_BYTES  10u /* with the length of the header */
/* Of a file that is written: a multiple of 64, and enough for 7 dimensions. */
#define WRITTEN_BYTES 192u

static const struct {
	const char *descr;
	const char *name;
	size_t size;
} types[] = {
	[ENC_NPY_F32] = { "<f4", "f32", 4 },
	[ENC_NPY_INT8] = { "|i1", "int8", 1 },
	[ENC_NPY_UINT8] = { "|u1", "uint8", 1 },
	[ENC_NPY_INT32] = { "<i4", "int32", 4 },
	[ENC_NPY_INT64] = { "<i8", "int64", 8 },
};

#define TYPES (sizeof(types) / sizeof(*types))

size_t enc_npy_type_size(enum enc_npy_type type)
{
	return types[type].size;
}

const char *enc_npy_type_name(enum enc_npy_type type)
{
	return types[type].name;
}

/* --- the header --- */

struct header {
	const char *at;
	const char *end;
	bool has_type, has_order, has_shape;
	struct enc_npy *npy;
	struct enc_error *e;
};

static bool refuse(struct header *h, const char *what)
{
	return enc_fail(h->e, ENC_ERR_FORMAT, "not a .npy file: %s", what);
}

static void skip(struct header *h)
{
	while (h->at < h->end && (*h->at == ' ' || *h->at == '\n'))
		h->at++;
}

/* Takes `text`, after spaces. */
static bool take(struct header *h, const char *text)
{
	const size_t len = strlen(text);

	skip(h);
	if ((size_t)(h->end - h->at) < len || memcmp(h->at, text, len))
		return false;
	h->at += len;
	return true;
}

static bool take_type(struct header *h)
{
	char descr[16] = "";
	size_t len = 0;

	if (h->has_type || !take(h, "'"))
		return refuse(h, "its 'descr' is not one text");
	while (h->at < h->end && *h->at != '\'' && len < sizeof(descr) - 1)
		descr[len++] = *h->at++;
	if (!take(h, "'"))
		return refuse(h, "its 'descr' is not one text");
	h->has_type = true;
	for (size_t i = 0; i < TYPES; i++) {
		h->npy->type = (enum enc_npy_type)i;
		if (!strcmp(descr, types[i].descr))
			return true;
	}
	enc_printable(descr);
	enc_fail(h->e, ENC_ERR_UNSUPPORTED,
		 "elements of type '%s'; accepted: '<f4', '|i1', '|u1', '<i4' "
		 "and '<i8'",
		 descr);
	return enc_hint(h->e, "convert them in numpy: x.astype('<f4')");
}

static bool take_order(struct header *h)
{
	if (h->has_order)
		return refuse(h, "two keys 'fortran_order'");
	h->has_order = true;
	h->npy->is_fortran = take(h, "True");
	return h->npy->is_fortran || take(h, "False") ||
	       refuse(h, "its 'fortran_order' is neither True nor False");
}

static bool take_dim(struct header *h)
{
	uint64_t n = 0;

	if (h->npy->rank == ENC_NPY_RANK_MAX)
		return enc_fail(h->e, ENC_ERR_LIMIT, "more than %u dimensions",
				ENC_NPY_RANK_MAX);
	skip(h);
	if (h->at == h->end || *h->at < '0' || *h->at > '9')
		return refuse(h, "its 'shape' is not a list of numbers");
	while (h->at < h->end && *h->at >= '0' && *h->at <= '9') {
		n = n * 10 + (uint64_t)(*h->at++ - '0');
		if (n > ENC_NPY_MAX_FILE)
			return enc_fail(h->e, ENC_ERR_LIMIT,
					"a dimension of more than %zu",
					ENC_NPY_MAX_FILE);
	}
	if (!n)
		return enc_fail(h->e, ENC_ERR_FORMAT,
				"an array without elements");
	h->npy->dims[h->npy->rank++] = n;
	return true;
}

static bool take_shape(struct header *h)
{
	if (h->has_shape || !take(h, "("))
		return refuse(h, "its 'shape' is not one list");
	h->has_shape = true;
	while (!take(h, ")")) {
		if (!take_dim(h))
			return false;
		if (!take(h, ",") && (h->at == h->end || *h->at != ')'))
			return refuse(h, "its 'shape' is not a list of "
					 "numbers");
	}
	return h->npy->rank || enc_fail(h->e, ENC_ERR_FORMAT,
					"a number without dimensions; the "
					"first is the batch");
}

static bool take_entry(struct header *h)
{
	if (take(h, "'descr'"))
		return take(h, ":") ? take_type(h) : refuse(h, "no `:'");
	if (take(h, "'fortran_order'"))
		return take(h, ":") ? take_order(h) : refuse(h, "no `:'");
	if (take(h, "'shape'"))
		return take(h, ":") ? take_shape(h) : refuse(h, "no `:'");
	return refuse(h, "its header has an unknown key");
}

static bool take_header(struct header *h)
{
	if (!take(h, "{"))
		return refuse(h, "its header is no dictionary");
	while (!take(h, "}")) {
		if (!take_entry(h))
			return false;
		if (!take(h, ",") && (h->at == h->end || *h->at != '}'))
			return refuse(h, "its header is no dictionary");
	}
	skip(h);
	if (h->at != h->end || !h->has_type || !h->has_order || !h->has_shape)
		return refuse(h, "its header is not 'descr', 'fortran_order' "
				 "and 'shape'");
	return true;
}

/* --- the file --- */

/* The bytes that the shape stands for are those that are there. */
static bool check_size(const struct enc_npy *npy, struct enc_error *e)
{
	size_t want = types[npy->type].size;

	for (uint32_t d = 0; d < npy->rank; d++) {
		if (npy->dims[d] > ENC_NPY_MAX_FILE / want)
			return enc_fail(e, ENC_ERR_LIMIT,
					"its shape has more than %zu bytes",
					ENC_NPY_MAX_FILE);
		want *= (size_t)npy->dims[d];
	}
	return npy->bytes == want ||
	       enc_fail(e, ENC_ERR_FORMAT,
			"%zu byte%s of elements, its shape has %zu", npy->bytes,
			enc_s(npy->bytes), want);
}

bool enc_npy_parse(const uint8_t *file, size_t len, struct enc_npy *npy,
		   struct enc_error *e)
{
	struct header h = { .npy = npy, .e = e };
	size_t header = 0;

	*npy = (struct enc_npy){ 0 };
	if (len < HEAD_BYTES || memcmp(file, MAGIC, MAGIC_BYTES - 2)) {
		refuse(&h, "it begins with other bytes");
		return enc_hint(e, "write it with numpy.save()");
	}
	if (memcmp(file, MAGIC, MAGIC_BYTES))
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				".npy version %u.%u; accepted: 1.0", file[6],
				file[7]);
	header = file[8] | (size_t)file[9] << 8;
	if (header > len - HEAD_BYTES)
		return refuse(&h, "it ends in its header");
	h.at = (const char *)file + HEAD_BYTES;
	h.end = h.at + header;
	npy->data = file + HEAD_BYTES + header;
	npy->bytes = len - HEAD_BYTES - header;
	return take_header(&h) && check_size(npy, e);
}

/* From Fortran order, where the first axis is the fastest, to C order. */
static void reorder(const struct enc_npy *npy, uint8_t *to)
{
	const size_t size = types[npy->type].size;
	uint64_t at[ENC_NPY_RANK_MAX] = { 0 };

	for (size_t done = 0; done < npy->bytes; done += size) {
		size_t from = 0;
		uint32_t d = npy->rank;

		while (d--)
			from = from * (size_t)npy->dims[d] + (size_t)at[d];
		memcpy(to + done, npy->data + from * size, size);
		for (d = npy->rank; d-- && ++at[d] == npy->dims[d];)
			at[d] = 0;
	}
}

static bool make_c_order(struct enc_npy *npy, struct enc_error *e)
{
	uint8_t *data = NULL;

	if (!npy->is_fortran)
		return true;
	data = malloc(npy->bytes);
	if (!data)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	reorder(npy, data);
	free(npy->file);
	npy->file = data;
	npy->data = data;
	npy->is_fortran = false;
	return true;
}

bool enc_npy_read(const char *path, struct enc_npy *npy, struct enc_error *e)
{
	uint8_t *file = NULL;
	size_t len = 0;
	bool ok = false;

	if (!enc_file_read(path, ENC_NPY_MAX_FILE, &file, &len, e))
		return false;
	ok = enc_npy_parse(file, len, npy, e);
	npy->file = file;
	if (ok && make_c_order(npy, e))
		return true;
	free(npy->file);
	*npy = (struct enc_npy){ 0 };
	return enc_about(e, enc_file_label(path));
}

void enc_npy_write_head(FILE *to, enum enc_npy_type type, const uint64_t *dims,
			uint32_t rank)
{
	char text[WRITTEN_BYTES - HEAD_BYTES] = "";
	size_t len = 0;

	len += (size_t)snprintf(text, sizeof(text),
				"{'descr': '%s', 'fortran_order': False, "
				"'shape': (",
				types[type].descr);
	for (uint32_t d = 0; d < rank; d++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%" PRIu64 "%s", d ? " " : "",
					dims[d],
					d + 1 < rank || rank == 1 ? "," : "");
	snprintf(text + len, sizeof(text) - len, "), }");
	fwrite(MAGIC, 1, MAGIC_BYTES, to);
	fputc(sizeof(text), to);
	fputc(0, to);
	fprintf(to, "%-*s\n", (int)sizeof(text) - 1, text);
}
