/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed models as the owner's machine writes them. The reader here uses only
 * OpenSSL and the bytes in doc/FORMAT.md, section 1: it shares no code with
 * what it tests.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "host/owner/seal.h"
#include "host/owner/secret.h"
#include "host/owner/stream_seal.h"
#include "host/public/inspect.h"
#include "tests/lib/networks.h"
#include "tests/lib/scratch.h"

#define HEAD   568
#define BOUND  472
#define SIGNED 504
#define CHUNK  65536

static const uint8_t key[32] = "a model's key, 32 bytes of it..";
static struct enc_signer owner;
static uint8_t *record;
static size_t record_len;
static struct box_head head; /* of the last sealed model */

static int setup(void **state)
{
	struct enc_owner public = { 0 };
	struct enc_error e = { 0 };

	if (scratch_setup(state) ||
	    !enc_owner_make(scratch_path("owner.pem"),
			    scratch_path("owner.pub"), NULL, &public, &e) ||
	    !enc_owner_secret_read(scratch_path("owner.pem"), NULL, &owner, &e))
		return -1;
	record = networks_mnist(1, &record_len);
	return 0;
}

static int teardown(void **state)
{
	enc_signer_close(&owner);
	free(record);
	return scratch_teardown(state);
}

/* --- A reader from the format's description alone ---------------------- */

/* HKDF-SHA256 to 32 bytes (RFC 5869). */
static void hkdf(const uint8_t *salt, size_t salt_len, const void *info,
		 size_t info_len, uint8_t *out)
{
	uint8_t prk[32] = { 0 };
	uint8_t text[BOUND + 1] = { 0 };
	unsigned int len = 0;

	HMAC(EVP_sha256(), salt, (int)salt_len, key, sizeof(key), prk, &len);
	memcpy(text, info, info_len);
	text[info_len] = 1;
	HMAC(EVP_sha256(), prk, sizeof(prk), text, info_len + 1, out, &len);
}

/* One chunk and its tag to plaintext; false: not authentic. */
static bool open_chunk(const uint8_t *aes_key, const uint8_t *nonce,
		       const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[16] = { 0 };
	int n = 0;
	bool ok = false;

	memcpy(tag, in + len, sizeof(tag));
	EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, aes_key, nonce);
	EVP_DecryptUpdate(ctx, out, &n, in, (int)len);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, 16, tag);
	ok = EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/*
 * Decrypts a whole stream. `out` has room for `len` bytes. Returns the length.
 */
static size_t open_stream(const uint8_t *bound, const uint8_t *stream,
			  size_t len, uint8_t *out)
{
	uint8_t aes_key[32] = { 0 };
	uint8_t nonce[12] = { 0 };
	size_t opened = 0;

	assert_in_range(len, 40 + 1 + 16, SIZE_MAX);
	assert_int_equal(stream[0], 40);
	hkdf(stream + 1, 32, bound, BOUND, aes_key);
	memcpy(nonce, stream + 33, 7);
	for (size_t at = 0, i = 0; at < len; at += CHUNK, i++) {
		size_t end = len - at > CHUNK ? at + CHUNK : len;
		size_t begin = i ? at : 40;

		assert_in_range(end - begin, 17, CHUNK);
		nonce[7] = nonce[8] = 0;
		nonce[9] = (uint8_t)(i >> 8);
		nonce[10] = (uint8_t)i;
		nonce[11] = end == len;
		assert_true(open_chunk(aes_key, nonce, stream + begin,
				       end - begin - 16, out + opened));
		opened += end - begin - 16;
	}
	return opened;
}

static bool is_signed(const uint8_t *file)
{
	EVP_PKEY *public = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						       file + 112, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public) == 1 &&
		  EVP_DigestVerify(ctx, file + SIGNED, 64, file, SIGNED) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(public);
	return ok;
}

static uint64_t number(const uint8_t *at, size_t len)
{
	uint64_t value = 0;

	while (len--)
		value = value << 8 | at[len];
	return value;
}

/* --- Helpers ----------------------------------------------------------- */

static uint8_t *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st = { 0 };

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	*len = (size_t)st.st_size;
	data = malloc(*len);
	assert_int_equal(fread(data, 1, *len, f), *len);
	fclose(f);
	return data;
}

static struct enc_sealed template(void)
{
	struct enc_sealed sealed = {
		.key = key,
		.owner = &owner,
		.model_version = 0x01020304,
		.security_version = 0x0a0b0c0d,
		.load_answers = 0x1112131415161718,
		.life_answers = 0x2122232425262728,
		.login = BOX_LOGIN_GROUP,
		.client = "a client's uuid.",
	};

	assert_true(enc_model_id("some-model_1.0", sealed.model_id));
	return sealed;
}

static void seal_as(const struct enc_sealed *sealed, const char *output)
{
	struct enc_error e = { 0 };

	if (!enc_seal_network(sealed, record, record_len, output, &head, &e))
		fail_msg("%s", e.what);
}

static void seal(const char *output)
{
	const struct enc_sealed sealed = template();

	seal_as(&sealed, output);
}

/* --- Sealing ----------------------------------------------------------- */

static void a_model_comes_back(void **state)
{
	uint8_t *plain = malloc(record_len + 40);
	uint8_t digest[32] = { 0 };
	size_t len = 0;
	uint8_t *file = NULL;

	(void)state;
	seal(scratch_path("sealed"));
	file = slurp(scratch_path("sealed"), &len);
	assert_int_equal(len, HEAD + 40 + record_len + 16 * 35);
	assert_true(is_signed(file));
	EVP_Digest(file + HEAD, len - HEAD, digest, NULL, EVP_sha256(), NULL);
	assert_memory_equal(file + BOUND, digest, sizeof(digest));
	assert_int_equal(open_stream(file, file + HEAD, len - HEAD, plain),
			 record_len);
	assert_memory_equal(plain, record, record_len);
	free(file);
	free(plain);
}

static void the_head_says_what_it_is(void **state)
{
	uint8_t key_id[32] = { 0 };
	size_t len = 0;
	uint8_t *file = NULL;

	(void)state;
	seal(scratch_path("sealed"));
	file = slurp(scratch_path("sealed"), &len);
	assert_memory_equal(file, "ENCMODEL", 8);
	assert_int_equal(number(file + 8, 2), 3);
	assert_int_equal(number(file + 10, 2), 1);
	assert_int_equal(number(file + 12, 2), 1); /* f32 */
	assert_int_equal(number(file + 14, 2), 1); /* the label */
	assert_int_equal(number(file + 16, 4), 0);
	assert_int_equal(number(file + 20, 2), 8); /* batch */
	assert_int_equal(number(file + 22, 1), 1);
	assert_int_equal(number(file + 23, 1), 1);
	assert_int_equal(number(file + 24, 8), record_len);
	assert_memory_equal(file + 32, record + 16, 16); /* params, MACs */
	assert_memory_equal(file + 48, record + 32, 4);	 /* arena */
	assert_int_equal(number(file + 52, 4), CHUNK);
	assert_int_equal(number(file + 56, 4), 0x01020304);
	assert_int_equal(number(file + 60, 4), 0);
	assert_memory_equal(file + 64,
			    "some-model_1.0\0\0\0\0\0\0\0\0\0\0\0\0"
			    "\0\0\0\0\0",
			    32);
	assert_int_equal(number(file + 144, 8), 0);
	assert_int_equal(number(file + 176, 4), 0x0a0b0c0d);
	assert_int_equal(number(file + 180, 4), 2); /* a group */
	assert_memory_equal(file + 184, "a client's uuid.", 16);
	assert_int_equal(number(file + 200, 8), 0x1112131415161718);
	assert_int_equal(number(file + 208, 8), 0x2122232425262728);
	assert_memory_equal(file + 216, "\3\3\0\0\0\0\0\0\34\0\0\0\34", 13);
	assert_memory_equal(file + 344, "\1\1\0\0\0\0\0\0\12\0\0\0\1", 13);
	hkdf(NULL, 0, "enc_mnist key id", 16, key_id);
	assert_memory_equal(file + 96, key_id, 16);
	assert_memory_equal(file + 112, owner.owner.key, 32);
	free(file);
}

/* The plaintext and stream for tests of lengths. */
struct memory {
	const uint8_t *plain;
	uint8_t *stream;
	size_t len;
};

static bool from_memory(void *ctx, uint8_t *data, size_t n, struct enc_error *e)
{
	struct memory *m = ctx;

	(void)e;
	memcpy(data, m->plain, n);
	m->plain += n;
	return true;
}

static bool to_memory(void *ctx, const uint8_t *data, size_t n,
		      struct enc_error *e)
{
	struct memory *m = ctx;

	(void)e;
	memcpy(m->stream + m->len, data, n);
	m->len += n;
	return true;
}

/*
 * Around the ends of chunks, and with more chunks than may wait for the hasher.
 */
static void streams_of_all_lengths_come_back(void **state)
{
	const size_t lengths[] = { 1,
				   17,
				   65479,
				   65480,
				   65481,
				   65480 + 65520 - 1,
				   65480 + 65520,
				   65480 + 65520 + 1,
				   65480 + 20 * 65520 };
	const size_t most = 65480 + 20 * 65520;
	uint8_t bound[BOUND] = { 9 };
	uint8_t *plain = malloc(most);
	uint8_t *opened = malloc(most + 40);
	uint8_t *stream = malloc(most + 40 + 30 * 16);

	(void)state;
	RAND_bytes(plain, (int)most);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct memory m = { .plain = plain, .stream = stream };
		const struct enc_stream_seal seal = {
			.key = key,
			.bound = bound,
			.len = lengths[i],
			.ctx = &m,
			.source = from_memory,
			.sink = to_memory,
		};
		uint8_t digest[32] = { 0 };
		uint8_t expected[32] = { 0 };
		struct enc_error e = { 0 };

		assert_true(enc_stream_seal(&seal, digest, &e));
		EVP_Digest(stream, m.len, expected, NULL, EVP_sha256(), NULL);
		assert_memory_equal(digest, expected, 32);
		assert_int_equal(open_stream(bound, stream, m.len, opened),
				 lengths[i]);
		assert_memory_equal(opened, plain, lengths[i]);
	}
	free(plain);
	free(opened);
	free(stream);
}

static void no_two_streams_are_alike(void **state)
{
	size_t len = 0;
	uint8_t *a = NULL;
	uint8_t *b = NULL;

	(void)state;
	seal(scratch_path("sealed"));
	a = slurp(scratch_path("sealed"), &len);
	seal(scratch_path("sealed"));
	b = slurp(scratch_path("sealed"), &len);
	assert_memory_equal(a, b, BOUND);
	assert_memory_not_equal(a + HEAD + 1, b + HEAD + 1, 32);
	assert_memory_not_equal(a + HEAD + 33, b + HEAD + 33, 7);
	assert_memory_not_equal(a + HEAD + 40, b + HEAD + 40, 64);
	free(a);
	free(b);
}

static uint64_t shown; /* the last number of bytes reported */
static size_t times_shown;

static void progress_goes_up(void *context, uint64_t done, uint64_t total)
{
	assert_null(context);
	assert_int_equal(total, record_len);
	assert_in_range(done, shown, total);
	shown = done;
	times_shown++;
}

static void it_says_how_far_it_is(void **state)
{
	struct enc_sealed sealed = template();

	(void)state;
	sealed.progress = progress_goes_up;
	seal_as(&sealed, scratch_path("sealed"));
	assert_in_range(times_shown, 2, 35);
	assert_in_range(shown, 1, record_len);
}

/* Class names are behind the head, and its digest is theirs. */
static void names_come_along(void **state)
{
	static const char names[] = "zero\none\ntwo\n";
	const size_t names_len = sizeof(names) - 1;
	struct enc_sealed sealed = template();
	uint8_t *plain = malloc(record_len + 40);
	uint8_t digest[32] = { 0 };
	size_t len = 0;
	uint8_t *file = NULL;

	(void)state;
	sealed.names = names;
	sealed.names_len = names_len;
	seal_as(&sealed, scratch_path("named"));
	file = slurp(scratch_path("named"), &len);
	assert_int_equal(len, HEAD + names_len + 40 + record_len + 16 * 35);
	assert_int_equal(number(file + 60, 4), names_len);
	assert_memory_equal(file + HEAD, names, names_len);
	EVP_Digest(names, names_len, digest, NULL, EVP_sha256(), NULL);
	assert_memory_equal(file + 144, digest, sizeof(digest));
	assert_int_equal(open_stream(file, file + HEAD + names_len,
				     len - HEAD - names_len, plain),
			 record_len);
	free(file);
	free(plain);
}

static void the_owner_says_what_leaves(void **state)
{
	struct enc_sealed sealed = template();

	(void)state;
	sealed.policy = BOX_TOP;
	sealed.amount = 3;
	seal_as(&sealed, scratch_path("top"));
	assert_int_equal(head.policy, BOX_TOP);
	assert_int_equal(head.amount, 3);
}

/* --- Refusals ---------------------------------------------------------- */

/* Refused with this message; no output file is left, not even a partial one. */
static void refused(const struct enc_sealed *sealed, const uint8_t *bytes,
		    size_t len, enum enc_error_code code, const char *part)
{
	struct enc_error e = { 0 };
	size_t files = scratch_count();

	assert_false(enc_seal_network(sealed, bytes, len, scratch_path("not"),
				      &head, &e));
	assert_error(e, code, part);
	assert_int_equal(scratch_count(), files);
}

static void records_that_the_ta_refuses_are_refused(void **state)
{
	const struct enc_sealed sealed = template();
	uint8_t *bad = malloc(record_len + 16);

	(void)state;
	memcpy(bad, record, record_len);
	memset(bad + record_len, 0, 16);
	refused(&sealed, bad, record_len + 16, ENC_ERR_FORMAT,
		"not a network that the engine accepts: error 5");
	refused(&sealed, bad, record_len - 1, ENC_ERR_FORMAT,
		"not a network that the engine accepts: error 4");
	refused(&sealed, bad, 0, ENC_ERR_FORMAT, "not a network");
	memcpy(bad + record_len - 4096, "\0\0\xc0\x7f", 4);
	refused(&sealed, bad, record_len, ENC_ERR_FORMAT,
		"not a network that the engine accepts: error 3");
	bad[0] = 'e';
	refused(&sealed, bad, record_len, ENC_ERR_FORMAT,
		"not a network that the engine accepts: error 1");
	free(bad);
}

static void what_cannot_leave_is_refused(void **state)
{
	struct enc_sealed sealed = template();

	(void)state;
	sealed.policy = BOX_TOP;
	sealed.amount = 11;
	refused(&sealed, record, record_len, ENC_ERR_UNSUPPORTED,
		"no fewer values than labels");
	sealed.policy = BOX_SCORES;
	sealed.amount = 17;
	refused(&sealed, record, record_len, ENC_ERR_UNSUPPORTED,
		"scores 1 to 16 bits");
	sealed = template();
	sealed.names = "";
	sealed.names_len = 65537;
	refused(&sealed, record, record_len, ENC_ERR_LIMIT,
		"65537 bytes of class names");
}

static void outputs_that_cannot_be_written(void **state)
{
	struct enc_sealed sealed = template();
	struct enc_error e = { 0 };

	(void)state;
	assert_false(enc_seal_network(&sealed, record, record_len,
				      scratch_path("nowhere/sealed"), &head,
				      &e));
	assert_error(e, ENC_ERR_IO, "nowhere/sealed: cannot create");
	assert_false(enc_seal_network(&sealed, record, record_len, "/dev/full",
				      &head, &e));
	assert_error(e, ENC_ERR_IO, "/dev/full: cannot write");
}

/* A limit on the size of files simulates a full disk. */
static void a_full_disk_leaves_nothing(void **state)
{
	const struct enc_sealed sealed = template();
	struct rlimit before = { 0 };
	struct rlimit limit = { 0 };

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 1u << 20;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	refused(&sealed, record, record_len, ENC_ERR_IO, "cannot write");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void model_ids_have_a_form(void **state)
{
	const char *const bad[] = {
		"",
		"A",
		"a b",
		"a/b",
		"\xc3\xa4",
		"a\n",
		"123456789012345678901234567890123",
	};
	uint8_t id[BOX_MODEL_ID_BYTES] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(enc_model_id(bad[i], id));
	assert_true(enc_model_id("12345678901234567890123456789.-_", id));
	assert_memory_equal(id, "12345678901234567890123456789.-_", 32);
}

/* --- Clients ----------------------------------------------------------- */

/*
 * python3's uuid.uuid5(uuid.UUID("58ac9ca0-2086-4683-a1b8-ec4bc08e01b6"),
 * "uid=%x" or "gid=%x"), the way of tee_session_calc_client_uuid() in Linux's
 * drivers/tee/tee_core.c.
 */
static const struct {
	enum box_login login;
	const char *text;
	uint8_t client[BOX_CLIENT_BYTES + 1];
} clients[] = {
	{ BOX_LOGIN_USER, "0",
	  "\xef\x01\x80\xa3\x13\xf3\x5d\x1c"
	  "\xb7\xf5\x88\x8c\x0e\x21\x05\x9a" },
	{ BOX_LOGIN_USER, "1000",
	  "\xfc\x34\x27\x5c\xd8\xdd\x5b\xa7"
	  "\x96\x8b\x50\x47\x18\x36\x3b\x87" },
	{ BOX_LOGIN_USER, "65534",
	  "\x38\xa7\x42\x41\x5c\xff\x5d\x47"
	  "\xaa\xdb\x67\x4e\xe8\x9b\xf4\x66" },
	{ BOX_LOGIN_GROUP, "0",
	  "\xd9\x3b\xc1\x68\xf8\x63\x58\xd3"
	  "\xa1\xfe\xbb\x20\x39\x42\x1b\x99" },
	{ BOX_LOGIN_GROUP, "1000",
	  "\x0e\xce\x43\xed\x00\x1d\x51\xbd"
	  "\xba\xb7\x48\x0c\x89\x54\xc3\xcf" },
	{ BOX_LOGIN_USER, "4294967294",
	  "\xe2\x9b\xab\x5f\xb4\x51\x5a\xf4"
	  "\x87\x95\xa7\xa3\x0b\x1f\x6d\x43" },
	{ BOX_LOGIN_APPLICATION, "00112233-4455-6677-8899-AABBccddeeff",
	  "\x00\x11\x22\x33\x44\x55\x66\x77"
	  "\x88\x99\xaa\xbb\xcc\xdd\xee\xff" },
};

static void clients_are_those_of_linux(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(clients); i++) {
		uint8_t client[BOX_CLIENT_BYTES] = { 0 };

		if (!enc_client_id(clients[i].login, clients[i].text, client) ||
		    memcmp(client, clients[i].client, sizeof(client)) != 0)
			fail_msg("%d:%s gives %02x%02x...", clients[i].login,
				 clients[i].text, client[0], client[1]);
	}
}

static void what_names_no_client_is_refused(void **state)
{
	static const char *const no_numbers[] = {
		"",   " 1",  "+1",	   "-1",	 "1 ",
		"1a", "0x1", "4294967295", "4294967296", "18446744073709551617",
	};
	static const char *const no_uuids[] = {
		"",
		"1000",
		"00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeeff0",
		"00112233445566778899aabbccddeeff",
		"0011223-34455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899-aabbccddeefg",
		"00112233-4455-6677-8899-aabbccddee f",
		"00000000-0000-0000-0000-000000000000",
	};
	uint8_t client[BOX_CLIENT_BYTES] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(no_numbers); i++) {
		if (enc_client_id(BOX_LOGIN_USER, no_numbers[i], client) ||
		    enc_client_id(BOX_LOGIN_GROUP, no_numbers[i], client))
			fail_msg("`%s' is taken", no_numbers[i]);
	}
	for (size_t i = 0; i < COUNT(no_uuids); i++) {
		if (enc_client_id(BOX_LOGIN_APPLICATION, no_uuids[i], client))
			fail_msg("`%s' is taken", no_uuids[i]);
	}
}

/* --- Inspection -------------------------------------------------------- */

/* Whether it is reported as intact; *e: the error. */
static bool inspect(const char *path, const struct enc_owner *from,
		    struct enc_error *e)
{
	struct enc_inspection i = { 0 };
	bool ok = enc_inspect(path, &i, e) && enc_inspect_verdict(&i, from, e);

	enc_inspect_free(&i);
	return ok;
}

static void an_intact_model_is_inspected(void **state)
{
	struct enc_inspection i = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	seal(scratch_path("sealed"));
	assert_true(enc_inspect(scratch_path("sealed"), &i, &e));
	assert_false(i.is_envelopes);
	assert_int_equal(i.head.params, 2272832);
	assert_int_equal(i.chunks, 35);
	assert_int_equal(i.file_bytes, i.file_bytes_wanted);
	assert_int_equal(i.head.model_version, 0x01020304);
	assert_true(enc_inspect_verdict(&i, NULL, &e));
	assert_true(enc_inspect_verdict(&i, &owner.owner, &e));
	enc_inspect_free(&i);
}

/* Each byte of the head, and samples of the stream. */
static void a_changed_byte_is_noticed_anywhere(void **state)
{
	size_t len = 0;
	uint8_t *file = NULL;
	size_t step = 1;

	(void)state;
	seal(scratch_path("sealed"));
	file = slurp(scratch_path("sealed"), &len);
	for (size_t at = 0; at < len; at += step) {
		struct enc_error e = { 0 };

		file[at] ^= (uint8_t)(1u << at % 8);
		scratch_write("changed", file, len);
		if (inspect(scratch_path("changed"), NULL, &e))
			fail_msg("byte %zu", at);
		file[at] ^= (uint8_t)(1u << at % 8);
		step = at < HEAD + 40 ? 1 : 99991;
	}
	free(file);
}

static void it_says_what_is_wrong(void **state)
{
	struct enc_owner stranger = owner.owner;
	struct enc_error e = { 0 };
	size_t len = 0;
	uint8_t *file = NULL;

	(void)state;
	seal(scratch_path("sealed"));
	file = slurp(scratch_path("sealed"), &len);
	stranger.key[0] ^= 1;
	assert_false(inspect(scratch_path("sealed"), &stranger, &e));
	assert_error(e, ENC_ERR_FORMAT, "from another owner");
	assert_null(strstr(e.what, ","));

	file[SIGNED] ^= 1;
	assert_false(inspect(scratch_write("bad", file, len), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "signature");
	assert_null(strstr(e.what, ","));
	file[SIGNED] ^= 1;

	file[len - 1] ^= 1;
	assert_false(inspect(scratch_write("bad", file, len), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "digest");
	assert_null(strstr(e.what, ","));
	file[len - 1] ^= 1;

	assert_false(inspect(scratch_write("bad", file, len - 1), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "its size does not match its head");
	assert_false(inspect(scratch_write("bad", file, HEAD - 1), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "ends in its head, after 567 bytes");
	assert_false(inspect(scratch_write("bad", file, 7), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "neither a sealed model nor envelopes");
	assert_false(inspect(scratch_write("bad", file, 0), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "neither a sealed model nor envelopes");
	file[8] = 2;
	assert_false(inspect(scratch_write("bad", file, len), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "of a format version");
	file[8] = 3;
	file[14] = 0;
	assert_false(inspect(scratch_write("bad", file, len), NULL, &e));
	assert_error(e, ENC_ERR_FORMAT, "with a damaged head");
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_model_comes_back),
		cmocka_unit_test(the_head_says_what_it_is),
		cmocka_unit_test(streams_of_all_lengths_come_back),
		cmocka_unit_test(no_two_streams_are_alike),
		cmocka_unit_test(it_says_how_far_it_is),
		cmocka_unit_test(records_that_the_ta_refuses_are_refused),
		cmocka_unit_test(names_come_along),
		cmocka_unit_test(the_owner_says_what_leaves),
		cmocka_unit_test(what_cannot_leave_is_refused),
		cmocka_unit_test(outputs_that_cannot_be_written),
		cmocka_unit_test(a_full_disk_leaves_nothing),
		cmocka_unit_test(model_ids_have_a_form),
		cmocka_unit_test(clients_are_those_of_linux),
		cmocka_unit_test(what_names_no_client_is_refused),
		cmocka_unit_test(an_intact_model_is_inspected),
		cmocka_unit_test(a_changed_byte_is_noticed_anywhere),
		cmocka_unit_test(it_says_what_is_wrong),
	};

	return cmocka_run_group_tests_name("sealed file", tests, setup,
					   teardown);
}
