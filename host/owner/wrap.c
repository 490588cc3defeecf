/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "box/hpke.h"
#include "crypto.h"
#include "host/base/file.h"
#include "host/public/envelope.h"
#include "host/public/public_key.h"

#define GIVE_DEVICE_KEY "give what `enc_mnist device-key` printed on the device"

/* --- One envelope ------------------------------------------------------ */

/* The part of RFC 9180's AuthEncap that is X25519, with a fresh key. */
static bool encapsulate(const struct enc_wrap *wrap,
			struct box_envelope *envelope,
			uint8_t dh[2 * BOX_X25519_BYTES])
{
	EVP_PKEY *ephemeral = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	size_t len = BOX_X25519_BYTES;
	bool ok = ephemeral &&
		  EVP_PKEY_get_raw_public_key(ephemeral, envelope->encapsulated,
					      &len) == 1 &&
		  enc_x25519(ephemeral, envelope->device, dh) &&
		  enc_x25519(wrap->owner->wrap, envelope->device,
			     dh + BOX_X25519_BYTES);

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

/* Fills in the last two fields. `bytes` is the whole envelope then. */
static bool seal(const struct enc_wrap *wrap, struct box_envelope *envelope,
		 uint8_t bytes[BOX_ENVELOPE_BYTES])
{
	struct box_hpke_input in = {
		.encapsulated = envelope->encapsulated,
		.recipient = envelope->device,
		.sender = envelope->sender,
		.info = bytes,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	struct box_hpke hpke = { 0 };
	bool ok = encapsulate(wrap, envelope, in.dh);

	box_envelope_write(envelope, bytes);
	ok = ok && box_hpke_auth(enc_hmac, NULL, &in, &hpke) &&
	     encrypt(&hpke, wrap->key, envelope->sealed);
	box_envelope_write(envelope, bytes);
	OPENSSL_cleanse(&in, sizeof(in));
	OPENSSL_cleanse(&hpke, sizeof(hpke));
	return ok;
}

bool enc_wrap_key(const struct enc_wrap *wrap,
		  const uint8_t device[BOX_X25519_BYTES],
		  uint8_t envelope[BOX_ENVELOPE_BYTES], struct enc_error *e)
{
	struct box_envelope parts = { .epoch = wrap->epoch };

	if (box_x25519_is_low_order(device)) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "a key of low order, which no device has");
		return enc_hint(e, GIVE_DEVICE_KEY);
	}
	memcpy(parts.ta, enc_ta_uuid, sizeof(parts.ta));
	memcpy(parts.device, device, sizeof(parts.device));
	memcpy(parts.sender, wrap->owner->owner.wrap, sizeof(parts.sender));
	return (enc_key_id(wrap->key, parts.key_id) &&
		seal(wrap, &parts, envelope)) ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not encrypt");
}

/* --- Many devices ------------------------------------------------------ */

struct device {
	uint8_t key[BOX_X25519_BYTES];
	const char *file;
};

struct devices {
	struct device *all;
	size_t count;
};

static bool add_file(struct devices *d, const char *file,
		     const struct enc_public_key *keys, size_t count,
		     struct enc_error *e)
{
	struct device *all =
		reallocarray(d->all, d->count + count, sizeof(*all));

	if (!all)
		return enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", file);
	d->all = all;
	for (size_t i = 0; i < count; i++) {
		struct device *device = &all[d->count++];

		if (keys[i].type != ENC_X25519) {
			enc_fail(e, ENC_ERR_FORMAT,
				 "%s: key %zu is not a device's: "
				 "it is not X25519",
				 file, i + 1);
			return enc_hint(e, GIVE_DEVICE_KEY);
		}
		memcpy(device->key, keys[i].bytes, sizeof(device->key));
		device->file = file;
	}
	return true;
}

static bool read_devices(const char *const *files, size_t count,
			 struct devices *d, struct enc_error *e)
{
	for (size_t i = 0; i < count; i++) {
		struct enc_public_key *keys = NULL;
		size_t n = 0;
		bool ok = enc_public_keys_read(files[i], &keys, &n, e) &&
			  add_file(d, enc_file_label(files[i]), keys, n, e);

		free(keys);
		if (!ok)
			return false;
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct device *)a)->key,
		      ((const struct device *)b)->key, BOX_X25519_BYTES);
}

/* Sorts the devices, so that equal ones are neighbours. */
static bool are_different(struct devices *d, struct enc_error *e)
{
	if (d->count)
		qsort(d->all, d->count, sizeof(*d->all), compare);
	for (size_t i = 1; i < d->count; i++) {
		const struct device *device = &d->all[i];
		char text[ENC_FINGERPRINT_TEXT] = "";

		if (compare(device - 1, device))
			continue;
		enc_fingerprint(device->key, sizeof(device->key), text);
		enc_fail(e, ENC_ERR_FORMAT,
			 "%.2000s and %.2000s: the same device twice, %s",
			 device[-1].file, device->file, text);
		return enc_hint(e, "leave one of the two out");
	}
	return true;
}

static bool write_envelopes(const struct enc_wrap *wrap,
			    const struct devices *d, const char *output,
			    struct enc_error *e)
{
	struct enc_out_file out = { 0 };
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	if (!enc_out_open(&out, output, 0644, e))
		return false;
	for (size_t i = 0; i < d->count; i++) {
		if (!enc_wrap_key(wrap, d->all[i].key, envelope, e)) {
			enc_out_abort(&out);
			return enc_about(e, d->all[i].file);
		}
		fwrite(envelope, 1, sizeof(envelope), out.stream);
	}
	return enc_out_commit(&out, e);
}

bool enc_wrap_files(const struct enc_wrap *wrap, const char *const *files,
		    size_t count, const char *output, size_t *devices,
		    struct enc_error *e)
{
	struct devices d = { 0 };
	bool ok = read_devices(files, count, &d, e) && are_different(&d, e) &&
		  write_envelopes(wrap, &d, output, e);

	*devices = d.count;
	free(d.all);
	return ok;
}
