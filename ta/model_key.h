/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model keys in trusted storage, each an object of its own in a numbered slot.
 * They can only be used for HKDF: OP-TEE does not give them back to the TA. A
 * key counts while the device's state names its slot (device.h): there is one
 * slot more than keys, so a new one never overwrites one that counts.
 */
#ifndef TA_MODEL_KEY_H
#define TA_MODEL_KEY_H

#include "box/envelope.h"
#include "box/stream.h"
#include "device.h"
#include "kit.h"

/*
 * Opens a key that counts, as an operation for model_key_derive(); the caller
 * frees it. TEE_ERROR_ITEM_NOT_FOUND: it is lost.
 */
TEE_Result model_key_open(const struct device_key *key,
			  TEE_OperationHandle *derive);

/* Stores a key in its slot, which is free. */
TEE_Result model_key_store(const struct device_key *key,
			   const uint8_t secret[BOX_MODEL_KEY_BYTES]);

/* A slot that holds no key of this state. */
uint32_t model_key_free_slot(const struct device_state *state);

/*
 * Deletes what lies in all slots that hold no key of this state. It does not
 * count, so what cannot be deleted now is left for the next sweep.
 */
void model_key_sweep(const struct device_state *state);

/*
 * Derives the key of a stream: HKDF-SHA256 with the stream's salt; info:
 * `bound`, its associated data.
 */
TEE_Result model_key_derive(TEE_OperationHandle derive,
			    const uint8_t salt[BOX_STREAM_SALT_BYTES],
			    const uint8_t *bound, size_t size,
			    uint8_t key[BOX_STREAM_KEY_BYTES]);

#endif
