/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of sealed models, as trusted storage has it: from there it only goes
 * into HKDF, and does not come back to the TA.
 */
#ifndef TA_MODEL_KEY_H
#define TA_MODEL_KEY_H

#include <tee_internal_api.h>

#include "box/envelope.h"
#include "box/stream.h"
#include "device.h"

/* What is stored beside the key. */
struct model_key_info {
	uint32_t epoch;
	uint8_t id[BOX_KEY_ID_BYTES];
	uint8_t device[BOX_X25519_BYTES]; /* that the envelope was for */
};

/*
 * TEE_ERROR_ITEM_NOT_FOUND: there is none, or it was for a device key that is
 * no more: its epoch and the versions of its models are not known then.
 * *derive is an operation for model_key_derive(), the caller's to free.
 */
TEE_Result model_key_open(const struct device *device,
			  TEE_OperationHandle *derive,
			  struct model_key_info *info);

/* The same for who does not want the key. */
TEE_Result model_key_info(const struct device *device,
			  struct model_key_info *info);

/* In place of the one of before; a power cut leaves the old or the new one. */
TEE_Result model_key_store(const uint8_t key[BOX_MODEL_KEY_BYTES],
			   const struct model_key_info *info);

/* The key of a stream: HKDF-SHA256 with its salt, and its associated data. */
TEE_Result model_key_derive(TEE_OperationHandle derive,
			    const uint8_t salt[BOX_STREAM_SALT_BYTES],
			    const uint8_t *bound, size_t size,
			    uint8_t key[BOX_STREAM_KEY_BYTES]);

#endif
