/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one session of the TA. */
#ifndef TA_SESSION_H
#define TA_SESSION_H

#include <tee_internal_api.h>

#include "box/head.h"
#include "box/stream.h"

struct session;
struct network;

/* What INFER needs to know of a model. */
struct model_kind {
	/*
	 * Classifies n images, 784 bytes each in shared memory, to `labels`, in
	 * the TA's own memory. Wipes session.work.
	 */
	TEE_Result (*classify)(struct session *s, const uint8_t *images,
			       size_t n, uint8_t *labels);
};

/* A model; none while `kind` is NULL. Sizes are those of allocations. */
struct model {
	const struct model_kind *kind;
	struct network *network; /* network.h; NULL: of another kind */
	size_t network_size;
	void *params;
	size_t params_size;
	size_t work_size; /* of session.work, that its commands need */
};

/* How pieces of a model become bytes of its record. */
struct load_source {
	size_t work_size; /* of session.work, that a push needs */
	/* Takes the next piece and parses its plaintext. */
	TEE_Result (*push)(struct session *s, const void *data, size_t size);
	/* Last checks, and what must be stored: the model is complete. */
	TEE_Result (*end)(struct session *s);
};

struct load_sealed {
	struct box_stream stream;
	struct box_head head;
	uint8_t bound[BOX_HEAD_BOUND_BYTES]; /* of the head, as received */
	bool version_stored;		     /* already when the load began */
	TEE_Result res; /* result of the last callback of `stream` */
};

/* A model that is being loaded; idle while `source` is NULL. */
struct load {
	struct model model; /* written as far as the record was read */
	const struct load_source *source;
	TEE_OperationHandle cipher;
	TEE_OperationHandle digest;
	TEE_OperationHandle derive; /* until chunk 0 of a sealed model */
	void *chunk; /* for plaintext; NULL: session.work has room for it */
	union {
		struct load_sealed sealed;
		/* state of another source */
		uint64_t other[128];
	};
};

struct session {
	struct model model; /* the active one */
	struct load load;
	/* For one command; wiped before it returns. NULL: none needed yet. */
	void *work; /* aligned to SESSION_ALIGN */
	size_t work_size;
	void *work_memory; /* of TEE_Malloc() */
};

#define SESSION_ALIGN 64u /* NN_ALIGN */

/* The first aligned address in memory that is SESSION_ALIGN bytes larger. */
void *session_align(void *memory);

/*
 * Makes session.work as large as the active model and `size` demand. Where
 * there is no room for that, it stays as large as it was.
 */
TEE_Result session_work(struct session *s, size_t size);

/* Frees session.work, which each command has wiped. */
void session_free_work(struct session *s);

/*
 * Wipes memory of TEE_Malloc() from its first byte on, in words: OP-TEE's
 * memzero_explicit() works byte by byte and took longer than parsing a model.
 */
void session_wipe(void *memory, size_t size);

/* Wipes and frees memory; NULL is allowed. */
void session_free(void *memory, size_t size);
void session_free_model(struct model *model);

#endif
