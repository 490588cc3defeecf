/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box/: any bytes as a container and as a record. The cipher is CBC of a block
 * cipher that changes nothing: the fuzzer can see through it, and a lost,
 * doubled or misplaced block still shows.
 *
 * Every split gives the same answer and, if good, the same record; sealing that
 * record makes the same container again. Every sealed record can be opened
 * again. A refused container outputs no byte that another split would not
 * output.
 */
#include "compat/cbc.h"
#include "tests/lib/fuzz.h"

#define BLOCK BOX_CBC_BLOCK_BYTES
#define LIMIT 2000 /* bytes of the longest record */

struct end {
	uint8_t chain[BLOCK]; /* last block of ciphertext */
	uint8_t out[LIMIT + 3 * BLOCK];
	size_t used;
	size_t takes; /* bytes that the sink accepts */
	bool seals;
};

static bool start(void *ctx, const uint8_t iv[BLOCK])
{
	struct end *end = ctx;

	memcpy(end->chain, iv, BLOCK);
	return true;
}

static bool crypt_blocks(void *ctx, uint8_t *data, size_t len)
{
	struct end *end = ctx;

	FUZZ_ASSERT(len && len % BLOCK == 0);
	for (size_t i = 0; i < len; i++) {
		uint8_t in = data[i];

		data[i] ^= end->chain[i % BLOCK];
		end->chain[i % BLOCK] = end->seals ? data[i] : in;
	}
	return true;
}

static bool keep(void *ctx, const uint8_t *data, size_t len)
{
	struct end *end = ctx;

	FUZZ_ASSERT(len && len <= sizeof(end->out) - end->used);
	if (len > end->takes - end->used)
		return false;
	memcpy(end->out + end->used, data, len);
	end->used += len;
	return true;
}

static const struct box_cbc_ops ops = {
	.start = start,
	.crypt = crypt_blocks,
	.sink = keep,
};

typedef enum box_error (*pusher)(struct box_cbc *box, uint8_t *data,
				 size_t len);

/* Goes on after an error: the error has to stay. */
static enum box_error push_all(struct box_cbc *box, pusher push,
			       const uint8_t *data, size_t len,
			       uint32_t *pieces)
{
	enum box_error error = BOX_OK;

	while (len) {
		size_t n = fuzz_piece_len(pieces, len);
		uint8_t *piece = fuzz_copy(data, n);
		enum box_error now = push(box, piece, n);

		free(piece);
		FUZZ_ASSERT(error == BOX_OK || now == error);
		error = now;
		data += n;
		len -= n;
	}
	return error;
}

static enum box_error open_all(struct end *end, const uint8_t *data, size_t len,
			       uint32_t *pieces)
{
	struct box_cbc box = { 0 };
	enum box_error error = BOX_OK;

	end->used = 0;
	box_cbc_open_begin(&box, &ops, end, LIMIT);
	error = push_all(&box, box_cbc_open_push, data, len, pieces);
	FUZZ_ASSERT(error == BOX_OK || box_cbc_open_end(&box) == error);
	return box_cbc_open_end(&box);
}

static void seal_all(struct end *end, const uint8_t iv[BLOCK],
		     const uint8_t *record, size_t len, uint32_t *pieces)
{
	struct box_cbc box = { 0 };

	end->used = 0;
	end->seals = true;
	end->takes = sizeof(end->out);
	FUZZ_ASSERT(box_cbc_seal_begin(&box, &ops, end, iv, (uint32_t)len) ==
		    BOX_OK);
	FUZZ_ASSERT(push_all(&box, box_cbc_seal_push, record, len, pieces) ==
		    BOX_OK);
	FUZZ_ASSERT(box_cbc_seal_end(&box) == BOX_OK);
	FUZZ_ASSERT(end->used == box_cbc_sealed_size((uint32_t)len));
}

static void check_open(const uint8_t *data, size_t len, uint32_t *pieces,
		       size_t takes)
{
	static struct end whole;
	static struct end split;
	static struct end again;
	enum box_error error = BOX_OK;
	size_t both = 0;

	whole.takes = split.takes = takes;
	error = open_all(&whole, data, len, NULL);
	FUZZ_ASSERT(open_all(&split, data, len, pieces) == error);
	both = whole.used < split.used ? whole.used : split.used;
	FUZZ_ASSERT(!memcmp(whole.out, split.out, both));
	if (error != BOX_SINK) /* one of them ended within a piece */
		FUZZ_ASSERT(whole.used == split.used);
	if (error != BOX_OK)
		return;
	FUZZ_ASSERT(len >= 2 * BLOCK && whole.used <= LIMIT);
	seal_all(&again, data, whole.out, whole.used, pieces);
	FUZZ_ASSERT(again.used == len && !memcmp(again.out, data, len));
}

static void check_seal(const uint8_t *data, size_t len, uint32_t *pieces)
{
	const uint8_t iv[BLOCK] = "fifteen letters";
	static struct end whole;
	static struct end split;
	static struct end opened;

	seal_all(&whole, iv, data, len, NULL);
	seal_all(&split, iv, data, len, pieces);
	FUZZ_ASSERT(whole.used == split.used &&
		    !memcmp(whole.out, split.out, whole.used));
	opened.takes = sizeof(opened.out);
	FUZZ_ASSERT(open_all(&opened, whole.out, whole.used, pieces) == BOX_OK);
	FUZZ_ASSERT(opened.used == len && !memcmp(opened.out, data, len));
}

/* Sealing takes exactly the number of bytes it was told. */
static void check_seal_length(const uint8_t *data, size_t len, uint32_t told)
{
	const uint8_t iv[BLOCK] = { 0 };
	static struct end end;
	struct box_cbc box = { 0 };
	uint32_t pieces = told;
	enum box_error error = BOX_OK;
	enum box_error want = BOX_OK;

	if (told != len)
		want = len < told ? BOX_SHORT : BOX_TRAILING;
	end.used = 0;
	end.seals = true;
	end.takes = sizeof(end.out);
	box_cbc_seal_begin(&box, &ops, &end, iv, told);
	error = push_all(&box, box_cbc_seal_push, data, len, &pieces);
	FUZZ_ASSERT(error == (want == BOX_TRAILING ? want : BOX_OK));
	FUZZ_ASSERT(box_cbc_seal_end(&box) == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint32_t state = fuzz_hash(data, len);
	uint32_t length = (uint32_t)len;

	check_open(data, len, &state, LIMIT);
	check_open(data, len, &state, fuzz_draw(&state, 200));
	if (len > LIMIT)
		return 0;
	check_seal(data, len, &state);
	check_seal_length(data, len, fuzz_draw(&state, 2 * length + 2));
	return 0;
}
