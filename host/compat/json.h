/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON around an encrypted model, read and written as a stream.
 *
 * The file holds one run of bytes: an IV of 16 bytes, then whole AES blocks of
 * 16. It has one of two forms:
 *
 *   {"algorithm": "AES-256-CBC", "encrypted_data": [214, 7, ...]}
 *
 *   {"algorithm": "AES-256-CBC", "chunk_size": 65536, "total_chunks": 35,
 *    "original_size": 2270080,
 *    "chunks": [{"id": 0, "size": 65536, "data": [214, 7, ...]}, ...]}
 *
 * In the chunked form the run is the data of all chunks in the order of their
 * ids, 0 to total_chunks - 1; the file may have them in any order. `size` is
 * the length of `data`, 1 to chunk_size. original_size is the length of the
 * whole run, or of the record inside: writers differ. A length of 4 bytes
 * precedes the record, and padding to whole blocks follows it, so a record of n
 * bytes fits a run of 16 + roundup16(4 + n). (The first version of enc_mnist-rs
 * wrote the record's length. It also encrypted each chunk separately and called
 * that "AES-256-CBC-Chunked", which no later version can load. It is refused
 * here.)
 *
 * Keys may come in any order. Keys not named above are ignored, as serde
 * ignores them in enc_mnist-rs. Refused, each with its own message:
 *   - text that is not JSON, is empty, stops early or goes on after its end;
 *   - a top level that is not an object; a field that is missing, repeated, or
 *     of another type; both forms at once;
 *   - an algorithm other than AES-256-CBC;
 *   - an element that is not an integer from 0 to 255;
 *   - a run that is not an IV and at least one whole block;
 *   - a chunk that is missing, repeated, empty, not of the stated size, or has
 *     an id out of range; total_chunks or original_size that does not fit;
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

/* Every piece but the last has this many bytes; the last has 1 to this many. */
#define ENC_MODEL_PIECE_BYTES 65536u

/*
 * Takes the next piece of the run. `data` is valid during the call only. If it
 * returns false (with *e filled), reading ends with that error.
 */
typedef bool (*enc_model_sink)(void *ctx, const uint8_t *data, size_t len,
			       struct enc_error *e);

/*
 * Reads `path` and hands the run to `sink`, in order.
 *
 * Memory: 1.2 MB, of which about 200 KB and 16 bytes a chunk are touched,
 * whatever the size of the model. To keep it so, bytes are handed out while the
 * text is read: **they are worth nothing until this function has returned
 * true**. Chunks that are not in the order of their ids, or have their data
 * before their id, are read twice: first to find them, then to hand them out.
 * So they cannot come from a pipe ("-").
 */
bool enc_model_json_read(const char *path, enc_model_sink sink, void *ctx,
			 struct enc_error *e);

/* As above, from the position of `f`; label: its name in messages. */
bool enc_model_json_read_stream(FILE *f, const char *label, enc_model_sink sink,
				void *ctx, struct enc_error *e);

/*
 * Writes the plain form: `len` bytes of IV and blocks, then a line end. Takes a
 * few KB of memory besides `data`. A write that fails shows in ferror(f), which
 * enc_out_commit() checks. This function fails only if no reader would accept
 * the length, or memory runs out.
 */
bool enc_model_json_write(FILE *f, const uint8_t *data, size_t len,
			  struct enc_error *e);

#endif
