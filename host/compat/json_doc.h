/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes yajl's events for the JSON of a model, and checks that together they
 * make a model. Part of the reader in json.h.
 */
#ifndef HOST_COMPAT_JSON_DOC_H
#define HOST_COMPAT_JSON_DOC_H

#include <yajl/yajl_parse.h>

#include "json.h"

enum enc_place {
	ENC_AT_START,  /* before the top level object */
	ENC_IN_TOP,    /* in the top level object */
	ENC_IN_CHUNKS, /* in the array "chunks" */
	ENC_IN_CHUNK,  /* in one of its objects */
	ENC_IN_BYTES,  /* in "encrypted_data", or in the "data" of a chunk */
	ENC_AT_END     /* after the top level object */
};

enum enc_field {
	ENC_ALGORITHM,
	ENC_ENCRYPTED_DATA,
	ENC_CHUNKS,
	ENC_CHUNK_SIZE,
	ENC_TOTAL_CHUNKS,
	ENC_ORIGINAL_SIZE,
	ENC_ID,
	ENC_SIZE,
	ENC_DATA,
	ENC_UNKNOWN /* any other key */
};

struct enc_chunk {
	uint64_t start; /* offset in the text: of the '[' of its data */
	uint32_t bytes; /* length of its data; 0: no such chunk */
	uint32_t index; /* its place in the array "chunks" */
};

/* All zero at the start, except `e`, `yajl`, `sink` and `ctx`. */
struct enc_doc {
	struct enc_error *e;
	yajl_handle yajl;
	uint64_t offset; /* in the text, of what yajl reads now */
	size_t quiet;	 /* bytes that yajl got since its last event */

	enum enc_place place;
	enum enc_field field;	     /* last key read */
	unsigned int ignored;	     /* nesting inside an ignored value */
	bool seen[ENC_UNKNOWN];	     /* a chunk's fields: of this chunk */
	uint32_t value[ENC_UNKNOWN]; /* of numbers, likewise */
	uint64_t start;		     /* of this byte array, as in enc_chunk */
	uint32_t count;		     /* bytes of it so far */

	uint32_t chunk; /* index of this chunk */
	uint32_t turn;	/* id of the next chunk to hand out */
	uint32_t chunk_count;
	struct enc_chunk chunks[ENC_MODEL_MAX_CHUNKS]; /* by id */

	enc_model_sink sink;
	void *ctx;
	bool muted;	/* count bytes only: the second pass delivers */
	bool refused;	/* the sink failed, and filled *e */
	uint32_t total; /* bytes of all arrays so far */
	uint32_t fill;	/* bytes in `piece`, less than it holds */
	uint8_t piece[ENC_MODEL_PIECE_BYTES];
};

/* For yajl, with a struct enc_doc as the context. */
extern const yajl_callbacks enc_doc_callbacks;

/*
 * Counts n more bytes of an array. Unless they are muted, they are at
 * piece + fill already.
 */
bool enc_doc_add(struct enc_doc *d, uint32_t n);

/* Hands out what is in `piece`. */
bool enc_doc_flush(struct enc_doc *d);

/* At the end of a chunk: do its id, size and data fit? */
bool enc_doc_check_chunk(const struct enc_doc *d);

/* At the end of the text: is everything there, and does it fit together? */
bool enc_doc_check(const struct enc_doc *d);

#endif
