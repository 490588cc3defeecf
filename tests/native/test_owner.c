/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's keys, and envelopes made with them. The recipient here uses only
 * OpenSSL, RFC 9180 and doc/FORMAT.md, section 2: it shares no code with what
 * it tests.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "host/owner/secret.h"
#include "host/owner/wrap.h"
#include "host/public/envelope.h"
#include "host/public/inspect.h"
#include "host/public/public_key.h"
#include "tests/lib/scratch.h"
#include "tests/lib/x25519.h"

#define ENVELOPE 192
#define INFO	 112

static const uint8_t key[32] = "a model's key, 32 bytes of it..";
static struct enc_owner_secret owner;

static int setup(void **state)
{
	struct enc_owner public = { 0 };
	struct enc_error e = { 0 };

	if (scratch_setup(state) ||
	    !enc_owner_make(scratch_path("owner.pem"),
			    scratch_path("owner.pub"), &public, &e))
		return -1;
	return enc_owner_secret_read(scratch_path("owner.pem"), &owner, &e) ?
		       0 :
		       -1;
}

static int teardown(void **state)
{
	enc_owner_secret_free(&owner);
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

static void only_the_user_reads_the_private_keys(void **state)
{
	(void)state;
	assert_int_equal(mode_of(scratch_path("owner.pem")), 0600);
	assert_int_equal(mode_of(scratch_path("owner.pub")), 0644);
}

/* Read by OpenSSL's own functions. */
static void the_files_are_what_openssl_reads(void **state)
{
	const int types[] = { EVP_PKEY_ED25519, EVP_PKEY_X25519 };
	FILE *private = fopen(scratch_path("owner.pem"), "r");
	FILE *public = fopen(scratch_path("owner.pub"), "r");

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		EVP_PKEY *mine = PEM_read_PrivateKey(private, NULL, NULL, NULL);
		EVP_PKEY *theirs = PEM_read_PUBKEY(public, NULL, NULL, NULL);

		assert_int_equal(EVP_PKEY_get_base_id(mine), types[i]);
		assert_int_equal(EVP_PKEY_eq(mine, theirs), 1);
		EVP_PKEY_free(mine);
		EVP_PKEY_free(theirs);
	}
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
				    &made, &e));
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

/* Files that are not an owner's private keys. */
static void other_private_files_are_refused(void **state)
{
	struct enc_owner_secret secret = { 0 };
	struct enc_error e = { 0 };
	size_t len = 0;
	char *text = slurp(scratch_path("owner.pem"), &len);
	char *twice = malloc(2 * len);
	const size_t half = len / 2;

	(void)state;
	memcpy(twice, text, len);
	memcpy(twice + len, text, len);
	assert_false(
		enc_owner_secret_read(scratch_path("owner.pub"), &secret, &e));
	assert_error(e, ENC_ERR_FORMAT, "not an owner's private keys");
	assert_false(enc_owner_secret_read(scratch_write("bad", text, half),
					   &secret, &e));
	assert_error(e, ENC_ERR_FORMAT, "not an owner's private keys");
	assert_false(enc_owner_secret_read(scratch_write("bad", twice, 2 * len),
					   &secret, &e));
	assert_error(e, ENC_ERR_FORMAT, "not an owner's private keys");
	/* in the wrong order */
	assert_false(enc_owner_secret_read(
		scratch_write("bad", twice + half, len), &secret, &e));
	assert_error(e, ENC_ERR_FORMAT, "not an owner's private keys");
	enc_owner_secret_free(&secret);
	free(text);
	free(twice);
}

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
	const char *const others[] = { "0", "1", "00", "11", "10", "010" };
	struct enc_public_key *keys = NULL;
	size_t count = 0;
	struct enc_error e = { 0 };

	(void)state;
	assert_true(enc_public_keys_read(scratch_path("owner.pub"), &keys,
					 &count, &e));
	for (size_t i = 0; i < COUNT(others); i++) {
		struct enc_owner public = { 0 };
		FILE *f = fopen(scratch_path("bad"), "w");

		for (const char *at = others[i]; *at; at++)
			enc_public_key_write(f, &keys[*at - '0']);
		fclose(f);
		assert_false(enc_owner_read(scratch_path("bad"), &public, &e));
		assert_error(e, ENC_ERR_FORMAT, "not an owner's public keys");
	}
	free(keys);
}

/* SHA-256 of 64 zeros. */
static void fingerprints_are_groups_of_digits(void **state)
{
	const struct enc_owner zeros = { { 0 }, { 0 } };
	char text[ENC_FINGERPRINT_TEXT] = "";

	(void)state;
	enc_owner_fingerprint(&zeros, text);
	assert_string_equal(text, "f5a5 fd42 d16a 2030 2798 ef6e d309 979b "
				  "4300 3d23 20d9 f0e8 ea98 31a9 2759 fb4b");
}

/* --- A recipient from RFC 9180 and the format's description alone ------ */

struct bytes {
	uint8_t data[512];
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

/* AuthDecap, for the envelope at `e` and the device's private key. */
static void decapsulate(const uint8_t *e, const uint8_t *private,
			uint8_t *shared)
{
	uint8_t dh[64] = { 0 };
	uint8_t prk[32] = { 0 };
	struct bytes context = { 0 };

	x25519_derive(private, e + 112, dh);
	x25519_derive(private, e + 80, dh + 32);
	add(&context, e + 112, 32);
	add(&context, e + 48, 32);
	add(&context, e + 80, 32);
	extract(kem, 5, NULL, 0, "eae_prk", dh, 64, prk);
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

/* Opens an envelope; false: not authentic. */
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
	add(&context, "\2", 1);
	extract(suite, 10, NULL, 0, "psk_id_hash", NULL, 0, hash);
	add(&context, hash, 32);
	extract(suite, 10, NULL, 0, "info_hash", e, INFO, hash);
	add(&context, hash, 32);
	extract(suite, 10, shared, 32, "secret", NULL, 0, secret);
	expand(suite, 10, secret, "key", context.data, context.len, 16,
	       aes_key);
	expand(suite, 10, secret, "base_nonce", context.data, context.len, 12,
	       nonce);
	return decrypt(aes_key, nonce, e + 144, out);
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

	fprintf(f, "fingerprint: of no interest here\n");
	for (size_t i = 0; i < count; i++) {
		struct enc_public_key public = { .type = ENC_X25519 };

		memcpy(public.bytes, d[i].public, 32);
		enc_public_key_write(f, &public);
	}
	fclose(f);
	return scratch_path(name);
}

static const struct enc_wrap wrap = { .key = key,
				      .owner = &owner,
				      .epoch = 0x0a0b0c0d };

static void the_device_opens_its_envelope(void **state)
{
	static const uint8_t ta[16] = { 0xee, 0x09, 0xaa, 0x8a, 0xfb, 0xb9,
					0x47, 0x34, 0xae, 0x8c, 0xd7, 0xcd,
					0x1a, 0x3f, 0x67, 0x44 };
	struct device device = { { 0 }, { 0 } };
	uint8_t e[ENVELOPE] = { 0 };
	uint8_t opened[32] = { 0 };
	struct enc_error error = { 0 };

	(void)state;
	make_device(&device, 7);
	assert_true(enc_wrap_key(&wrap, device.public, e, &error));
	assert_memory_equal(e, "ENCMOKEY\1\0\1\0\x0d\x0c\x0b\x0a", 16);
	assert_memory_equal(e + 16, ta, 16);
	assert_memory_equal(e + 48, device.public, 32);
	assert_memory_equal(e + 80, owner.owner.wrap, 32);
	assert_true(open_envelope(e, device.private, opened));
	assert_memory_equal(opened, key, 32);
}

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
		assert_false(open_envelope(e, device.private, opened));
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
	assert_memory_not_equal(a + INFO, b + INFO, 32);
	assert_memory_not_equal(a + 144, b + 144, 32);
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

/* One file of envelopes for the devices in two files: each finds its own. */
static void each_device_finds_its_own(void **state)
{
	struct device devices[3] = { { { 0 }, { 0 } } };
	const char *files[2] = { NULL };
	struct enc_inspection i = { 0 };
	struct enc_error e = { 0 };
	size_t count = 0;

	(void)state;
	for (uint8_t n = 0; n < 3; n++)
		make_device(&devices[n], n + 1);
	files[0] = write_device("one.pub", devices, 1);
	files[1] = write_device("two.pub", devices + 1, 2);
	assert_true(enc_wrap_files(&wrap, files, 2, scratch_path("envelopes"),
				   &count, &e));
	assert_int_equal(count, 3);
	assert_true(enc_inspect(scratch_path("envelopes"), &i, &e));
	assert_true(i.is_envelopes);
	assert_int_equal(i.envelopes.count, 3);
	assert_true(enc_inspect_verdict(&i, &owner.owner, &e));
	for (size_t n = 0; n < 3; n++) {
		const struct box_envelope *found = enc_envelopes_find(
			&i.envelopes, devices[n].public, &owner.owner, &e);
		uint8_t bytes[ENVELOPE] = { 0 };
		uint8_t opened[32] = { 0 };

		assert_non_null(found);
		box_envelope_write(found, bytes);
		assert_true(open_envelope(bytes, devices[n].private, opened));
		assert_memory_equal(opened, key, 32);
	}
	enc_inspect_free(&i);
}

static void does_not_find(const struct enc_envelopes *list,
			  const struct device *device,
			  const struct enc_owner *from, const char *part)
{
	struct enc_error e = { 0 };

	assert_null(enc_envelopes_find(list, device->public, from, &e));
	assert_error(e, ENC_ERR_FORMAT, part);
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
	does_not_find(&list, &devices[2], &owner.owner, wanted);
	stranger.wrap[0] ^= 1;
	strcpy(wanted, "from another owner, not the TA's, ");
	enc_owner_fingerprint(&stranger, wanted + strlen(wanted));
	does_not_find(&list, &devices[1], &stranger, wanted);
	list.all[1].ta[0] ^= 1;
	does_not_find(&list, &devices[1], &owner.owner, "for another TA");
	does_not_find(&list, &devices[0], &stranger, "from another owner");
	enc_envelopes_free(&list);
}

static uint32_t epoch_found(const struct enc_envelopes *list,
			    const struct device *device)
{
	struct enc_error e = { 0 };

	return enc_envelopes_find(list, device->public, &owner.owner, &e)
		->epoch;
}

/* The newest of several for one device wins, whatever envelopes others have. */
static void the_highest_epoch_is_found(void **state)
{
	const uint32_t epochs[] = { 3, 9, 4, 1 };
	struct enc_envelopes list = { 0 };
	struct device device = { { 0 }, { 0 } };
	uint8_t bytes[ENVELOPE] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	make_device(&device, 7);
	for (size_t i = 0; i < COUNT(epochs); i++) {
		struct enc_wrap of_epoch = wrap;

		of_epoch.epoch = epochs[i];
		assert_true(enc_wrap_key(&of_epoch, device.public, bytes, &e));
		assert_true(enc_envelopes_add(&list, bytes, ENVELOPE, &e));
	}
	assert_int_equal(epoch_found(&list, &device), 9);
	list.all[1].ta[0] ^= 1;
	assert_int_equal(epoch_found(&list, &device), 4);
	list.all[2].sender[0] ^= 1;
	assert_int_equal(epoch_found(&list, &device), 3);
	enc_envelopes_free(&list);
}

static void refuses_to_wrap(const char *const *files, size_t count,
			    const char *part)
{
	struct enc_error e = { 0 };
	size_t devices = 0;
	size_t before = scratch_count();

	assert_false(enc_wrap_files(&wrap, files, count, scratch_path("not"),
				    &devices, &e));
	assert_error(e, ENC_ERR_FORMAT, part);
	assert_int_equal(scratch_count(), before);
}

static void bad_devices_are_refused(void **state)
{
	struct device devices[3] = { { { 0 }, { 0 } } };
	const char *files[2] = { NULL };

	(void)state;
	make_device(&devices[0], 1);
	make_device(&devices[1], 2);
	devices[2] = devices[0];
	files[0] = write_device("twice.pub", devices, 3);
	refuses_to_wrap(files, 1, "the same device twice, ");
	files[0] = write_device("one.pub", devices, 1);
	files[1] = write_device("again.pub", devices, 2);
	refuses_to_wrap(files, 2, "the same device twice, ");
	memset(devices[1].public, 0, 32);
	files[0] = write_device("zero.pub", devices, 2);
	refuses_to_wrap(files, 1, "zero.pub: a key of low order");
	files[0] = scratch_path("owner.pub");
	refuses_to_wrap(files, 1, "owner.pub: key 1 is not a device's");
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
	stranger.wrap[0] ^= 1;
	assert_true(
		enc_inspect(scratch_write("bad", bytes, 2 * ENVELOPE), &i, &e));
	assert_false(enc_inspect_verdict(&i, &stranger, &e));
	assert_error(e, ENC_ERR_FORMAT, "from another owner");
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
	bytes[8] = 2;
	assert_false(
		enc_inspect(scratch_write("bad", bytes, ENVELOPE), &i, &e));
	assert_error(e, ENC_ERR_FORMAT, "envelope 1 has a version");
	enc_inspect_free(&i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_user_reads_the_private_keys),
		cmocka_unit_test(the_files_are_what_openssl_reads),
		cmocka_unit_test(the_public_file_is_the_private_ones),
		cmocka_unit_test(nothing_is_ever_overwritten),
		cmocka_unit_test(other_private_files_are_refused),
		cmocka_unit_test(other_public_files_are_refused),
		cmocka_unit_test(other_public_keys_are_no_owner),
		cmocka_unit_test(fingerprints_are_groups_of_digits),
		cmocka_unit_test(the_device_opens_its_envelope),
		cmocka_unit_test(each_byte_of_an_envelope_counts),
		cmocka_unit_test(no_two_envelopes_are_alike),
		cmocka_unit_test(devices_of_low_order_are_refused),
		cmocka_unit_test(each_device_finds_its_own),
		cmocka_unit_test(it_says_why_none_is_found),
		cmocka_unit_test(the_highest_epoch_is_found),
		cmocka_unit_test(bad_devices_are_refused),
		cmocka_unit_test(bad_envelopes_are_refused),
	};

	return cmocka_run_group_tests_name("owner", tests, setup, teardown);
}
