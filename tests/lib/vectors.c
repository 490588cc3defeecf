/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each vector is made as whole bytes and written as the edits that turn its
 * base into it. Everything that depends on a key is sealed or signed anew here,
 * so that a vector is wrong only in the one way that it tests.
 */
#include "vectors.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "host/owner/crypto.h"
#include "networks.h"
#include "proto/enc_mnist_ta.h"
#include "streams.h"
#include "testkit/sealed_maker.h"
#include "testkit/test.h"

#define ROOM	 (1u << 18)
#define STREAM	 BOX_HEAD_BYTES
#define HIGHEST	 3 /* security version and epoch of the bases */
#define HEX_LINE 32

/* A file, and the edits that made it. */
struct bytes {
	uint8_t at[ROOM];
	size_t len;
};

static struct {
	FILE *out;
	struct sealed_maker owner;
	struct sealed_maker stranger;
	EVP_PKEY *ephemeral;
	EVP_PKEY *device_secret;
	uint8_t device[BOX_X25519_BYTES];
	uint8_t random[BOX_STREAM_RANDOM_BYTES];
	const struct bytes *base;
	const char *base_name;
} v;

/* ---- the words of the file ---- */

static void write_hex(const char *what, const uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len; at += HEX_LINE) {
		fprintf(v.out, "%s ", what);
		for (size_t i = at; i < len && i < at + HEX_LINE; i++)
			fprintf(v.out, "%02x", bytes[i]);
		fprintf(v.out, "\n");
	}
}

static void write_set(const uint8_t *bytes, size_t at, size_t len)
{
	while (len) {
		const size_t n = len < HEX_LINE ? len : HEX_LINE;
		char what[32] = "";

		snprintf(what, sizeof(what), "set %zu", at);
		write_hex(what, bytes + at, n);
		at += n;
		len -= n;
	}
}

static bool differs(const struct bytes *b, size_t at)
{
	return at >= v.base->len || b->at[at] != v.base->at[at];
}

/* Runs of bytes that differ, and the length if it is shorter. */
static void write_edits(const struct bytes *b)
{
	if (b->len < v.base->len)
		fprintf(v.out, "cut %zu\n", b->len);
	for (size_t at = 0; at < b->len; at++) {
		size_t n = 0;

		while (at + n < b->len && differs(b, at + n))
			n++;
		write_set(b->at, at, n);
		at += n;
	}
}

/* lines: what the reader knows besides the keys. */
static void vector_for(const char *name, const char *expected,
		       const struct bytes *b, const char *lines)
{
	fprintf(v.out, "\nvector %s\nbase %s\n%s", name, v.base_name, lines);
	write_edits(b);
	fprintf(v.out, "expect %s\n", expected);
}

/* `limit`: the highest security version or epoch that was seen before. */
static void vector_after(const char *name, const char *expected,
			 const struct bytes *b, unsigned int limit)
{
	char line[32] = "";

	snprintf(line, sizeof(line), "highest %u\n", limit);
	vector_for(name, expected, b, line);
}

static void vector(const char *name, const char *expected,
		   const struct bytes *b)
{
	vector_for(name, expected, b, "");
}

/* The base with these bytes at an offset. */
static void vector_set(const char *name, const char *expected, size_t at,
		       const void *bytes, size_t len)
{
	static struct bytes b;

	b = *v.base;
	memcpy(b.at + at, bytes, len);
	if (at + len > b.len)
		b.len = at + len;
	vector(name, expected, &b);
}

static void vector_flip(const char *name, const char *expected, size_t at)
{
	const uint8_t byte = v.base->at[at] ^ 1;

	vector_set(name, expected, at, &byte, 1);
}

static void vector_cut(const char *name, const char *expected, size_t len)
{
	static struct bytes b;

	b = *v.base;
	b.len = len;
	vector(name, expected, &b);
}

/* ---- models ---- */

static struct streams_key key_of(const uint8_t *bound)
{
	struct streams_key key = {
		.hash = "SHA256",
		.key = v.owner.key,
		.key_len = sizeof(v.owner.key),
		.derived_len = BOX_STREAM_KEY_BYTES,
		.aad = bound,
		.aad_len = BOX_HEAD_BOUND_BYTES,
	};

	return key;
}

/* Digest and signature of the file as it is, by an owner. */
static void sign(const struct sealed_maker *maker, struct bytes *b)
{
	assert_int_equal(EVP_Digest(b->at + STREAM, b->len - STREAM,
				    b->at + BOX_HEAD_BOUND_BYTES, NULL,
				    EVP_sha256(), NULL),
			 1);
	sealed_sign(maker, b->at);
}

/* Seals a plaintext as the stream behind the current head. */
static void seal_plain(struct bytes *b, const uint8_t *plain, size_t len,
		       const uint8_t *random)
{
	struct streams_key key = key_of(b->at);
	size_t size = 0;
	uint8_t *stream = streams_seal(&key, BOX_HEAD_CHUNK_BYTES, plain, len,
				       random, &size);

	memcpy(b->at + STREAM, stream, size);
	b->len = STREAM + size;
	free(stream);
}

/* The stream of the usual plaintext. */
static void seal(struct bytes *b, size_t len, const uint8_t *random)
{
	uint8_t *plain = malloc(len);

	for (size_t i = 0; i < len; i++)
		plain[i] = vectors_plain(i);
	seal_plain(b, plain, len, random);
	free(plain);
}

static void make_model(struct bytes *b, size_t len)
{
	const uint8_t no_record[BOX_RECORD_HEAD] = { 0 };
	struct box_head head = { 0 };

	sealed_describe(&v.owner, no_record, len, &head);
	box_head_write(&head, b->at);
	seal(b, len, v.random);
	sign(&v.owner, b);
}

static void heads_out_of_range(void)
{
	static const struct {
		const char *name;
		const char *expected;
		size_t at;
		size_t len;
		uint8_t bytes[8];
	} cases[] = {
		{ "magic", "magic", 0, 1, { 'e' } },
		{ "magic-of-an-envelope", "magic", 0, 8, "ENCMOKEY" },
		{ "version-0", "version", 8, 2, { 0, 0 } },
		{ "version-1", "version", 8, 2, { 1, 0 } },
		{ "version-2", "version", 8, 2, { 2, 0 } },
		{ "version-4", "version", 8, 2, { 4, 0 } },
		{ "suite-0", "version", 10, 2, { 0, 0 } },
		{ "suite-2", "version", 10, 2, { 2, 0 } },
		{ "number-type-0", "field", 12, 2, { 0, 0 } },
		{ "number-type-3", "field", 12, 2, { 3, 0 } },
		{ "policy-0", "field", 14, 2, { 0, 0 } },
		{ "policy-5", "field", 14, 2, { 5, 0 } },
		{ "label-with-an-amount", "field", 16, 4, { 1 } },
		{ "batch-0", "field", 20, 2, { 0, 0 } },
		{ "batch-65", "field", 20, 2, { 65, 0 } },
		{ "no-inputs", "field", 22, 1, { 0 } },
		{ "five-inputs", "field", 22, 1, { 5 } },
		{ "no-outputs", "field", 23, 1, { 0 } },
		{ "two-outputs-of-one", "field", 23, 1, { 2 } },
		{ "length-0", "field", 24, 8, { 0 } },
		{ "length-over-2^32", "field", 24, 8, { 1, 0, 0, 0, 1 } },
		{ "parameters-of-the-length", "field", 32, 8, { 240 } },
		{ "no-work", "field", 40, 8, { 0 } },
		{ "work-over-2^36", "field", 40, 8, { 1, 0, 0, 0, 16 } },
		{ "arena-0", "field", 48, 4, { 0 } },
		{ "arena-not-aligned", "field", 48, 4, { 32, 16 } },
		{ "arena-over-2^30", "field", 48, 4, { 64, 0, 0, 64 } },
		{ "chunk-65535", "field", 52, 4, { 0xff, 0xff } },
		{ "model-version-0", "field", 56, 4, { 0 } },
		{ "names-without-digest", "field", 60, 4, { 1 } },
		{ "no-model-id", "field", 64, 5, { 0 } },
		{ "model-id-capital", "field", 64, 1, { 'S' } },
		{ "model-id-gap", "field", 65, 1, { 0 } },
		{ "model-id-behind-its-end", "field", 95, 1, { 'a' } },
		{ "digest-without-names", "field", 175, 1, { 1 } },
		{ "security-version-0", "field", 176, 4, { 0 } },
		{ "login-3", "field", 180, 1, { 3 } },
		{ "login-5", "field", 180, 1, { 5 } },
		{ "login-without-client", "field", 180, 1, { 1 } },
		{ "client-without-login", "field", 199, 1, { 1 } },
		{ "input-type-0", "field", 216, 1, { 0 } },
		{ "input-type-5", "field", 216, 1, { 5 } },
		{ "input-rank-0", "field", 217, 1, { 0 } },
		{ "input-rank-7", "field", 217, 1, { 7 } },
		{ "zero-point-of-bytes", "field", 218, 1, { 1 } },
		{ "reserved-of-a-port", "field", 219, 1, { 1 } },
		{ "scale-of-bytes", "field", 220, 4, { 0, 0, 0x80, 0x3f } },
		{ "dimension-0", "field", 224, 4, { 0 } },
		{ "dimension-65537", "field", 224, 4, { 1, 0, 1 } },
		{ "dimension-behind-the-rank", "field", 244, 4, { 2 } },
		{ "input-behind-the-last", "field", 248, 1, { 3 } },
		{ "output-of-bytes", "field", 344, 1, { 3 } },
		{ "label-of-one-value", "field", 352, 4, { 1 } },
		{ "int8-without-scale", "field", 344, 1, { 2 } },
		{ "output-behind-the-last", "field", 471, 1, { 1 } },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		vector_set(cases[i].name, cases[i].expected, cases[i].at,
			   cases[i].bytes, cases[i].len);
}

/*
 * S, the second half of the signature at the end of the base, is L, the order
 * of the group, or L more than before: the equation of RFC 8032 then still
 * holds.
 */
static void signatures_not_reduced(const char *of_order, const char *more)
{
	static const uint8_t order[BOX_SIGNATURE_BYTES / 2] =
		"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9"
		"\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
	const size_t end = strcmp(v.base_name, "envelope") ? BOX_HEAD_BYTES :
							     BOX_ENVELOPE_BYTES;
	const size_t at = end - sizeof(order);
	uint8_t s[sizeof(order)] = { 0 };
	unsigned int sum = 0;

	vector_set(of_order, "field", at, order, sizeof(order));
	for (size_t i = 0; i < sizeof(s); i++) {
		sum += (unsigned int)v.base->at[at + i] + order[i];
		s[i] = (uint8_t)sum;
		sum >>= 8;
	}
	vector_set(more, "field", at, s, sizeof(s));
}

/* Models that someone with the model's key, but not the owner's, could make. */
static void heads_of_others(void)
{
	static struct bytes b;

	b = *v.base;
	memcpy(b.at + 112, v.stranger.owner.owner.key, BOX_OWNER_BYTES);
	seal(&b, VECTORS_SMALL, v.random);
	sign(&v.stranger, &b);
	vector("of-another-owner", "owner", &b);
	b = *v.base;
	sign(&v.stranger, &b);
	vector("signed-by-another", "signature", &b);
	vector_flip("signature-changed", "signature", BOX_HEAD_SIGNED_BYTES);
	vector_flip("signature-changed-at-its-end", "signature",
		    BOX_HEAD_BYTES - 1);
	vector_flip("digest-changed", "signature", BOX_HEAD_BOUND_BYTES);
	vector_set("model-version-changed", "signature", 56, "\x04", 1);
	vector_set("security-version-changed", "signature", 176, "\x04", 1);
	vector_set("answers-changed", "signature", 200, "\x01", 1);
	vector_set("model-id-changed", "signature", 64, "t", 1);
}

static void reseal(struct bytes *b)
{
	seal(b, VECTORS_SMALL, v.random);
	sign(&v.owner, b);
}

static void heads_that_are_late(void)
{
	static struct bytes b;

	vector_after("security-version-seen-before", "ok", v.base, HIGHEST);
	vector_after("security-version-older-than-seen", "security-version",
		     v.base, HIGHEST + 1);
	b = *v.base;
	b.at[56] = 1;
	reseal(&b);
	vector_after("model-version-older-than-seen", "ok", &b, HIGHEST);
	b = *v.base;
	b.at[96] ^= 1;
	reseal(&b);
	vector("another-key", "key-id", &b);
}

/* Models for the user whose identity is 0x11 to 0x20, and their answers. */
static void heads_for_clients(void)
{
	static struct bytes b;

	b = *v.base;
	b.at[180] = BOX_LOGIN_USER;
	for (uint8_t i = 0; i < BOX_CLIENT_BYTES; i++)
		b.at[184 + i] = (uint8_t)(0x11 + i);
	reseal(&b);
	vector_for("for-a-user", "ok", &b,
		   "client 1 1112131415161718191a1b1c1d1e1f20\n");
	vector("for-a-user-and-none-there", "login", &b);
	vector_for("for-another-user", "login", &b,
		   "client 1 1112131415161718191a1b1c1d1e1f21\n");
	vector_for("for-a-user-and-not-a-group", "login", &b,
		   "client 2 1112131415161718191a1b1c1d1e1f20\n");
	vector_for("for-any-user", "ok", v.base,
		   "client 1 1112131415161718191a1b1c1d1e1f20\n");
	b = *v.base;
	b.at[200] = 1;
	b.at[215] = 0xff;
	reseal(&b);
	vector("answers-limited", "ok", &b);
}

/* A byte of the file is flipped, and the result is signed. */
static void flipped_and_signed(const char *name, const char *expected,
			       size_t at)
{
	static struct bytes b;

	b = *v.base;
	b.at[at] ^= 1;
	sign(&v.owner, &b);
	vector(name, expected, &b);
}

static void streams_changed(void)
{
	static struct bytes b;
	uint8_t random[BOX_STREAM_RANDOM_BYTES] = { 0 };

	flipped_and_signed("stream-header", "field", STREAM);
	flipped_and_signed("salt", "tag", STREAM + 1);
	flipped_and_signed("nonce-prefix", "tag", STREAM + 39);
	flipped_and_signed("ciphertext", "tag", STREAM + 40);
	flipped_and_signed("ciphertext-unsigned", "tag", STREAM + 79);
	flipped_and_signed("tag", "tag", v.base->len - 1);
	flipped_and_signed("bound-model-id", "tag", 64);
	flipped_and_signed("bound-network", "tag", 40);
	flipped_and_signed("bound-model-version", "tag", 56);
	flipped_and_signed("bound-security-version", "tag", 176);
	flipped_and_signed("bound-answers", "tag", 215);
	memcpy(random, v.random, sizeof(random));
	random[0] ^= 1;
	b = *v.base;
	seal(&b, VECTORS_SMALL, random);
	vector("another-stream-behind-a-signed-head", "digest", &b);
	b = *v.base;
	b.at[BOX_HEAD_BOUND_BYTES] ^= 1;
	sealed_sign(&v.owner, b.at);
	vector("signed-digest-of-something-else", "digest", &b);
}

/* Of the plaintext, and of the parameters in it. */
static void set_length(struct bytes *b, uint64_t len)
{
	box_store64(b->at + 24, len);
	box_store64(b->at + 32, len - BOX_RECORD_HEAD - BOX_TABLES_MIN);
}

static void lengths_changed(void)
{
	static const size_t cuts[] = { 0, 7, 8, 567, 568, 569, 607, 608, 863 };
	static struct bytes b;
	char name[32] = "";

	for (size_t i = 0; i < COUNT(cuts); i++) {
		snprintf(name, sizeof(name), "cut-%zu", cuts[i]);
		vector_cut(name, "short", cuts[i]);
	}
	vector_set("a-byte-behind", "trailing", v.base->len, "\0", 1);
	b = *v.base;
	set_length(&b, VECTORS_SMALL + 1);
	sign(&v.owner, &b);
	vector("length-one-more", "short", &b);
	set_length(&b, VECTORS_SMALL - 1);
	sign(&v.owner, &b);
	vector("length-one-less", "trailing", &b);
}

/* Chunks of the large model in the wrong place. */
static void chunks_changed(void)
{
	static struct bytes b;
	const size_t second = STREAM + BOX_HEAD_CHUNK_BYTES;
	const size_t size = v.base->len - second;
	struct streams_key key = key_of(v.base->at);
	uint8_t nonce[BOX_STREAM_NONCE_BYTES] = { [10] = 1 };
	uint8_t plain[64] = { 0 };

	vector_flip("first-chunk", "tag", second - 1);
	vector_flip("last-chunk", "tag", second);
	vector_cut("last-chunk-missing", "short", second);
	vector_cut("last-chunk-cut", "short", v.base->len - 1);
	vector_set("last-chunk-doubled", "trailing", v.base->len,
		   v.base->at + second, size);
	vector_set("last-chunk-is-another", "tag", second,
		   v.base->at + STREAM + BOX_STREAM_HEADER_BYTES, size);
	b = *v.base;
	b.len = second;
	set_length(&b, 65480);
	sign(&v.owner, &b);
	vector("first-chunk-as-the-last", "tag", &b);

	/* its nonce without the mark of the last chunk */
	assert_true(streams_ops.derive(&key, v.random));
	memcpy(nonce, v.random + BOX_STREAM_SALT_BYTES,
	       BOX_STREAM_PREFIX_BYTES);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = vectors_plain(65480 + i);
	b = *v.base;
	key.seals = true;
	assert_true(streams_crypt(&key, nonce, plain, sizeof(plain),
				  b.at + second));
	sign(&v.owner, &b);
	vector("last-chunk-not-marked", "tag", &b);
}

static void write_base(const char *name, const struct bytes *b, size_t hex,
		       size_t sealed)
{
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	fprintf(v.out, "\nbase %s\n", name);
	write_hex("hex", b->at, hex);
	if (sealed)
		fprintf(v.out, "seal %zu\n", sealed);
	assert_int_equal(
		EVP_Digest(b->at, b->len, digest, NULL, EVP_sha256(), NULL), 1);
	write_hex("sha256", digest, sizeof(digest));
	v.base = b;
	v.base_name = name;
}

/* The one vector whose plaintext is a record, that of its head. */
static void write_network(void)
{
	static struct bytes b;
	struct box_head head = { 0 };
	size_t len = 0;
	uint8_t *record = networks_tiny(&len);

	sealed_describe(&v.owner, record, len, &head);
	box_head_write(&head, b.at);
	seal_plain(&b, record, len, v.random);
	sign(&v.owner, &b);
	write_base("network", &b, b.len, 0);
	write_hex("plain", record, len);
	free(record);
	vector("network", "ok", &b);
	flipped_and_signed("network-of-another-batch", "tag", 20);
}

static void write_models(void)
{
	static struct bytes small;
	static struct bytes large;

	make_model(&small, VECTORS_SMALL);
	make_model(&large, VECTORS_LARGE);
	write_base("small", &small, small.len, 0);
	vector("small", "ok", &small);
	heads_out_of_range();
	signatures_not_reduced("signature-of-the-order",
			       "signature-and-the-order");
	heads_of_others();
	heads_that_are_late();
	heads_for_clients();
	streams_changed();
	lengths_changed();
	write_base("large", &large, STREAM + BOX_STREAM_HEADER_BYTES,
		   VECTORS_LARGE);
	vector("large", "ok", &large);
	chunks_changed();
	write_network();
}

/* ---- envelopes ---- */

/* With these fields; what depends on keys is made by the maker. */
static void envelope(const struct sealed_maker *maker,
		     const struct box_envelope *claim, struct bytes *b)
{
	sealed_envelope_from(maker, v.device, HIGHEST, claim, v.ephemeral,
			     b->at);
	b->len = BOX_ENVELOPE_BYTES;
}

/* The base with these bytes, signed by the owner as it is then. */
static void set_and_signed(const char *name, const char *expected, size_t at,
			   const void *bytes, size_t len)
{
	static struct bytes b;

	b = *v.base;
	memcpy(b.at + at, bytes, len);
	sealed_sign_envelope(&v.owner, b.at);
	vector(name, expected, &b);
}

static void flip_and_sign(const char *name, const char *expected, size_t at)
{
	const uint8_t byte = v.base->at[at] ^ 1;

	set_and_signed(name, expected, at, &byte, 1);
}

/* Points of low order; the upper bit of each is ignored. */
static void low_order(void)
{
	static const struct {
		const char *name;
		uint8_t key[BOX_X25519_BYTES + 1];
	} cases[] = {
		{ "low-order-0", { 0 } },
		{ "low-order-0-and-upper-bit", { [31] = 0x80 } },
		{ "low-order-1", { 1 } },
		{ "low-order-8",
		  "\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f"
		  "\xc4\x6a\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16"
		  "\x5f\x49\xb8\x00" },
		{ "low-order-8-the-other",
		  "\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c\x83"
		  "\xef\x5b\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22\x4e\xdd"
		  "\xd0\x9f\x11\x57" },
	};
	static const struct {
		const char *name;
		uint8_t first;
	} near_p[] = {
		{ "low-order-p-1", 0xec },
		{ "low-order-p", 0xed },
		{ "low-order-p+1", 0xee },
	};
	uint8_t point[BOX_X25519_BYTES] = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++)
		set_and_signed(cases[i].name, "low-order", 408, cases[i].key,
			       sizeof(point));
	memset(point, 0xff, sizeof(point));
	point[31] = 0x7f;
	for (size_t i = 0; i < COUNT(near_p); i++) {
		point[0] = near_p[i].first;
		set_and_signed(near_p[i].name, "low-order", 408, point,
			       sizeof(point));
	}
}

/* Every one signed: only the field is wrong. */
static void envelopes_out_of_range(void)
{
	static const struct {
		const char *name;
		const char *expected;
		size_t at;
		size_t len;
		uint8_t bytes[8];
	} cases[] = {
		{ "envelope-magic-of-a-model", "magic", 0, 8, "ENCMODEL" },
		{ "envelope-version-1", "version", 8, 1, { 1 } },
		{ "envelope-version-3", "version", 8, 1, { 3 } },
		{ "envelope-suite-1", "version", 10, 1, { 1 } },
		{ "envelope-suite-3", "version", 10, 1, { 3 } },
		{ "epoch-0", "field", 12, 1, { 0 } },
		{ "retired-is-the-epoch", "field", 112, 1, { HIGHEST } },
		{ "retired-above-the-epoch", "field", 112, 4, { 0, 0, 0, 1 } },
		{ "nine-models", "field", 116, 1, { 9 } },
		{ "fewer-models-than-ids", "field", 116, 1, { 1 } },
		{ "more-models-than-ids", "field", 116, 1, { 3 } },
		{ "no-models-but-ids", "field", 116, 1, { 0 } },
		{ "no-id-of-a-model", "field", 120, 5, { 0 } },
		{ "id-of-a-model-capital", "field", 120, 1, { 'S' } },
		{ "id-of-a-model-gap", "field", 121, 1, { 0 } },
		{ "id-of-a-model-behind-its-end", "field", 151, 1, { 'a' } },
		{ "ids-not-in-order", "field", 120, 1, { 'z' } },
		{ "id-twice", "field", 156, 8, "small" },
		{ "security-version-0-of-a-model", "field", 152, 1, { 0 } },
		{ "id-behind-the-last", "field", 192, 1, { 'z' } },
		{ "byte-behind-the-last", "field", 407, 1, { 1 } },
	};
	const uint8_t none[BOX_KEY_ID_BYTES] = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++)
		set_and_signed(cases[i].name, cases[i].expected, cases[i].at,
			       cases[i].bytes, cases[i].len);
	set_and_signed("no-key-id-but-a-key", "field", 32, none, sizeof(none));
	signatures_not_reduced("envelope-signature-of-the-order",
			       "envelope-signature-and-the-order");
}

/* Whatever someone else changes, the signature is not the owner's. */
static void envelopes_of_others(const struct box_envelope *claim)
{
	static struct bytes b;

	flip_and_sign("another-owner", "owner", 80);
	envelope(&v.stranger, NULL, &b);
	vector("envelope-of-another-owner", "owner", &b);
	envelope(&v.stranger, claim, &b);
	vector("by-another-in-the-owners-name", "signature", &b);
	vector_flip("envelope-signature-changed", "signature", 488);
	vector_flip("envelope-signature-changed-at-its-end", "signature", 551);
	vector_set("epoch-changed", "signature", 12, "\4", 1);
	vector_flip("ta-changed", "signature", 16);
	vector_flip("key-id-changed", "signature", 32);
	vector_flip("device-changed", "signature", 48);
	vector_set("retired-changed", "signature", 112, "\2", 1);
	vector_flip("id-changed", "signature", 120);
	vector_flip("security-version-of-a-model-changed", "signature", 152);
	vector_flip("encapsulated-key-changed", "signature", 408);
	vector_flip("sealed-key-changed", "signature", 440);
	vector_flip("envelope-tag-changed", "signature", 487);
}

/* The owner signed what is not for this device, or not as it was sealed. */
static void envelopes_signed_by_mistake(void)
{
	flip_and_sign("another-ta", "ta", 16);
	flip_and_sign("another-device", "device", 48);
	set_and_signed("bound-epoch", "tag", 12, "\4", 1);
	flip_and_sign("bound-key-id", "tag", 32);
	set_and_signed("bound-retired", "tag", 112, "\2", 1);
	flip_and_sign("bound-id", "tag", 120);
	flip_and_sign("bound-security-version-of-a-model", "tag", 152);
	flip_and_sign("encapsulated-key", "tag", 408);
	set_and_signed("encapsulated-key-upper-bit", "tag", 439,
		       (uint8_t[]){ v.base->at[439] ^ 0x80 }, 1);
	flip_and_sign("sealed-key", "tag", 440);
	flip_and_sign("envelope-tag", "tag", 487);
	low_order();
}

/* Other good ones: of any model, of eight, without a key, of nothing. */
static void envelopes_that_differ(struct box_envelope claim)
{
	static struct bytes b;

	memset(claim.model, 0, sizeof(claim.model));
	claim.models = 0;
	envelope(&v.owner, &claim, &b);
	vector("for-any-model", "ok", &b);
	memset(claim.key_id, 0, sizeof(claim.key_id));
	memset(claim.encapsulated, 0, sizeof(claim.encapsulated));
	memset(claim.sealed, 0, sizeof(claim.sealed));
	envelope(&v.owner, &claim, &b);
	vector("no-key", "ok", &b);
	b.at[439] = 1;
	sealed_sign_envelope(&v.owner, b.at);
	vector("no-key-but-an-encapsulated-one", "field", &b);
	b.at[439] = 0;
	b.at[487] = 1;
	sealed_sign_envelope(&v.owner, b.at);
	vector("no-key-but-a-tag", "field", &b);
	claim.models = BOX_ENVELOPE_MODELS_MAX;
	for (uint8_t i = 0; i < BOX_ENVELOPE_MODELS_MAX; i++) {
		memset(claim.model[i].id, 'a' + i, BOX_MODEL_ID_BYTES);
		claim.model[i].security_version = UINT32_MAX - i;
	}
	claim.retired = 0;
	envelope(&v.owner, &claim, &b);
	vector("eight-models-and-no-key", "ok", &b);
}

static void write_envelopes(void)
{
	static struct bytes good;
	struct box_envelope claim = {
		.retired = 1,
		.models = 2,
		.model = { { "small", HIGHEST }, { "smaller", 1 } },
	};

	memcpy(claim.ta, (uint8_t[])ENC_MNIST_TA_UUID_OCTETS, BOX_UUID_BYTES);
	memcpy(claim.key_id, v.owner.head.key_id, BOX_KEY_ID_BYTES);
	memcpy(claim.device, v.device, BOX_X25519_BYTES);
	memcpy(claim.owner, v.owner.owner.owner.key, BOX_OWNER_BYTES);
	envelope(&v.owner, &claim, &good);
	write_base("envelope", &good, good.len, 0);
	vector("envelope", "ok", &good);
	vector_after("epoch-above-the-last", "ok", &good, HIGHEST - 1);
	vector_after("epoch-taken-before", "epoch", &good, HIGHEST);
	vector_after("epoch-below-the-last", "epoch", &good, HIGHEST + 1);
	envelopes_out_of_range();
	envelopes_of_others(&claim);
	envelopes_signed_by_mistake();
	envelopes_that_differ(claim);
	vector_cut("envelope-cut", "short", BOX_ENVELOPE_BYTES - 1);
	vector_set("envelope-and-a-byte", "trailing", good.len, "", 1);
}

/* ---- keys ---- */

static EVP_PKEY *fixed_key(int type, uint8_t first, uint8_t *public_key)
{
	uint8_t bytes[32] = { 0 };
	EVP_PKEY *key = NULL;
	size_t len = sizeof(bytes);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(first + i);
	key = EVP_PKEY_new_raw_private_key(type, NULL, bytes, sizeof(bytes));
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, public_key, &len), 1);
	return key;
}

static void make_owner(struct sealed_maker *maker, uint8_t first)
{
	struct box_head *head = &maker->head;
	uint8_t public_key[BOX_OWNER_BYTES] = { 0 };

	assert_true(enc_signer_of(
		fixed_key(EVP_PKEY_ED25519, first, public_key), &maker->owner));
	for (size_t i = 0; i < sizeof(maker->key); i++)
		maker->key[i] = (uint8_t)(0xa0 + i);
	assert_true(enc_key_id(maker->key, head->key_id));
	memcpy(head->owner, public_key, BOX_OWNER_BYTES);
	head->model_version = HIGHEST + 4;
	head->security_version = HIGHEST;
	sealed_set_id(maker, "small");
}

static void write_private(const char *what, EVP_PKEY *key)
{
	uint8_t bytes[32] = { 0 };
	size_t len = sizeof(bytes);

	assert_int_equal(EVP_PKEY_get_raw_private_key(key, bytes, &len), 1);
	write_hex(what, bytes, len);
}

static void write_keys(void)
{
	uint8_t ephemeral[BOX_X25519_BYTES] = { 0 };

	make_owner(&v.owner, 0x01);
	make_owner(&v.stranger, 0x81);
	v.device_secret = fixed_key(EVP_PKEY_X25519, 0x41, v.device);
	v.ephemeral = fixed_key(EVP_PKEY_X25519, 0x61, ephemeral);
	for (size_t i = 0; i < sizeof(v.random); i++)
		v.random[i] = (uint8_t)(0xc0 + i);
	write_private("owner-private", v.owner.owner.key);
	write_hex("owner", v.owner.owner.owner.key, 32);
	write_private("device-private", v.device_secret);
	write_hex("device", v.device, 32);
	write_private("ephemeral-private", v.ephemeral);
	write_hex("model-key", v.owner.key, sizeof(v.owner.key));
	write_hex("key-id", v.owner.head.key_id, BOX_KEY_ID_BYTES);
}

static const char head[] =
	"# Test vectors for readers of sealed models and envelopes, see\n"
	"# doc/FORMAT.md. Everything is made of fixed keys and random numbers,\n"
	"# which are no secrets: use them for nothing else.\n"
	"#\n"
	"# One word and its arguments to a line; # is a comment. Bytes are\n"
	"# hexadecimal, offsets and lengths decimal.\n"
	"#\n"
	"# First the keys: of the owner (Ed25519), of the device (X25519), the\n"
	"# ephemeral one of the envelopes (X25519), of the model.\n"
	"#\n"
	"#   base NAME      a good file: all its `hex` lines in a row, and then\n"
	"#   seal LENGTH    the chunks of a plaintext of LENGTH bytes, whose byte i\n"
	"#                  is (167 * i + 13) mod 256, as that of `small`, too\n"
	"#   sha256 BYTES   of the whole base\n"
	"#   plain BYTES    all its `plain` lines in a row: its plaintext, if that is\n"
	"#                  another one, the record of a network\n"
	"#\n"
	"#   vector NAME    a file to be read: that of\n"
	"#   base NAME      but with these edits, one after the other:\n"
	"#   cut LENGTH     only the first LENGTH bytes are left\n"
	"#   set OFFSET BYTES  these bytes from there on, also behind the end\n"
	"#   highest N      the reader may not go below security version N, or has\n"
	"#                  taken epoch N; without this line it has neither\n"
	"#   client N BYTES  the reader is asked by a client with login N and this\n"
	"#                  identity; without this line, with login 0\n"
	"#   expect RESULT  what a reader that knows the keys above, and no others,\n"
	"#                  must say\n"
	"#\n"
	"# A reader of a model looks at all of the head first, and then takes the\n"
	"# stream in pieces: 65,536 bytes, or what is left. It compares the length\n"
	"# of each with that of the chunk that the head implies there (none behind\n"
	"# the last one) before it looks at anything in it, its tag the last. The\n"
	"# digest it looks at when no piece is left and no chunk is missing. What\n"
	"# it finds first is the result. These are they, for a head, a piece and\n"
	"# an envelope in the order in which they are looked for:\n"
	"#\n"
	"#   short          the head has not 568 bytes; a piece is shorter than\n"
	"#                  implied, or the stream ends before the last chunk;\n"
	"#                  the envelope has fewer than 552 bytes\n"
	"#   trailing       a piece is longer than implied, or behind the last one;\n"
	"#                  the envelope has more than 552 bytes\n"
	"#   magic          other first 8 bytes\n"
	"#   version        of a model, a version other than 3, or a suite other than\n"
	"#                  1; of an envelope, a version or suite other than 2\n"
	"#   field          any other field of the head or the envelope that is not\n"
	"#                  as in FORMAT.md: also a signature whose second half is\n"
	"#                  not below the order of the group; the first byte of the\n"
	"#                  stream\n"
	"#   owner          another one's\n"
	"#   signature      not the owner's\n"
	"#   login          for clients of another login or identity\n"
	"#   key-id         under another key\n"
	"#   security-version  below the lowest that the reader may load\n"
	"#   ta             for another TA\n"
	"#   device         for another device\n"
	"#   epoch          not above the highest that was taken\n"
	"#   low-order      X25519 with the encapsulated key gives 0\n"
	"#   tag            a chunk, or the key in an envelope, is not authentic\n"
	"#   digest         not that of the chunks\n"
	"#   ok             the plaintext is that of the base (of an envelope: the\n"
	"#                  model key, if it brings one). It is no record, but that\n"
	"#                  of `network`: a reader that goes on to parse it refuses\n"
	"#                  it there.\n"
	"\n";

void vectors_write(FILE *out)
{
	memset(&v, 0, sizeof(v));
	v.out = out;
	fputs(head, out);
	write_keys();
	write_models();
	write_envelopes();
	sealed_free(&v.owner);
	sealed_free(&v.stranger);
	EVP_PKEY_free(v.device_secret);
	EVP_PKEY_free(v.ephemeral);
}
