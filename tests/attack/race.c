/* SPDX-License-Identifier: Apache-2.0 */
/*
 * race CALLS: shared memory that changes while the TA works on it.
 *
 * A second thread (tests/lib/rewrite.h) writes one byte of the shared buffer to
 * and fro. So every answer must be one that A or that B alone would get, and
 * the contents are made such that a mixture gets another.
 *
 * In CBC the byte does that by itself: changed in a block of ciphertext, it
 * changes all of that block of plaintext and one byte of the next. For PUSH the
 * record is moved by one byte, so that at each end of a block lies a float with
 * its last byte in the next. Under A that float has an odd exponent in the
 * first of the two and an ordinary last byte, under B an even one and 0x7f: two
 * finite numbers. An odd exponent with 0x7f is infinite or not a number, and
 * the load is refused.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/rewrite.h"
#include "tests/lib/telltale.h"

#define IMAGE ENC_MNIST_IMAGE_BYTES
#define BLOCK 16

/* In the record of formula.h, moved by a byte and behind its length. */
#define VERSION_AT    104 /* length of Burn's version; the text follows */
#define RECORD_BYTES  (FORMULA_RECORD_BYTES + 1)
#define PLAIN_BYTES   (4 + RECORD_BYTES + 15 - (4 + RECORD_BYTES + 15) % 16)
#define FLOATS_AT     157 /* the first of layer 1, at the end of a block */
#define FIRST_PAIR_AT (FLOATS_AT + 3) /* in plaintext: a whole block */
#define PAIRS	      50000	      /* of blocks, all of them in layer 1 */

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

static size_t calls; /* of PUSH; of others, a part of that */
static TEEC_Context context;
static TEEC_Session session;
static TEEC_SharedMemory shared; /* in front, what is sent; behind, answers */

#define SHARED_BYTES 16384
#define ANSWER_AT    12288

/* `size` bytes in the shared buffer, and room behind them for an answer. */
static TEEC_Result call(uint32_t command, size_t size, size_t *answer)
{
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT,
					 answer ? TEEC_MEMREF_PARTIAL_OUTPUT :
						  TEEC_NONE,
					 TEEC_NONE, TEEC_NONE);
	op.params[0].memref.parent = &shared;
	op.params[0].memref.size = size;
	op.params[1].memref.parent = &shared;
	op.params[1].memref.offset = ANSWER_AT;
	op.params[1].memref.size = answer ? *answer : 0;
	res = TEEC_InvokeCommand(&session, command, &op, NULL);
	if (answer)
		*answer = op.params[1].memref.size;
	return res;
}

static uint8_t *sent(void)
{
	return shared.buffer;
}

static uint8_t *answered(void)
{
	return (uint8_t *)shared.buffer + ANSWER_AT;
}

/* ---- AES, a block at a time ---- */

static EVP_CIPHER_CTX *aes(bool encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	assert_non_null(ctx);
	assert_int_equal(EVP_CipherInit_ex(ctx, EVP_aes_256_ecb(), NULL, key,
					   NULL, encrypt),
			 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	return ctx;
}

static void aes_block(EVP_CIPHER_CTX *ctx, const uint8_t *in, uint8_t *out)
{
	int len = 0;

	assert_int_equal(EVP_CipherUpdate(ctx, out, &len, in, BLOCK), 1);
	assert_int_equal(len, BLOCK);
}

static void xor_block(uint8_t *to, const uint8_t *with)
{
	for (size_t i = 0; i < BLOCK; i++)
		to[i] ^= with[i];
}

/* ---- containers ---- */

/* A container of which one byte of some blocks has two good values. */
struct twofold {
	EVP_CIPHER_CTX *encrypt;
	EVP_CIPHER_CTX *decrypt;
	uint8_t plain[PLAIN_BYTES];
	uint8_t sealed[BLOCK + PLAIN_BYTES];
	size_t pairs;
	uint8_t other[PAIRS]; /* B, for the first byte of each pair */
};

static void twofold_encrypt(struct twofold *t, size_t at)
{
	uint8_t block[BLOCK] = { 0 };

	memcpy(block, t->plain + at, BLOCK);
	xor_block(block, t->sealed + at); /* the block of before, or the IV */
	aes_block(t->encrypt, block, t->sealed + BLOCK + at);
}

/* The three floats that lie whole in this block of plaintext are finite. */
static bool floats_are_finite(const uint8_t *plain)
{
	for (size_t i = 1; i < 13; i += 4) {
		if ((plain[i + 3] & 0x7f) == 0x7f && plain[i + 2] & 0x80)
			return false;
	}
	return true;
}

/* Would B be good, too, if the last byte of the float were `last` under A? */
static bool twofold_try(struct twofold *t, size_t at, uint8_t last,
			uint8_t *other)
{
	const uint8_t *a = t->sealed + BLOCK + at;
	uint8_t block[BLOCK] = { 0 };

	if ((last & 0x7f) == 0x7f)
		return false;
	*other = a[0] ^ last ^ 0x7f;
	memcpy(block, a, BLOCK);
	block[0] = *other;
	aes_block(t->decrypt, block, block);
	xor_block(block, t->sealed + at);
	return floats_are_finite(block) && !(block[15] & 0x80);
}

static void twofold_pair(struct twofold *t, size_t at, uint8_t *other)
{
	unsigned int last = 0;

	t->plain[at + 15] |= 0x80;
	twofold_encrypt(t, at);
	while (!twofold_try(t, at, (uint8_t)last, other))
		assert_true(++last < 256);
	t->plain[at + BLOCK] = (uint8_t)last;
	/* what the next pair begins with shall be finite whatever it is */
	t->plain[at + BLOCK + 15] &= 0x7f;
	twofold_encrypt(t, at + BLOCK);
}

static void twofold_plain(struct twofold *t)
{
	uint8_t *record = formula_record(1);
	const size_t moved = VERSION_AT + 7;

	t->plain[0] = (uint8_t)RECORD_BYTES;
	t->plain[1] = (uint8_t)(RECORD_BYTES >> 8);
	t->plain[2] = (uint8_t)(RECORD_BYTES >> 16);
	memcpy(t->plain + 4, record, moved);
	assert_int_equal(t->plain[4 + VERSION_AT], 6);
	t->plain[4 + VERSION_AT] = 7;
	t->plain[4 + moved] = '0';
	memcpy(t->plain + 5 + moved, record + moved,
	       FORMULA_RECORD_BYTES - moved);
	t->plain[FIRST_PAIR_AT - 1] &= 0x7f;
	free(record);
}

static struct twofold *twofold_make(void)
{
	struct twofold *t = calloc(1, sizeof(*t));
	size_t at = 0;

	assert_non_null(t);
	t->encrypt = aes(true);
	t->decrypt = aes(false);
	t->pairs = calls < PAIRS ? calls : PAIRS;
	twofold_plain(t);
	for (; at < FIRST_PAIR_AT; at += BLOCK)
		twofold_encrypt(t, at);
	for (size_t i = 0; i < t->pairs; i++, at += (size_t)2 * BLOCK)
		twofold_pair(t, at, &t->other[i]);
	for (; at < PLAIN_BYTES; at += BLOCK)
		twofold_encrypt(t, at);
	return t;
}

static void twofold_free(struct twofold *t)
{
	EVP_CIPHER_CTX_free(t->encrypt);
	EVP_CIPHER_CTX_free(t->decrypt);
	free(t);
}

/* ---- tests ---- */

/* n images, the first pixel of image `raced` being 0 or 255. */
static void race_images(size_t n, size_t raced, size_t times)
{
	size_t seen[2] = { 0 };

	rewrite_nothing();
	memset(sent(), 0, n * IMAGE);
	for (size_t i = 0; i < n; i++)
		sent()[i * IMAGE] = i % 2 ? 255 : 0;
	rewrite_byte(raced * IMAGE, 0, 255);
	for (size_t i = 0; i < times; i++) {
		size_t count = n;

		assert_int_equal(call(ENC_MNIST_CMD_INFER, n * IMAGE, &count),
				 TEEC_SUCCESS);
		assert_int_equal(count, n);
		for (size_t k = 0; k < n; k++) {
			if (k == raced && answered()[k] < 2)
				seen[answered()[k]]++;
			else
				assert_int_equal(answered()[k], k % 2);
		}
	}
	assert_true(seen[0] && seen[1]);
	printf("# figure: %zu batches of %zu raced: %zu times A, %zu times B, "
	       "0 divergences\n",
	       times, n, seen[0], seen[1]);
}

static void infer_reads_once(void **state)
{
	size_t len = 0;
	uint8_t *record = telltale_record(0, 1, 2);
	uint8_t *telltale = ta_seal(key, record, FORMULA_RECORD_BYTES, &len);

	(void)state;
	assert_int_equal(ta_load(&session, telltale, len), TEEC_SUCCESS);
	free(telltale);
	free(record);
	race_images(1, 0, calls / 20);
	race_images(9, 8, calls / 400 + 25);
}

/* Each pair of blocks is good under A and under B, and a mixture is not. */
static void push_reads_once(const struct twofold *t, size_t *met)
{
	const size_t size = (size_t)2 * BLOCK;
	const uint8_t *pair = t->sealed + BLOCK + FIRST_PAIR_AT;
	const uint8_t *end = t->sealed + sizeof(t->sealed);

	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	assert_int_equal(ta_push(&session, t->sealed, BLOCK + FIRST_PAIR_AT),
			 TEEC_SUCCESS);
	for (size_t i = 0; i < t->pairs; i++, pair += size) {
		unsigned int before = 0;

		rewrite_nothing();
		memcpy(sent(), pair, size);
		rewrite_byte(0, pair[0], t->other[i]);
		before = rewrite_turns();
		assert_int_equal(call(ENC_MNIST_CMD_PUSH, size, NULL),
				 TEEC_SUCCESS);
		*met += rewrite_turns() - before > 1;
	}
	assert_int_equal(ta_push_all(&session, pair, (size_t)(end - pair)),
			 TEEC_SUCCESS);
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
}

static void pushes_read_once(void **state)
{
	const struct twofold *t = *state;
	size_t done = 0;
	size_t met = 0; /* calls during which the thread had a turn */

	for (; done < calls; done += t->pairs)
		push_reads_once(t, &met);
	printf("# figure: %zu pushes raced, the byte changing during %zu of "
	       "them, 0 divergences\n",
	       done, met);
}

/* What comes first is the beginning of a record under A, and not under B. */
static void a_load_goes_on_or_ends(void **state)
{
	const struct twofold *t = *state;
	const size_t size = (size_t)2 * BLOCK;
	size_t accepted = 0;
	const size_t times = calls / 1000 + 20;

	for (size_t i = 0; i < times; i++) {
		TEEC_Result res = TEEC_ERROR_GENERIC;

		assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
		rewrite_nothing();
		memcpy(sent(), t->sealed, size);
		rewrite_byte(4, sent()[4], sent()[4] ^ 1);
		res = call(ENC_MNIST_CMD_PUSH, size, NULL);
		if (res == TEEC_SUCCESS)
			accepted++;
		else
			assert_int_equal(res, TEEC_ERROR_BAD_FORMAT);
		assert_int_equal(ta_push(&session, t->sealed + size, size),
				 res == TEEC_SUCCESS ? TEEC_SUCCESS :
						       TEEC_ERROR_BAD_STATE);
	}
	assert_in_range(accepted, 1, times - 1);
	printf("# figure: %zu first pushes raced: %zu accepted, %zu refused, "
	       "0 divergences\n",
	       times, accepted, times - accepted);
}

static void decrypt_sent(size_t len, uint8_t *plain, size_t plain_len)
{
	size_t size = len;

	assert_int_equal(call(ENC_MNIST_CMD_DECRYPT, len, &size), TEEC_SUCCESS);
	assert_int_equal(size, plain_len);
	memcpy(plain, answered(), size);
}

/* The plaintext of A, or of B; all of a block and a byte of the next differ. */
static void decrypt_reads_once(void **state)
{
	const uint8_t plain[3 * BLOCK - 4] = "a record without any padding";
	uint8_t want[2][sizeof(plain)];
	const size_t times = calls / 500 + 20;
	size_t seen[2] = { 0 };
	size_t len = 0;
	uint8_t *sealed = ta_seal(key, plain, sizeof(plain), &len);
	const uint8_t ab[2] = { sealed[2 * BLOCK], sealed[2 * BLOCK] ^ 1 };

	(void)state;
	rewrite_nothing();
	memcpy(sent(), sealed, len);
	free(sealed);
	for (size_t i = 0; i < 2; i++) {
		sent()[2 * BLOCK] = ab[i];
		decrypt_sent(len, want[i], sizeof(plain));
	}
	rewrite_byte(2 * BLOCK, ab[0], ab[1]);
	for (size_t i = 0; i < times; i++) {
		uint8_t got[sizeof(plain)] = { 0 };

		decrypt_sent(len, got, sizeof(plain));
		if (!memcmp(got, want[0], sizeof(got)))
			seen[0]++;
		else if (!memcmp(got, want[1], sizeof(got)))
			seen[1]++;
	}
	assert_int_equal(seen[0] + seen[1], times);
	assert_true(seen[0] && seen[1]);
	printf("# figure: %zu decryptions raced: %zu times A, %zu times B, "
	       "0 divergences\n",
	       times, seen[0], seen[1]);
}

static int setup(void **state)
{
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS)
		return -1;
	shared.size = SHARED_BYTES;
	shared.flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
	if (TEEC_AllocateSharedMemory(&context, &shared) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS ||
	    ta_store_key(&session, key) != TEEC_SUCCESS)
		return -1;
	*state = twofold_make();
	rewrite_start(shared.buffer, shared.size);
	return 0;
}

static int teardown(void **state)
{
	rewrite_end();
	twofold_free(*state);
	TEEC_CloseSession(&session);
	TEEC_ReleaseSharedMemory(&shared);
	TEEC_FinalizeContext(&context);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(infer_reads_once),
		cmocka_unit_test(pushes_read_once),
		cmocka_unit_test(a_load_goes_on_or_ends),
		cmocka_unit_test(decrypt_reads_once),
	};

	if (argc != 2)
		return 2;
	calls = (size_t)atol(argv[1]);
	return cmocka_run_group_tests_name("race", tests, setup, teardown);
}
