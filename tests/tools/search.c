/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search KEY RECORD FILE...: looks in files, such as dumps of a board's whole
 * memory, for what must not be there: the key whose 64 hexadecimal digits the
 * file KEY holds, these digits, the key's AES-256 schedule, and the weights of
 * the plaintext RECORD. Prints how many of each were found in all the files.
 *
 * How it works: every pattern has 16 bytes, so wherever it lies, one of the
 * words of 8 bytes at multiples of 8 is wholly in it. Each pattern is entered
 * under the 8 words that this can be. Then one look at each such word of the
 * file tells whether a pattern may be around it: a bitmap that fits in the
 * cache nearly always says no.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/lib/file.h"
#include "host/lib/hex.h"
#include "nn/arch.h"

#define PATTERN_BYTES 16
#define WORD_BYTES    8
#define WINDOWS	      4096		     /* of weights */
#define ROUNDS	      14		     /* of AES-256 */
#define SCHEDULE      (4 * (ROUNDS + 1) * 4) /* bytes */
#define MAX_PATTERNS  (WINDOWS + 256)
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

/* ---- the schedule of AES-256: FIPS 197, section 5.2 and 5.3.5 ---- */

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

static void expand(const uint8_t *key, uint8_t schedule[SCHEDULE])
{
	uint8_t round = 1;

	memcpy(schedule, key, ENC_KEY_BYTES);
	for (size_t i = ENC_KEY_BYTES; i < SCHEDULE; i += 4) {
		uint8_t t[4] = { 0 };

		memcpy(t, schedule + i - 4, 4);
		if (i % ENC_KEY_BYTES == 0) {
			const uint8_t first = t[0];

			t[0] = substitute(t[1]) ^ round;
			t[1] = substitute(t[2]);
			t[2] = substitute(t[3]);
			t[3] = substitute(first);
			round = times(round, 2);
		} else if (i % ENC_KEY_BYTES == 16) {
			for (size_t k = 0; k < 4; k++)
				t[k] = substitute(t[k]);
		}
		for (size_t k = 0; k < 4; k++)
			schedule[i + k] =
				schedule[i + k - ENC_KEY_BYTES] ^ t[k];
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

static void add_schedule(const uint8_t *key)
{
	uint8_t schedule[SCHEDULE] = { 0 };

	expand(key, schedule);
	for (size_t i = 0; i <= ROUNDS; i++) {
		uint8_t row[PATTERN_BYTES] = { 0 };

		memcpy(row, schedule + i * PATTERN_BYTES, PATTERN_BYTES);
		add_row(i < 2 ? KEY : ROUND_KEY, row);
		unmix(row);
		if (i > 0 && i < ROUNDS)
			add_row(ROUND_KEY, row);
	}
}

/* The last word of the example of FIPS 197, A.3. */
static bool expands_as_published(void)
{
	const uint8_t key[ENC_KEY_BYTES] = { 0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca,
					     0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0,
					     0x85, 0x7d, 0x77, 0x81, 0x1f, 0x35,
					     0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7,
					     0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14,
					     0xdf, 0xf4 };
	const uint8_t last[4] = { 0x70, 0x6c, 0x63, 0x1e };
	uint8_t schedule[SCHEDULE] = { 0 };

	expand(key, schedule);
	return !memcmp(schedule + SCHEDULE - 4, last, 4);
}

/* ---- what to look for ---- */

static void add_key(const uint8_t *key)
{
	const char *alphabets[] = { "0123456789abcdef", "0123456789ABCDEF" };

	for (size_t a = 0; a < 2; a++) {
		uint8_t digits[ENC_KEY_DIGITS] = { 0 };

		for (size_t i = 0; i < ENC_KEY_BYTES; i++) {
			digits[2 * i] = (uint8_t)alphabets[a][key[i] >> 4];
			digits[2 * i + 1] = (uint8_t)alphabets[a][key[i] & 15];
		}
		for (size_t i = 0; i < ENC_KEY_DIGITS; i += PATTERN_BYTES)
			add(DIGITS, digits + i);
	}
	add_schedule(key);
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

/* Windows of weights, spread evenly over what comes after the metadata. */
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

static bool prepare(const char *key_path, const char *record_path,
		    struct enc_error *e)
{
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	uint8_t *record = NULL;
	size_t len = 0;
	bool ok = false;

	if (!expands_as_published())
		return enc_fail(e, ENC_ERR_FORMAT, "the schedule is wrong");
	if (!enc_hex_key_file(key_path, key, e) ||
	    !enc_file_read(record_path, 1u << 24, &record, &len, e))
		return false;
	add_key(key);
	ok = len > WINDOWS * 2 * PATTERN_BYTES && add_weights(record, len);
	free(record);
	return ok ||
	       enc_fail(e, ENC_ERR_FORMAT, "%s: has no %d windows that differ",
			record_path, WINDOWS);
}

/* ---- looking ---- */

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
		fprintf(stderr, "usage: search KEY RECORD FILE...\n");
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
