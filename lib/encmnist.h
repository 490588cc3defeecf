/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libencmnist: sealed neural networks in a Trusted Application (TA) of OP-TEE.
 *
 *	encmnist_session *s = NULL;
 *	encmnist_error *error = NULL;
 *
 *	if (encmnist_open(NULL, &s, &error) &&
 *	    encmnist_load_file(s, "digits.sealed", &error) &&
 *	    encmnist_run(s, pixels, 1, label, &error))
 *		...
 *	encmnist_close(s);
 *	encmnist_error_free(error);
 *
 * Errors: see encmnist-error.h. A pointer may be NULL where this says so.
 *
 * Threads: a session, and all that is the session's, is for one thread at a
 * time. Threads may use sessions of their own at the same time. An error or a
 * status belongs to whoever has it. After fork(), only the parent uses and
 * closes its sessions.
 *
 * Callbacks: none may use the session that calls it, nor close it. late() is
 * called on a thread of the library, which takes no signals; until it returns,
 * the call that it is about does not return either.
 *
 * Processes: a child of fork() must neither use nor close a session of its
 * parent: the parent would lose it. libteec opens /dev/tee0 without O_CLOEXEC,
 *so a program that is executed meanwhile has it, too, unless its parent closes
 *it.
 *
 * The library prints nothing, never ends the process, and installs no handler
 * of signals. Text of models and of the TEE is safe to print to a terminal;
 * names of files in errors are as the program gave them. Numbers in samples and
 * answers are little-endian, as on every processor that has OP-TEE.
 */
#ifndef ENCMNIST_H
#define ENCMNIST_H

#include "encmnist-error.h"
#include "encmnist-leaves.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct encmnist_session encmnist_session;
typedef struct encmnist_tensor encmnist_tensor;
typedef struct encmnist_status encmnist_status;

/* --- Sessions ---------------------------------------------------------- */

/* Begin with ENCMNIST_OPTIONS: members that are added later are 0 then. */
struct encmnist_options {
	size_t size;	/* of this struct, as the program knows it */
	const char *ta; /* UUID of the TA; NULL: the one of the build */
	/*
	 * Each call into the TEE that has not returned after `wait` seconds,
	 * and as many more as computing may take, calls late(), once, on
	 * another thread, with what is likely, such as that tee-supplicant is
	 * not running; `why` is the library's. late() must not use the session.
	 * Nothing but the end of the process ends such a call. 0: no limit.
	 */
	unsigned int wait;
	void (*late)(void *context, const encmnist_error *why);
	void *context;
};

#define ENCMNIST_OPTIONS                                             \
	{                                                            \
		sizeof(struct encmnist_options), NULL, 0, NULL, NULL \
	}

/* Opens a session with the TA. options: may be NULL. */
ENCMNIST_API bool encmnist_open(const struct encmnist_options *options,
				encmnist_session **session,
				encmnist_error **error);

/* Its model is gone from the TEE then. session: may be NULL. */
ENCMNIST_API void encmnist_close(encmnist_session *session);

/* --- Models ------------------------------------------------------------ */

/*
 * Load a model, from a file ("-": standard input), from memory, or from
 * wherever `read` has it: it stores up to `len` bytes, and returns their
 * number, 0 at the end, or -1 with errno set. name: what messages call it.
 *
 * Once such a function has succeeded, the session has the new model, and what
 * belonged to the former one is invalid: tensors, names, samples, answers.
 * After a failure the session has the model that it had; but if memory for the
 * samples of the new one cannot be shared with the TEE, which has it by then,
 * or the TA dies there, it has none: encmnist_room() is 0, and what belonged to
 * the former one is invalid, too.
 */
ENCMNIST_API bool encmnist_load_file(encmnist_session *session,
				     const char *path, encmnist_error **error);
ENCMNIST_API bool encmnist_load_memory(encmnist_session *session,
				       const void *data, size_t len,
				       encmnist_error **error);
ENCMNIST_API bool
encmnist_load(encmnist_session *session,
	      ptrdiff_t (*read)(void *context, void *buffer, size_t len),
	      void *context, const char *name, encmnist_error **error);

/*
 * What is known of the session's model. Without one, numbers are 0 and pointers
 * NULL. All of it is the session's.
 */

/* NULL: a model of enc_mnist-rs, which has neither id nor versions. */
ENCMNIST_API const char *encmnist_model_id(const encmnist_session *session);
ENCMNIST_API uint32_t encmnist_model_version(const encmnist_session *session);
ENCMNIST_API uint32_t
encmnist_security_version(const encmnist_session *session);

/* 1 to 4 of each. i: from 0. */
ENCMNIST_API size_t encmnist_inputs(const encmnist_session *session);
ENCMNIST_API size_t encmnist_outputs(const encmnist_session *session);
ENCMNIST_API const encmnist_tensor *
encmnist_input(const encmnist_session *session, size_t i);
ENCMNIST_API const encmnist_tensor *
encmnist_output(const encmnist_session *session, size_t i);

enum encmnist_type {
	ENCMNIST_F32 = 1,
	ENCMNIST_INT8 = 2, /* value: (q - zero point) * scale */
	ENCMNIST_UINT8 = 3,
	ENCMNIST_INT32 = 4
};

ENCMNIST_API enum encmnist_type encmnist_tensor_type(const encmnist_tensor *t);

/* Dimensions of a sample, 1 to 6; the size of one, the outermost first. */
ENCMNIST_API size_t encmnist_tensor_rank(const encmnist_tensor *t);
ENCMNIST_API size_t encmnist_tensor_dim(const encmnist_tensor *t, size_t d);

/* Of ENCMNIST_INT8; else 0. */
ENCMNIST_API float encmnist_tensor_scale(const encmnist_tensor *t);
ENCMNIST_API int32_t encmnist_tensor_zero_point(const encmnist_tensor *t);

/* What the owner lets out of the TEE: encmnist-leaves.h. */
ENCMNIST_API enum encmnist_leaves
encmnist_leaves(const encmnist_session *session);

/* That N, else 0. */
ENCMNIST_API uint32_t encmnist_leaves_amount(const encmnist_session *session);

/* Values that have labels. 0: it does not classify. */
ENCMNIST_API size_t encmnist_classes(const encmnist_session *session);

/* What the file calls class i, or NULL. */
ENCMNIST_API const char *encmnist_class_name(const encmnist_session *session,
					     size_t i);

/*
 * Bytes of a sample: the elements of the first input, then those of the next.
 * Bytes of its answer: see enum encmnist_leaves; outputs follow one another.
 */
ENCMNIST_API size_t encmnist_sample_bytes(const encmnist_session *session);
ENCMNIST_API size_t encmnist_answer_bytes(const encmnist_session *session);

/*
 * Answers n samples. samples: (n, encmnist_sample_bytes()); answers: (n,
 * encmnist_answer_bytes()). After a failure, nothing in `answers` counts.
 */
ENCMNIST_API bool encmnist_run(encmnist_session *session, const void *samples,
			       size_t n, void *answers, encmnist_error **error);

/*
 * The same without a copy: write up to encmnist_room() samples, at least 1, to
 * memory that the session shares with the TEE, and read the answers there. Both
 * places begin aligned for any type, and stay until the next load. A run keeps
 * the samples and replaces the answers; encmnist_run() replaces both.
 */
ENCMNIST_API size_t encmnist_room(const encmnist_session *session);
ENCMNIST_API void *encmnist_samples(encmnist_session *session);
ENCMNIST_API const void *encmnist_answers(const encmnist_session *session);
ENCMNIST_API bool encmnist_run_shared(encmnist_session *session, size_t n,
				      encmnist_error **error);

/*
 * Keeps the device from going back behind the model, for ever. It must have
 * answered in this session.
 */
ENCMNIST_API bool encmnist_commit(encmnist_session *session,
				  encmnist_error **error);

/* --- The device -------------------------------------------------------- */

/*
 * The device's public key, as `enc_mnist wrap` reads it, and its fingerprint.
 * The first call makes the key. encmnist_free() frees both; either may be NULL.
 */
ENCMNIST_API bool encmnist_device_key(encmnist_session *session, char **pem,
				      char **fingerprint,
				      encmnist_error **error);

/* Begin with ENCMNIST_TAKEN. */
struct encmnist_taken {
	size_t size;	 /* of this struct, as the program knows it */
	uint32_t epoch;	 /* of the envelope */
	char key_id[33]; /* of the key that it brought, in hexadecimal, or "" */
};

#define ENCMNIST_TAKEN                               \
	{                                            \
		sizeof(struct encmnist_taken), 0, "" \
	}

/*
 * Finds this device's envelope, in a file ("-": standard input) or in memory,
 * and hands it to the TA. taken: may be NULL.
 */
ENCMNIST_API bool encmnist_provision_file(encmnist_session *session,
					  const char *path,
					  struct encmnist_taken *taken,
					  encmnist_error **error);
ENCMNIST_API bool encmnist_provision_memory(encmnist_session *session,
					    const void *data, size_t len,
					    struct encmnist_taken *taken,
					    encmnist_error **error);

/*
 * Stores the key of models of enc_mnist-rs, 32 bytes. Those models are not
 * authentic, and only a TA that is not for production takes them.
 */
ENCMNIST_API bool encmnist_store_key(encmnist_session *session, const void *key,
				     encmnist_error **error);

/* What the TA says of itself and its device. Free it with
 * encmnist_status_free(). */
ENCMNIST_API bool encmnist_get_status(encmnist_session *session,
				      encmnist_status **status,
				      encmnist_error **error);
ENCMNIST_API void encmnist_status_free(encmnist_status *status);

/* True, false, or neither can be told. */
enum encmnist_fact {
	ENCMNIST_PRODUCTION = 1,     /* it takes nothing but its owner's */
	ENCMNIST_OWN_SIGNING_KEY,    /* the TA is signed with a secret key */
	ENCMNIST_OWN_HARDWARE_KEY,   /* the hardware unique key is not 0 */
	ENCMNIST_ROLLBACK_PROTECTED, /* old storage cannot be put back */
	ENCMNIST_ONLY_LISTED_MODELS, /* the owner has said which it may load */
	ENCMNIST_HAS_DEVICE_KEY,
	ENCMNIST_KIT_SIGNING_KEY, /* of the development kit, not OP-TEE's */
	ENCMNIST_HAS_RPMB
};

/* 1: true; 0: false; -1: nobody can tell, or this library does not know it. */
ENCMNIST_API int encmnist_status_fact(const encmnist_status *status,
				      enum encmnist_fact fact);

enum encmnist_number {
	ENCMNIST_TA_VERSION = 1,	 /* OP-TEE takes no lower one; 0: any */
	ENCMNIST_EPOCH,			 /* of the last envelope; 0: none yet */
	ENCMNIST_EPOCH_FLOOR,		 /* lowest epoch that the TA takes */
	ENCMNIST_SECURITY_VERSION_FLOOR, /* of any model */
	ENCMNIST_SECURE_MEMORY, /* bytes for a session and its models */
	ENCMNIST_KEYS,		/* see encmnist_status_key() */
	ENCMNIST_MODELS		/* see encmnist_status_model() */
};

ENCMNIST_API uint64_t encmnist_status_number(const encmnist_status *status,
					     enum encmnist_number number);

enum encmnist_text {
	ENCMNIST_TA = 1,    /* UUID */
	ENCMNIST_OWNER,	    /* fingerprint of the owner's public key */
	ENCMNIST_OWNER_KEY, /* in hexadecimal */
	ENCMNIST_DEVICE,    /* the same of the device, or NULL */
	ENCMNIST_DEVICE_KEY
};

/* The status' own. */
ENCMNIST_API const char *encmnist_status_text(const encmnist_status *status,
					      enum encmnist_text text);

/* The id of model key i, in hexadecimal, and the epoch that brought it. */
ENCMNIST_API const char *encmnist_status_key(const encmnist_status *status,
					     size_t i, uint32_t *epoch);

/*
 * The id of model i, the lowest security version that is loaded, and how many
 * answers it has given, where they are counted.
 */
ENCMNIST_API const char *encmnist_status_model(const encmnist_status *status,
					       size_t i,
					       uint32_t *security_version,
					       uint64_t *answers);

#ifdef __cplusplus
}
#endif

#endif
