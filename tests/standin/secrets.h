/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks secrets where the TA enters and leaves the API: private to the
 * stand-in. How OP-TEE's own code treats secrets is outside these tests.
 */
#ifndef SECRETS_H
#define SECRETS_H

#include <stddef.h>
#include <stdint.h>

/* A copy in which nothing is marked secret; the caller frees it. */
uint8_t *si_plain_copy(const void *data, size_t size);

/* Marks `data`, which the TA has just received, as secret or not. */
void si_secret(void *data, size_t size);
void si_public(void *data, size_t size);

/* Marks decrypted data, `at` bytes after the IV: see standin_secrets(). */
void si_decrypted(size_t at, uint8_t *data, size_t size);

#endif
