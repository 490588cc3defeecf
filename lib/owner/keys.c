/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "host/owner/model_key.h"
#include "host/owner/secret.h"
#include "host/token/token.h"
#include "lib/error.h"
#include "owner.h"

/* --- The owner's ------------------------------------------------------- */

struct asker {
	encmnist_ask *ask;
	void *context;
};

static bool ask(void *ctx, const char *what, const char *of, char *text,
		struct enc_error *e)
{
	const struct asker *from = ctx;

	if (!from->ask)
		return enc_fail(e, ENC_ERR_IO, "%s: needs a %s", of, what);
	text[0] = '\0';
	text[ENC_PASSPHRASE_MAX] = '\0';
	if (!from->ask(from->context, what, of, text, ENC_PASSPHRASE_MAX + 1))
		text[0] = '\0';
	if (text[ENC_PASSPHRASE_MAX]) {
		OPENSSL_cleanse(text, ENC_PASSPHRASE_MAX + 1);
		return enc_fail(e, ENC_ERR_LIMIT, "%s: a %s without its NUL",
				of, what);
	}
	return text[0] ||
	       enc_fail(e, ENC_ERR_IO, "%s: no %s was given", of, what);
}

encmnist_owner *encmnist_owner_open(const char *key, encmnist_ask *asks,
				    void *context, encmnist_error **error)
{
	struct asker from = { asks, context };
	const struct enc_passphrase passphrase = { ask, &from };
	encmnist_owner *owner = calloc(1, sizeof(*owner));
	struct enc_error e = { 0 };
	bool ok = false;

	if (!owner) {
		lib_no_memory(error);
		return NULL;
	}
	ok = enc_is_token(key) ?
		     enc_token_open(key, &passphrase, &owner->signer, &e) :
		     enc_owner_secret_read(key, &passphrase, &owner->signer,
					   &e);
	if (ok) {
		enc_owner_fingerprint(&owner->signer.owner, owner->fingerprint);
		return owner;
	}
	free(owner);
	lib_fail(error, &e);
	return NULL;
}

void encmnist_owner_close(encmnist_owner *owner)
{
	if (!owner)
		return;
	enc_signer_close(&owner->signer);
	free(owner);
}

const char *encmnist_owner_fingerprint(const encmnist_owner *owner)
{
	return owner->fingerprint;
}

bool encmnist_owner_publish(const encmnist_owner *owner,
			    const char *public_path, encmnist_error **error)
{
	struct enc_error e = { 0 };

	return enc_signer_publish(&owner->signer, public_path, &e) ||
	       lib_fail(error, &e);
}

bool encmnist_owner_make(const char *private_path, const char *public_path,
			 encmnist_ask *asks, void *context,
			 encmnist_error **error)
{
	struct asker from = { asks, context };
	const struct enc_passphrase passphrase = { ask, &from };
	struct enc_owner owner = { 0 };
	struct enc_error e = { 0 };

	return enc_owner_make(private_path, public_path,
			      asks ? &passphrase : NULL, &owner, &e) ||
	       lib_fail(error, &e);
}

/* --- A model's --------------------------------------------------------- */

void encmnist_model_key_close(encmnist_model_key *key)
{
	OPENSSL_secure_clear_free(key, sizeof(*key));
}

/* Reads a key with `read` from `from`. */
static encmnist_model_key *open_key(bool (*read)(const char *from, uint8_t *key,
						 struct enc_error *e),
				    const char *from, encmnist_error **error)
{
	encmnist_model_key *key = OPENSSL_secure_zalloc(sizeof(*key));
	uint8_t id[BOX_KEY_ID_BYTES] = { 0 };
	struct enc_error e = { 0 };

	if (!key) {
		lib_no_memory(error);
		return NULL;
	}
	if (read(from, key->bytes, &e) &&
	    (enc_key_id(key->bytes, id) ||
	     enc_fail(&e, ENC_ERR_CRYPTO, "OpenSSL could not derive its id"))) {
		enc_hex_text(id, sizeof(id), key->id);
		return key;
	}
	encmnist_model_key_close(key);
	lib_fail(error, &e);
	return NULL;
}

static bool read_digits(const char *digits, uint8_t *key, struct enc_error *e)
{
	return enc_hex_key("model key", digits, strlen(digits), key, e);
}

encmnist_model_key *encmnist_model_key_open(const char *path,
					    encmnist_error **error)
{
	return open_key(enc_hex_key_file, path, error);
}

encmnist_model_key *encmnist_model_key_of(const char *digits,
					  encmnist_error **error)
{
	return open_key(read_digits, digits, error);
}

encmnist_model_key *encmnist_model_key_make(const char *path,
					    encmnist_error **error)
{
	return open_key(enc_model_key_make, path, error);
}

const char *encmnist_model_key_id(const encmnist_model_key *key)
{
	return key->id;
}
