/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: what went wrong, and what the user can do about it.
 *
 * A function that takes a `struct enc_error *` as its last argument fills it
 * on failure and returns false, NULL or -1. On success it leaves the struct as
 * it was. Only host/cli prints and exits.
 */
#ifndef HOST_BASE_ERROR_H
#define HOST_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum enc_error_code {
	ENC_OK = 0,
	ENC_ERR_IO,	     /* a file cannot be opened, read or written */
	ENC_ERR_FORMAT,	     /* a file is damaged, or of another kind */
	ENC_ERR_LIMIT,	     /* larger than this program accepts */
	ENC_ERR_MEMORY,	     /* out of normal-world memory */
	ENC_ERR_CRYPTO,	     /* the cryptographic library refused */
	ENC_ERR_TEE,	     /* the TEE failed, or cannot be reached */
	ENC_ERR_UNSUPPORTED, /* not in this build */
	ENC_ERR_LIBRARY	     /* what libencmnist or libencmnist-owner said */
};

/*
 * What an error says about the device, for a program that decides what to do
 * next. Where several apply, the last one in this order counts.
 */
enum enc_error_kind {
	ENC_OTHER = 0,	    /* nothing */
	ENC_TRY_AGAIN,	    /* what is in the way may go away by itself */
	ENC_STORAGE,	    /* its trusted storage is broken or full */
	ENC_NOT_FOR_DEVICE, /* as it stands: its owner can change that */
	ENC_REFUSED	    /* it will never take this file */
};

#define ENC_ERROR_TEXT 4608 /* bytes: a path of PATH_MAX, and a message */

struct enc_error {
	enum enc_error_code code;
	enum enc_error_kind kind;
	char what[ENC_ERROR_TEXT]; /* one line, no full stop, no newline */
	char hint[ENC_ERROR_TEXT]; /* what to do; may be empty */
};

/*
 * Fills *e and clears its hint. Its kind is ENC_OTHER, or ENC_TRY_AGAIN if
 * memory is short. Always returns false.
 */
bool enc_fail(struct enc_error *e, enum enc_error_code code, const char *what,
	      ...) __attribute__((format(printf, 3, 4)));

/* Puts "file: " before the message. Always returns false. */
bool enc_about(struct enc_error *e, const char *file);

/* Sets the hint of *e. Always returns false. */
bool enc_hint(struct enc_error *e, const char *hint, ...)
	__attribute__((format(printf, 2, 3)));

/* What makes a word plural, if it is not about one: "%zu sample%s". */
const char *enc_s(uint64_t count);

/* Replaces unprintable characters: text from an untrusted file is safe then. */
void enc_printable(char *text);

/*
 * The first character of text in UTF-8, of which `max` bytes are there. *len:
 * its bytes. 0 if there is none: then *len is 1.
 */
uint32_t enc_character(const char *text, size_t max, size_t *len);

/*
 * Whether a character stays in its place on a terminal: not control characters,
 * of C1 too, line and paragraph separators, and changes of direction.
 */
bool enc_character_stays(uint32_t character);

/*
 * Replaces what would not stay in its place on a terminal, and what is no
 * UTF-8, and keeps other UTF-8, such as in names of files.
 */
void enc_one_line(char *text);

#endif
