/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session with the TA, and its commands as functions. The protocol is in
 * proto/enc_mnist_ta.h. A session belongs to one thread.
 */
#ifndef HOST_DEVICE_SESSION_H
#define HOST_DEVICE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "host/public/network.h"
#include "status.h"

struct enc_tee;

/*
 * Whether no tee-supplicant runs: fills *e then. doing: what waits for it, or
 * has failed. Before a call has, it would refuse devices that need none.
 */
bool enc_tee_lacks_supplicant(const char *doing, struct enc_error *e);

struct enc_tee_options {
	const uint8_t *ta; /* UUID, 16 bytes; NULL: that of the build */
	/*
	 * For each call into the TEE that has not returned after `wait`
	 * seconds, and as many more as computing may take, `late` is called,
	 * on another thread, with what is likely. Nothing but the end of the
	 * process ends the call. 0: calls wait for ever. Without `late`, too.
	 */
	unsigned int wait;
	void (*late)(void *context, const struct enc_error *why);
	void *context;
};

/* Opens a session. options: may be NULL. Close *tee with enc_tee_close(). */
bool enc_tee_open(struct enc_tee **tee, const struct enc_tee_options *options,
		  struct enc_error *e);

/* Closes a session; its model is gone from the TEE then. tee may be NULL. */
void enc_tee_close(struct enc_tee *tee);

/*
 * Memory that the session shares with the TEE, and owns: room for a chunk of a
 * model, 65,536 bytes. enc_tee_load_push() takes its input from there.
 */
uint8_t *enc_tee_chunk(struct enc_tee *tee);

/* Stores the key of enc_mnist-rs, 32 bytes, in trusted storage: compat only. */
bool enc_tee_store_key(struct enc_tee *tee, const uint8_t *key,
		       struct enc_error *e);

/* Hands an envelope, 552 bytes, to the TA. */
bool enc_tee_provision(struct enc_tee *tee, const uint8_t *envelope,
		       struct enc_error *e);

/* Gets the device's public key, 32 bytes. The first call makes the key pair. */
bool enc_tee_device_key(struct enc_tee *tee, uint8_t *key, struct enc_error *e);

bool enc_tee_status(struct enc_tee *tee, struct enc_status *status,
		    struct enc_error *e);

/*
 * Load a model: begin, push, finalize. After enc_tee_load_begin(), compat only,
 * push the container (IV and ciphertext) in pieces of any size. After
 * enc_tee_load_begin_sealed(), which takes the head, 568 bytes, push the stream
 * in pieces of 65,536 bytes; only the last one is shorter. The model is active
 * once finalize has succeeded. Until then, and after any error, the previous
 * model stays active.
 */
bool enc_tee_load_begin(struct enc_tee *tee, struct enc_error *e);
bool enc_tee_load_begin_sealed(struct enc_tee *tee, const uint8_t *head,
			       struct enc_error *e);
/* Pushes the first `len` bytes of enc_tee_chunk(). */
bool enc_tee_load_push(struct enc_tee *tee, size_t len, struct enc_error *e);
bool enc_tee_load_finalize(struct enc_tee *tee, struct enc_error *e);

/*
 * What the session's model takes and gives. It shares memory for samples, too;
 * call it once a model has been loaded, before the next functions. NULL on
 * failure. The network is the session's.
 */
const struct enc_network *enc_tee_network(struct enc_tee *tee,
					  struct enc_error *e);

/*
 * That memory: network->room samples of network->sample_bytes, each of them the
 * elements of the first input, then those of the next; and as many answers of
 * network->answer_bytes, as RUN gives them.
 */
uint8_t *enc_tee_samples(struct enc_tee *tee);
uint8_t *enc_tee_answers(struct enc_tee *tee);

/* Answers the first n samples; n: 1 to network->room. */
bool enc_tee_run(struct enc_tee *tee, size_t n, struct enc_error *e);

/* Keeps the device from going back behind the model, which has answered. */
bool enc_tee_commit(struct enc_tee *tee, struct enc_error *e);

#endif
