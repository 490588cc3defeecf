/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, told so that a person knows what to do next.
 *
 * Every function of this library that can fail takes a `struct enc_error *` as
 * its last argument and answers false (or NULL) after filling it. The library
 * never prints and never exits. On success the struct is left as it was.
 */
#ifndef HOST_BASE_ERROR_H
#define HOST_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum enc_error_code {
	ENC_OK = 0,
	ENC_ERR_IO,	    /* a file cannot be opened, read or written */
	ENC_ERR_FORMAT,	    /* a file is not what it should be */
	ENC_ERR_LIMIT,	    /* larger than this program accepts */
	ENC_ERR_MEMORY,	    /* out of normal-world memory */
	ENC_ERR_CRYPTO,	    /* the cryptographic library refused */
	ENC_ERR_TEE,	    /* the TEE, or the way to it, answered an error */
	ENC_ERR_UNSUPPORTED /* not in this build */
};

#define ENC_ERROR_TEXT 4608 /* bytes: a path of PATH_MAX, and what is wrong */

struct enc_error {
	enum enc_error_code code;
	char what[ENC_ERROR_TEXT]; /* one line, no full stop, no newline */
	char hint[ENC_ERROR_TEXT]; /* what to do; empty where there is none */
};

/* Fills *e and clears its hint. Always false: `return enc_fail(e, ...);` */
bool enc_fail(struct enc_error *e, enum enc_error_code code, const char *what,
	      ...) __attribute__((format(printf, 3, 4)));

/* Puts "file: " before what went wrong. Always false. */
bool enc_about(struct enc_error *e, const char *file);

/* Adds to *e what to do about it. Always false. */
bool enc_hint(struct enc_error *e, const char *hint, ...)
	__attribute__((format(printf, 2, 3)));

/* Makes a string out of a file that nobody vouches for fit for a terminal. */
void enc_printable(char *text);

#endif
