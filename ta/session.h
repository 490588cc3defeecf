/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one session of the TA. */
#ifndef TA_SESSION_H
#define TA_SESSION_H

#include <tee_internal_api.h>

#include "box/head.h"
#include "box/stream.h"
#include "nn/model.h"
#include "record/reader.h"

struct session;

/* How pieces of a model become bytes of its record. */
struct load_source {
	/* Takes the next piece and pushes its plaintext to load.record. */
	TEE_Result (*push)(struct session *s, const void *data, size_t size);
	/* The record is complete: last checks, and what must be stored. */
	TEE_Result (*end)(struct session *s);
};

struct load_sealed {
	struct box_stream stream;
	struct box_head head;
	uint8_t bound[BOX_HEAD_BOUND_BYTES]; /* of the head, as received */
	bool version_stored;		     /* already when the load began */
	TEE_Result res; /* result of the last callback of `stream` */
};

/* Parameters of a model; none while `packed` is NULL. */
struct model {
	enum nn_format format;
	void *packed;
};

/* A model that is being loaded; idle while model.packed is NULL. */
struct load {
	struct model model; /* written as far as the record was read */
	const struct load_source *source;
	TEE_OperationHandle cipher;
	TEE_OperationHandle digest;
	TEE_OperationHandle derive; /* until chunk 0 of a sealed model */
	uint8_t *chunk;		    /* plaintext; BOX_HEAD_CHUNK_BYTES */
	struct record_reader record;
	union {
		struct load_sealed sealed;
		/* state of another source */
		uint64_t other[16];
	};
};

struct session {
	struct model model; /* the active one */
	struct load load;
	void *work; /* for one command; wiped before it returns */
	size_t work_size;
};

/* Least size of session.work: one chunk of a sealed model. */
#define SESSION_WORK_MIN BOX_HEAD_CHUNK_BYTES

/*
 * Wipes memory of TEE_Malloc() from its first byte on, in words: OP-TEE's
 * memzero_explicit() works byte by byte and took longer than parsing a model.
 */
void session_wipe(void *memory, size_t size);

/* Wipes and frees memory; NULL is allowed. */
void session_free(void *memory, size_t size);
void session_free_model(struct model *model);

#endif
