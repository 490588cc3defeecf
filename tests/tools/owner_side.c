/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner_side DEVICE NETWORK KNOWN: acts as the owner for the device whose
 * public key is in the file DEVICE. From the record of a NETWORK it makes
 * key.envelope (epoch 1), model.sealed, and bad.sealed, whose last tag has a
 * wrong last byte. It writes the secrets that only the owner and the TA may
 * know to the file KNOWN, in hexadecimal digits, one a line: the key of the
 * model and that of its stream, the result of X25519, HPKE's secret and its
 * key. known.letters has them with the letters of tests/lib/letters.h for
 * digits.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "host/base/hex.h"
#include "host/owner/crypto.h"
#include "host/public/public_key.h"
#include "testkit/sealed_maker.h"

struct known {
	uint8_t stream[BOX_STREAM_KEY_BYTES];
	uint8_t dh[BOX_X25519_BYTES];
	struct box_hpke hpke;
};

static bool write_file(const char *path, const void *data, size_t len,
		       struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, path, 0644, e))
		return false;
	fwrite(data, 1, len, out.stream);
	return enc_out_commit(&out, e);
}

static bool read_device(const char *path, uint8_t device[BOX_X25519_BYTES],
			struct enc_error *e)
{
	struct enc_public_key *keys = NULL;
	size_t count = 0;

	if (!enc_public_keys_read(path, &keys, &count, e))
		return false;
	memcpy(device, keys[0].bytes, BOX_X25519_BYTES);
	free(keys);
	return true;
}

static bool make_models(const struct sealed_maker *owner, const char *path,
			struct known *known, struct enc_error *e)
{
	uint8_t *record = NULL;
	uint8_t *model = NULL;
	size_t len = 0;
	bool ok = false;

	if (!enc_file_read(path, 1u << 24, &record, &len, e))
		return false;
	model = sealed_make(owner, record, len, &len);
	free(record);
	ok = enc_hkdf(owner->key, model + BOX_HEAD_BYTES + 1, model,
		      BOX_HEAD_BOUND_BYTES, known->stream) &&
	     write_file("model.sealed", model, len, e);
	model[len - 1] ^= 1;
	ok = ok && write_file("bad.sealed", model, len, e);
	free(model);
	return ok;
}

static bool make_envelope(const struct sealed_maker *owner,
			  const uint8_t *device, struct known *known,
			  struct enc_error *e)
{
	EVP_PKEY *ephemeral = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_hpke_input in = {
		.encapsulated = bytes + BOX_ENVELOPE_BOUND_BYTES,
		.recipient = device,
		.info = bytes,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	bool ok = false;

	sealed_envelope_from(owner, device, 1, NULL, ephemeral, bytes);
	ok = enc_x25519(ephemeral, device, in.dh) &&
	     box_hpke_base(enc_hmac, NULL, &in, &known->hpke);
	memcpy(known->dh, in.dh, sizeof(in.dh));
	EVP_PKEY_free(ephemeral);
	return ok && write_file("key.envelope", bytes, sizeof(bytes), e);
}

static void add_line(char *text, const uint8_t *secret, size_t len)
{
	text += strlen(text);
	enc_hex_text(secret, len, text);
	strcpy(text + 2 * len, "\n");
}

static bool write_known(const struct sealed_maker *owner,
			const struct known *known, const char *path,
			struct enc_error *e)
{
	char text[5 * (ENC_KEY_DIGITS + 1) + 1] = "";

	add_line(text, owner->key, sizeof(owner->key));
	add_line(text, known->stream, sizeof(known->stream));
	add_line(text, known->dh, sizeof(known->dh));
	add_line(text, known->hpke.secret, sizeof(known->hpke.secret));
	add_line(text, known->hpke.key, sizeof(known->hpke.key));
	if (!write_file(path, text, strlen(text), e))
		return false;
	for (char *c = text; *c; c++) {
		if (*c != '\n')
			*c = (char)('g' +
				    (*c <= '9' ? *c - '0' : *c - 'a' + 10));
	}
	return write_file("known.letters", text, strlen(text), e);
}

int main(int argc, char **argv)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	struct sealed_maker owner = { 0 };
	struct known known = { 0 };
	struct enc_error e = { .what = "OpenSSL failed" };

	if (argc != 4)
		return 2;
	sealed_owner(&owner);
	if (read_device(argv[1], device, &e) &&
	    make_models(&owner, argv[2], &known, &e) &&
	    make_envelope(&owner, device, &known, &e) &&
	    write_known(&owner, &known, argv[3], &e))
		return 0;
	fprintf(stderr, "owner_side: %s\n", e.what);
	return 1;
}
