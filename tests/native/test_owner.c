/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's key, and envelopes made with them. The recipient here uses only
 * OpenSSL, RFC 9180 and doc/FORMAT.md, section 2: it shares no code with what
 * it tests.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "host/owner/model_key.h"
#include "host/owner/secret.h"
#include "host/owner/wrap.h"
#include "host/public/envelope.h"
#include "host/public/inspect.h"
#include "host/public/public_key.h"
#include "tests/lib/scratch.h"
#include "tests/lib/x25519.h"

#define ENVELOPE     552
#define INFO	     408
#define ENCAPSULATED 408
#define SEALED	     440
#define SIGNED	     488

static const uint8_t key[32] = "a model's key, 32 bytes of it..";
static struct enc_signer owner;

static int setup(void **state)
{
	struct enc_owner public = { 0 };
	struct enc_error e = { 0 };

	if (scratch_setup(state) ||
	    !enc_owner_make(scratch_path("owner.pem"),
			    scratch_path("owner.pub"), NULL, &public, &e))
		return -1;
	return enc_owner_secret_read(scratch_path("owner.pem"), NULL, &owner,
				     &e) ?
		       0 :
		       -1;
}

static int teardown(void **state)
{
	enc_signer_close(&owner);
	return scratch_teardown(state);
}

static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct stat st = { 0 };
	char *text = NULL;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	*len = (size_t)st.st_size;
	text = calloc(1, *len + 1);
	assert_int_equal(fread(text, 1, *len, f), *len);
	fclose(f);
	return text;
}

/* --- Files of keys ----------------------------------------------------- */

static unsigned int mode_of(const char *path)
{
	struct stat st = { 0 };

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void only_the_user_reads_the_private_key(void **state)
{
	(void)state;
	assert_int_equal(mode_of(scratch_path("owner.pem")), 0600);
	assert_int_equal(mode_of(scratch_path("owner.pub")), 0644);
}

/* Read by OpenSSL's own functions. */
static void the_files_are_what_openssl_reads(void **state)
{
	FILE *private = fopen(scratch_path("owner.pem"), "r");
	FILE *public = fopen(scratch_path("owner.pub"), "r");
	EVP_PKEY *mine = PEM_read_PrivateKey(private, NULL, NULL, NULL);
	EVP_PKEY *theirs = PEM_read_PUBKEY(public, NULL, NULL, NULL);

	(void)state;
	assert_int_equal(EVP_PKEY_get_base_id(mine), EVP_PKEY_ED25519);
	assert_int_equal(EVP_PKEY_eq(mine, theirs), 1);
	EVP_PKEY_free(mine);
	EVP_PKEY_free(theirs);
	assert_null(PEM_read_PrivateKey(private, NULL, NULL, NULL));
	assert_null(PEM_read_PUBKEY(public, NULL, NULL, NULL));
	fclose(private);
	fclose(public);
}

static void the_public_file_is_the_private_ones(void **state)
{
	struct enc_owner public = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_true(enc_owner_read(scratch_path("owner.pub"), &public, &e));
	assert_memory_equal(&public, &owner.owner, sizeof(public));
}

static void refuses_to_make(const char *secret, const char *public)
{
	struct enc_owner made = { 0 };
	struct enc_error e = { 0 };
	size_t files = scratch_count();

	assert_false(enc_owner_make(scratch_path(secret), scratch_path(public),
				    NULL, &made, &e));
	if (e.code != ENC_ERR_IO)
		fail_msg("%s", e.what);
	assert_int_equal(scratch_count(), files);
}

/* Overwrites no file, no target of a link, and no dangling link. */
static void nothing_is_ever_overwritten(void **state)
{
	size_t len = 0;
	char *before = slurp(scratch_path("owner.pem"), &len);
	char *after = NULL;

	(void)state;
	assert_int_equal(
		symlink(scratch_path("owner.pem"), scratch_path("link")), 0);
	assert_int_equal(
		symlink(scratch_path("nowhere"), scratch_path("dangling")), 0);
	refuses_to_make("owner.pem", "new.pub");
	refuses_to_make("new.pem", "owner.pub");
	refuses_to_make("link", "new.pub");
	refuses_to_make("dangling", "new.pub");
	refuses_to_make("new.pem", "dangling");
	refuses_to_make("new.pem", "new.pem");
	refuses_to_make("new.pem", "./new.pem");
	refuses_to_make("new.pem", "no/new.pub");
	refuses_to_make("no/new.pem", "new.pub");
	after = slurp(scratch_path("owner.pem"), &len);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static const char *write_private_file(const char *name, const char *text,
				      size_t len)
{
	const char *path = scratch_write(name, text, len);

	assert_int_equal(chmod(path, 0600), 0);
	return path;
}

static void refuses_private(const char *path,
			    const struct enc_passphrase *passphrase,
			    const char *part)
{
	struct enc_signer secret = { 0 };
	struct enc_error e = { 0 };

	assert_false(enc_owner_secret_read(path, passphrase, &secret, &e));
	assert_error(e, ENC_ERR_FORMAT, part);
	assert_null(secret.key);
}

/* Files that are not an owner's private key. */
static void other_private_files_are_refused(void **state)
{
	static const char x25519[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6Udwvt4"
		"\n-----END PRIVATE KEY-----\n";
	const char *none = "not an owner's private key";
	size_t len = 0;
	char *text = slurp(scratch_path("owner.pem"), &len);
	char *twice = malloc(2 * len);

	(void)state;
	memcpy(twice, text, len);
	memcpy(twice + len, text, len);
	assert_int_equal(chmod(scratch_path("owner.pub"), 0600), 0);
	refuses_private(scratch_path("owner.pub"), NULL, none);
	assert_int_equal(chmod(scratch_path("owner.pub"), 0644), 0);
	refuses_private(write_private_file("bad", text, len / 2), NULL, none);
	refuses_private(write_private_file("bad", twice, 2 * len), NULL, none);
	refuses_private(write_private_file("bad", x25519, sizeof(x25519) - 1),
			NULL, none);
	refuses_private(write_private_file("bad", "", 0), NULL, none);
	free(text);
	free(twice);
}

/* As ssh does, whatever the others may do with it. */
static void a_private_key_of_many_is_refused(void **state)
{
	const mode_t modes[] = { 0640, 0620, 0610, 0604, 0602, 0601, 0644 };
	const char *path = scratch_path("owner.pem");
	struct enc_signer secret = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_false(enc_owner_secret_read(path, NULL, &secret, &e));
		assert_error(e, ENC_ERR_IO, "others can read or change it");
		assert_non_null(strstr(e.hint, "chmod 600"));
	}
	assert_int_equal(chmod(path, 0400), 0);
	assert_true(enc_owner_secret_read(path, NULL, &secret, &e));
	enc_signer_close(&secret);
	assert_int_equal(chmod(path, 0600), 0);
}

/* --- Passphrases ------------------------------------------------------- */

struct answer {
	const char *text; /* NULL: there is none */
	size_t asked;
};

static bool answer(void *ctx, const char *what, const char *of,
		   char text[ENC_PASSPHRASE_MAX + 1], struct enc_error *e)
{
	struct answer *a = ctx;

	assert_string_equal(what, "passphrase");
	assert_non_null(strstr(of, ".pem"));
	a->asked++;
	if (!a->text)
		return enc_fail(e, ENC_ERR_IO, "nobody answers");
	strcpy(text, a->text);
	return true;
}

static void make_encrypted(const char *passphrase)
{
	struct answer right = { passphrase, 0 };
	const struct enc_passphrase how = { answer, &right };
	struct enc_owner made = { 0 };
	struct enc_error e = { 0 };

	unlink(scratch_path("sealed.pem"));
	unlink(scratch_path("sealed.pub"));
	assert_true(enc_owner_make(scratch_path("sealed.pem"),
				   scratch_path("sealed.pub"), &how, &made,
				   &e));
	assert_int_equal(right.asked, 1);
}

static void the_owner_reads_an_encrypted_key(void **state)
{
	char longest[ENC_PASSPHRASE_MAX + 1] = "";
	const char *const passphrases[] = { "a", "two words \xc3\xa4",
					    longest };

	(void)state;
	memset(longest, 'x', ENC_PASSPHRASE_MAX);
	for (size_t i = 0; i < COUNT(passphrases); i++) {
		struct answer right = { passphrases[i], 0 };
		const struct enc_passphrase how = { answer, &right };
		struct enc_signer secret = { 0 };
		struct enc_owner public = { 0 };
		struct enc_error e = { 0 };

		make_encrypted(passphrases[i]);
		assert_true(enc_owner_secret_read(scratch_path("sealed.pem"),
						  &how, &secret, &e));
		assert_int_equal(right.asked, 1);
		assert_true(enc_owner_read(scratch_path("sealed.pub"), &public,
					   &e));
		assert_memory_equal(&public, &secret.owner, sizeof(public));
		enc_signer_close(&secret);
	}
}

static void nobody_else_reads_an_encrypted_key(void **state)
{
	struct answer wrong = { "wrong", 0 };
	struct answer none = { NULL, 0 };
	const struct enc_passphrase gives_wrong = { answer, &wrong };
	const struct enc_passphrase gives_none = { answer, &none };
	struct enc_signer secret = { 0 };
	struct enc_error e = { 0 };
	const char *path = scratch_path("sealed.pem");
	size_t len = 0;
	char *text = NULL;

	(void)state;
	make_encrypted("right");
	text = slurp(path, &len);
	assert_non_null(strstr(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----"));
	free(text);
	assert_int_equal(mode_of(path), 0600);
	refuses_private(path, NULL, "sealed.pem: is encrypted");
	refuses_private(path, &gives_wrong, "wrong passphrase");
	assert_int_equal(wrong.asked, 1);
	assert_false(enc_owner_secret_read(path, &gives_none, &secret, &e));
	assert_error(e, ENC_ERR_IO, "nobody answers");
	assert_int_equal(none.asked, 1);
}

/* A key that is not encrypted needs no passphrase, and asks for none. */
static void nobody_is_asked_for_nothing(void **state)
{
	struct answer never = { NULL, 0 };
	const struct enc_passphrase how = { answer, &never };
	struct enc_signer secret = { 0 };
	struct enc_owner made = { 0 };
	struct enc_error e = { 0 };
	const size_t files = scratch_count();

	(void)state;
	assert_true(enc_owner_secret_read(scratch_path("owner.pem"), &how,
					  &secret, &e));
	assert_int_equal(never.asked, 0);
	enc_signer_close(&secret);
	assert_false(enc_owner_make(scratch_path("new.pem"),
				    scratch_path("new.pub"), &how, &made, &e));
	assert_error(e, ENC_ERR_IO, "nobody answers");
	assert_int_equal(scratch_count(), files);
}

/* --- Keys of models ---------------------------------------------------- */

static void model_keys_differ_and_are_kept(void **state)
{
	char *texts[2] = { NULL };
	uint8_t keys[2][ENC_KEY_BYTES] = { { 0 } };
	char digits[ENC_KEY_DIGITS + 1] = "";
	struct enc_error e = { 0 };
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unlink(scratch_path("model.key"));
		assert_true(enc_model_key_make(scratch_path("model.key"),
					       keys[i], &e));
		assert_int_equal(mode_of(scratch_path("model.key")), 0600);
		texts[i] = slurp(scratch_path("model.key"), &len);
		assert_int_equal(len, 65);
		enc_hex_text(keys[i], ENC_KEY_BYTES, digits);
		assert_memory_equal(texts[i], digits, 64);
		assert_int_equal(texts[i][64], '\n');
	}
	assert_string_not_equal(texts[0], texts[1]);
	assert_false(
		enc_model_key_make(scratch_path("model.key"), keys[0], &e));
	assert_error(e, ENC_ERR_IO, "already exists");
	free(texts[0]);
	texts[0] = slurp(scratch_path("model.key"), &len);
	assert_string_equal(texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
}

/* --- Public keys ------------------------------------------------------- */

static void refuses_public(const void *text, size_t len, const char *part)
{
	struct enc_public_key *keys = NULL;
	size_t count = 0;
	struct enc_error e = { 0 };

	assert_false(enc_public_keys_read(scratch_write("bad", text, len),
					  &keys, &count, &e));
	assert_error(e, ENC_ERR_FORMAT, part);
}

static void other_public_files_are_refused(void **state)
{
	static const char p256[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfY"
		"Et\n"
		"6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
		"-----END PUBLIC KEY-----\n";
	size_t len = 0;
	char *text = slurp(scratch_path("owner.pub"), &len);
	char *secret = slurp(scratch_path("owner.pem"), &len);

	(void)state;
	refuses_public("", 0, "no public key");
	refuses_public("text\n", 5, "no public key");
	refuses_public(p256, sizeof(p256) - 1, "neither Ed25519 nor X25519");
	refuses_public(secret, strlen(secret), "\"PRIVATE KEY\"");
	refuses_public(text, strlen(text) - 30, "damaged");
	free(text);
	free(secret);
}

/* Key files that are not an owner's: 0 is Ed25519, 1 X25519. */
static void other_public_keys_are_no_owner(void **state)
{
	const char *const others[] = { "1", "00", "01", "10", "11" };
	const struct enc_public_key keys[] = {
		{ ENC_ED25519, { 1 } },
		{ ENC_X25519, { 2 } },
	};
	struct enc_error e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct enc_owner public = { 0 };
		FILE *f = fopen(scratch_path("bad"), "w");

		for (const char *at = others[i]; *at; at++)
			enc_public_key_write(f, &keys[*at - '0']);
		fclose(f);
		assert_false(enc_owner_read(scratch_path("bad"), &public, &e));
		assert_error(e, ENC_ERR_FORMAT, "not an owner's public key");
	}
}

/* SHA-256 of 32 zeros. */
static void fingerprints_are_groups_of_digits(void **state)
{
	const struct enc_owner zeros = { { 0 } };
	char text[ENC_FINGERPRINT_TEXT] = "";

	(void)state;
	enc_owner_fingerprint(&zeros, text);
	assert_string_equal(text, "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20 "
				  "0897 1485 6ee2 33b3 902a 591d 0d5f 2925");
}

static void reads_keys(bool good, const char *before, const char *behind)
{
	const struct enc_public_key public = { ENC_X25519, { 9 } };
	struct enc_public_key *keys = NULL;
	size_t count = 0;
	struct enc_error e = { 0 };
	FILE *f = fopen(scratch_path("lines"), "w");

	fputs(before, f);
	enc_public_key_write(f, &public);
	fputs(behind, f);
	fclose(f);
	if (enc_public_keys_read(scratch_path("lines"), &keys, &count, &e) !=
	    good)
		fail_msg("`%s' and `%s': %s", before, behind, e.what);
	if (!good)
		assert_error(e, ENC_ERR_FORMAT,
			     "lines: a line \"fingerprint:\"");
	free(keys);
}

/* People believe such a line: it has to be that of the block behind it. */
static void lines_of_fingerprints_are_compared(void **state)
{
	const uint8_t public[32] = { 9 };
	char right[ENC_FINGERPRINT_TEXT] = "";
	char line[512] = "";

	(void)state;
	enc_fingerprint(public, sizeof(public), right);
	reads_keys(true, "", "");
	reads_keys(true, "a fingerprint: none\n", "fingerprints\n");
	snprintf(line, sizeof(line), "fingerprint: %s\n", right);
	reads_keys(true, line, "");
	reads_keys(false, "", line);
	snprintf(line, sizeof(line), "text\n \tFingerPrint:%s\r\n\n", right);
	reads_keys(true, line, "text\n");
	snprintf(line, sizeof(line), "fingerprint: %s\nfingerprint: %.78s\n",
		 right, right);
	reads_keys(false, line, "");
	snprintf(line, sizeof(line), "fingerprint: %s 0\n", right);
	reads_keys(false, line, "");
	right[0] = right[0] == '0' ? '1' : '0';
	snprintf(line, sizeof(line), "fingerprint: %s\n", right);
	reads_keys(false, line, "");
	snprintf(line, sizeof(line), "x\r\n  FINGERPRINT: %s", right);
	reads_keys(false, "", line);
	reads_keys(false, "fingerprint:\n", "");
}

/* --- A recipient from RFC 9180 and the format's description alone ------ */

struct bytes {
	uint8_t data[1024];
	size_t len;
};

static void add(struct bytes *b, const void *data, size_t len)
{
	assert_in_range(b->len + len, 0, sizeof(b->data));
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void hmac(const uint8_t *hmac_key, size_t key_len,
		 const struct bytes *text, uint8_t *mac)
{
	unsigned int len = 0;

	HMAC(EVP_sha256(), hmac_key, (int)key_len, text->data, text->len, mac,
	     &len);
}

static const uint8_t kem[5] = { 'K', 'E', 'M', 0, 0x20 };
static const uint8_t suite[10] = { 'H', 'P', 'K', 'E', 0, 0x20, 0, 1, 0, 1 };

static void extract(const uint8_t *suite_id, size_t suite_len,
		    const uint8_t *salt, size_t salt_len, const char *label,
		    const void *ikm, size_t ikm_len, uint8_t *prk)
{
	struct bytes text = { 0 };

	add(&text, "HPKE-v1", 7);
	add(&text, suite_id, suite_len);
	add(&text, label, strlen(label));
	add(&text, ikm, ikm_len);
	hmac(salt, salt_len, &text, prk);
}

static void expand(const uint8_t *suite_id, size_t suite_len,
		   const uint8_t *prk, const char *label, const void *info,
		   size_t info_len, uint8_t len, uint8_t *out)
{
	const uint8_t length[2] = { 0, len };
	struct bytes text = { 0 };
	uint8_t block[32] = { 0 };

	add(&text, length, 2);
	add(&text, "HPKE-v1", 7);
	add(&text, suite_id, suite_len);
	add(&text, label, strlen(label));
	add(&text, info, info_len);
	add(&text, "\1", 1);
	hmac(prk, 32, &text, block);
	memcpy(out, block, len);
}

/* Decap, for the envelope at `e` and the device's private key. */
static void decapsulate(const uint8_t *e, const uint8_t *private,
			uint8_t *shared)
{
	uint8_t dh[32] = { 0 };
	uint8_t prk[32] = { 0 };
	struct bytes context = { 0 };

	x25519_derive(private, e + ENCAPSULATED, dh);
	add(&context, e + ENCAPSULATED, 32);
	add(&context, e + 48, 32);
	extract(kem, 5, NULL, 0, "eae_prk", dh, 32, prk);
	expand(kem, 5, prk, "shared_secret", context.data, context.len, 32,
	       shared);
}

static bool decrypt(const uint8_t *aes_key, const uint8_t *nonce,
		    const uint8_t *in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[16] = { 0 };
	int n = 0;
	bool ok = false;

	memcpy(tag, in + 32, sizeof(tag));
	EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, aes_key, nonce);
	EVP_DecryptUpdate(ctx, out, &n, in, 32);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, 16, tag);
	ok = EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool is_signed(const uint8_t *e)
{
	EVP_PKEY *public =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, e + 80, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
		  EVP_DigestVerify(ctx, e + SIGNED, 64, e, SIGNED) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(public);
	return ok;
}

/* Opens an envelope, whoever signed it; false: not authentic. */
static bool open_envelope(const uint8_t *e, const uint8_t *private,
			  uint8_t *out)
{
	uint8_t shared[32] = { 0 };
	uint8_t secret[32] = { 0 };
	uint8_t hash[32] = { 0 };
	uint8_t aes_key[16] = { 0 };
	uint8_t nonce[12] = { 0 };
	struct bytes context = { 0 };

	decapsulate(e, private, shared);
	add(&context, "", 1); /* mode Base */
	extract(suite, 10, NULL, 0, "psk_id_hash", NULL, 0, hash);
	add(&context, hash, 32);
	extract(suite, 10, NULL, 0, "info_hash", e, INFO, hash);
	add(&context, hash, 32);
	extract(suite, 10, shared, 32, "secret", NULL, 0, secret);
	expand(suite, 10, secret, "key", context.data, context.len, 16,
	       aes_key);
	expand(suite, 10, secret, "base_nonce", context.data, context.len, 12,
	       nonce);
	return decrypt(aes_key, nonce, e + SEALED, out);
}

/* --- Envelopes --------------------------------------------------------- */

/* A device's pair of keys. */
struct device {
	uint8_t private[32];
	uint8_t public[32];
};

static void make_device(struct device *d, uint8_t seed)
{
	EVP_PKEY *pair = NULL;
	size_t len = 32;

	memset(d->private, seed, sizeof(d->private));
	pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, d->private,
					    32);
	assert_int_equal(EVP_PKEY_get_raw_public_key(pair, d->public, &len), 1);
	EVP_PKEY_free(pair);
}

static const char *write_device(const char *name, const struct device *d,
				size_t count)
{
	FILE *f = fopen(scratch_path(name), "w");

	fprintf(f, "text of no interest here\n");
	for (size_t i = 0; i < count; i++) {
		struct enc_public_key public = { .type = ENC_X25519 };

		memcpy(public.bytes, d[i].public, 32);
		enc_public_key_write(f, &public);
	}
	fclose(f);
	return scratch_path(name);
}

static const struct enc_wrap wrap = {
	.key = key,
	.owner = &owner,
	.ta = enc_ta_uuid,
	.epoch = 0x0a0b0c0d,
	.retired = 0x01020304,
	.models = 2,
	.model = { { "a", 0x11121314 }, { "b", 1 } },
};

static void the_device_opens_its_envelope(void **state)
{
	static const uint8_t ta[16] = { 0xee, 0x09, 0xaa, 0x8a, 0xfb, 0xb9,
					0x47, 0x34, 0xae, 0x8c, 0xd7, 0xcd,
					0x1a, 0x3f, 0x67, 0x44 };
	const uint8_t zero[288] = { 0 };
	struct device device = { { 0 }, { 0 } };
	uint8_t e[ENVELOPE] = { 0 };
	uint8_t opened[32] = { 0 };
	struct enc_error error = { 0 };

	(void)state;
	make_device(&device, 7);
	assert_true(enc_wrap_key(&wrap, device.public, e, &error));
	assert_memory_equal(e, "ENCMOKEY\2\0\2\0\x0d\x0c\x0b\x0a", 16);
	assert_memory_equal(e + 16, ta, 16);
	assert_memory_equal(e + 48, device.public, 32);
	assert_memory_equal(e + 80, owner.owner.key, 32);
	assert_memory_equal(e + 112, "\4\3\2\1\2\0\0\0a", 9);
	assert_memory_equal(e + 152,
			    "\x14\x13\x12\x11"
			    "b",
			    5);
	assert_memory_equal(e + 188, "\1\0\0\0", 4);
	assert_memory_equal(e + 192, zero, 408 - 192);
	assert_true(is_signed(e));
	assert_true(open_envelope(e, device.private, opened));
	assert_memory_equal(opened, key, 32);
}

/* Nothing is sealed then, and the key id is 0. */
static void an_envelope_may_bring_no_key(void **state)
{
	const uint8_t zero[80] = { 0 };
	struct device device = { { 0 }, { 0 } };
	struct enc_wrap keyless = wrap;
	uint8_t e[ENVELOPE] = { 0 };
	struct enc_error error = { 0 };

	(void)state;
	make_device(&device, 7);
	keyless.key = NULL;
	assert_true(enc_wrap_key(&keyless, device.public, e, &error));
	assert_memory_equal(e + 32, zero, 16);
	assert_memory_equal(e + ENCAPSULATED, zero, 80);
	assert_memory_equal(e + 112, "\4\3\2\1\2\0\0\0a", 9);
	assert_true(is_signed(e));
}

/* For the signature, and for the key where it is bound to it or sealed. */
static void each_byte_of_an_envelope_counts(void **state)
{
	struct device device = { { 0 }, { 0 } };
	uint8_t e[ENVELOPE] = { 0 };
	uint8_t opened[32] = { 0 };
	struct enc_error error = { 0 };

	(void)state;
	make_device(&device, 7);
	assert_true(enc_wrap_key(&wrap, device.public, e, &error));
	for (size_t at = 0; at < ENVELOPE; at++) {
		e[at] ^= 1;
		assert_false(is_signed(e));
		assert_int_equal(open_envelope(e, device.private, opened),
				 at >= SIGNED);
		e[at] ^= 1;
	}
	assert_true(open_envelope(e, device.private, opened));
}

static void no_two_envelopes_are_alike(void **state)
{
	struct device device = { { 0 }, { 0 } };
	uint8_t a[ENVELOPE] = { 0 };
	uint8_t b[ENVELOPE] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	make_device(&device, 7);
	assert_true(enc_wrap_key(&wrap, device.public, a, &e));
	assert_true(enc_wrap_key(&wrap, device.public, b, &e));
	assert_memory_equal(a, b, INFO);
	assert_memory_not_equal(a + ENCAPSULATED, b + ENCAPSULATED, 32);
	assert_memory_not_equal(a + SEALED, b + SEALED, 32);
}

static void devices_of_low_order_are_refused(void **state)
{
	const uint8_t zero[32] = { 0 };
	const uint8_t one_with_top_bit[32] = { [0] = 1, [31] = 0x80 };
	uint8_t e[ENVELOPE] = { 0 };
	struct enc_error error = { 0 };

	(void)state;
	assert_false(enc_wrap_key(&wrap, zero, e, &error));
	assert_error(error, ENC_ERR_FORMAT, "low order");
	assert_false(enc_wrap_key(&wrap, one_with_top_bit, e, &error));
	assert_error(error, ENC_ERR_FORMAT, "low order");
}

static struct enc_status status_of(const struct device *device,
				   const struct enc_owner *of)
{
	struct enc_status status = { .ta = ENC_MNIST_TA_UUID_OCTETS,
				     .owner = *of };

	memcpy(status.device, device->public, sizeof(status.device));
	return status;
}

static void find_each(const struct enc_inspection *i,
		      const struct device *devices, size_t count)
{
	struct enc_error e = { 0 };

	for (size_t n = 0; n < count; n++) {
		const struct enc_status status =
			status_of(&devices[n], &owner.owner);
		const struct box_envelope *found =
			enc_envelopes_find(&i->envelopes, &status, &e);
		uint8_t bytes[ENVELOPE] = { 0 };
		uint8_t opened[32] = { 0 };

		assert_non_null(found);
		box_envelope_write(found, bytes);
		assert_true(open_envelope(bytes, devices[n].private, opened));
		assert_memory_equal(opened, key, 32);
	}
}

/* One file of envelopes for the devices in two files: each finds its own. */
static void each_device_finds_its_own(void **state)
{
	struct device devices[3] = { { { 0 }, { 0 } } };
	const char *files[2] = { NULL };
	struct enc_devices d = { 0 };
	struct enc_inspection i = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	for (uint8_t n = 0; n < 3; n++)
		make_device(&devices[n], n + 1);
	files[0] = write_device("one.pub", devices, 1);
	files[1] = write_device("two.pub", devices + 1, 2);
	assert_true(enc_devices_read(files, 2, 3, &d, &e));
	assert_int_equal(d.count, 3);
	assert_true(enc_wrap_devices(&wrap, &d, scratch_path("envelopes"), &e));
	enc_devices_free(&d);
	assert_true(enc_inspect(scratch_path("envelopes"), &i, &e));
	assert_true(i.is_envelopes);
	assert_int_equal(i.envelopes.count, 3);
	assert_true(enc_inspect_verdict(&i, &owner.owner, &e));
	find_each(&i, devices, 3);
	enc_inspect_free(&i);
}

static void does_not_find(const struct enc_envelopes *list,
			  const struct device *device,
			  const struct enc_owner *from,
			  enum enc_error_kind kind, const char *part)
{
	const struct enc_status status = status_of(device, from);
	struct enc_error e = { 0 };

	assert_null(enc_envelopes_find(list, &status, &e));
	assert_error(e, ENC_ERR_FORMAT, part);
	assert_int_equal(e.kind, kind);
	assert_true(e.hint[0]);
}

/*
 * Two envelopes for two devices: the error says whether device, TA or owner
 * does not match.
 */
static void it_says_why_none_is_found(void **state)
{
	struct device devices[3] = { { { 0 }, { 0 } } };
	struct enc_envelopes list = { 0 };
	struct enc_owner stranger = owner.owner;
	uint8_t bytes[ENVELOPE] = { 0 };
	char wanted[128] = "";
	struct enc_error e = { 0 };

	(void)state;
	for (uint8_t n = 0; n < 3; n++)
		make_device(&devices[n], n + 1);
	for (size_t n = 0; n < 2; n++) {
		assert_true(enc_wrap_key(&wrap, devices[n].public, bytes, &e));
		assert_true(enc_envelopes_add(&list, bytes, ENVELOPE, &e));
	}
	strcpy(wanted, "has no envelope for this device, ");
	enc_fingerprint(devices[2].public, 32, wanted + strlen(wanted));
	does_not_find(&list, &devices[2], &owner.owner, ENC_NOT_FOR_DEVICE,
		      wanted);
	stranger.key[0] ^= 1;
	strcpy(wanted, "from another owner, not the TA's, ");
	enc_owner_fingerprint(&stranger, wanted + strlen(wanted));
	does_not_find(&list, &devices[1], &stranger, ENC_REFUSED, wanted);
	list.all[1].ta[0] ^= 1;
	does_not_find(&list, &devices[1], &owner.owner, ENC_NOT_FOR_DEVICE,
		      "for another TA");
	list.all[1].ta[0] ^= 1;
	list.all[1].signature[0] ^= 1;
	does_not_find(&list, &devices[1], &owner.owner, ENC_REFUSED,
		      "not as its owner signed it");
	does_not_find(&list, &devices[0], &stranger, ENC_REFUSED,
		      "from another owner");
	enc_envelopes_free(&list);
}

static uint32_t epoch_found(const struct enc_envelopes *list,
			    const struct device *device)
{
	const struct enc_status status = status_of(device, &owner.owner);
	struct enc_error e = { 0 };

	return enc_envelopes_find(list, &status, &e)->epoch;
}

static void add_epochs(struct enc_envelopes *list, const struct device *device,
		       const uint32_t *epochs, size_t count)
{
	uint8_t bytes[ENVELOPE] = { 0 };
	struct enc_error e = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct enc_wrap of_epoch = { .key = key,
					     .owner = &owner,
					     .ta = enc_ta_uuid,
					     .epoch = epochs[i] };

		assert_true(enc_wrap_key(&of_epoch, device->public, bytes, &e));
		assert_true(enc_envelopes_add(list, bytes, ENVELOPE, &e));
	}
}

/* The newest of several for one device wins, whatever envelopes others have. */
static void the_highest_epoch_is_found(void **state)
{
	const uint32_t epochs[] = { 3, 9, 4, 1 };
	struct enc_envelopes list = { 0 };
	struct device device = { { 0 }, { 0 } };

	(void)state;
	make_device(&device, 7);
	add_epochs(&list, &device, epochs, COUNT(epochs));
	assert_int_equal(epoch_found(&list, &device), 9);
	list.all[1].ta[0] ^= 1;
	assert_int_equal(epoch_found(&list, &device), 4);
	list.all[2].owner[0] ^= 1;
	assert_int_equal(epoch_found(&list, &device), 3);
	enc_envelopes_free(&list);
}

/* Anybody can write one in the owner's name, of any epoch, but not sign it. */
static void forged_envelopes_hide_no_genuine_one(void **state)
{
	const uint32_t epochs[] = { UINT32_MAX - 1, 2, 3, UINT32_MAX };
	struct enc_envelopes list = { 0 };
	struct device device = { { 0 }, { 0 } };

	(void)state;
	make_device(&device, 7);
	add_epochs(&list, &device, epochs, COUNT(epochs));
	assert_int_equal(epoch_found(&list, &device), UINT32_MAX);
	list.all[0].signature[0] ^= 1;
	list.all[3].epoch--; /* not what was signed */
	assert_int_equal(epoch_found(&list, &device), 3);
	enc_envelopes_free(&list);
}

static void refuses_devices(const char *const *files, size_t count,
			    size_t expected, const char *part)
{
	struct enc_devices d = { 0 };
	struct enc_error e = { 0 };

	assert_false(enc_devices_read(files, count, expected, &d, &e));
	assert_error(e, ENC_ERR_FORMAT, part);
	enc_devices_free(&d);
}

static void bad_devices_are_refused(void **state)
{
	struct device devices[3] = { { { 0 }, { 0 } } };
	const char *files[2] = { NULL };
	struct enc_devices d = { 0 };
	struct enc_error e = { 0 };
	size_t before = 0;

	(void)state;
	make_device(&devices[0], 1);
	make_device(&devices[1], 2);
	devices[2] = devices[0];
	files[0] = write_device("twice.pub", devices, 3);
	refuses_devices(files, 1, 3, "the same device twice, ");
	files[0] = write_device("one.pub", devices, 1);
	files[1] = write_device("again.pub", devices, 2);
	refuses_devices(files, 2, 3, "the same device twice, ");
	files[0] = scratch_path("owner.pub");
	refuses_devices(files, 1, 0, "owner.pub: key 1 is not a device's");
	memset(devices[1].public, 0, 32);
	files[0] = write_device("zero.pub", devices, 2);
	assert_true(enc_devices_read(files, 1, 2, &d, &e));
	before = scratch_count();
	assert_false(enc_wrap_devices(&wrap, &d, scratch_path("not"), &e));
	assert_error(e, ENC_ERR_FORMAT, "zero.pub: a key of low order");
	assert_int_equal(scratch_count(), before);
	enc_devices_free(&d);
}

/* Nobody's key rides along in a file that holds another's, too. */
static void the_owner_says_how_many_devices(void **state)
{
	struct device devices[3] = { { { 0 }, { 0 } } };
	const char *files[2] = { NULL };
	struct enc_devices d = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	for (uint8_t n = 0; n < 3; n++)
		make_device(&devices[n], n + 1);
	files[0] = write_device("one.pub", devices, 1);
	files[1] = write_device("two.pub", devices + 1, 2);
	refuses_devices(files, 2, 0, "two.pub: the keys of 2 devices");
	refuses_devices(files, 2, 2, "3 devices in the files, not 2");
	refuses_devices(files, 2, 4, "3 devices in the files, not 4");
	refuses_devices(files, 1, 2, "1 device in the files, not 2");
	assert_true(enc_devices_read(files, 1, 0, &d, &e));
	enc_devices_free(&d);
	assert_true(enc_devices_read(files, 2, 3, &d, &e));
	enc_devices_free(&d);
}

static void the_owner_says_which_devices(void **state)
{
	struct device devices[3] = { { { 0 }, { 0 } } };
	uint8_t digests[3][BOX_DIGEST_BYTES] = { { 0 } };
	const char *files[1] = { NULL };
	struct enc_devices d = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	for (uint8_t n = 0; n < 3; n++) {
		make_device(&devices[n], n + 1);
		assert_true(enc_fingerprint_bytes(devices[n].public, 32,
						  digests[n]));
	}
	files[0] = write_device("two.pub", devices + 1, 2);
	assert_true(enc_devices_read(files, 1, 2, &d, &e));
	assert_true(enc_devices_match(&d, digests + 1, 2, &e));
	assert_false(enc_devices_match(&d, digests, 2, &e));
	assert_error(e, ENC_ERR_FORMAT,
		     "two.pub: a device with another fingerprint, ");
	assert_false(enc_devices_match(&d, digests + 1, 1, &e));
	assert_error(e, ENC_ERR_FORMAT, "a device with another fingerprint, ");
	assert_false(enc_devices_match(&d, digests, 3, &e));
	assert_error(e, ENC_ERR_FORMAT, "no device has the fingerprint ");
	enc_devices_free(&d);
}

static void fingerprints_are_read_as_people_write_them(void **state)
{
	const char *good = "0001 0203 0405 0607 0809 0a0b 0c0d 0e0f 1011 1213 "
			   "1415 1617 1819 1A1b 1c1D 1e1f";
	const char *const bad[] = { "", " ", "0001", "x", "0001:0203" };
	char text[96] = "";
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	(void)state;
	snprintf(text, sizeof(text), " %s  ", good);
	assert_true(enc_fingerprint_parse(text, strlen(text), digest));
	for (uint8_t i = 0; i < sizeof(digest); i++)
		assert_int_equal(digest[i], i);
	snprintf(text, sizeof(text), "%s2", good);
	assert_false(enc_fingerprint_parse(text, strlen(text), digest));
	text[strlen(good) - 1] = ':';
	assert_false(enc_fingerprint_parse(text, strlen(good), digest));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(
			enc_fingerprint_parse(bad[i], strlen(bad[i]), digest));
}

/* A file of envelopes, with changes. */
static void bad_envelopes_are_refused(void **state)
{
	struct enc_owner stranger = owner.owner;
	struct device device = { { 0 }, { 0 } };
	uint8_t bytes[2 * ENVELOPE] = { 0 };
	struct enc_inspection i = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	make_device(&device, 7);
	assert_true(enc_wrap_key(&wrap, device.public, bytes, &e));
	memcpy(bytes + ENVELOPE, bytes, ENVELOPE);
	stranger.key[0] ^= 1;
	assert_true(
		enc_inspect(scratch_write("bad", bytes, 2 * ENVELOPE), &i, &e));
	assert_false(enc_inspect_verdict(&i, &stranger, &e));
	assert_error(e, ENC_ERR_FORMAT, "from another owner");
	enc_inspect_free(&i);
	bytes[2 * ENVELOPE - 64] ^= 1;
	assert_true(
		enc_inspect(scratch_write("bad", bytes, 2 * ENVELOPE), &i, &e));
	assert_false(enc_inspect_verdict(&i, &owner.owner, &e));
	assert_error(e, ENC_ERR_FORMAT, "signature");
	enc_inspect_free(&i);
	assert_false(
		enc_inspect(scratch_write("bad", bytes, ENVELOPE - 1), &i, &e));
	assert_error(e, ENC_ERR_FORMAT, "in the middle of envelope 1");
	enc_inspect_free(&i);
	assert_false(enc_inspect(scratch_write("bad", bytes, 2 * ENVELOPE - 1),
				 &i, &e));
	assert_error(e, ENC_ERR_FORMAT, "in the middle of envelope 2");
	enc_inspect_free(&i);
	bytes[ENVELOPE] ^= 1;
	assert_false(
		enc_inspect(scratch_write("bad", bytes, 2 * ENVELOPE), &i, &e));
	assert_error(e, ENC_ERR_FORMAT, "envelope 2 is not an envelope");
	enc_inspect_free(&i);
	bytes[8] = 3;
	assert_false(
		enc_inspect(scratch_write("bad", bytes, ENVELOPE), &i, &e));
	assert_error(e, ENC_ERR_FORMAT, "envelope 1 has a version");
	enc_inspect_free(&i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_user_reads_the_private_key),
		cmocka_unit_test(the_files_are_what_openssl_reads),
		cmocka_unit_test(the_public_file_is_the_private_ones),
		cmocka_unit_test(nothing_is_ever_overwritten),
		cmocka_unit_test(other_private_files_are_refused),
		cmocka_unit_test(a_private_key_of_many_is_refused),
		cmocka_unit_test(the_owner_reads_an_encrypted_key),
		cmocka_unit_test(nobody_else_reads_an_encrypted_key),
		cmocka_unit_test(nobody_is_asked_for_nothing),
		cmocka_unit_test(model_keys_differ_and_are_kept),
		cmocka_unit_test(other_public_files_are_refused),
		cmocka_unit_test(other_public_keys_are_no_owner),
		cmocka_unit_test(fingerprints_are_groups_of_digits),
		cmocka_unit_test(lines_of_fingerprints_are_compared),
		cmocka_unit_test(the_device_opens_its_envelope),
		cmocka_unit_test(an_envelope_may_bring_no_key),
		cmocka_unit_test(each_byte_of_an_envelope_counts),
		cmocka_unit_test(no_two_envelopes_are_alike),
		cmocka_unit_test(devices_of_low_order_are_refused),
		cmocka_unit_test(each_device_finds_its_own),
		cmocka_unit_test(it_says_why_none_is_found),
		cmocka_unit_test(the_highest_epoch_is_found),
		cmocka_unit_test(forged_envelopes_hide_no_genuine_one),
		cmocka_unit_test(bad_devices_are_refused),
		cmocka_unit_test(the_owner_says_how_many_devices),
		cmocka_unit_test(the_owner_says_which_devices),
		cmocka_unit_test(fingerprints_are_read_as_people_write_them),
		cmocka_unit_test(bad_envelopes_are_refused),
	};

	return cmocka_run_group_tests_name("owner", tests, setup, teardown);
}
