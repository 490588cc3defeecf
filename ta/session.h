/* SPDX-License-Identifier: Apache-2.0 */
/* What one session of the TA owns. */
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
	/* Takes the next piece, and gives load.record what is in it. */
	TEE_Result (*push)(struct session *s, const void *data, size_t size);
	/* What is to be checked, and stored, when the record is complete. */
	TEE_Result (*end)(struct session *s);
};

struct load_sealed {
	struct box_stream stream;
	struct box_head head;
	uint8_t bound[BOX_HEAD_BOUND_BYTES]; /* of the head, as it came */
	bool version_stored;		     /* when the load began */
	TEE_Result res; /* of deriving the stream's key, of decrypting */
};

/* Parameters; none while `packed` is NULL. */
struct model {
	enum nn_format format;
	void *packed;
};

/* A model on its way in; idle while there is no memory for it. */
struct load {
	struct model model; /* as far as it has come */
	const struct load_source *source;
	TEE_OperationHandle cipher;
	TEE_OperationHandle digest;
	TEE_OperationHandle derive; /* until the first chunk of a sealed one */
	uint8_t *chunk;		    /* decrypted; BOX_HEAD_CHUNK_BYTES */
	struct record_reader record;
	union {
		struct load_sealed sealed;
		/* of a source that is not named here: its own state */
		uint64_t other[16];
	};
};

struct session {
	struct model model; /* the one that answers */
	struct load load;
	void *work; /* for one command at a time; wiped when it returns */
	size_t work_size;
};

/* Bytes of session.work at least: a chunk of a sealed model. */
#define SESSION_WORK_MIN BOX_HEAD_CHUNK_BYTES

/*
 * Wipes memory of TEE_Malloc(), from its beginning on. OP-TEE's
 * memzero_explicit() goes byte by byte, and took longer than parsing a model.
 */
void session_wipe(void *memory, size_t size);

/* Wipes and frees memory; NULL is fine. */
void session_free(void *memory, size_t size);
void session_free_model(struct model *model);

#endif
