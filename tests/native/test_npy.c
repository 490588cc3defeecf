/* SPDX-License-Identifier: Apache-2.0 */
/* host/image/npy.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/image/npy.h"
#include "tests/lib/scratch.h"

static struct enc_npy npy;
static struct enc_error e;

/* A file with this header and `bytes` of elements, in exactly its memory. */
static bool parse(const char *header, size_t bytes)
{
	const size_t len = strlen(header);
	uint8_t *file = calloc(1, 10 + len + bytes);
	bool ok = false;

	assert_non_null(file);
	memcpy(file, "\x93NUMPY\x01", 8);
	file[8] = (uint8_t)len;
	file[9] = (uint8_t)(len >> 8);
	memcpy(file + 10, header, len);
	memset(&e, 0, sizeof(e));
	ok = enc_npy_parse(file, 10 + len + bytes, &npy, &e);
	assert_int_equal(ok, e.code == ENC_OK);
	if (ok)
		assert_ptr_equal(npy.data, file + 10 + len);
	free(file);
	return ok;
}

static void headers_that_numpy_writes_are_read(void **state)
{
	(void)state;
	assert_true(parse("{'descr': '<f4', 'fortran_order': False, 'shape': "
			  "(2, 3), }          \n",
			  24));
	assert_int_equal(npy.type, ENC_NPY_F32);
	assert_int_equal(npy.rank, 2);
	assert_int_equal(npy.dims[0], 2);
	assert_int_equal(npy.dims[1], 3);
	assert_int_equal(npy.bytes, 24);
	assert_false(npy.is_fortran);
	/* another order, no spaces, no comma at the end */
	assert_true(
		parse("{'shape':(5,),'descr':'|i1','fortran_order':True}", 5));
	assert_int_equal(npy.type, ENC_NPY_INT8);
	assert_int_equal(npy.rank, 1);
	assert_true(npy.is_fortran);
	assert_true(parse("{'descr': '|u1', 'fortran_order': False, 'shape': "
			  "(1, 1, 1, 1, 1, 1, 7), }",
			  7));
	assert_int_equal(npy.type, ENC_NPY_UINT8);
	assert_int_equal(npy.dims[6], 7);
	assert_true(parse("{'descr': '<i4', 'fortran_order': False, 'shape': "
			  "(1), }",
			  4));
	assert_int_equal(npy.type, ENC_NPY_INT32);
	assert_true(parse("{'descr': '<i8', 'fortran_order': False, 'shape': "
			  "(3,), }",
			  24));
	assert_int_equal(npy.type, ENC_NPY_INT64);
}

static void other_headers_are_refused(void **state)
{
	static const struct {
		const char *header;
		size_t bytes;
		const char *why;
	} bad[] = {
#define F4    "'descr': '<f4', "
#define ORDER "'fortran_order': False, "
		{ "", 4, "no dictionary" },
		{ "{" F4 ORDER "'shape': (1,), ", 4, "unknown key" },
		{ "{" F4 ORDER "'shape': (1,) ", 4, "no dictionary" },
		{ "{" F4 ORDER "}", 4, "is not 'descr'" },
		{ "{" F4 "'shape': (1,), }", 4, "is not 'descr'" },
		{ "{" ORDER "'shape': (1,), }", 4, "is not 'descr'" },
		{ "{" F4 ORDER "'shape': (1,), } x", 4, "is not 'descr'" },
		{ "{" F4 F4 ORDER "'shape': (1,), }", 4, "not one text" },
		{ "{" F4 ORDER ORDER "'shape': (1,), }", 4, "two keys" },
		{ "{" F4 ORDER "'shape': (1,), 'shape': (1,), }", 4,
		  "not one list" },
		{ "{" F4 ORDER "'shape': (1,), 'more': 1}", 4, "unknown key" },
		{ "{'descr': <f4, " ORDER "'shape': (1,), }", 4,
		  "not one text" },
		{ "{'descr': '<f4", 4, "not one text" },
		{ "{'descr': '<f4<f4<f4<f4<f4<f4', " ORDER "'shape': (1,)}", 4,
		  "not one text" },
		{ "{'descr': '<f8', " ORDER "'shape': (1,)}", 8, "type '<f8'" },
		{ "{'descr': '\a', " ORDER "'shape': (1,)}", 8, "type '?'" },
		{ "{'descr' '<f4', " ORDER "'shape': (1,)}", 4, "no `:'" },
		{ "{" F4 "'fortran_order': 0, 'shape': (1,)}", 4,
		  "neither True nor False" },
		{ "{" F4 ORDER "'shape': ()}", 4, "without dimensions" },
		{ "{" F4 ORDER "'shape': (1", 4, "not a list" },
		{ "{" F4 ORDER "'shape': (1 1)}", 4, "not a list" },
		{ "{" F4 ORDER "'shape': (,)}", 4, "not a list" },
		{ "{" F4 ORDER "'shape': (-1,)}", 4, "not a list" },
		{ "{" F4 ORDER "'shape': (0,)}", 0, "without elements" },
		{ "{" F4 ORDER "'shape': (99999999999999999999999999,)}", 4,
		  "a dimension of more" },
		{ "{" F4 ORDER "'shape': (2147483648,)}", 4, "bytes" },
		{ "{" F4 ORDER "'shape': (65536, 65536, 65536, 65536, 65536)}",
		  0, "bytes" },
		{ "{" F4 ORDER "'shape': (1, 1, 1, 1, 1, 1, 1, 1)}", 4,
		  "more than 7 dimensions" },
		{ "{" F4 ORDER "'shape': (2,)}", 7, "7 bytes" },
		{ "{" F4 ORDER "'shape': (2,)}", 9, "its shape has 8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(parse(bad[i].header, bad[i].bytes));
		if (!strstr(e.what, bad[i].why))
			fail_msg("%s: %s", bad[i].header, e.what);
	}
}

static void other_files_are_refused(void **state)
{
	static const uint8_t version[] = "\x93NUMPY\x02\0\x01\0\0\0 ";
	static const uint8_t minor[] = "\x93NUMPY\x01\1\x01\0 ";
	static const uint8_t header[] = "\x93NUMPY\x01\0\x02\0{";
	struct enc_error why = { 0 };

	(void)state;
	for (size_t len = 0; len < 10; len++)
		assert_false(enc_npy_parse(header, len, &npy, &why));
	assert_false(enc_npy_parse(version, sizeof(version) - 1, &npy, &why));
	assert_non_null(strstr(why.what, "version 2.0; accepted: 1.0"));
	assert_false(enc_npy_parse(minor, sizeof(minor) - 1, &npy, &why));
	assert_non_null(strstr(why.what, "version 1.1"));
	assert_false(enc_npy_parse(header, sizeof(header) - 1, &npy, &why));
	assert_non_null(strstr(why.what, "ends in its header"));
}

/* All types, all ranks, and the largest numbers of each dimension. */
static void what_is_written_is_read(void **state)
{
	const uint64_t dims[ENC_NPY_RANK_MAX] = { 3, 1, 2, 1, 1, 2, 1 };
	const uint64_t largest[ENC_NPY_RANK_MAX] = { UINT32_MAX, 65536, 65536,
						     65536,	 65536, 65536,
						     65536 };
	const char *path = scratch_path("x.npy");
	uint8_t elements[48] = { 0 };
	FILE *f = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(elements); i++)
		elements[i] = (uint8_t)(i + 1);
	for (uint32_t rank = 1; rank <= ENC_NPY_RANK_MAX; rank++) {
		enum enc_npy_type type = (enum enc_npy_type)(rank % 4);
		size_t bytes = enc_npy_type_size(type);

		for (uint32_t d = 0; d < rank; d++)
			bytes *= dims[d];
		f = fopen(path, "wb");
		assert_non_null(f);
		enc_npy_write_head(f, type, dims, rank);
		assert_int_equal(ftell(f), 192);
		fwrite(elements, 1, bytes, f);
		assert_int_equal(fclose(f), 0);
		assert_true(enc_npy_read(path, &npy, &e));
		assert_int_equal(npy.type, type);
		assert_int_equal(npy.rank, rank);
		assert_memory_equal(npy.dims, dims, rank * sizeof(*dims));
		assert_int_equal(npy.bytes, bytes);
		assert_memory_equal(npy.data, elements, bytes);
		free(npy.file);
	}
	f = fopen(path, "wb");
	assert_non_null(f);
	enc_npy_write_head(f, ENC_NPY_F32, largest, ENC_NPY_RANK_MAX);
	assert_int_equal(ftell(f), 192);
	assert_int_equal(fclose(f), 0);
	assert_false(enc_npy_read(path, &npy, &e));
	assert_null(npy.file);
	assert_non_null(strstr(e.what, "x.npy: a dimension of more"));
}

/* Element (i, j, k) is 100 i + 10 j + k in either order. */
static void fortran_order_becomes_c_order(void **state)
{
	static const char header[] = "{'descr': '<i4', 'fortran_order': True, "
				     "'shape': (2, 3, 4)}\n";
	const char *path = scratch_path("x.npy");
	FILE *f = fopen(path, "wb");
	int32_t v = 0;

	(void)state;
	assert_non_null(f);
	fwrite("\x93NUMPY\x01", 1, 8, f);
	fputc(sizeof(header) - 1, f);
	fputc(0, f);
	fputs(header, f);
	for (int k = 0; k < 4; k++) {
		for (int j = 0; j < 3; j++) {
			for (int i = 0; i < 2; i++) {
				v = 100 * i + 10 * j + k;
				fwrite(&v, sizeof(v), 1, f);
			}
		}
	}
	assert_int_equal(fclose(f), 0);
	assert_true(enc_npy_read(path, &npy, &e));
	assert_false(npy.is_fortran);
	for (int i = 0; i < 24; i++) {
		memcpy(&v, npy.data + 4 * i, sizeof(v));
		assert_int_equal(v, i / 12 * 100 + i / 4 % 3 * 10 + i % 4);
	}
	free(npy.file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_that_numpy_writes_are_read),
		cmocka_unit_test(other_headers_are_refused),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(fortran_order_becomes_c_order),
	};

	return cmocka_run_group_tests_name("npy", tests, scratch_setup,
					   scratch_teardown);
}
