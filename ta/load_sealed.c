/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three checks. The signature covers the head and, through its digest, every
 * chunk: someone who holds the model key but is not the owner cannot forge
 * either. The stream key, bound to the head, authenticates each chunk, its
 * position and the length. The digest is compared when all chunks are there.
 *
 * A chunk is parsed only after its tag has been checked. The model becomes
 * active only after its digest has been checked and its version has been
 * stored.
 */
#include "load_sealed.h"

#include <string.h>
#include <string_ext.h>

#include "crypto.h"
#include "load.h"
#include "model_key.h"
#include "network.h"
#include "owner.h"

/* Bytes of a chunk that are copied from shared memory at a time. */
#define PIECE 16384u

/* Shared memory can change at any time: each byte of it is read once, here. */
static void take(struct load *load, const uint8_t *shared, size_t size,
		 uint8_t *copy)
{
	memcpy(copy, shared, size);
	TEE_DigestUpdate(load->digest, copy, size);
}

static void digest_header(struct load *load)
{
	const uint8_t size = BOX_STREAM_HEADER_BYTES;

	TEE_DigestUpdate(load->digest, &size, sizeof(size));
	TEE_DigestUpdate(load->digest, load->sealed.stream.random,
			 sizeof(load->sealed.stream.random));
}

static bool derive(void *ctx, const uint8_t salt[BOX_STREAM_SALT_BYTES])
{
	struct load *load = &((struct session *)ctx)->load;
	uint8_t key[BOX_STREAM_KEY_BYTES] = { 0 };
	TEE_Result res =
		model_key_derive(load->derive, salt, load->sealed.bound,
				 sizeof(load->sealed.bound), key);

	digest_header(load);
	crypto_free(load->derive);
	load->derive = TEE_HANDLE_NULL;
	if (res == TEE_SUCCESS)
		res = crypto_operation_raw(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT,
					   TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE,
					   key, sizeof(key), &load->cipher);
	memzero_explicit(key, sizeof(key));
	load->sealed.res = res;
	return res == TEE_SUCCESS;
}

/* OP-TEE writes the plaintext before it checks the tag. */
static bool decrypt(void *ctx, const uint8_t nonce[BOX_STREAM_NONCE_BYTES],
		    const uint8_t *in, size_t len, uint8_t *out)
{
	struct session *s = ctx;
	struct load *load = &s->load;
	uint8_t *piece = s->work;
	const uint8_t *end = out + len;
	uint8_t tag[BOX_STREAM_TAG_BYTES] = { 0 };
	size_t size = 0;
	TEE_Result res = TEE_AEInit(load->cipher, nonce, BOX_STREAM_NONCE_BYTES,
				    CRYPTO_BITS(sizeof(tag)), 0, len);

	for (; res == TEE_SUCCESS && len > PIECE; len -= PIECE) {
		take(load, in, PIECE, piece);
		size = (size_t)(end - out);
		res = TEE_AEUpdate(load->cipher, piece, PIECE, out, &size);
		in += PIECE;
		out += size;
	}
	if (res == TEE_SUCCESS) {
		take(load, in, len, piece);
		take(load, in + len, sizeof(tag), tag);
		size = (size_t)(end - out);
		res = TEE_AEDecryptFinal(load->cipher, piece, len, out, &size,
					 tag, sizeof(tag));
	}
	if (res == TEE_SUCCESS && out + size != end)
		res = TEE_ERROR_GENERIC;
	load->sealed.res = res;
	return res == TEE_SUCCESS;
}

static const struct box_stream_ops ops = {
	.derive = derive,
	.crypt = decrypt,
};

/* box/ errors as results of the TA. */
static TEE_Result to_result(const struct load *load, enum box_error error)
{
	switch (error) {
	case BOX_OK:
		return TEE_SUCCESS;
	case BOX_VERSION:
		return TEE_ERROR_UNSUPPORTED_VERSION;
	case BOX_TRAILING:
		return TEE_ERROR_EXCESS_DATA;
	case BOX_CIPHER:
	case BOX_TAG:
		return load->sealed.res;
	default:
		return TEE_ERROR_BAD_FORMAT;
	}
}

/*
 * A piece of the chunk is at the beginning of session.work, the plaintext
 * behind it: AES-GCM of OP-TEE cannot decrypt in place.
 */
static TEE_Result push(struct session *s, const void *data, size_t size)
{
	struct load *load = &s->load;
	const size_t plain = box_stream_next_plain(&load->sealed.stream);
	uint8_t *plaintext = (uint8_t *)s->work + PIECE;
	TEE_Result res = TEE_ERROR_EXCESS_DATA;

	if (size > BOX_HEAD_CHUNK_BYTES)
		return res;
	res = to_result(load, box_stream_open_chunk(&load->sealed.stream, data,
						    size, plaintext));
	if (res == TEE_SUCCESS)
		res = network_push(&load->model, plaintext, plain);
	session_wipe(plaintext, plain);
	session_wipe(s->work, PIECE);
	return res;
}

/*
 * Checks that this device has the model's key and accepts its version. If
 * PROVISION was interrupted between key and epoch, the key's epoch is stored
 * here, before the key is used.
 */
static TEE_Result check_device(struct load *load)
{
	const struct box_head *head = &load->sealed.head;
	struct model_key_info info = { 0 };
	struct device device = { 0 };
	bool raised = false;
	TEE_Result res = device_open(&device, false);

	if (res != TEE_SUCCESS)
		return res;
	res = model_key_open(&device, &load->derive, &info);
	device_close(&device);
	if (res != TEE_SUCCESS)
		return res;
	if (memcmp(info.id, head->key_id, sizeof(info.id)))
		return TEE_ERROR_ITEM_NOT_FOUND;
	if (info.epoch < ENC_MNIST_EPOCH_FLOOR ||
	    info.epoch < device.state.epoch)
		return TEE_ERROR_SECURITY;
	if (info.epoch > device.state.epoch)
		res = device_raise_epoch(&device, info.epoch);
	if (res == TEE_SUCCESS)
		res = device_raise(&device.state, head->model_id,
				   head->model_version, &raised);
	load->sealed.version_stored = !raised;
	return res;
}

/* Checks again: another session may have stored a higher version meanwhile. */
static TEE_Result store_version(const struct load_sealed *sealed)
{
	const struct box_head *head = &sealed->head;
	struct device device = { 0 };
	bool raised = false;
	TEE_Result res = device_open(&device, !sealed->version_stored);

	if (res != TEE_SUCCESS)
		return res;
	res = device_raise(&device.state, head->model_id, head->model_version,
			   &raised);
	/* it had been stored, so this is another device by now */
	if (res == TEE_SUCCESS && raised)
		res = sealed->version_stored ? TEE_ERROR_ITEM_NOT_FOUND :
					       device_write(&device);
	device_close(&device);
	return res;
}

static TEE_Result end(struct session *s)
{
	struct load *load = &s->load;
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };
	size_t size = sizeof(digest);
	TEE_Result res =
		to_result(load, box_stream_open_end(&load->sealed.stream));

	if (res == TEE_SUCCESS)
		res = network_end(&load->model);
	if (res == TEE_SUCCESS)
		res = TEE_DigestDoFinal(load->digest, NULL, 0, digest, &size);
	if (res != TEE_SUCCESS)
		return res;
	if (memcmp(digest, load->sealed.head.digest, sizeof(digest)))
		return TEE_ERROR_SIGNATURE_INVALID;
	return store_version(&load->sealed);
}

static const struct load_source source = {
	.work_size = PIECE + BOX_HEAD_CHUNK_BYTES,
	.push = push,
	.end = end,
};

static TEE_Result verify(const struct box_head *head, const uint8_t *bytes)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Result res = crypto_operation_raw(
		TEE_ALG_ED25519, TEE_MODE_VERIFY, TEE_TYPE_ED25519_PUBLIC_KEY,
		TEE_ATTR_ED25519_PUBLIC_VALUE, owner_sign_key,
		sizeof(owner_sign_key), &op);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_AsymmetricVerifyDigest(op, NULL, 0, bytes,
					 BOX_HEAD_SIGNED_BYTES, head->signature,
					 sizeof(head->signature));
	TEE_FreeOperation(op);
	return res;
}

static TEE_Result check_head(const struct box_head *head, const uint8_t *bytes)
{
	if (memcmp(head->owner, owner_sign_key, sizeof(head->owner)))
		return TEE_ERROR_ACCESS_DENIED;
	return verify(head, bytes);
}

static TEE_Result start(struct session *s)
{
	struct load *load = &s->load;
	const struct box_head *head = &load->sealed.head;
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	network_sizes(head, &load->model);
	res = load_start(s, &source);
	if (res != TEE_SUCCESS)
		return res;
	network_begin(&load->model, head);
	box_stream_open_begin(&load->sealed.stream, &ops, s,
			      BOX_HEAD_CHUNK_BYTES, head->length);
	return TEE_AllocateOperation(&load->digest, TEE_ALG_SHA256,
				     TEE_MODE_DIGEST, 0);
}

TEE_Result load_sealed_begin(struct session *s, const void *head, size_t size)
{
	struct load_sealed *sealed = &s->load.sealed;
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };
	TEE_Result res = TEE_ERROR_BAD_PARAMETERS;

	load_drop(s);
	if (size != sizeof(bytes))
		return res;
	memcpy(bytes, head, sizeof(bytes));
	memcpy(sealed->bound, bytes, sizeof(sealed->bound));
	res = to_result(&s->load, box_head_read(bytes, &sealed->head));
	if (res == TEE_SUCCESS)
		res = check_head(&sealed->head, bytes);
	if (res == TEE_SUCCESS)
		res = check_device(&s->load);
	if (res == TEE_SUCCESS)
		res = start(s);
	if (res != TEE_SUCCESS)
		load_drop(s);
	return res;
}
