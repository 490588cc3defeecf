/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors of libencmnist and libencmnist-owner, which include this file.
 *
 * A function that can fail takes an `encmnist_error **`. On failure it returns
 * false or NULL, and sets that to an object, which the caller frees; on success
 * it leaves it as it was. NULL: the caller does not want to know.
 */
#ifndef ENCMNIST_ERROR_H
#define ENCMNIST_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ENCMNIST_API __attribute__((visibility("default")))

typedef struct encmnist_error encmnist_error;

/* The library's version, such as "0.2.0". */
ENCMNIST_API const char *encmnist_version(void);

/* What to do next. The numbers are the exit statuses of enc_mnist. */
enum encmnist_kind {
	ENCMNIST_OTHER = 1,
	ENCMNIST_TRY_AGAIN = 3, /* what is in the way may go away by itself */
	ENCMNIST_REFUSED = 4,	/* the device will never take this file */
	ENCMNIST_NOT_FOR_DEVICE = 5, /* as it stands: its owner can change it */
	ENCMNIST_STORAGE = 6	     /* trusted storage is broken or full */
};

ENCMNIST_API enum encmnist_kind encmnist_error_kind(const encmnist_error *e);

/* One line, without a full stop. */
ENCMNIST_API const char *encmnist_error_what(const encmnist_error *e);

/* What to do about it, or "". */
ENCMNIST_API const char *encmnist_error_hint(const encmnist_error *e);

/* e: may be NULL. */
ENCMNIST_API void encmnist_error_free(encmnist_error *e);

/* Frees text that a function has allocated. May be NULL. */
ENCMNIST_API void encmnist_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
