/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TA's commands through the TEE Client API, with raw results: for tests
 * that go further than a well-behaved client.
 */
#ifndef TESTKIT_CLIENT_H
#define TESTKIT_CLIENT_H

#include <stddef.h>
#include <stdint.h>
#include <tee_client_api.h>

#include "proto/enc_mnist_ta.h"
#include "proto/tee_results.h"

/* Bytes of one push of ta_load(). */
#define TA_PIECE_BYTES (64u << 10)

/* Opens a session without parameters. `context` must be initialised. */
TEEC_Result ta_open(TEEC_Context *context, TEEC_Session *session);

/* For tests with a session in *state. ta_context must be initialised. */
extern TEEC_Context ta_context;
int ta_setup_session(void **state);
int ta_teardown_session(void **state);

/* Pass an input and an output; NULL: none. An empty input is not NULL. */
TEEC_Result ta_call(TEEC_Session *session, uint32_t command, const void *in,
		    size_t in_size, void *out, size_t *out_size);
TEEC_Result ta_send(TEEC_Session *session, uint32_t command, const void *in,
		    size_t in_size);

/* Passes an output only. */
TEEC_Result ta_ask(TEEC_Session *session, uint32_t command, void *out,
		   size_t *out_size);

TEEC_Result ta_store_key(TEEC_Session *session,
			 const uint8_t key[ENC_MNIST_KEY_BYTES]);
TEEC_Result ta_begin(TEEC_Session *session);
TEEC_Result ta_push(TEEC_Session *session, const uint8_t *data, size_t len);
TEEC_Result ta_finalize(TEEC_Session *session);

/* Pushes all of `data` in pieces; stops at the first error. */
TEEC_Result ta_push_all(TEEC_Session *session, const uint8_t *data, size_t len);

/* Begins, pushes all, finalizes. */
TEEC_Result ta_load(TEEC_Session *session, const uint8_t *data, size_t len);

/* Begin with the head of a sealed model; begin, push its chunks, finalize. */
TEEC_Result ta_begin_sealed(TEEC_Session *session, const uint8_t *data,
			    size_t len);
TEEC_Result ta_load_sealed(TEEC_Session *session, const uint8_t *data,
			   size_t len);

/* Classifies images, (n, 784) bytes, to n labels. */
TEEC_Result ta_infer(TEEC_Session *session, const void *images, size_t n,
		     uint8_t *labels);

/* Makes the container of `plain` under `key`. The caller frees it. */
uint8_t *ta_seal(const uint8_t key[ENC_MNIST_KEY_BYTES], const uint8_t *plain,
		 size_t len, size_t *sealed_len);

/* Key n, different for each n. */
void ta_numbered_key(uint8_t n, uint8_t key[ENC_MNIST_KEY_BYTES]);

/*
 * Finds out which numbered key the TA has: the TA encrypts a text, and each key
 * is tried on the result. *n is -1 if none fits.
 */
TEEC_Result ta_which_key(TEEC_Session *session, int *n);

#endif
