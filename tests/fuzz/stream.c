/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box/: a stream with any changes. The bytes choose the length of the
 * plaintext, the size of chunks, the reader's expectations, and the changes to
 * the stream on its way: see `enum edit`.
 *
 * The cipher is an ideal one: it opens exactly what it has sealed, with the
 * same key and the same nonce, and outputs rubbish otherwise. So box/ is at
 * fault if anything is accepted that was not sealed.
 *
 * Two streams are sealed. A stream that a reader accepts is one of them, whole
 * and unchanged, and each output byte is from the stream with the same header.
 */
#include "box/stream.h"

#include "tests/lib/fuzz.h"

#define PLAIN_MAX  600
#define CHUNK_MIN  (BOX_STREAM_HEADER_BYTES + BOX_STREAM_TAG_BYTES + 1)
#define CHUNK_MAX  (CHUNK_MIN + 99)
#define SEALED_MAX 4096
#define CHUNKS_MAX 64
#define HEAD_BYTES 6 /* of the input, before the edits */
#define EDIT_BYTES 4

enum edit {
	EDIT_FLIP,    /* bits c of byte a + 256 b */
	EDIT_CUT,     /* from byte a + 256 b on */
	EDIT_DELETE,  /* chunk a */
	EDIT_INSERT,  /* chunk a before chunk b */
	EDIT_SWAP,    /* chunks a and b */
	EDIT_SPLICE,  /* chunk a of the other stream for chunk b */
	EDIT_REPLACE, /* all by the other stream */
	EDIT_PUSH     /* push a of the reader has b bytes more, and c less */
};

/* Everything that was sealed, by anyone who has the key. */
struct sealed {
	uint8_t salt[BOX_STREAM_SALT_BYTES];
	uint8_t nonce[BOX_STREAM_NONCE_BYTES];
	uint8_t bytes[CHUNK_MAX];
	size_t len;
};

struct cipher {
	struct sealed sealed[CHUNKS_MAX];
	size_t count;
	uint8_t salt[BOX_STREAM_SALT_BYTES];
	bool seals;
	size_t calls;
};

struct stream {
	uint8_t plain[PLAIN_MAX];
	size_t plain_len;
	uint8_t bytes[SEALED_MAX];
	size_t len;
};

struct plan {
	size_t chunk_bytes;
	uint64_t told;
	struct stream original;
	struct stream other;
	struct stream changed;
	size_t push_at;
	size_t push_more;
	size_t push_less;
};

static bool derive(void *ctx, const uint8_t salt[BOX_STREAM_SALT_BYTES])
{
	struct cipher *cipher = ctx;

	cipher->calls++;
	memcpy(cipher->salt, salt, sizeof(cipher->salt));
	return true;
}

static struct sealed *find(struct cipher *cipher, const uint8_t *nonce)
{
	for (size_t i = 0; i < cipher->count; i++) {
		struct sealed *s = &cipher->sealed[i];

		if (!memcmp(s->salt, cipher->salt, sizeof(s->salt)) &&
		    !memcmp(s->nonce, nonce, sizeof(s->nonce)))
			return s;
	}
	return NULL;
}

/* No nonce twice, and a tag that is different each time. */
static void seal_chunk(struct cipher *cipher, const uint8_t *nonce,
		       const uint8_t *in, size_t len, uint8_t *out)
{
	struct sealed *s = &cipher->sealed[cipher->count];

	FUZZ_ASSERT(!find(cipher, nonce) && cipher->count++ < CHUNKS_MAX);
	memcpy(s->salt, cipher->salt, sizeof(s->salt));
	memcpy(s->nonce, nonce, sizeof(s->nonce));
	s->len = len + BOX_STREAM_TAG_BYTES;
	memset(s->bytes, (int)cipher->count, s->len);
	for (size_t i = 0; i < len; i++)
		s->bytes[i] = in[i] ^ 0x5a;
	memcpy(out, s->bytes, s->len);
}

static bool crypt_chunk(void *ctx, const uint8_t nonce[BOX_STREAM_NONCE_BYTES],
			const uint8_t *in, size_t len, uint8_t *out)
{
	struct cipher *cipher = ctx;
	const struct sealed *s = NULL;

	cipher->calls++;
	if (cipher->seals) {
		seal_chunk(cipher, nonce, in, len, out);
		return true;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = in[i] ^ 0x5a;
	s = find(cipher, nonce);
	return s && s->len == len + BOX_STREAM_TAG_BYTES &&
	       !memcmp(s->bytes, in, s->len);
}

static const struct box_stream_ops ops = {
	.derive = derive,
	.crypt = crypt_chunk,
};

static void seal(struct cipher *cipher, struct stream *stream,
		 size_t chunk_bytes, const uint8_t *random)
{
	struct box_stream s = { 0 };
	const uint8_t *plain = stream->plain;

	cipher->seals = true;
	stream->len = 0;
	box_stream_seal_begin(&s, &ops, cipher, chunk_bytes, stream->plain_len,
			      random);
	while (box_stream_next_sealed(&s)) {
		size_t n = box_stream_next_plain(&s);
		size_t len = box_stream_next_sealed(&s);
		uint8_t *in = fuzz_copy(plain, n);
		uint8_t *out = fuzz_alloc(len);

		FUZZ_ASSERT(len <= chunk_bytes);
		FUZZ_ASSERT(box_stream_seal_chunk(&s, in, out) == BOX_OK);
		memcpy(stream->bytes + stream->len, out, len);
		stream->len += len;
		plain += n;
		free(out);
		free(in);
	}
	FUZZ_ASSERT(plain == stream->plain + stream->plain_len);
	FUZZ_ASSERT(stream->len ==
		    box_stream_sealed_size(stream->plain_len, chunk_bytes));
	FUZZ_ASSERT(box_stream_seal_chunk(&s, plain, NULL) == BOX_TRAILING);
}

/*
 * The bytes of chunk i, modulo the number of chunks; chunk 0 with the header.
 */
static const uint8_t *chunk(const struct plan *plan, const struct stream *s,
			    size_t i, size_t *len)
{
	size_t chunks = (s->len + plan->chunk_bytes - 1) / plan->chunk_bytes;
	size_t at = chunks ? i % chunks * plan->chunk_bytes : 0;

	*len = s->len - at;
	if (*len > plan->chunk_bytes)
		*len = plan->chunk_bytes;
	return s->bytes + at;
}

/*
 * Replaces `gone` bytes at `at` by `len` bytes, unless the result is too long.
 */
static void put(struct stream *s, size_t at, size_t gone, const uint8_t *bytes,
		size_t len)
{
	uint8_t copy[CHUNK_MAX];

	if (s->len - gone + len > SEALED_MAX)
		return;
	if (len)
		memcpy(copy, bytes, len);
	memmove(s->bytes + at + len, s->bytes + at + gone, s->len - at - gone);
	if (len)
		memcpy(s->bytes + at, copy, len);
	s->len += len - gone;
}

static void swap(const struct plan *plan, struct stream *s, size_t a, size_t b)
{
	uint8_t copy[CHUNK_MAX];
	size_t len = 0;
	size_t other_len = 0;
	const uint8_t *bytes = chunk(plan, s, a, &len);
	const uint8_t *other = chunk(plan, s, b, &other_len);

	if (bytes > other) {
		swap(plan, s, b, a);
		return;
	}
	memcpy(copy, other, other_len);
	put(s, (size_t)(other - s->bytes), other_len, bytes, len);
	put(s, (size_t)(bytes - s->bytes), len, copy, other_len);
}

static void apply(struct plan *plan, const uint8_t edit[EDIT_BYTES])
{
	struct stream *s = &plan->changed;
	const size_t at = edit[1] + 256u * edit[2];
	size_t len = 0;
	size_t gone = 0;
	const uint8_t *from = chunk(plan, s, edit[1], &len);
	const uint8_t *to = chunk(plan, s, edit[2], &gone);

	switch ((enum edit)(edit[0] % 8)) {
	case EDIT_FLIP:
		if (at < s->len)
			s->bytes[at] ^= edit[3];
		break;
	case EDIT_CUT:
		if (at < s->len)
			s->len = at;
		break;
	case EDIT_DELETE:
		put(s, (size_t)(from - s->bytes), len, NULL, 0);
		break;
	case EDIT_INSERT:
		put(s, (size_t)(to - s->bytes), 0, from, len);
		break;
	case EDIT_SWAP:
		swap(plan, s, edit[1], edit[2]);
		break;
	case EDIT_SPLICE:
		from = chunk(plan, &plan->other, edit[1], &len);
		put(s, (size_t)(to - s->bytes), gone, from, len);
		break;
	case EDIT_REPLACE:
		*s = plan->other;
		break;
	case EDIT_PUSH:
		plan->push_at = edit[1];
		plan->push_more = edit[2];
		plan->push_less = edit[3];
		break;
	}
}

/* The other stream has another salt, or the same one and another prefix. */
static void make_streams(struct cipher *cipher, struct plan *plan, bool salt)
{
	uint8_t random[BOX_STREAM_RANDOM_BYTES] = "salt and prefix";

	for (size_t i = 0; i < PLAIN_MAX; i++) {
		plan->original.plain[i] = (uint8_t)(i * 3);
		plan->other.plain[i] = (uint8_t)(i * 3 + 1);
	}
	cipher->count = 0;
	cipher->calls = 0;
	seal(cipher, &plan->original, plan->chunk_bytes, random);
	random[salt ? 0 : BOX_STREAM_SALT_BYTES] ^= 1;
	seal(cipher, &plan->other, plan->chunk_bytes, random);
	plan->changed = plan->original;
}

static void read_plan(struct cipher *cipher, struct plan *plan,
		      const uint8_t *data, size_t len)
{
	uint8_t head[HEAD_BYTES] = { 0 };
	size_t n = len < HEAD_BYTES ? len : HEAD_BYTES;

	if (n)
		memcpy(head, data, n);
	plan->original.plain_len = (head[0] + 256u * head[1]) % (PLAIN_MAX + 1);
	plan->other.plain_len =
		plan->original.plain_len / (head[5] & 2 ? 2 : 1);
	plan->chunk_bytes = CHUNK_MIN + head[2] % (CHUNK_MAX - CHUNK_MIN + 1);
	plan->told = plan->original.plain_len +
		     (uint64_t)(int16_t)(head[3] + 256u * head[4]);
	plan->push_at = SIZE_MAX;
	make_streams(cipher, plan, head[5] & 1);
	for (; n + EDIT_BYTES <= len; n += EDIT_BYTES)
		apply(plan, data + n);
}

struct reader {
	struct box_stream s;
	struct cipher *cipher;
	const struct stream *source; /* whose header was there, or NULL */
	enum box_error error;
	size_t out_len;
};

static bool is_filled(const uint8_t *bytes, size_t len, uint8_t with)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != with)
			return false;
	return true;
}

static void check_out(struct reader *r, enum box_error error,
		      const uint8_t *out, size_t len)
{
	if (r->error != BOX_OK || (error != BOX_OK && error != BOX_TAG)) {
		FUZZ_ASSERT(is_filled(out, len, 0xa5));
	} else if (error == BOX_TAG) {
		FUZZ_ASSERT(is_filled(out, len, 0));
	} else if (len) {
		FUZZ_ASSERT(r->source);
		FUZZ_ASSERT(len <= r->source->plain_len - r->out_len);
		FUZZ_ASSERT(!memcmp(out, r->source->plain + r->out_len, len));
		r->out_len += len;
	}
}

static void push(struct reader *r, const uint8_t *bytes, size_t len)
{
	const size_t want = box_stream_next_sealed(&r->s);
	const size_t plain = box_stream_next_plain(&r->s);
	const size_t calls = r->cipher->calls;
	uint8_t *in = fuzz_copy(bytes, len);
	uint8_t *out = fuzz_alloc(plain);
	enum box_error error = BOX_OK;

	memset(out, 0xa5, plain);
	error = box_stream_open_chunk(&r->s, in, len, out);
	check_out(r, error, out, plain);
	if (r->error != BOX_OK)
		FUZZ_ASSERT(error == r->error);
	else if (len != want)
		FUZZ_ASSERT(error == (len < want ? BOX_SHORT : BOX_TRAILING));
	if (r->error != BOX_OK || len != want)
		FUZZ_ASSERT(r->cipher->calls == calls);
	r->error = error;
	free(out);
	free(in);
}

/* *odd: some chunk was pushed with a wrong size. */
static enum box_error open_changed(struct reader *r, const struct plan *plan,
				   bool *odd)
{
	const struct stream *s = &plan->changed;
	enum box_error end = BOX_OK;
	size_t at = 0;

	for (size_t pushes = 0; at < s->len; pushes++) {
		size_t left = s->len - at;
		size_t want = box_stream_next_sealed(&r->s);
		size_t n = want && want < left ? want : left;

		if (pushes == plan->push_at) {
			n += plan->push_more;
			n = n > plan->push_less ? n - plan->push_less : 0;
			n = n < left ? n : left;
			*odd = n != want;
		}
		push(r, s->bytes + at, n);
		at += n;
	}
	end = box_stream_open_end(&r->s);
	FUZZ_ASSERT(r->error == BOX_OK || end == r->error);
	FUZZ_ASSERT(box_stream_open_end(&r->s) == end);
	return end;
}

static bool is_same(const struct plan *plan, const struct stream *s)
{
	return plan->told == s->plain_len && plan->changed.len == s->len &&
	       !memcmp(plan->changed.bytes, s->bytes, s->len);
}

static bool has_header(const struct stream *s, const struct stream *of)
{
	return s->len >= BOX_STREAM_HEADER_BYTES &&
	       !memcmp(s->bytes, of->bytes, BOX_STREAM_HEADER_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct cipher cipher;
	static struct plan plan;
	struct reader r = { .cipher = &cipher };
	bool odd = false;
	bool same = false;

	read_plan(&cipher, &plan, data, len);
	if (has_header(&plan.changed, &plan.original))
		r.source = &plan.original;
	else if (has_header(&plan.changed, &plan.other))
		r.source = &plan.other;
	cipher.seals = false;
	box_stream_open_begin(&r.s, &ops, &cipher, plan.chunk_bytes, plan.told);
	if (plan.told > BOX_STREAM_LENGTH_MAX)
		r.error = BOX_LENGTH;
	same = is_same(&plan, &plan.original) || is_same(&plan, &plan.other);
	FUZZ_ASSERT((open_changed(&r, &plan, &odd) == BOX_OK) ==
		    (same && !odd));
	FUZZ_ASSERT(!same || odd || r.out_len == plan.told);
	return 0;
}
