/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/base/file.h"
#include "host/public/public_key.h"

#define FILE_MAX 65536u /* two keys, and any text around them */

void enc_owner_secret_free(struct enc_owner_secret *secret)
{
	EVP_PKEY_free(secret->sign);
	EVP_PKEY_free(secret->wrap);
	*secret = (struct enc_owner_secret){ 0 };
}

/* Gets the public key of a private one. Fails if that is of another type. */
static bool take_public(EVP_PKEY *key, int type, uint8_t *bytes, size_t size)
{
	size_t len = size;

	return key && EVP_PKEY_get_base_id(key) == type &&
	       EVP_PKEY_get_raw_public_key(key, bytes, &len) == 1 &&
	       len == size;
}

static bool take_publics(struct enc_owner_secret *secret)
{
	struct enc_owner *owner = &secret->owner;

	return take_public(secret->sign, EVP_PKEY_ED25519, owner->sign,
			   sizeof(owner->sign)) &&
	       take_public(secret->wrap, EVP_PKEY_X25519, owner->wrap,
			   sizeof(owner->wrap));
}

/* Replaces OpenSSL's callback, which would ask on the terminal. */
static int no_password(char *buf, int size, int writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static bool parse(const uint8_t *text, size_t len,
		  struct enc_owner_secret *secret)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	EVP_PKEY *more = NULL;
	bool ok = false;

	if (bio) {
		secret->sign =
			PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
		secret->wrap =
			PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
		more = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
		ok = !more && take_publics(secret);
	}
	EVP_PKEY_free(more);
	BIO_free(bio);
	ERR_clear_error();
	return ok;
}

bool enc_owner_secret_read(const char *path, struct enc_owner_secret *secret,
			   struct enc_error *e)
{
	uint8_t *text = NULL;
	size_t len = 0;
	bool ok = false;

	*secret = (struct enc_owner_secret){ 0 };
	if (!enc_file_read(path, FILE_MAX, &text, &len, e))
		return false;
	ok = parse(text, len, secret);
	explicit_bzero(text, len);
	free(text);
	if (ok)
		return true;
	enc_owner_secret_free(secret);
	enc_fail(e, ENC_ERR_FORMAT,
		 "%s: not an owner's private keys, which are two without a "
		 "password: Ed25519, then X25519",
		 enc_file_label(path));
	return enc_hint(e, "give the file that `enc_mnist owner-key` wrote to "
			   "--output");
}

static bool generate(struct enc_owner_secret *secret, struct enc_error *e)
{
	secret->sign = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	secret->wrap = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	return take_publics(secret) ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not make keys");
}

static bool write_privates(FILE *f, const struct enc_owner_secret *secret,
			   struct enc_error *e)
{
	setvbuf(f, NULL, _IONBF, 0); /* a buffer would keep the keys */
	return (PEM_write_PKCS8PrivateKey(f, secret->sign, NULL, NULL, 0, NULL,
					  NULL) == 1 &&
		PEM_write_PKCS8PrivateKey(f, secret->wrap, NULL, NULL, 0, NULL,
					  NULL) == 1) ||
	       enc_fail(e, ENC_ERR_CRYPTO,
			"OpenSSL could not write the private keys");
}

static void write_publics(FILE *f, const struct enc_owner *owner)
{
	struct enc_public_key sign = { .type = ENC_ED25519 };
	struct enc_public_key wrap = { .type = ENC_X25519 };

	memcpy(sign.bytes, owner->sign, sizeof(sign.bytes));
	memcpy(wrap.bytes, owner->wrap, sizeof(wrap.bytes));
	enc_public_key_write(f, &sign);
	enc_public_key_write(f, &wrap);
}

/* Checks that two paths name different files. The first one exists. */
static bool are_two(const char *a, const char *b, struct enc_error *e)
{
	struct stat of_a = { 0 };
	struct stat of_b = { 0 };

	if (stat(a, &of_a) || stat(b, &of_b) || of_a.st_dev != of_b.st_dev ||
	    of_a.st_ino != of_b.st_ino)
		return true;
	enc_fail(e, ENC_ERR_IO, "%.2000s and %.2000s are the same file", a, b);
	return enc_hint(e, "choose different files for the private and the "
			   "public keys");
}

/* Both files are written before either gets its name. */
static bool write_files(const struct enc_owner_secret *secret,
			const char *secret_path, const char *public_path,
			struct enc_error *e)
{
	struct enc_out_file private = { 0 };
	struct enc_out_file public = { 0 };
	bool ok = enc_out_open_new(&private, secret_path, 0600, e) &&
		  enc_out_open_new(&public, public_path, 0644, e) &&
		  write_privates(private.stream, secret, e);

	if (ok)
		write_publics(public.stream, &secret->owner);
	ok = ok && enc_out_commit(&private, e);
	if (ok && !(are_two(secret_path, public_path, e) &&
		    enc_out_commit(&public, e))) {
		unlink(secret_path);
		ok = false;
	}
	enc_out_abort(&private);
	enc_out_abort(&public);
	return ok;
}

bool enc_owner_make(const char *secret_path, const char *public_path,
		    struct enc_owner *owner, struct enc_error *e)
{
	struct enc_owner_secret secret = { 0 };
	bool ok = generate(&secret, e) &&
		  write_files(&secret, secret_path, public_path, e);

	*owner = secret.owner;
	enc_owner_secret_free(&secret);
	return ok;
}
