/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An envelope is opened by HPKE (box/hpke.h) with the device's private key,
 * which stays in trusted storage, and the owner's public key. The envelope's
 * first 112 bytes are HPKE's info, so the tag authenticates them.
 *
 * The device object stays open for writing from the check of the epoch until
 * the new epoch is stored, so that no other session can store one in between.
 */
#include "provision.h"

#include <string.h>
#include <string_ext.h>

#include "box/hpke.h"
#include "crypto.h"
#include "model_key.h"
#include "owner.h"

static const uint8_t ta[BOX_UUID_BYTES] = ENC_MNIST_TA_UUID_OCTETS;

static bool hmac(void *ctx, const uint8_t key[BOX_HMAC_BYTES],
		 const struct box_part *parts, size_t count,
		 uint8_t mac[BOX_HMAC_BYTES])
{
	TEE_Result *res = ctx;
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	size_t size = BOX_HMAC_BYTES;

	*res = crypto_operation_raw(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC,
				    TEE_TYPE_HMAC_SHA256, TEE_ATTR_SECRET_VALUE,
				    key, BOX_HMAC_BYTES, &op);
	if (*res != TEE_SUCCESS)
		return false;
	TEE_MACInit(op, NULL, 0);
	for (size_t i = 0; i < count; i++)
		TEE_MACUpdate(op, parts[i].data, parts[i].len);
	*res = TEE_MACComputeFinal(op, NULL, 0, mac, &size);
	TEE_FreeOperation(op);
	return *res == TEE_SUCCESS;
}

static TEE_Result x25519(const struct device *device, const uint8_t *peer,
			 uint8_t secret[BOX_X25519_BYTES])
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };
	TEE_Result res =
		crypto_operation(TEE_ALG_X25519, TEE_MODE_DERIVE,
				 BOX_X25519_BYTES, device->object, &op);

	if (res != TEE_SUCCESS)
		return res;
	TEE_InitRefAttribute(&attr, TEE_ATTR_X25519_PUBLIC_VALUE, peer,
			     BOX_X25519_BYTES);
	res = crypto_derive(op, &attr, 1, secret, BOX_X25519_BYTES);
	TEE_FreeOperation(op);
	return res;
}

/* Derives the key and nonce of the envelope. */
static TEE_Result agree(const struct device *device,
			const struct box_envelope *envelope,
			const uint8_t *bound, struct box_hpke *hpke)
{
	struct box_hpke_input in = {
		.encapsulated = envelope->encapsulated,
		.recipient = device->public_key,
		.sender = owner_wrap_key,
		.info = bound,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	TEE_Result res = x25519(device, envelope->encapsulated, in.dh);

	if (res == TEE_SUCCESS)
		res = x25519(device, owner_wrap_key, in.dh + BOX_X25519_BYTES);
	if (res == TEE_SUCCESS)
		box_hpke_auth(hmac, &res, &in, hpke);
	memzero_explicit(in.dh, sizeof(in.dh));
	return res;
}

/* Decrypts the model key; TEE_ERROR_MAC_INVALID if the tag is wrong. */
static TEE_Result unseal(const struct box_hpke *hpke, uint8_t *sealed,
			 uint8_t key[BOX_MODEL_KEY_BYTES])
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	size_t size = BOX_MODEL_KEY_BYTES;
	TEE_Result res = crypto_operation_raw(
		TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, TEE_TYPE_AES,
		TEE_ATTR_SECRET_VALUE, hpke->key, sizeof(hpke->key), &op);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_AEInit(op, hpke->nonce, sizeof(hpke->nonce),
			 CRYPTO_BITS(BOX_ENVELOPE_TAG_BYTES), 0, 0);
	if (res == TEE_SUCCESS)
		res = TEE_AEDecryptFinal(op, sealed, BOX_MODEL_KEY_BYTES, key,
					 &size, sealed + BOX_MODEL_KEY_BYTES,
					 BOX_ENVELOPE_TAG_BYTES);
	TEE_FreeOperation(op);
	return res;
}

static TEE_Result open_envelope(const struct device *device,
				struct box_envelope *envelope,
				const uint8_t *bound,
				uint8_t key[BOX_MODEL_KEY_BYTES])
{
	struct box_hpke hpke = { 0 };
	TEE_Result res = TEE_ERROR_MAC_INVALID;

	/* the shared secret would be 0, over which libutee panics */
	if (box_x25519_is_low_order(envelope->encapsulated))
		return res;
	res = agree(device, envelope, bound, &hpke);
	if (res == TEE_SUCCESS)
		res = unseal(&hpke, envelope->sealed, key);
	memzero_explicit(&hpke, sizeof(hpke));
	return res;
}

/*
 * After a PROVISION that was interrupted between key and epoch, the same
 * envelope is accepted again, but none whose epoch is below that of the stored
 * key.
 */
static TEE_Result check_epoch(const struct device *device, uint32_t epoch)
{
	struct model_key_info info = { 0 };
	TEE_Result res = model_key_info(device, &info);

	if (res == TEE_ERROR_ITEM_NOT_FOUND)
		res = TEE_SUCCESS;
	if (res == TEE_SUCCESS &&
	    (epoch < ENC_MNIST_EPOCH_FLOOR || epoch <= device->state.epoch ||
	     epoch < info.epoch))
		res = TEE_ERROR_SECURITY;
	return res;
}

static TEE_Result take(struct device *device, struct box_envelope *envelope,
		       const uint8_t *bound)
{
	struct model_key_info info = { .epoch = envelope->epoch };
	uint8_t key[BOX_MODEL_KEY_BYTES] = { 0 };
	TEE_Result res = TEE_ERROR_ITEM_NOT_FOUND;

	if (memcmp(envelope->device, device->public_key, BOX_X25519_BYTES))
		return res;
	res = check_epoch(device, envelope->epoch);
	if (res != TEE_SUCCESS)
		return res;
	res = open_envelope(device, envelope, bound, key);
	if (res == TEE_SUCCESS) {
		memcpy(info.id, envelope->key_id, sizeof(info.id));
		memcpy(info.device, envelope->device, sizeof(info.device));
		res = model_key_store(key, &info);
	}
	memzero_explicit(key, sizeof(key));
	if (res != TEE_SUCCESS)
		return res;
	/* if this fails, BEGIN_SEALED stores it before the key is used */
	device->state.epoch = envelope->epoch;
	return device_write(device);
}

TEE_Result provision(const void *envelope, size_t size)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope read = { 0 };
	struct device device = { 0 };
	enum box_error error = BOX_OK;
	TEE_Result res = TEE_ERROR_GENERIC;

	if (size != sizeof(bytes))
		return TEE_ERROR_BAD_PARAMETERS;
	memcpy(bytes, envelope, sizeof(bytes));
	error = box_envelope_read(bytes, &read);
	if (error == BOX_VERSION)
		return TEE_ERROR_UNSUPPORTED_VERSION;
	if (error != BOX_OK)
		return TEE_ERROR_BAD_FORMAT;
	if (memcmp(read.sender, owner_wrap_key, BOX_X25519_BYTES))
		return TEE_ERROR_ACCESS_DENIED;
	if (memcmp(read.ta, ta, sizeof(ta)))
		return TEE_ERROR_ITEM_NOT_FOUND;
	res = device_open(&device, true);
	if (res != TEE_SUCCESS)
		return res;
	res = take(&device, &read, bytes);
	device_close(&device);
	return res;
}
