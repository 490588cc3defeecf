/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures how fast a model is sealed on this machine, and OpenSSL's AES-GCM
 * and SHA-256 alone, on pieces of the same size. Input and output are memory,
 * so that no file slows it down.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/owner/stream_seal.h"

#define TOTAL ((uint64_t)2 << 30) /* bytes to seal */
#define PIECE 65536

static uint8_t piece[PIECE];

static double now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void report(const char *what, double start)
{
	printf("%-12s %.2f GB/s\n", what,
	       (double)TOTAL / (now() - start) / 1e9);
}

static void aes_gcm(void)
{
	static uint8_t out[PIECE];
	const uint8_t key[32] = { 0 };
	uint8_t nonce[12] = { 0 };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	double start = now();
	int n = 0;

	EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, NULL);
	for (uint32_t i = 0; i < TOTAL / PIECE; i++) {
		memcpy(nonce, &i, sizeof(i));
		EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, nonce);
		EVP_EncryptUpdate(ctx, out, &n, piece, PIECE);
		EVP_EncryptFinal_ex(ctx, out, &n);
	}
	report("AES-256-GCM", start);
	EVP_CIPHER_CTX_free(ctx);
}

static void sha256(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	double start = now();

	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	for (uint32_t i = 0; i < TOTAL / PIECE; i++)
		EVP_DigestUpdate(ctx, piece, PIECE);
	report("SHA-256", start);
	EVP_MD_CTX_free(ctx);
}

static bool source(void *ctx, uint8_t *data, size_t n, struct enc_error *e)
{
	(void)ctx;
	(void)e;
	memcpy(data, piece, n);
	return true;
}

static bool sink(void *ctx, const uint8_t *data, size_t n, struct enc_error *e)
{
	(void)ctx;
	(void)data;
	(void)n;
	(void)e;
	return true;
}

static int seal(void)
{
	const uint8_t key[BOX_STREAM_KEY_BYTES] = { 0 };
	const uint8_t bound[BOX_HEAD_BOUND_BYTES] = { 0 };
	const struct enc_stream_seal job = {
		.key = key,
		.bound = bound,
		.len = TOTAL,
		.source = source,
		.sink = sink,
	};
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };
	struct enc_error e = { 0 };
	double start = now();

	if (!enc_stream_seal(&job, digest, &e)) {
		fprintf(stderr, "%s\n", e.what);
		return EXIT_FAILURE;
	}
	report("seal", start);
	return EXIT_SUCCESS;
}

int main(void)
{
	aes_gcm();
	sha256();
	return seal();
}
