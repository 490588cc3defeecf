/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: its key pair, and what must never go back. Both are one
 * persistent object, so that who deletes the one has lost the other: envelopes
 * of before do not open for the key pair that comes after it.
 */
#ifndef TA_DEVICE_H
#define TA_DEVICE_H

#include <tee_internal_api.h>

#include "box/envelope.h"
#include "proto/enc_mnist_ta.h"

struct device_model {
	uint8_t id[BOX_MODEL_ID_BYTES];
	uint32_t version; /* the highest that was loaded */
};

struct device_state {
	uint32_t epoch; /* of the envelope that was taken last; 0: none */
	uint32_t models;
	struct device_model model[ENC_MNIST_MODELS_MAX];
};

struct device {
	TEE_ObjectHandle object; /* the key pair, X25519 */
	uint8_t public_key[BOX_X25519_BYTES];
	struct device_state state;
};

/*
 * TEE_ERROR_ITEM_NOT_FOUND: no device key has been made. Close what was opened.
 * `write`: no other session has it open then, or gets it before it is closed.
 */
TEE_Result device_open(struct device *device, bool write);
void device_close(struct device *device);

/* Stores device->state; a power cut leaves the old one or the new one. */
TEE_Result device_write(struct device *device);

/*
 * Raises a model's version, in device->state alone. TEE_ERROR_SECURITY: it is
 * lower than the highest, or than the floor; TEE_ERROR_STORAGE_NO_SPACE: too
 * many models. *raised: whether there is anything to store.
 */
TEE_Result device_raise(struct device_state *state,
			const uint8_t id[BOX_MODEL_ID_BYTES], uint32_t version,
			bool *raised);

/*
 * Stores a higher epoch for the device that `seen` was;
 * TEE_ERROR_ITEM_NOT_FOUND if it is another one by now.
 */
TEE_Result device_raise_epoch(const struct device *seen, uint32_t epoch);

/* DEVICE_KEY of proto/enc_mnist_ta.h. */
TEE_Result device_key(uint8_t public_key[BOX_X25519_BYTES]);

#endif
