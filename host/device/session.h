/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session with the TA, and its commands as functions. The protocol is in
 * proto/enc_mnist_ta.h. A session belongs to one thread.
 */
#ifndef HOST_DEVICE_SESSION_H
#define HOST_DEVICE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "box/head.h"
#include "host/base/error.h"
#include "status.h"

struct enc_tee;

/* Opens a session. Close *tee with enc_tee_close(). */
bool enc_tee_open(struct enc_tee **tee, struct enc_error *e);

/* Closes a session; its model is gone from the TEE then. tee may be NULL. */
void enc_tee_close(struct enc_tee *tee);

/*
 * Memory that the session shares with the TEE, and owns: room for
 * ENC_MNIST_BATCH_MAX images, and for a chunk of a model, 65,536 bytes.
 * enc_tee_infer() and enc_tee_load_push() take their input from there.
 */
uint8_t *enc_tee_images(struct enc_tee *tee);
uint8_t *enc_tee_chunk(struct enc_tee *tee);

/* Stores the key of enc_mnist-rs, 32 bytes, in trusted storage: compat only. */
bool enc_tee_store_key(struct enc_tee *tee, const uint8_t *key,
		       struct enc_error *e);

/* Stores the key from an envelope, 192 bytes, in trusted storage. */
bool enc_tee_provision(struct enc_tee *tee, const uint8_t *envelope,
		       struct enc_error *e);

/* Gets the device's public key, 32 bytes. The first call makes the key pair. */
bool enc_tee_device_key(struct enc_tee *tee, uint8_t *key, struct enc_error *e);

bool enc_tee_status(struct enc_tee *tee, struct enc_status *status,
		    struct enc_error *e);

/*
 * Load a model: begin, push, finalize. After enc_tee_load_begin(), compat only,
 * push the container (IV and ciphertext) in pieces of any size. After
 * enc_tee_load_begin_sealed(), which takes the head, 528 bytes, push the stream
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
 * Classifies the first n images of enc_tee_images(), (n, 784) bytes.
 * n: 1 to ENC_MNIST_BATCH_MAX; labels: n, each 0 to 9.
 */
bool enc_tee_infer(struct enc_tee *tee, size_t n, uint8_t *labels,
		   struct enc_error *e);

/* What the TA says of the session's model: DESCRIBE. */
struct enc_network {
	uint32_t policy; /* ENC_MNIST_OUTPUT_* */
	uint32_t amount;
	uint32_t batch;
	uint32_t number_type;
	uint32_t inputs;
	uint32_t outputs;
	uint32_t classes; /* of the only output; 0: there is none */
	uint32_t model_version;
	uint64_t sample_bytes;
	uint64_t answer_bytes;
	uint64_t macs;
	uint64_t most_samples; /* of one enc_tee_run() */
	char model_id[BOX_MODEL_ID_BYTES + 1];
	struct box_port input[BOX_PORTS_MAX];
	struct box_port output[BOX_PORTS_MAX];
};

bool enc_tee_describe(struct enc_tee *tee, struct enc_network *network,
		      struct enc_error *e);

/*
 * Computes n samples, of network->sample_bytes each, to n answers of
 * network->answer_bytes; see RUN. Both memories are shared for this call.
 */
bool enc_tee_run(struct enc_tee *tee, const struct enc_network *network,
		 const void *samples, size_t n, void *answers,
		 struct enc_error *e);

#endif
