/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <string.h>

#include "stream_step.h"

/* Plaintext bytes that fit into a chunk. */
static size_t room(size_t chunk_bytes, bool first)
{
	return chunk_bytes - BOX_STREAM_TAG_BYTES -
	       (first ? BOX_STREAM_HEADER_BYTES : 0);
}

uint64_t box_stream_sealed_size(uint64_t len, size_t chunk_bytes)
{
	const uint64_t first = room(chunk_bytes, true);
	const uint64_t others = room(chunk_bytes, false);
	uint64_t chunks = 1;

	if (len > first)
		chunks += (len - first + others - 1) / others;
	return BOX_STREAM_HEADER_BYTES + len + chunks * BOX_STREAM_TAG_BYTES;
}

size_t box_stream_next_plain(const struct box_stream *s)
{
	const size_t most = room(s->chunk_bytes, !s->index);

	return s->left < most ? (size_t)s->left : most;
}

size_t box_stream_next_sealed(const struct box_stream *s)
{
	if (s->complete)
		return 0;
	return box_stream_next_plain(s) + BOX_STREAM_TAG_BYTES +
	       (s->index ? 0 : BOX_STREAM_HEADER_BYTES);
}

static bool is_last(const struct box_stream *s)
{
	return s->left <= room(s->chunk_bytes, !s->index);
}

void box_stream_begin(struct box_stream *s, const struct box_stream_ops *ops,
		      void *ctx, size_t chunk_bytes, uint64_t len)
{
	memset(s, 0, sizeof(*s));
	s->ops = ops;
	s->ctx = ctx;
	s->chunk_bytes = chunk_bytes;
	s->left = len;
	if (len > BOX_STREAM_LENGTH_MAX)
		s->error = BOX_LENGTH;
}

void box_stream_nonce(const struct box_stream *s,
		      uint8_t nonce[BOX_STREAM_NONCE_BYTES])
{
	memcpy(nonce, s->random + BOX_STREAM_SALT_BYTES,
	       BOX_STREAM_PREFIX_BYTES);
	nonce[7] = (uint8_t)(s->index >> 24);
	nonce[8] = (uint8_t)(s->index >> 16);
	nonce[9] = (uint8_t)(s->index >> 8);
	nonce[10] = (uint8_t)s->index;
	nonce[11] = is_last(s);
}

void box_stream_step(struct box_stream *s)
{
	s->complete = is_last(s);
	s->left -= box_stream_next_plain(s);
	s->index++;
}
