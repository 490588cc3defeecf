/* SPDX-License-Identifier: Apache-2.0 */
/* Common to opening and sealing a stream: private to box/. */
#ifndef BOX_STREAM_STEP_H
#define BOX_STREAM_STEP_H

#include "stream.h"

void box_stream_begin(struct box_stream *s, const struct box_stream_ops *ops,
		      void *ctx, size_t chunk_bytes, uint64_t len);

/* The nonce of the next chunk. */
void box_stream_nonce(const struct box_stream *s,
		      uint8_t nonce[BOX_STREAM_NONCE_BYTES]);

/* Goes on to the next chunk. */
void box_stream_step(struct box_stream *s);

#endif
