/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search KEYS RECORD FILE...: searches files, such as dumps of a board's whole
 * memory, for data that must not be there. It looks for the keys and other
 * secrets in the file KEYS, one a line of 64 or 32 hexadecimal digits, for
 * these digits, for the schedules of AES with such a key, and for the weights
 * of the plaintext RECORD. It prints how many of each were found in all the
 * files.
 *
 * How it works: every pattern has 16 bytes, so it always contains one whole
 * 8-byte word at a multiple of 8. Each pattern is entered under the 8 words
 * that this can be. Then one lookup for each such word of the file tells
 * whether a pattern may be around it: a bitmap that fits in the cache nearly
 * always says no.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/base/file.h"
#include "host/base/hex.h"
#include "nn/arch.h"

#define PATTERN_BYTES 16
#define WORD_BYTES    8
#define WINDOWS	      4096			 /* of weights */
#define ROUNDS_MAX    14			 /* of AES-256 */
#define SCHEDULE_MAX  (4 * (ROUNDS_MAX + 1) * 4) /* bytes */
#define MAX_PATTERNS  (WINDOWS + 1024)
#define MAX_FILE      4096 /* bytes of KEYS */
#define BITMAP_BITS   21
#define TABLE_BITS    18
#define WEIGHT_BYTES  4
#define FIRST_WEIGHT  152 /* offset in a record: doc/FORMAT.md */
/* A window with fewer different bytes could be anything. */
#define LEAST_BYTES 8

enum kind {
	KEY,
	DIGITS,
	ROUND_KEY,
	WEIGHTS,
	KINDS
};

struct pattern {
	enum kind kind;
	uint8_t bytes[PATTERN_BYTES];
};

/* `at`: where in the pattern the word begins; n: index + 1, 0 if free. */
struct entry {
	uint32_t n;
	uint32_t at;
};

static struct pattern patterns[MAX_PATTERNS];
static uint32_t pattern_count;
static uint8_t bitmap[1u << (BITMAP_BITS - 3)];
static struct entry table[1u << TABLE_BITS];
static size_t found[KINDS];

static uint64_t hash(uint64_t word)
{
	return word * 0x9e3779b97f4a7c15u;
}

static uint64_t load(const uint8_t *at)
{
	uint64_t word = 0;

	memcpy(&word, at, sizeof(word));
	return word;
}

static void enter(uint32_t n, uint32_t at)
{
	uint64_t h = hash(load(patterns[n].bytes + at));
	uint64_t slot = h >> (64 - TABLE_BITS);
	uint64_t bit = h >> (64 - BITMAP_BITS);

	while (table[slot].n)
		slot = (slot + 1) % (1u << TABLE_BITS);
	table[slot] = (struct entry){ .n = n + 1, .at = at };
	bitmap[bit / 8] |= (uint8_t)(1u << bit % 8);
}

static void add(enum kind kind, const uint8_t *bytes)
{
	struct pattern *p = &patterns[pattern_count];

	for (uint32_t i = 0; i < pattern_count; i++) {
		if (!memcmp(patterns[i].bytes, bytes, PATTERN_BYTES))
			return;
	}
	p->kind = kind;
	memcpy(p->bytes, bytes, PATTERN_BYTES);
	for (uint32_t at = 0; at < WORD_BYTES; at++)
		enter(pattern_count, at);
	pattern_count++;
}

/* ---- the schedule of AES: FIPS 197, section 5.2 and 5.3.5 ---- */

static uint8_t times(uint8_t a, uint8_t b)
{
	uint8_t product = 0;

	for (; b; b >>= 1) {
		if (b & 1)
			product ^= a;
		a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1b : 0));
	}
	return product;
}

static uint8_t substitute(uint8_t a)
{
	uint8_t inverse = a; /* a^254 */
	uint8_t out = 0x63;

	for (int i = 0; i < 6; i++)
		inverse = times(times(inverse, inverse), a);
	inverse = times(inverse, inverse);
	for (int i = 0; i < 5; i++)
		out ^= (uint8_t)(inverse << i | inverse >> (8 - i));
	return out;
}

/* The rounds for a key of this many bytes. */
static size_t rounds(size_t len)
{
	return len / 4 + 6;
}

static void expand(const uint8_t *key, size_t len,
		   uint8_t schedule[SCHEDULE_MAX])
{
	uint8_t round = 1;

	memcpy(schedule, key, len);
	for (size_t i = len; i < PATTERN_BYTES * (rounds(len) + 1); i += 4) {
		uint8_t t[4] = { 0 };

		memcpy(t, schedule + i - 4, 4);
		if (i % len == 0) {
			const uint8_t first = t[0];

			t[0] = substitute(t[1]) ^ round;
			t[1] = substitute(t[2]);
			t[2] = substitute(t[3]);
			t[3] = substitute(first);
			round = times(round, 2);
		} else if (len > 24 && i % len == 16) {
			for (size_t k = 0; k < 4; k++)
				t[k] = substitute(t[k]);
		}
		for (size_t k = 0; k < 4; k++)
			schedule[i + k] = schedule[i + k - len] ^ t[k];
	}
}

/* InvMixColumns: how the equivalent inverse cipher keeps its round keys. */
static void unmix(uint8_t row[PATTERN_BYTES])
{
	const uint8_t factor[4] = { 14, 11, 13, 9 };

	for (size_t column = 0; column < PATTERN_BYTES; column += 4) {
		uint8_t out[4] = { 0 };

		for (size_t i = 0; i < 4; i++) {
			for (size_t k = 0; k < 4; k++)
				out[i] ^= times(row[column + (i + k) % 4],
						factor[k]);
		}
		memcpy(row + column, out, 4);
	}
}

/* A row as bytes, and as words of the other byte order. */
static void add_row(enum kind kind, const uint8_t row[PATTERN_BYTES])
{
	uint8_t swapped[PATTERN_BYTES] = { 0 };

	for (size_t i = 0; i < PATTERN_BYTES; i++)
		swapped[i] = row[i ^ 3];
	add(kind, row);
	add(ROUND_KEY, swapped);
}

static void add_schedule(const uint8_t *key, size_t len)
{
	uint8_t schedule[SCHEDULE_MAX] = { 0 };

	expand(key, len, schedule);
	for (size_t i = 0; i <= rounds(len); i++) {
		uint8_t row[PATTERN_BYTES] = { 0 };

		memcpy(row, schedule + i * PATTERN_BYTES, PATTERN_BYTES);
		add_row(i < len / PATTERN_BYTES ? KEY : ROUND_KEY, row);
		unmix(row);
		if (i > 0 && i < rounds(len))
			add_row(ROUND_KEY, row);
	}
}

/* The last words of the examples of FIPS 197, A.1 and A.3. */
static bool expands_as_published(void)
{
	const uint8_t key128[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae,
				     0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88,
				     0x09, 0xcf, 0x4f, 0x3c };
	const uint8_t last128[4] = { 0xb6, 0x63, 0x0c, 0xa6 };
	const uint8_t key256[32] = { 0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71,
				     0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d,
				     0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b,
				     0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3,
				     0x09, 0x14, 0xdf, 0xf4 };
	const uint8_t last256[4] = { 0x70, 0x6c, 0x63, 0x1e };
	uint8_t schedule[SCHEDULE_MAX] = { 0 };

	expand(key128, sizeof(key128), schedule);
	if (memcmp(schedule + 172, last128, 4) != 0)
		return false;
	expand(key256, sizeof(key256), schedule);
	return !memcmp(schedule + SCHEDULE_MAX - 4, last256, 4);
}

/* ---- the patterns ---- */

static void add_digits(const char *alphabet, const uint8_t *key, size_t len)
{
	uint8_t digits[ENC_KEY_DIGITS] = { 0 };

	for (size_t i = 0; i < len; i++) {
		digits[2 * i] = (uint8_t)alphabet[key[i] >> 4];
		digits[2 * i + 1] = (uint8_t)alphabet[key[i] & 15];
	}
	for (size_t i = 0; i < 2 * len; i += PATTERN_BYTES)
		add(DIGITS, digits + i);
}

static void add_key(const uint8_t *key, size_t len)
{
	add_digits("0123456789abcdef", key, len);
	add_digits("0123456789ABCDEF", key, len);
	add_schedule(key, len);
}

/* A line of digits; a short one is padded with zeros. */
static bool add_line(const char *line, size_t len, struct enc_error *e)
{
	char digits[ENC_KEY_DIGITS + 1] = "";
	uint8_t key[ENC_KEY_BYTES] = { 0 };

	if (len != ENC_KEY_DIGITS && len != ENC_KEY_DIGITS / 2)
		return enc_fail(e, ENC_ERR_FORMAT, "a line of %zu digits", len);
	memset(digits, '0', ENC_KEY_DIGITS);
	memcpy(digits, line, len);
	if (!enc_hex_key("a line", digits, ENC_KEY_DIGITS, key, e))
		return false;
	add_key(key, len / 2);
	return true;
}

static bool add_keys(const char *path, struct enc_error *e)
{
	uint8_t *text = NULL;
	size_t len = 0;
	bool ok = enc_file_read(path, MAX_FILE, &text, &len, e);

	for (size_t at = 0; ok && at < len;) {
		const char *line = (const char *)text + at;
		const char *end = memchr(line, '\n', len - at);
		const size_t n = end ? (size_t)(end - line) : len - at;

		ok = add_line(line, n, e);
		at += n + 1;
	}
	free(text);
	return ok && (pattern_count ||
		      enc_fail(e, ENC_ERR_FORMAT, "%s: no key in it", path));
}

static bool is_common(const uint8_t *window)
{
	bool seen[256] = { false };
	size_t different = 0;

	for (size_t i = 0; i < PATTERN_BYTES; i++) {
		different += !seen[window[i]];
		seen[window[i]] = true;
	}
	return different < LEAST_BYTES;
}

/*
 * Windows of weights, spread evenly over a record. Before its weights, Burn's
 * has metadata; a network's has tables, which are as secret.
 */
static bool add_weights(const uint8_t *record, size_t len)
{
	const uint32_t first = pattern_count;
	const size_t stride =
		(len - FIRST_WEIGHT) / WINDOWS / WEIGHT_BYTES * WEIGHT_BYTES;

	for (size_t i = 0; i < WINDOWS; i++) {
		const uint8_t *window = record + FIRST_WEIGHT + i * stride;
		const uint8_t *end = window + stride;

		while (is_common(window) && window + WEIGHT_BYTES < end)
			window += WEIGHT_BYTES;
		add(WEIGHTS, window);
	}
	return pattern_count - first == WINDOWS;
}

static bool prepare(const char *keys_path, const char *record_path,
		    struct enc_error *e)
{
	uint8_t *record = NULL;
	size_t len = 0;
	bool ok = false;

	if (!expands_as_published())
		return enc_fail(e, ENC_ERR_FORMAT, "the schedule is wrong");
	if (!add_keys(keys_path, e) ||
	    !enc_file_read(record_path, 1u << 24, &record, &len, e))
		return false;
	ok = len > WINDOWS * 2 * PATTERN_BYTES && add_weights(record, len);
	free(record);
	return ok ||
	       enc_fail(e, ENC_ERR_FORMAT, "%s: has no %d windows that differ",
			record_path, WINDOWS);
}

/* ---- the search ---- */

static void look_closer(const uint8_t *data, size_t len, size_t at, uint64_t h)
{
	for (uint64_t slot = h >> (64 - TABLE_BITS); table[slot].n;
	     slot = (slot + 1) % (1u << TABLE_BITS)) {
		const struct pattern *p = &patterns[table[slot].n - 1];
		size_t before = table[slot].at;

		if (before <= at && PATTERN_BYTES <= len - (at - before) &&
		    !memcmp(data + at - before, p->bytes, PATTERN_BYTES))
			found[p->kind]++;
	}
}

static void look(const uint8_t *data, size_t len)
{
	for (size_t at = 0; len >= WORD_BYTES && at <= len - WORD_BYTES;
	     at += WORD_BYTES) {
		uint64_t h = hash(load(data + at));
		uint64_t bit = h >> (64 - BITMAP_BITS);

		if (bitmap[bit / 8] >> bit % 8 & 1)
			look_closer(data, len, at, h);
	}
}

static bool look_in_file(const char *path, struct enc_error *e)
{
	struct stat st = { 0 };
	void *data = NULL;
	int fd = enc_file_open(path, e);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !st.st_size) {
		close(fd);
		return true;
	}
	data = mmap(NULL, (size_t)st.st_size, PROT_READ,
		    MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return enc_fail(e, ENC_ERR_MEMORY, "%s: cannot map", path);
	look(data, (size_t)st.st_size);
	munmap(data, (size_t)st.st_size);
	return true;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };
	bool ok = argc > 3;

	if (!ok) {
		fprintf(stderr, "usage: search KEYS RECORD FILE...\n");
		return 2;
	}
	ok = prepare(argv[1], argv[2], &e);
	for (int i = 3; ok && i < argc; i++)
		ok = look_in_file(argv[i], &e);
	if (!ok) {
		fprintf(stderr, "search: %s\n", e.what);
		return 1;
	}
	printf("key %zu, digits %zu, schedule %zu, weights %zu\n", found[KEY],
	       found[DIGITS], found[ROUND_KEY], found[WEIGHTS]);
	return 0;
}
