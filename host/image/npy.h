/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays of numpy: .npy files of version 1.0, little endian. The first axis is
 * the batch: in C order, the samples lie one after the other.
 */
#ifndef HOST_IMAGE_NPY_H
#define HOST_IMAGE_NPY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "host/base/error.h"

#define ENC_NPY_RANK_MAX 7u
#define ENC_NPY_MAX_FILE ((size_t)1 << 31) /* bytes */

enum enc_npy_type {
	ENC_NPY_F32,   /* <f4 */
	ENC_NPY_INT8,  /* |i1 */
	ENC_NPY_UINT8, /* |u1 */
	ENC_NPY_INT32, /* <i4 */
	ENC_NPY_INT64  /* <i8: labels */
};

struct enc_npy {
	enum enc_npy_type type;
	uint32_t rank;
	uint64_t dims[ENC_NPY_RANK_MAX];
	bool is_fortran;     /* stored the other way round */
	uint8_t *file;	     /* from malloc() */
	const uint8_t *data; /* in it: the elements, of any alignment */
	size_t bytes;	     /* of them; as many as dims say */
};

/* Bytes of an element. */
size_t enc_npy_type_size(enum enc_npy_type type);

/* "f32" and the like, as messages name it. */
const char *enc_npy_type_name(enum enc_npy_type type);

/*
 * Looks at a file in memory that may contain anything. Refused: another
 * version or type, an array without elements or of more than 7
 * dimensions, a file that is longer or shorter than its shape says.
 */
bool enc_npy_parse(const uint8_t *file, size_t len, struct enc_npy *npy,
		   struct enc_error *e);

/*
 * Reads a file ("-": standard input), to C order. The caller frees npy->file;
 * after a failure *npy is zero.
 */
bool enc_npy_read(const char *path, struct enc_npy *npy, struct enc_error *e);

/* Writes what precedes the elements: as many bytes for any shape. */
void enc_npy_write_head(FILE *to, enum enc_npy_type type, const uint64_t *dims,
			uint32_t rank);

#endif
