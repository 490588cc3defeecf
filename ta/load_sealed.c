/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three checks. The signature covers the head and, through its digest, every
 * chunk: someone who holds the model key but is not the owner cannot forge
 * either. The stream key, bound to the head, authenticates each chunk, its
 * position and the length. The digest is compared when all chunks are there.
 *
 * A chunk is parsed only after its tag has been checked. The model becomes
 * active only after its digest has been checked, and the device once more:
 * a load that was begun under a key or a version that is no longer good does
 * not end.
 */
#include "load_sealed.h"

#include <string.h>
#include <string_ext.h>

#include "crypto.h"
#include "load.h"
#include "model_key.h"
#include "network.h"
#include "owner.h"
#include "policy.h"

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
 * Whether this device may load the model now. *derive: an operation with its
 * key, or NULL: only whether it still may.
 */
static TEE_Result check_device(const struct box_head *head,
			       TEE_OperationHandle *derive)
{
	const struct device_key *key = NULL;
	struct device device = { 0 };
	TEE_Result res = device_open(&device, false);

	if (res != TEE_SUCCESS)
		return res;
	res = device_admits(&device.state, head, &key);
	if (res == TEE_SUCCESS && derive)
		res = model_key_open(key, derive);
	device_close(&device);
	return res;
}

/* Compares the digest, once. */
static TEE_Result verify_stream(struct load *load)
{
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };
	size_t size = sizeof(digest);
	TEE_Result res =
		to_result(load, box_stream_open_end(&load->sealed.stream));

	if (res == TEE_SUCCESS)
		res = network_end(&load->model);
	if (res == TEE_SUCCESS)
		res = TEE_DigestDoFinal(load->digest, NULL, 0, digest, &size);
	if (res == TEE_SUCCESS &&
	    memcmp(digest, load->sealed.head.digest, sizeof(digest)))
		res = TEE_ERROR_SIGNATURE_INVALID;
	load->sealed.is_verified = res == TEE_SUCCESS;
	return res;
}

static TEE_Result end(struct session *s)
{
	struct load *load = &s->load;
	TEE_Result res = TEE_SUCCESS;

	if (!load->sealed.is_verified)
		res = verify_stream(load);
	if (res == TEE_SUCCESS)
		res = check_device(&load->sealed.head, NULL);
	return res;
}

static const struct load_source source = {
	.work_size = PIECE + BOX_HEAD_CHUNK_BYTES,
	.push = push,
	.end = end,
};

static TEE_Result check_head(const struct box_head *head, const uint8_t *bytes)
{
	TEE_Result res = TEE_ERROR_ACCESS_DENIED;

	if (memcmp(head->owner, owner_block.key, sizeof(owner_block.key)))
		return res;
	res = crypto_verify(owner_block.key, bytes, BOX_HEAD_SIGNED_BYTES,
			    head->signature);
	if (res == TEE_SUCCESS)
		res = policy_check_client(head);
	return res;
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
		res = check_device(&sealed->head, &s->load.derive);
	if (res == TEE_SUCCESS)
		res = start(s);
	if (res != TEE_SUCCESS)
		load_drop(s);
	return res;
}
