/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON around an encrypted model: read as a stream, written as a stream.
 *
 * What the file carries is one run of bytes: an IV of 16 bytes, then whole
 * AES blocks of 16. It comes in two forms:
 *
 *   {"algorithm": "AES-256-CBC", "encrypted_data": [214, 7, ...]}
 *
 *   {"algorithm": "AES-256-CBC", "chunk_size": 65536, "total_chunks": 35,
 *    "original_size": 2270080,
 *    "chunks": [{"id": 0, "size": 65536, "data": [214, 7, ...]}, ...]}
 *
 * In the chunked form the run is the data of all chunks put together in the
 * order of their ids, 0 to total_chunks - 1; they may stand in the file in any
 * order. `size` is the length of `data`, 1 to chunk_size. original_size is
 * either the length of the whole run or that of the record inside, whichever
 * the writer had in mind: the record is encrypted behind a length of 4 bytes
 * and padded to whole blocks, so a record of n bytes fits a run of
 * 16 + roundup16(4 + n). (The first version of enc_mnist-rs meant the record;
 * it also encrypted each chunk for itself and called that
 * "AES-256-CBC-Chunked", which no later version can load. It is refused.)
 *
 * Keys may come in any order. Keys not named above are ignored, as serde
 * ignores them in enc_mnist-rs. Refused, each with its own message:
 *   - text that is not JSON, is empty, stops early or goes on after its end;
 *   - a top level that is no object; a field missing, there twice, or of
 *     another type; both forms at once;
 *   - an algorithm other than AES-256-CBC;
 *   - an element that is no integer from 0 to 255;
 *   - a run that is not an IV and at least one whole block;
 *   - a chunk missing, there twice, with an id out of range, empty, or of
 *     another size than stated; total_chunks or original_size that does not
 *     fit;
 *   - anything over the limits below (ENC_ERR_LIMIT).
 */
#ifndef HOST_COMPAT_JSON_H
#define HOST_COMPAT_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "compat/cbc.h"
#include "host/base/error.h"

/* The shortest run: an IV and one block. */
#define ENC_MODEL_MIN_BYTES (2 * BOX_CBC_BLOCK_BYTES)

/* Limits: bytes of the run, chunks, and nesting of ignored values. */
#define ENC_MODEL_MAX_BYTES  (1u << 30)
#define ENC_MODEL_MAX_CHUNKS 65536u
#define ENC_MODEL_MAX_DEPTH  64u

/* Every piece handed out has this many bytes, the last one 1 to this many. */
#define ENC_MODEL_PIECE_BYTES 65536u

/*
 * Takes the next piece of the run; `data` is valid during the call only.
 * Returning false (with *e filled) ends the reading with that error.
 */
typedef bool (*enc_model_sink)(void *ctx, const uint8_t *data, size_t len,
			       struct enc_error *e);

/*
 * Reads `path` and hands the run to `sink`, in order.
 *
 * Memory: 1.2 MB, of which about 200 KB and 16 bytes a chunk are touched,
 * whatever the size of the model. To keep it so, bytes are handed out while the
 * text is read: **what came out is worth nothing until this function has
 * returned true**. Chunks that do not come in the order of their ids, or whose
 * data comes before their id, are read twice, first to find them and then to
 * hand them out; so they cannot come from a pipe ("-").
 */
bool enc_model_json_read(const char *path, enc_model_sink sink, void *ctx,
			 struct enc_error *e);

/* The same from where `f` stands; label: its name in messages. */
bool enc_model_json_read_stream(FILE *f, const char *label, enc_model_sink sink,
				void *ctx, struct enc_error *e);

/*
 * Writes the plain form: `len` bytes of IV and blocks, a line end after them.
 * Works in a few KB of memory besides `data`. A write that fails shows in
 * ferror(f), as enc_out_commit() checks; this function fails only on a
 * length that no reader would take, or when memory runs out.
 */
bool enc_model_json_write(FILE *f, const uint8_t *data, size_t len,
			  struct enc_error *e);

#endif
