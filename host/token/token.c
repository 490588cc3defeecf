/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "host/public/fingerprint.h"
#include "object.h"
#include "place.h"

#define SCHEME "pkcs11:"

struct token {
	struct place place;
	CK_SESSION_HANDLE session;
	bool has_session;
	char *pin; /* NULL: the token asks by itself, or for none */
	struct objects objects;
};

bool enc_is_token(const char *owner)
{
	return !strncmp(owner, SCHEME, strlen(SCHEME));
}

static bool fail(const struct token *t, const char *what, CK_RV status,
		 struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_CRYPTO, "%s: %s: %s", t->place.name, what,
			p11_kit_strerror(status));
}

/* --- PIN --------------------------------------------------------------- */

static bool read_pin(struct token *t, P11KitUri *uri,
		     const struct enc_passphrase *pin, struct enc_error *e)
{
	const char *value = p11_kit_uri_get_pin_value(uri);
	const char *source = p11_kit_uri_get_pin_source(uri);

	t->pin = OPENSSL_secure_zalloc(ENC_PASSPHRASE_MAX + 1);
	if (!t->pin)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	if (source && value)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: two PINs: pin-source "
				"and pin-value",
				t->place.name);
	if (source && !strncmp(source, "file:", strlen("file:")))
		return enc_passphrase_file(source + strlen("file:"), "PIN",
					   t->pin, e);
	if (source)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"%s: pin-source: "
				"file:/..., and nothing else",
				t->place.name);
	if (!value)
		return pin->ask(pin->ctx, "PIN", t->place.name, t->pin, e);
	if (strlen(value) > ENC_PASSPHRASE_MAX)
		return enc_fail(e, ENC_ERR_LIMIT,
				"%s: pin-value: at most %d "
				"bytes",
				t->place.name, ENC_PASSPHRASE_MAX);
	memcpy(t->pin, value, strlen(value)); /* zeros follow */
	return true;
}

static CK_RV give_pin(struct token *t, CK_USER_TYPE user)
{
	return t->place.module->C_Login(t->session, user, (CK_UTF8CHAR *)t->pin,
					t->pin ? strlen(t->pin) : 0);
}

static bool refuse_pin(const struct token *t, CK_RV status, struct enc_error *e)
{
	switch (status) {
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE:
		enc_fail(e, ENC_ERR_CRYPTO, "%s: the PIN is wrong",
			 t->place.name);
		return enc_hint(
			e,
			"give it with care: a token locks its PIN after a number of wrong ones that is up to the token");
	case CKR_PIN_LOCKED:
		enc_fail(e, ENC_ERR_CRYPTO, "%s: its PIN is locked",
			 t->place.name);
		return enc_hint(e, "the token's security officer can set a new "
				   "one");
	default:
		return fail(t, "cannot log in", status, e);
	}
}

/* A token with keys of its own for digits is not given a PIN. */
static bool login(struct token *t, P11KitUri *uri,
		  const struct enc_passphrase *pin, struct enc_error *e)
{
	CK_RV status = CKR_OK;

	if (!(t->place.flags & CKF_LOGIN_REQUIRED))
		return true;
	if (!(t->place.flags & CKF_PROTECTED_AUTHENTICATION_PATH) &&
	    !read_pin(t, uri, pin, e))
		return false;
	status = give_pin(t, CKU_USER);
	return status == CKR_OK || refuse_pin(t, status, e);
}

/* --- Signing ----------------------------------------------------------- */

static bool sign(void *key, const void *data, size_t len,
		 uint8_t signature[BOX_SIGNATURE_BYTES], struct enc_error *e)
{
	struct token *t = key;
	const CK_FUNCTION_LIST *p11 = t->place.module;
	CK_MECHANISM eddsa = { CKM_EDDSA, NULL, 0 };
	CK_ULONG written = BOX_SIGNATURE_BYTES;
	CK_RV status = p11->C_SignInit(t->session, &eddsa, t->objects.private);

	if (status == CKR_OK && t->objects.asks_always)
		status = give_pin(t, CKU_CONTEXT_SPECIFIC);
	if (status == CKR_OK)
		status = p11->C_Sign(t->session, (CK_BYTE *)data, len,
				     signature, &written);
	if (status != CKR_OK)
		return fail(t, "cannot sign with Ed25519", status, e);
	if (written == BOX_SIGNATURE_BYTES &&
	    enc_ed25519_verify(t->objects.owner.key, data, len, signature))
		return true;
	enc_fail(e, ENC_ERR_CRYPTO,
		 "%s: the signature is not of the public key in the token",
		 t->place.name);
	return enc_hint(e, "the public key with the private key's id is "
			   "another key's, or the token is faulty");
}

static void close_token(void *key)
{
	struct token *t = key;

	if (t->has_session)
		t->place.module->C_CloseSession(t->session);
	OPENSSL_secure_clear_free(t->pin, ENC_PASSPHRASE_MAX + 1);
	place_leave(&t->place);
	free(t);
}

/* --- Opening ----------------------------------------------------------- */

static bool open_session(struct token *t, struct enc_error *e)
{
	const CK_RV status = t->place.module->C_OpenSession(
		t->place.slot, CKF_SERIAL_SESSION, NULL, NULL, &t->session);

	t->has_session = status == CKR_OK;
	return t->has_session || fail(t, "cannot open a session", status, e);
}

bool enc_token_open(const char *text, const struct enc_passphrase *pin,
		    struct enc_signer *signer, struct enc_error *e)
{
	struct token *t = calloc(1, sizeof(*t));
	P11KitUri *uri = NULL;
	bool ok = false;

	*signer = (struct enc_signer){ 0 };
	if (!t)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	ok = place_find(text, &uri, &t->place, e) && open_session(t, e) &&
	     login(t, uri, pin, e) &&
	     objects_find(&t->place, t->session, uri, &t->objects, e);
	p11_kit_uri_free(uri);
	if (!ok) {
		close_token(t);
		return false;
	}
	signer->owner = t->objects.owner;
	signer->key = t;
	signer->sign = sign;
	signer->close = close_token;
	return true;
}
