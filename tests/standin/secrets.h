/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is secret when the API is entered and left: private to the stand-in.
 * What OP-TEE's own code does with a secret is not the question here.
 */
#ifndef SECRETS_H
#define SECRETS_H

#include <stddef.h>
#include <stdint.h>

/* A copy of which nothing is secret; the caller frees it. */
uint8_t *si_plain_copy(const void *data, size_t size);

/* Says that `data`, which the TA has just got, is secret, or is not. */
void si_secret(void *data, size_t size);
void si_public(void *data, size_t size);

/* That it was decrypted, `at` bytes after the IV: see standin_secrets(). */
void si_decrypted(size_t at, uint8_t *data, size_t size);

#endif
