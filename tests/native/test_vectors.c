/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads tests/data/sealed/vectors.txt as its head describes, with a reader made
 * of box/, host/owner/crypto.h and OpenSSL's GCM; and with enc_inspect(), which
 * has no key. `test_vectors --write FILE` writes the vectors. A test checks
 * that the output is always the same.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "host/public/envelope.h"
#include "host/public/inspect.h"
#include "record/net.h"
#include "tests/lib/scratch.h"
#include "tests/lib/streams.h"
#include "tests/lib/unhex.h"
#include "tests/lib/vectors.h"

#define VECTORS	 "tests/data/sealed/vectors.txt"
#define ROOM	 (1u << 18)
#define BASES	 4
#define LINE	 1024
#define PLAIN	 4096
#define KEYS_MAX 16

struct base {
	char name[32];
	uint8_t bytes[ROOM];
	size_t len;
	uint8_t plain[PLAIN]; /* if it differs from the rule */
	size_t plain_len;
};

struct vector {
	char name[64];
	const struct base *base; /* NULL: outside a vector */
	uint8_t bytes[ROOM];
	size_t len;
	uint32_t highest;
	uint32_t login; /* of the client that asks, and its identity */
	uint8_t client[BOX_CLIENT_BYTES];
};

static struct base bases[BASES];
static size_t base_count;
static struct vector vector;
static size_t vector_count;

static struct {
	char name[32];
	uint8_t bytes[32];
} keys[KEYS_MAX];
static size_t key_count;

static const uint8_t *key_named(const char *name)
{
	for (size_t i = 0; i < key_count; i++) {
		if (!strcmp(keys[i].name, name))
			return keys[i].bytes;
	}
	fail_msg("no %s in " VECTORS, name);
	return NULL;
}

/* ---- a reader of models ---- */

static const char *const names[] = {
	[BOX_OK] = "ok",	   [BOX_MAGIC] = "magic",
	[BOX_VERSION] = "version", [BOX_FIELD] = "field",
	[BOX_SHORT] = "short",	   [BOX_TRAILING] = "trailing",
	[BOX_TAG] = "tag",
};

static const char *check_head(const struct vector *v, struct box_head *head)
{
	enum box_error error = BOX_OK;

	if (v->len < BOX_HEAD_BYTES)
		return "short";
	error = box_head_read(v->bytes, head);
	if (error != BOX_OK)
		return names[error];
	if (memcmp(head->owner, key_named("owner"), BOX_OWNER_BYTES))
		return "owner";
	if (!enc_ed25519_verify(head->owner, v->bytes, BOX_HEAD_SIGNED_BYTES,
				head->signature))
		return "signature";
	if (head->login &&
	    (head->login != v->login ||
	     memcmp(head->client, v->client, sizeof(v->client)) != 0))
		return "login";
	if (memcmp(head->key_id, key_named("key-id"), BOX_KEY_ID_BYTES))
		return "key-id";
	return head->security_version < v->highest ? "security-version" : "ok";
}

static uint8_t plain_of(const struct base *base, size_t i)
{
	if (!base->plain_len)
		return vectors_plain(i);
	assert_in_range(i, 0, base->plain_len - 1);
	return base->plain[i];
}

/* Pieces of a chunk, or the rest; the plaintext of each chunk is the base's. */
static const char *check_stream(const struct vector *v, uint64_t length)
{
	static uint8_t out[BOX_HEAD_CHUNK_BYTES];
	struct streams_key key = {
		.hash = "SHA256",
		.key = key_named("model-key"),
		.key_len = BOX_MODEL_KEY_BYTES,
		.derived_len = BOX_STREAM_KEY_BYTES,
		.aad = v->bytes,
		.aad_len = BOX_HEAD_BOUND_BYTES,
	};
	struct box_stream stream;
	size_t plain = 0;

	box_stream_open_begin(&stream, &streams_ops, &key, BOX_HEAD_CHUNK_BYTES,
			      length);
	for (size_t at = BOX_HEAD_BYTES; at < v->len;
	     at += BOX_HEAD_CHUNK_BYTES) {
		const size_t left = v->len - at;
		const size_t n = box_stream_next_plain(&stream);

		if (box_stream_open_chunk(&stream, v->bytes + at,
					  left < BOX_HEAD_CHUNK_BYTES ?
						  left :
						  BOX_HEAD_CHUNK_BYTES,
					  out) != BOX_OK)
			break;
		for (size_t i = 0; i < n; i++)
			assert_int_equal(out[i], plain_of(v->base, plain++));
	}
	return names[box_stream_open_end(&stream)];
}

static const char *read_model(const struct vector *v)
{
	struct box_head head = { 0 };
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };
	const char *result = check_head(v, &head);

	if (!strcmp(result, "ok"))
		result = check_stream(v, head.length);
	if (strcmp(result, "ok"))
		return result;
	assert_int_equal(EVP_Digest(v->bytes + BOX_HEAD_BYTES,
				    v->len - BOX_HEAD_BYTES, digest, NULL,
				    EVP_sha256(), NULL),
			 1);
	return memcmp(digest, head.digest, sizeof(digest)) ? "digest" : "ok";
}

/* ---- a reader of envelopes ---- */

static bool open_key(const struct box_hpke *hpke, const uint8_t *sealed,
		     uint8_t key[BOX_MODEL_KEY_BYTES])
{
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	uint8_t tag[BOX_ENVELOPE_TAG_BYTES] = { 0 };
	int n = 0;
	bool good = false;

	memcpy(tag, sealed + BOX_MODEL_KEY_BYTES, sizeof(tag));
	good = EVP_DecryptInit_ex(gcm, EVP_aes_128_gcm(), NULL, hpke->key,
				  hpke->nonce) == 1 &&
	       EVP_DecryptUpdate(gcm, key, &n, sealed, BOX_MODEL_KEY_BYTES) ==
		       1 &&
	       EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
				   tag) == 1 &&
	       EVP_DecryptFinal_ex(gcm, key + n, &n) == 1;
	EVP_CIPHER_CTX_free(gcm);
	return good;
}

static bool agree(const uint8_t *bound, const uint8_t *encapsulated,
		  struct box_hpke *hpke)
{
	EVP_PKEY *device = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_X25519, NULL, key_named("device-private"),
		BOX_X25519_BYTES);
	struct box_hpke_input in = {
		.encapsulated = encapsulated,
		.recipient = key_named("device"),
		.info = bound,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	const bool good = enc_x25519(device, encapsulated, in.dh) &&
			  box_hpke_base(enc_hmac, NULL, &in, hpke);

	EVP_PKEY_free(device);
	return good;
}

static const char *read_envelope(const struct vector *v)
{
	struct box_envelope envelope = { 0 };
	struct box_hpke hpke = { 0 };
	uint8_t key[BOX_MODEL_KEY_BYTES] = { 0 };
	enum box_error error = BOX_OK;

	if (v->len != BOX_ENVELOPE_BYTES)
		return v->len < BOX_ENVELOPE_BYTES ? "short" : "trailing";
	error = box_envelope_read(v->bytes, &envelope);
	if (error != BOX_OK)
		return names[error];
	if (memcmp(envelope.owner, key_named("owner"), BOX_OWNER_BYTES))
		return "owner";
	if (!enc_ed25519_verify(envelope.owner, v->bytes,
				BOX_ENVELOPE_SIGNED_BYTES, envelope.signature))
		return "signature";
	if (memcmp(envelope.ta, enc_ta_uuid, BOX_UUID_BYTES))
		return "ta";
	if (memcmp(envelope.device, key_named("device"), BOX_X25519_BYTES))
		return "device";
	if (envelope.epoch <= v->highest)
		return "epoch";
	if (!box_envelope_has_key(&envelope))
		return "ok";
	if (box_x25519_is_low_order(envelope.encapsulated))
		return "low-order";
	assert_true(agree(v->bytes, envelope.encapsulated, &hpke));
	if (!open_key(&hpke, envelope.sealed, key))
		return "tag";
	assert_memory_equal(key, key_named("model-key"), sizeof(key));
	return "ok";
}

/* ---- the reader without a key ---- */

/* It must report every error that it can see. */
static void check_inspect(const struct vector *v, const char *expected)
{
	static const char *const seen[] = { "magic",  "version",   "field",
					    "length", "short",	   "trailing",
					    "owner",  "signature", "digest" };
	const char *path = scratch_path("vector");
	struct enc_inspection i = { 0 };
	struct enc_owner owner = { 0 };
	struct enc_error e = { 0 };
	FILE *file = fopen(path, "w");
	bool good = false;

	memcpy(owner.key, key_named("owner"), sizeof(owner.key));
	assert_int_equal(fwrite(v->bytes, 1, v->len, file), v->len);
	fclose(file);
	good = enc_inspect(path, &i, &e) && enc_inspect_verdict(&i, &owner, &e);
	enc_inspect_free(&i);
	if (!strcmp(expected, "ok"))
		assert_true(good);
	for (size_t n = 0; n < COUNT(seen); n++) {
		/* the first byte of the stream is in the signed digest */
		if (!strcmp(expected, seen[n]) &&
		    strcmp(v->name, "stream-header") && good)
			fail_msg("%s: inspect finds nothing", v->name);
	}
}

/* ---- the file ---- */

static struct base *last_base(void)
{
	assert_in_range(base_count, 1, BASES);
	return &bases[base_count - 1];
}

static const struct base *base_named(const char *name)
{
	for (size_t i = 0; i < base_count; i++) {
		if (!strcmp(bases[i].name, name))
			return &bases[i];
	}
	fail_msg("no base %s", name);
	return NULL;
}

static void do_base(const char *name, const char *unused)
{
	(void)unused;
	if (vector.name[0]) {
		vector.base = base_named(name);
		memcpy(vector.bytes, vector.base->bytes, vector.base->len);
		vector.len = vector.base->len;
		return;
	}
	base_count++;
	snprintf(last_base()->name, sizeof(last_base()->name), "%s", name);
}

static void do_hex(const char *text, const char *unused)
{
	struct base *base = last_base();

	(void)unused;
	base->len += unhex(text, base->bytes + base->len, ROOM - base->len);
}

static void do_seal(const char *length, const char *unused)
{
	struct base *base = last_base();
	const size_t len = strtoul(length, NULL, 10);
	struct streams_key key = {
		.hash = "SHA256",
		.key = key_named("model-key"),
		.key_len = BOX_MODEL_KEY_BYTES,
		.derived_len = BOX_STREAM_KEY_BYTES,
		.aad = base->bytes,
		.aad_len = BOX_HEAD_BOUND_BYTES,
	};
	uint8_t *plain = malloc(len);
	uint8_t *stream = NULL;
	size_t size = 0;

	(void)unused;
	for (size_t i = 0; i < len; i++)
		plain[i] = vectors_plain(i);
	stream = streams_seal(&key, BOX_HEAD_CHUNK_BYTES, plain, len,
			      base->bytes + BOX_HEAD_BYTES + 1, &size);
	assert_in_range(size, 1, ROOM - BOX_HEAD_BYTES);
	memcpy(base->bytes + BOX_HEAD_BYTES, stream, size);
	base->len = BOX_HEAD_BYTES + size;
	free(stream);
	free(plain);
}

/* The plaintext is a record: its length is that in its head. */
static void do_plain(const char *text, const char *unused)
{
	struct base *base = last_base();
	struct nn_head head = { 0 };

	(void)unused;
	base->plain_len += unhex(text, base->plain + base->plain_len,
				 PLAIN - base->plain_len);
	memcpy(&head, base->plain, sizeof(head));
	if (base->plain_len < sizeof(head))
		return;
	assert_int_equal(nn_head_check(&head), NN_OK);
	assert_in_range(base->plain_len, 1, record_net_size(&head));
}

static void do_sha256(const char *text, const char *unused)
{
	const struct base *base = last_base();
	uint8_t expected[BOX_DIGEST_BYTES] = { 0 };
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	(void)unused;
	unhex(text, expected, sizeof(expected));
	assert_int_equal(EVP_Digest(base->bytes, base->len, digest, NULL,
				    EVP_sha256(), NULL),
			 1);
	assert_memory_equal(digest, expected, sizeof(digest));
}

static void do_vector(const char *name, const char *unused)
{
	(void)unused;
	assert_false(vector.name[0]);
	memset(&vector, 0, sizeof(vector));
	snprintf(vector.name, sizeof(vector.name), "%s", name);
}

static void do_cut(const char *length, const char *unused)
{
	(void)unused;
	vector.len = strtoul(length, NULL, 10);
}

static void do_set(const char *offset, const char *text)
{
	const size_t at = strtoul(offset, NULL, 10);
	const size_t end =
		at + unhex(text, vector.bytes + at, sizeof(vector.bytes) - at);

	assert_in_range(at, 0, vector.len);
	vector.len = end > vector.len ? end : vector.len;
}

static void do_highest(const char *n, const char *unused)
{
	(void)unused;
	vector.highest = (uint32_t)strtoul(n, NULL, 10);
}

static void do_client(const char *login, const char *identity)
{
	vector.login = (uint32_t)strtoul(login, NULL, 10);
	assert_int_equal(unhex(identity, vector.client, BOX_CLIENT_BYTES),
			 BOX_CLIENT_BYTES);
}

static void do_expect(const char *expected, const char *unused)
{
	const char *result = NULL;

	(void)unused;
	assert_non_null(vector.base);
	result = strcmp(vector.base->name, "envelope") ? read_model(&vector) :
							 read_envelope(&vector);
	if (strcmp(result, expected))
		fail_msg("%s: %s where %s is expected", vector.name, result,
			 expected);
	check_inspect(&vector, expected);
	memset(&vector, 0, sizeof(vector));
	vector_count++;
}

static void do_key(const char *name, const char *text)
{
	assert_in_range(key_count, 0, KEYS_MAX - 1);
	snprintf(keys[key_count].name, sizeof(keys[0].name), "%s", name);
	unhex(text, keys[key_count++].bytes, sizeof(keys[0].bytes));
}

static void do_line(char *line)
{
	static const struct {
		const char *word;
		void (*run)(const char *first, const char *second);
	} words[] = {
		{ "base", do_base },	 { "hex", do_hex },
		{ "seal", do_seal },	 { "sha256", do_sha256 },
		{ "vector", do_vector }, { "cut", do_cut },
		{ "set", do_set },	 { "highest", do_highest },
		{ "expect", do_expect }, { "plain", do_plain },
		{ "client", do_client },
	};
	const char *word = strtok(line, " \n");
	const char *first = strtok(NULL, " \n");
	const char *second = strtok(NULL, " \n");

	if (!word || *word == '#')
		return;
	assert_non_null(first);
	for (size_t i = 0; i < COUNT(words); i++) {
		if (!strcmp(word, words[i].word)) {
			words[i].run(first, second);
			return;
		}
	}
	assert_int_equal(base_count, 0); /* keys come first */
	do_key(word, first);
}

static void each_vector_is_read_as_expected(void **state)
{
	char line[LINE] = "";
	FILE *file = fopen(VECTORS, "r");

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		do_line(line);
	fclose(file);
	assert_int_equal(base_count, 4);
	assert_in_range(vector_count, 182, 300);
	assert_false(vector.name[0]);
	printf("# figure: %zu vectors\n", vector_count);
}

static void the_file_is_what_is_written(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);
	FILE *file = fopen(VECTORS, "r");

	(void)state;
	vectors_write(memory);
	fclose(memory);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(fgetc(file), text[i]);
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
	free(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_vector_is_read_as_expected),
		cmocka_unit_test(the_file_is_what_is_written),
	};
	FILE *out = NULL;

	if (argc == 3 && !strcmp(argv[1], "--write")) {
		out = fopen(argv[2], "w");
		if (!out)
			return 1;
		vectors_write(out);
		return fclose(out) ? 1 : 0;
	}
	return cmocka_run_group_tests_name("vectors", tests, scratch_setup,
					   scratch_teardown);
}
