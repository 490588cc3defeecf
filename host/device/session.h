/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session with the TA, and its commands as functions. Source of the
 * protocol: proto/enc_mnist_ta.h.
 *
 * A session belongs to one thread. In a build without a TEE client library,
 * enc_tee_open() says so, and nothing else can be called.
 */
#ifndef HOST_DEVICE_SESSION_H
#define HOST_DEVICE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"
#include "status.h"

struct enc_tee;

/* Opens a session. *tee is closed with enc_tee_close(). */
bool enc_tee_open(struct enc_tee **tee, struct enc_error *e);

/* NULL is fine. The session's model is gone from the TEE afterwards. */
void enc_tee_close(struct enc_tee *tee);

/*
 * Memory that the session shares with the TEE: images, up to
 * ENC_MNIST_BATCH_MAX, are classified where they lie, and a chunk of a model,
 * 65,536 bytes, is pushed from where it lies. Both are the session's.
 */
uint8_t *enc_tee_images(struct enc_tee *tee);
uint8_t *enc_tee_chunk(struct enc_tee *tee);

/* Stores the model key, 32 bytes, in the TA's trusted storage. */
bool enc_tee_store_key(struct enc_tee *tee, const uint8_t *key,
		       struct enc_error *e);

/* Takes the key out of an envelope, 192 bytes, into trusted storage. */
bool enc_tee_provision(struct enc_tee *tee, const uint8_t *envelope,
		       struct enc_error *e);

/* The device's public key, 32 bytes; the TA makes the pair when first asked. */
bool enc_tee_device_key(struct enc_tee *tee, uint8_t *key, struct enc_error *e);

bool enc_tee_status(struct enc_tee *tee, struct enc_status *status,
		    struct enc_error *e);

/*
 * Loads a model: begin, push, finalize. After enc_tee_load_begin() the
 * container (IV and ciphertext) is pushed in pieces of any size. After
 * enc_tee_load_begin_sealed(), which takes the head, 248 bytes, the stream is
 * pushed in pieces of 65,536 bytes, and the rest. The model answers once
 * finalize has succeeded; until then, and after an error, the previous one
 * does.
 */
bool enc_tee_load_begin(struct enc_tee *tee, struct enc_error *e);
bool enc_tee_load_begin_sealed(struct enc_tee *tee, const uint8_t *head,
			       struct enc_error *e);
/* Pushes the first `len` bytes of enc_tee_chunk(). */
bool enc_tee_load_push(struct enc_tee *tee, size_t len, struct enc_error *e);
bool enc_tee_load_finalize(struct enc_tee *tee, struct enc_error *e);

/*
 * Classifies the first n images of enc_tee_images(), (n, 784) bytes, n from 1
 * to ENC_MNIST_BATCH_MAX, to n labels, each 0 to 9.
 */
bool enc_tee_infer(struct enc_tee *tee, size_t n, uint8_t *labels,
		   struct enc_error *e);

#endif
