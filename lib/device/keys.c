/* SPDX-License-Identifier: Apache-2.0 */
/* The device's keys, and what it says of itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/hex.h"
#include "host/device/provision.h"
#include "host/public/fingerprint.h"
#include "host/public/public_key.h"
#include "lib/error.h"
#include "session.h"

/* --- Keys -------------------------------------------------------------- */

/* The key as a PEM block, or NULL. */
static char *pem_of(const struct enc_public_key *key)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	bool ok = false;

	if (!f)
		return NULL;
	enc_public_key_write(f, key);
	ok = !ferror(f);
	if (fclose(f) || !ok) {
		free(text);
		return NULL;
	}
	return text;
}

static char *fingerprint_of(const uint8_t *key)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	enc_fingerprint(key, ENC_PUBLIC_KEY_BYTES, text);
	return text[0] ? strdup(text) : NULL;
}

bool encmnist_device_key(encmnist_session *session, char **pem,
			 char **fingerprint, encmnist_error **error)
{
	struct enc_public_key key = { .type = ENC_X25519 };
	char *texts[2] = { NULL, NULL };
	struct enc_error e = { 0 };

	if (!enc_tee_device_key(session->tee, key.bytes, &e))
		return lib_fail(error, &e);
	texts[0] = pem_of(&key);
	texts[1] = fingerprint_of(key.bytes);
	if (!texts[0] || !texts[1]) {
		free(texts[0]);
		free(texts[1]);
		return lib_no_memory(error);
	}
	if (pem)
		*pem = texts[0];
	else
		free(texts[0]);
	if (fingerprint)
		*fingerprint = texts[1];
	else
		free(texts[1]);
	return true;
}

bool encmnist_store_key(encmnist_session *session, const void *key,
			encmnist_error **error)
{
	struct enc_error e = { 0 };

#ifdef ENC_MNIST_COMPAT
	if (enc_tee_store_key(session->tee, key, &e))
		return true;
#else
	(void)session;
	(void)key;
	enc_fail(&e, ENC_ERR_UNSUPPORTED,
		 "this library was built without the format of enc_mnist-rs");
#endif
	return lib_fail(error, &e);
}

/* --- Envelopes --------------------------------------------------------- */

_Static_assert(sizeof(((struct encmnist_taken *)0)->key_id) ==
		       2 * BOX_KEY_ID_BYTES + 1,
	       "a key id in hexadecimal");

static void tell(const struct box_envelope *envelope, struct encmnist_taken *to)
{
	struct encmnist_taken taken = ENCMNIST_TAKEN;

	if (!to || to->size < sizeof(to->size))
		return;
	taken.epoch = envelope->epoch;
	if (box_envelope_has_key(envelope))
		enc_hex_text(envelope->key_id, BOX_KEY_ID_BYTES, taken.key_id);
	if (to->size < taken.size)
		taken.size = to->size;
	memcpy(to, &taken, taken.size);
}

bool encmnist_provision_file(encmnist_session *session, const char *path,
			     struct encmnist_taken *taken,
			     encmnist_error **error)
{
	struct box_envelope envelope = { 0 };
	struct enc_error e = { 0 };

	if (!enc_provision_file(session->tee, path, &envelope, &e))
		return lib_fail(error, &e);
	tell(&envelope, taken);
	return true;
}

bool encmnist_provision_memory(encmnist_session *session, const void *data,
			       size_t len, struct encmnist_taken *taken,
			       encmnist_error **error)
{
	struct enc_envelopes list = { 0 };
	struct box_envelope envelope = { 0 };
	struct enc_error e = { 0 };
	const uint8_t *at = data;
	bool ok = true;

	for (size_t n = 0; ok && len; at += n, len -= n) {
		n = len < BOX_ENVELOPE_BYTES ? len : BOX_ENVELOPE_BYTES;
		ok = enc_envelopes_add(&list, at, n, &e);
	}
	ok = ok && enc_provision(session->tee, &list, &envelope, &e);
	enc_envelopes_free(&list);
	if (!ok)
		return lib_fail(error, &e);
	tell(&envelope, taken);
	return true;
}
