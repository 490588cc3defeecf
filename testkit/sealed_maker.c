/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed_maker.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "host/owner/seal.h"
#include "host/owner/secret.h"
#include "host/owner/stream_seal.h"
#include "proto/enc_mnist_ta.h"
#include "record/net.h"
#include "secret.h"

static const uint8_t ta[BOX_UUID_BYTES] = ENC_MNIST_TA_UUID_OCTETS;

static void must(bool done)
{
	if (!done)
		abort();
}

static void complete(struct sealed_maker *maker)
{
	must(RAND_bytes(maker->key, sizeof(maker->key)) == 1 &&
	     enc_key_id(maker->key, maker->head.key_id));
	memcpy(maker->head.owner, maker->owner.owner.key, BOX_OWNER_BYTES);
	maker->head.model_version = 1;
	maker->head.security_version = 1;
	sealed_set_id(maker, "test");
}

void sealed_owner(struct sealed_maker *maker)
{
	const char *path = getenv("ENC_MNIST_OWNER");
	struct enc_error e = { 0 };

	memset(maker, 0, sizeof(*maker));
	secret_library(true);
	if (!enc_owner_secret_read(path ? path : "out/owner/owner.pem", NULL,
				   &maker->owner, &e)) {
		fprintf(stderr, "%s\n", e.what);
		abort();
	}
	complete(maker);
	secret_library(false);
	secret_reveal(maker, sizeof(*maker));
}

static EVP_PKEY *make_x25519(uint8_t *public_key)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	size_t len = BOX_X25519_BYTES;

	must(key && EVP_PKEY_get_raw_public_key(key, public_key, &len) == 1);
	return key;
}

void sealed_stranger(struct sealed_maker *maker)
{
	memset(maker, 0, sizeof(*maker));
	secret_library(true);
	must(enc_signer_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
			   &maker->owner));
	complete(maker);
	secret_library(false);
	secret_reveal(maker, sizeof(*maker));
}

void sealed_free(struct sealed_maker *maker)
{
	enc_signer_close(&maker->owner);
}

void sealed_set_id(struct sealed_maker *maker, const char *id)
{
	const size_t len = strlen(id);

	must(len && len <= BOX_MODEL_ID_BYTES);
	memset(maker->head.model_id, 0, BOX_MODEL_ID_BYTES);
	memcpy(maker->head.model_id, id, len);
}

struct memory {
	const uint8_t *in;
	uint8_t *out;
};

static bool source(void *ctx, uint8_t *data, size_t n, struct enc_error *e)
{
	struct memory *memory = ctx;

	(void)e;
	memcpy(data, memory->in, n);
	memory->in += n;
	return true;
}

static bool sink(void *ctx, const uint8_t *data, size_t n, struct enc_error *e)
{
	struct memory *memory = ctx;

	(void)e;
	memcpy(memory->out, data, n);
	memory->out += n;
	return true;
}

static void seal_stream(const struct sealed_maker *maker, uint8_t *sealed,
			const uint8_t *record, size_t len,
			uint8_t digest[BOX_DIGEST_BYTES])
{
	struct memory memory = { record, sealed + BOX_HEAD_BYTES };
	const struct enc_stream_seal seal = {
		.key = maker->key,
		.bound = sealed,
		.len = len,
		.ctx = &memory,
		.source = source,
		.sink = sink,
	};
	struct enc_error e = { 0 };

	secret_library(true);
	must(enc_stream_seal(&seal, digest, &e));
	secret_library(false);
	secret_reveal(digest, BOX_DIGEST_BYTES);
	secret_reveal(sealed + BOX_HEAD_BYTES,
		      box_stream_sealed_size(len, BOX_HEAD_CHUNK_BYTES));
}

/* What is no record is described as 28 x 28 bytes that give ten numbers. */
static void describe_any(size_t len, struct box_head *head)
{
	const struct box_port in = {
		BOX_UINT8, 3, 0, 0, { 28, 28, 1, 1, 1, 1 }
	};
	const struct box_port out = { BOX_F32, 1, 0, 0, { 10, 1, 1, 1, 1, 1 } };

	head->number_type = BOX_F32;
	head->policy = BOX_LABEL;
	head->batch = 1;
	head->inputs = head->outputs = 1;
	head->input[0] = in;
	head->output[0] = out;
	head->macs = 7840;
	head->arena = 4096;
	head->params = len - BOX_RECORD_HEAD - BOX_TABLES_MIN;
}

void sealed_describe(const struct sealed_maker *maker, const uint8_t *record,
		     size_t len, struct box_head *head)
{
	struct nn_head nn = { 0 };
	struct nn_net net = { .head = &nn };

	*head = maker->head;
	memcpy(&nn, record, len < sizeof(nn) ? len : sizeof(nn));
	if (nn_head_check(&nn) == NN_OK && len >= record_net_size(&nn)) {
		net.tensors = (const void *)(record + sizeof(nn));
		must(enc_head_describe(&net, head));
	} else {
		describe_any(len, head);
	}
	head->length = len;
	if (maker->head.policy) {
		head->policy = maker->head.policy;
		head->amount = maker->head.amount;
	}
}

uint8_t *sealed_make_as(const struct sealed_maker *maker,
			const struct box_head *template, const uint8_t *record,
			size_t len, size_t *sealed_len)
{
	struct box_head head = *template;
	uint8_t *sealed = NULL;

	*sealed_len = BOX_HEAD_BYTES +
		      box_stream_sealed_size(len, BOX_HEAD_CHUNK_BYTES);
	sealed = malloc(*sealed_len);
	must(sealed != NULL);
	box_head_write(&head, sealed);
	seal_stream(maker, sealed, record, len, head.digest);
	box_head_write(&head, sealed);
	sealed_sign(maker, sealed);
	return sealed;
}

uint8_t *sealed_make(const struct sealed_maker *maker, const uint8_t *record,
		     size_t len, size_t *sealed_len)
{
	struct box_head head = { 0 };

	sealed_describe(maker, record, len, &head);
	return sealed_make_as(maker, &head, record, len, sealed_len);
}

void sealed_replace_stream(const struct sealed_maker *maker, uint8_t *sealed,
			   size_t sealed_len, const uint8_t *record)
{
	struct box_head head = { 0 };
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	must(box_head_read(sealed, &head) == BOX_OK);
	must(sealed_len ==
	     BOX_HEAD_BYTES +
		     box_stream_sealed_size(head.length, BOX_HEAD_CHUNK_BYTES));
	seal_stream(maker, sealed, record, head.length, digest);
}

void sealed_sign(const struct sealed_maker *maker, uint8_t *sealed)
{
	struct enc_error e = { 0 };

	secret_library(true);
	must(enc_signer_sign(&maker->owner, sealed, BOX_HEAD_SIGNED_BYTES,
			     sealed + BOX_HEAD_SIGNED_BYTES, &e));
	secret_library(false);
	secret_reveal(sealed + BOX_HEAD_SIGNED_BYTES, BOX_SIGNATURE_BYTES);
}

void sealed_sign_envelope(const struct sealed_maker *maker,
			  uint8_t bytes[BOX_ENVELOPE_BYTES])
{
	struct enc_error e = { 0 };

	secret_library(true);
	must(enc_signer_sign(&maker->owner, bytes, BOX_ENVELOPE_SIGNED_BYTES,
			     bytes + BOX_ENVELOPE_SIGNED_BYTES, &e));
	secret_library(false);
	secret_reveal(bytes + BOX_ENVELOPE_SIGNED_BYTES, BOX_SIGNATURE_BYTES);
}

struct box_envelope sealed_claim(const struct sealed_maker *maker)
{
	struct box_envelope claim = { 0 };

	memcpy(claim.ta, ta, sizeof(ta));
	memcpy(claim.key_id, maker->head.key_id, BOX_KEY_ID_BYTES);
	memcpy(claim.owner, maker->owner.owner.key, BOX_OWNER_BYTES);
	return claim;
}

/* HPKE's Seal(), RFC 9180, 6.1, with OpenSSL's AES. */
static void seal_key(const struct box_hpke *hpke, const uint8_t *key,
		     uint8_t *sealed)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int done = 0;

	must(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, hpke->key,
				hpke->nonce) == 1 &&
	     EVP_EncryptUpdate(ctx, sealed, &done, key, BOX_MODEL_KEY_BYTES) ==
		     1 &&
	     EVP_EncryptFinal_ex(ctx, sealed + done, &done) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG,
				 BOX_ENVELOPE_TAG_BYTES,
				 sealed + BOX_MODEL_KEY_BYTES) == 1);
	EVP_CIPHER_CTX_free(ctx);
}

void sealed_envelope_from(const struct sealed_maker *maker,
			  const uint8_t device[BOX_X25519_BYTES],
			  uint32_t epoch, const struct box_envelope *template,
			  EVP_PKEY *ephemeral,
			  uint8_t bytes[BOX_ENVELOPE_BYTES])
{
	struct box_envelope envelope = sealed_claim(maker);
	struct box_hpke_input in = { 0 };
	struct box_hpke hpke = { 0 };
	size_t len = BOX_X25519_BYTES;

	memcpy(envelope.device, device, BOX_X25519_BYTES);
	if (template)
		envelope = *template;
	envelope.epoch = epoch;
	secret_library(true);
	box_envelope_write(&envelope, bytes);
	if (box_envelope_has_key(&envelope)) {
		must(EVP_PKEY_get_raw_public_key(
			     ephemeral, envelope.encapsulated, &len) == 1);
		in.encapsulated = envelope.encapsulated;
		in.recipient = device;
		in.info = bytes;
		in.info_len = BOX_ENVELOPE_BOUND_BYTES;
		must(enc_x25519(ephemeral, device, in.dh) &&
		     box_hpke_base(enc_hmac, NULL, &in, &hpke));
		seal_key(&hpke, maker->key, envelope.sealed);
	}
	box_envelope_write(&envelope, bytes);
	secret_library(false);
	sealed_sign_envelope(maker, bytes);
	secret_reveal(bytes, BOX_ENVELOPE_BYTES);
}

void sealed_envelope(const struct sealed_maker *maker,
		     const uint8_t device[BOX_X25519_BYTES], uint32_t epoch,
		     const struct box_envelope *template,
		     uint8_t bytes[BOX_ENVELOPE_BYTES])
{
	uint8_t public_key[BOX_X25519_BYTES] = { 0 };
	EVP_PKEY *ephemeral = NULL;

	secret_library(true);
	ephemeral = make_x25519(public_key);
	secret_library(false);
	sealed_envelope_from(maker, device, epoch, template, ephemeral, bytes);
	EVP_PKEY_free(ephemeral);
}
