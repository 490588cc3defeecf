/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: its key pair, and the numbers that must never go back. Both are
 * one persistent object, so deleting one deletes the other: the next key pair
 * cannot open earlier envelopes.
 */
#ifndef TA_DEVICE_H
#define TA_DEVICE_H

#include <tee_internal_api.h>

#include "box/envelope.h"
#include "proto/enc_mnist_ta.h"

struct device_model {
	uint8_t id[BOX_MODEL_ID_BYTES];
	uint32_t version; /* the highest one loaded */
};

struct device_state {
	uint32_t epoch; /* of the last accepted envelope; 0: none */
	uint32_t models;
	struct device_model model[ENC_MNIST_MODELS_MAX];
};

struct device {
	TEE_ObjectHandle object; /* the key pair, X25519 */
	uint8_t public_key[BOX_X25519_BYTES];
	struct device_state state;
};

/*
 * Opens the device object; the caller closes it. TEE_ERROR_ITEM_NOT_FOUND:
 * there is no device key. `write`: exclusively; while another session has the
 * object open, TEE_ERROR_ACCESS_CONFLICT.
 */
TEE_Result device_open(struct device *device, bool write);
void device_close(struct device *device);

/* Stores device->state. A power cut leaves the old state or the new one. */
TEE_Result device_write(struct device *device);

/*
 * Raises a model's version in `state` and stores nothing; *raised: the version
 * is above the stored one. TEE_ERROR_SECURITY: it is below the stored one or
 * below the floor. TEE_ERROR_STORAGE_NO_SPACE: too many models.
 */
TEE_Result device_raise(struct device_state *state,
			const uint8_t id[BOX_MODEL_ID_BYTES], uint32_t version,
			bool *raised);

/*
 * Stores a higher epoch. TEE_ERROR_ITEM_NOT_FOUND: the stored device key is no
 * longer that of `seen`.
 */
TEE_Result device_raise_epoch(const struct device *seen, uint32_t epoch);

/* DEVICE_KEY of proto/enc_mnist_ta.h. */
TEE_Result device_key(uint8_t public_key[BOX_X25519_BYTES]);

#endif
