/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "box/hpke.h"
#include "crypto.h"
#include "host/base/file.h"
#include "host/public/envelope.h"

/* --- One envelope ------------------------------------------------------ */

/* The part of RFC 9180's Encap that is X25519, with a fresh key. */
static bool encapsulate(struct box_envelope *envelope,
			uint8_t dh[BOX_X25519_BYTES])
{
	EVP_PKEY *ephemeral = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	size_t len = BOX_X25519_BYTES;
	bool ok = ephemeral &&
		  EVP_PKEY_get_raw_public_key(ephemeral, envelope->encapsulated,
					      &len) == 1 &&
		  enc_x25519(ephemeral, envelope->device, dh);

	EVP_PKEY_free(ephemeral);
	return ok;
}

static bool
encrypt(const struct box_hpke *hpke, const uint8_t *key,
	uint8_t sealed[BOX_MODEL_KEY_BYTES + BOX_ENVELOPE_TAG_BYTES])
{
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok = cipher &&
		  EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, hpke->key,
				     hpke->nonce) == 1 &&
		  EVP_EncryptUpdate(cipher, sealed, &n, key,
				    BOX_MODEL_KEY_BYTES) == 1 &&
		  n == BOX_MODEL_KEY_BYTES &&
		  EVP_EncryptFinal_ex(cipher, sealed + n, &n) == 1 &&
		  EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG,
				      BOX_ENVELOPE_TAG_BYTES,
				      sealed + BOX_MODEL_KEY_BYTES) == 1;

	EVP_CIPHER_CTX_free(cipher);
	return ok;
}

/* Fills in the key. `bytes`: what is bound of the envelope. */
static bool seal(const struct enc_wrap *wrap, struct box_envelope *envelope,
		 const uint8_t *bytes)
{
	struct box_hpke_input in = {
		.encapsulated = envelope->encapsulated,
		.recipient = envelope->device,
		.info = bytes,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	struct box_hpke hpke = { 0 };
	bool ok = encapsulate(envelope, in.dh) &&
		  box_hpke_base(enc_hmac, NULL, &in, &hpke) &&
		  encrypt(&hpke, wrap->key, envelope->sealed);

	OPENSSL_cleanse(&in, sizeof(in));
	OPENSSL_cleanse(&hpke, sizeof(hpke));
	return ok;
}

/* Fills in all that follows from the other fields. */
static bool complete(const struct enc_wrap *wrap, struct box_envelope *envelope,
		     uint8_t bytes[BOX_ENVELOPE_BYTES], struct enc_error *e)
{
	bool ok = !wrap->key || enc_key_id(wrap->key, envelope->key_id);

	box_envelope_write(envelope, bytes);
	ok = ok && (!wrap->key || seal(wrap, envelope, bytes));
	if (!ok)
		return enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not encrypt");
	box_envelope_write(envelope, bytes);
	ok = enc_signer_sign(wrap->owner, bytes, BOX_ENVELOPE_SIGNED_BYTES,
			     envelope->signature, e);
	box_envelope_write(envelope, bytes);
	return ok;
}

bool enc_wrap_key(const struct enc_wrap *wrap,
		  const uint8_t device[BOX_X25519_BYTES],
		  uint8_t envelope[BOX_ENVELOPE_BYTES], struct enc_error *e)
{
	struct box_envelope parts = { .epoch = wrap->epoch,
				      .retired = wrap->retired,
				      .models = wrap->models };

	if (box_x25519_is_low_order(device)) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "a key of low order, which no device has");
		return enc_hint(e, ENC_GIVE_DEVICE_KEY);
	}
	memcpy(parts.ta, wrap->ta, sizeof(parts.ta));
	memcpy(parts.device, device, sizeof(parts.device));
	memcpy(parts.owner, wrap->owner->owner.key, sizeof(parts.owner));
	memcpy(parts.model, wrap->model, sizeof(parts.model));
	return complete(wrap, &parts, envelope, e);
}

/* --- Many devices ------------------------------------------------------ */

bool enc_wrap_devices(const struct enc_wrap *wrap,
		      const struct enc_devices *devices, const char *output,
		      struct enc_error *e)
{
	struct enc_out_file out = { 0 };
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	if (!enc_out_open(&out, output, 0644, e))
		return false;
	for (size_t i = 0; i < devices->count; i++) {
		if (!enc_wrap_key(wrap, devices->all[i].key, envelope, e)) {
			enc_out_abort(&out);
			return enc_about(e, devices->all[i].file);
		}
		fwrite(envelope, 1, sizeof(envelope), out.stream);
	}
	return enc_out_commit(&out, e);
}
