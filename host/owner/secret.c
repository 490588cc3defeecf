/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/base/file.h"

#define FILE_MAX 65536u /* a key, and any text around it */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 1

/* --- Reading ----------------------------------------------------------- */

/* What OpenSSL asks for, once. */
struct reading {
	const char *path;
	const struct enc_passphrase *passphrase;
	char *text; /* the answer */
	struct enc_error *e;
	bool is_encrypted;
	bool is_asked;
	bool is_read; /* a private key, of whatever type */
};

/* Replaces OpenSSL's callback, which would ask on the terminal. */
static int give(char *buf, int size, int writing, void *ctx)
{
	struct reading *r = ctx;
	int len = 0;

	(void)writing;
	r->is_encrypted = true;
	if (!r->is_asked && r->passphrase &&
	    !r->passphrase->ask(r->passphrase->ctx, "passphrase",
				enc_file_label(r->path), r->text, r->e))
		*r->text = '\0';
	r->is_asked = true;
	len = (int)strlen(r->text);
	if (!len || len > size)
		return -1;
	memcpy(buf, r->text, (size_t)len);
	return len;
}

/* The only private key in there; NULL: there is none, or there are more. */
static EVP_PKEY *parse(const uint8_t *text, size_t len, struct reading *r)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	EVP_PKEY *key = NULL;
	EVP_PKEY *more = NULL;

	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, give, r);
	if (key)
		more = PEM_read_bio_PrivateKey(bio, NULL, give, r);
	r->is_read = key;
	if (more) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_free(more);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

/* Whether what protects the key has not kept it. */
static bool is_open(const struct reading *r)
{
	const char *label = enc_file_label(r->path);
	struct enc_error *e = r->e;

	if (r->is_asked && r->passphrase && !*r->text)
		return false; /* *e says why */
	if (r->is_encrypted && !r->passphrase) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: is encrypted", label);
		return enc_hint(e, "give its passphrase");
	}
	if (r->is_encrypted && !r->is_read) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: wrong passphrase", label);
		return enc_hint(e, "give the one that it was encrypted with");
	}
	return true;
}

/*
 * As ssh does: who shares files of another user knows what he does. A file
 * without a private key may be anybody's: parse() refuses it.
 */
static bool is_private(const char *path, const uint8_t *text, size_t len,
		       struct enc_error *e)
{
	struct stat st = { 0 };

	if (!memmem(text, len, "PRIVATE KEY", strlen("PRIVATE KEY")) ||
	    !enc_file_is_regular(path) || stat(path, &st) ||
	    st.st_uid != geteuid() || !(st.st_mode & 077))
		return true;
	enc_fail(e, ENC_ERR_IO, "%s: others can read or change it: mode %04o",
		 path, (unsigned int)st.st_mode & 07777);
	return enc_hint(e, "make it yours alone (chmod 600), if nobody has "
			   "used that; else make a new key");
}

bool enc_private_key_read(const char *path,
			  const struct enc_passphrase *passphrase,
			  EVP_PKEY **key, struct enc_error *e)
{
	struct reading r = { .path = path, .passphrase = passphrase, .e = e };
	uint8_t *text = NULL;
	size_t len = 0;
	bool ok = false;

	*key = NULL;
	if (!enc_file_read(path, FILE_MAX, &text, &len, e))
		return false;
	r.text = OPENSSL_secure_zalloc(ENC_PASSPHRASE_MAX + 1);
	if (!r.text) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	} else if (is_private(path, text, len, e)) {
		*key = parse(text, len, &r);
		ok = *key || is_open(&r);
	}
	OPENSSL_secure_clear_free(r.text, ENC_PASSPHRASE_MAX + 1);
	explicit_bzero(text, len);
	free(text);
	return ok;
}

bool enc_owner_secret_read(const char *path,
			   const struct enc_passphrase *passphrase,
			   struct enc_signer *signer, struct enc_error *e)
{
	EVP_PKEY *key = NULL;

	*signer = (struct enc_signer){ 0 };
	if (!enc_private_key_read(path, passphrase, &key, e))
		return false;
	if (enc_signer_of(key, signer))
		return true;
	enc_fail(e, ENC_ERR_FORMAT,
		 "%s: not an owner's private key, which is one of Ed25519",
		 enc_file_label(path));
	return enc_hint(e, "give the file that `enc_mnist owner-key` wrote to "
			   "--output");
}

/* --- Making ------------------------------------------------------------ */

static bool generate(struct enc_signer *made, struct enc_error *e)
{
	return enc_signer_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), made) ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not make a key");
}

/* PKCS#8, encrypted by scrypt and AES-256 as `openssl pkcs8 -scrypt` does. */
static bool encrypt(FILE *f, EVP_PKEY *key, const char *text)
{
	X509_ALGOR *how = PKCS5_pbe2_set_scrypt(
		EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
	X509_SIG *sealed = NULL;
	bool ok = false;

	if (how && plain)
		sealed = PKCS8_set0_pbe(text, (int)strlen(text), plain, how);
	if (sealed)
		how = NULL; /* it has it now */
	ok = sealed && PEM_write_PKCS8(f, sealed) == 1;
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(plain);
	X509_ALGOR_free(how);
	return ok;
}

static bool write_private(FILE *f, EVP_PKEY *key, const char *text,
			  struct enc_error *e)
{
	setvbuf(f, NULL, _IONBF, 0); /* a buffer would keep the key */
	return (text ? encrypt(f, key, text) :
		       PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL,
						 NULL) == 1) ||
	       enc_fail(e, ENC_ERR_CRYPTO,
			"OpenSSL could not write the private key");
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

struct files {
	const char *secret;
	const char *public;
	const char *passphrase; /* NULL: none */
};

/* Both files are written before either gets its name. */
static bool write_files(const struct enc_signer *made,
			const struct files *files, struct enc_error *e)
{
	struct enc_out_file private = { 0 };
	struct enc_out_file public = { 0 };
	bool ok =
		enc_out_open_new(&private, files->secret, 0600, e) &&
		enc_out_open_new(&public, files->public, 0644, e) &&
		write_private(private.stream, made->key, files->passphrase, e);

	if (ok)
		enc_owner_write(public.stream, &made->owner);
	ok = ok && enc_out_commit(&private, e);
	if (ok && !(are_two(files->secret, files->public, e) &&
		    enc_out_commit(&public, e))) {
		unlink(files->secret);
		ok = false;
	}
	enc_out_abort(&private);
	enc_out_abort(&public);
	return ok;
}

bool enc_owner_make(const char *secret_path, const char *public_path,
		    const struct enc_passphrase *passphrase,
		    struct enc_owner *owner, struct enc_error *e)
{
	char *text = OPENSSL_secure_zalloc(ENC_PASSPHRASE_MAX + 1);
	const struct files files = { secret_path, public_path,
				     passphrase ? text : NULL };
	struct enc_signer made = { 0 };
	bool ok = text || enc_fail(e, ENC_ERR_MEMORY, "out of memory");

	ok = ok &&
	     (!passphrase || passphrase->ask(passphrase->ctx, "passphrase",
					     secret_path, text, e)) &&
	     generate(&made, e) && write_files(&made, &files, e);
	*owner = made.owner;
	enc_signer_close(&made);
	OPENSSL_secure_clear_free(text, ENC_PASSPHRASE_MAX + 1);
	return ok;
}
