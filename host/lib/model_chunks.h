/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chunks of a model file (model_json.h): which there are and where. Part
 * of the reader; nothing else needs it.
 */
#ifndef HOST_LIB_MODEL_CHUNKS_H
#define HOST_LIB_MODEL_CHUNKS_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct enc_chunk {
	uint64_t id;
	off_t start;	/* of the '[' of its data in the text */
	uint32_t bytes; /* length of its data */
	uint32_t at;	/* place in the file, for messages; set by add */
};

/* Starts zeroed; the owner frees `list`. */
struct enc_chunks {
	struct enc_chunk *list;
	size_t count;
	size_t room;
};

/* Appends a copy of *chunk. name: of the file, for messages. */
bool enc_chunks_add(struct enc_chunks *c, const struct enc_chunk *chunk,
		    const char *name, struct enc_error *e);

/*
 * Sorts the chunks by id and refuses what is not exactly the ids 0 to
 * total_chunks - 1, once each, of at most chunk_size bytes.
 */
bool enc_chunks_check(struct enc_chunks *c, uint64_t total_chunks,
		      uint64_t chunk_size, const char *name,
		      struct enc_error *e);

#endif
