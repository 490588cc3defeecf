/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one session of the TA. */
#ifndef TA_SESSION_H
#define TA_SESSION_H

#include "box/head.h"
#include "box/stream.h"
#include "device.h"
#include "kit.h"
#include "proto/enc_mnist_ta.h"
#include "user_ta_header_defines.h"

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

/* A model; none while `kind` is NULL. */
struct model {
	const struct model_kind *kind;
	void *memory;	  /* at one end of session.memory; NULL: none yet */
	size_t size;	  /* of that, a multiple of SESSION_ALIGN */
	size_t work_size; /* of session.work, that its commands need */
	struct network *network; /* network.h; NULL: of another kind */
	void *params;
};

/* Of the active model, where it is a network: policy.h. */
struct answers {
	uint64_t given;	   /* since it was loaded */
	uint64_t reserved; /* of those in the life of the device, not given */
	uint32_t since;	   /* of the count that they are part of: device.h */
	bool has_answered;
};

/* How pieces of a model become bytes of its record. */
struct load_source {
	size_t work_size; /* of session.work, that a push needs */
	/* Takes the next piece and parses its plaintext. */
	TEE_Result (*push)(struct session *s, const void *data, size_t size);
	/* The last checks: the model is complete. */
	TEE_Result (*end)(struct session *s);
};

struct load_sealed {
	struct box_stream stream;
	struct box_head head;
	uint8_t bound[BOX_HEAD_BOUND_BYTES]; /* of the head, as received */
	bool is_verified;		     /* the digest is right */
	TEE_Result res; /* result of the last callback of `stream` */
};

/* A model that is being loaded; idle while `source` is NULL. */
struct load {
	struct model model; /* written as far as the record was read */
	const struct load_source *source;
	TEE_OperationHandle cipher;
	TEE_OperationHandle digest;
	TEE_OperationHandle derive; /* until chunk 0 of a sealed model */
	union {
		struct load_sealed sealed;
		/* state of another source */
		uint64_t other[128];
	};
};

/*
 * All memory of a session is taken when it is opened. The active model lies at
 * one end of it, the one that is being loaded at the other, and what is between
 * them is for the command that runs. So whatever models follow one another,
 * there is never a gap that is too small. Memory that nothing uses is 0.
 */
struct session {
	struct model model; /* the active one */
	struct answers answers;
	struct load load;
	uint8_t *memory; /* SESSION_BYTES, aligned to SESSION_ALIGN */
	void *work;	 /* aligned; a command wipes what it has written */
	size_t work_size;
};

#define SESSION_ALIGN 64u /* NN_ALIGN */

/* The heap, but for the session, handles of libutee, and the allocator. */
#define SESSION_BYTES                                   \
	(TA_DATA_SIZE / SESSION_ALIGN * SESSION_ALIGN - \
	 ENC_MNIST_TA_OTHER_BYTES)

static inline size_t session_round(size_t size)
{
	return (size + SESSION_ALIGN - 1) / SESSION_ALIGN * SESSION_ALIGN;
}

/* NULL: not enough memory. */
struct session *session_open(void);
void session_close(struct session *s);

/*
 * Gives load.model its memory, so that there are `work` bytes of session.work
 * during the load, and enough for either model. OUT_OF_MEMORY: there is no
 * room.
 */
TEE_Result session_place(struct session *s, size_t work);

/* Wipes a model, or what there is of it, and its memory. */
void session_drop(struct session *s, struct model *model);

/* The model that was loaded becomes the active one. */
void session_switch(struct session *s);

/*
 * Wipes aligned memory, in words: OP-TEE's memzero_explicit() works byte by
 * byte and took longer than parsing a model.
 */
void session_wipe(void *memory, size_t size);

#endif
