/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingerprints of public keys, and owners' signatures: nothing that needs a
 * secret. Uses OpenSSL, which fails if memory runs out or its configuration
 * forbids an algorithm.
 */
#ifndef HOST_PUBLIC_FINGERPRINT_H
#define HOST_PUBLIC_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/head.h"

/* 16 groups of 4 hexadecimal digits on one line, and a NUL. */
#define ENC_FINGERPRINT_TEXT 80

/* Fingerprint of public keys: SHA-256 of `len` bytes. */
bool enc_fingerprint_bytes(const uint8_t *keys, size_t len,
			   uint8_t digest[BOX_DIGEST_BYTES]);

/* For people to compare. */
void enc_fingerprint_text(const uint8_t digest[BOX_DIGEST_BYTES],
			  char text[ENC_FINGERPRINT_TEXT]);

/*
 * Reads `len` characters of text: 64 hexadecimal digits, and spaces anywhere.
 */
bool enc_fingerprint_parse(const char *text, size_t len,
			   uint8_t digest[BOX_DIGEST_BYTES]);

/* The text for public keys; empty if OpenSSL fails. */
void enc_fingerprint(const uint8_t *keys, size_t len,
		     char text[ENC_FINGERPRINT_TEXT]);

/* Whether the owner signed these bytes; false also if OpenSSL fails. */
bool enc_ed25519_verify(const uint8_t owner[BOX_OWNER_BYTES], const void *data,
			size_t len,
			const uint8_t signature[BOX_SIGNATURE_BYTES]);

#endif
