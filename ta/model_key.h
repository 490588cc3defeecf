/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model key in trusted storage. It can only be used for HKDF: OP-TEE does
 * not give it back to the TA.
 */
#ifndef TA_MODEL_KEY_H
#define TA_MODEL_KEY_H

#include <tee_internal_api.h>

#include "box/envelope.h"
#include "box/stream.h"
#include "device.h"

/* Metadata that is stored with the key. */
struct model_key_info {
	uint32_t epoch;
	uint8_t id[BOX_KEY_ID_BYTES];
	uint8_t device[BOX_X25519_BYTES]; /* public key of the recipient */
};

/*
 * Opens the model key. TEE_ERROR_ITEM_NOT_FOUND: there is none, or it came for
 * an earlier device key, whose epoch and model versions are no longer known.
 * *derive: an operation for model_key_derive(); the caller frees it.
 */
TEE_Result model_key_open(const struct device *device,
			  TEE_OperationHandle *derive,
			  struct model_key_info *info);

/* As model_key_open(), for callers that need only the metadata. */
TEE_Result model_key_info(const struct device *device,
			  struct model_key_info *info);

/* Replaces the key; a power cut leaves the old one or the new one. */
TEE_Result model_key_store(const uint8_t key[BOX_MODEL_KEY_BYTES],
			   const struct model_key_info *info);

/*
 * Derives the key of a stream: HKDF-SHA256 with the stream's salt; info:
 * `bound`, its associated data.
 */
TEE_Result model_key_derive(TEE_OperationHandle derive,
			    const uint8_t salt[BOX_STREAM_SALT_BYTES],
			    const uint8_t *bound, size_t size,
			    uint8_t key[BOX_STREAM_KEY_BYTES]);

#endif
