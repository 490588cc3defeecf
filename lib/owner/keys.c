/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "host/owner/model_key.h"
#include "host/owner/secret.h"
#include "host/token/token.h"
#include "lib/error.h"
#include "owner.h"

struct asker {
	bool (*ask)(void *context, char *text, size_t room);
	void *context;
};

static bool ask(void *ctx, const char *what, const char *of, char *text,
		struct enc_error *e)
{
	const struct asker *from = ctx;

	if (!from->ask)
		return enc_fail(e, ENC_ERR_IO, "%s: needs a %s", of, what);
	text[0] = '\0';
	if (from->ask(from->context, text, ENC_PASSPHRASE_MAX + 1) && text[0])
		return true;
	return enc_fail(e, ENC_ERR_IO, "%s: no %s was given", of, what);
}

encmnist_owner *encmnist_owner_open(const char *key,
				    bool (*asks)(void *context, char *text,
						 size_t room),
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

bool encmnist_owner_make(const char *private_path, const char *public_path,
			 encmnist_error **error)
{
	struct enc_owner owner = { 0 };
	struct enc_error e = { 0 };

	return enc_owner_make(private_path, public_path, NULL, &owner, &e) ||
	       lib_fail(error, &e);
}

bool encmnist_model_key_make(const char *path, encmnist_error **error)
{
	uint8_t id[BOX_KEY_ID_BYTES] = { 0 };
	struct enc_error e = { 0 };

	return enc_model_key_make(path, id, &e) || lib_fail(error, &e);
}
