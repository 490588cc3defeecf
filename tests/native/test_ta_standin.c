/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in's claims about OP-TEE that the tests of the TA do not reach: the
 * results of its cryptography, its panics, and persistent objects. Each test
 * runs like the TA, in an instance.
 */
#include <stdlib.h>
#include <string.h>
#include <tee_api_defines_extensions.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

#include "testkit/secret.h"
#include "testkit/test.h"
#include "tests/lib/unhex.h"
#include "tests/standin/standin.h"

#define BYTES_MAX 64
#define READ	  TEE_DATA_FLAG_ACCESS_READ
#define WRITE	  TEE_DATA_FLAG_ACCESS_WRITE
#define SHARED	  (TEE_DATA_FLAG_SHARE_READ | TEE_DATA_FLAG_SHARE_WRITE)
#define OVERWRITE TEE_DATA_FLAG_OVERWRITE

struct bytes {
	size_t size;
	uint8_t at[BYTES_MAX];
};

struct one {
	void (*body)(void *context);
	bool panics;
};

static uint8_t shared[BYTES_MAX]; /* with the normal world */
static bool near;		  /* one call before the one that panics */

static void run(void **state)
{
	const struct one *one = *state;

	standin_reset();
	near = false;
	assert_int_equal(standin_run(one->body, NULL, shared, sizeof(shared)),
			 !one->panics);
	assert_int_equal(near, one->panics);
	assert_int_equal(standin_leaks(), 0);
}

static struct bytes hex(const char *digits)
{
	struct bytes bytes = { 0 };

	bytes.size = unhex(digits, bytes.at, sizeof(bytes.at));
	secret_reveal(&bytes, sizeof(bytes));
	return bytes;
}

static void check(const void *data, size_t size, const char *digits)
{
	const struct bytes expected = hex(digits);

	assert_int_equal(size, expected.size);
	assert_memory_equal(data, expected.at, size);
}

/* ---- keys and operations ---- */

static TEE_ObjectHandle new_key(TEE_ObjectType type, uint32_t attribute,
				const char *digits)
{
	const struct bytes value = hex(digits);
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };

	assert_int_equal(TEE_AllocateTransientObject(
				 type, 8 * (uint32_t)value.size, &key),
			 TEE_SUCCESS);
	TEE_InitRefAttribute(&attr, attribute, value.at, value.size);
	assert_int_equal(TEE_PopulateTransientObject(key, &attr, 1),
			 TEE_SUCCESS);
	return key;
}

static TEE_OperationHandle start(uint32_t algorithm, uint32_t mode,
				 uint32_t bits, TEE_ObjectHandle key)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;

	assert_int_equal(TEE_AllocateOperation(&op, algorithm, mode, bits),
			 TEE_SUCCESS);
	assert_int_equal(TEE_SetOperationKey(op, key), TEE_SUCCESS);
	return op;
}

/* The same for a key that is gone afterwards. */
static TEE_OperationHandle start_with(uint32_t algorithm, uint32_t mode,
				      TEE_ObjectType type, uint32_t attribute,
				      const char *digits)
{
	TEE_ObjectHandle key = new_key(type, attribute, digits);
	TEE_OperationHandle op =
		start(algorithm, mode, 4 * (uint32_t)strlen(digits), key);

	TEE_FreeTransientObject(key);
	return op;
}

/* ---- AES-GCM: test cases 4 and 16 of its authors' ---- */

#define KEY128	   "feffe9928665731c6d6a8f9467308308"
#define KEY256	   KEY128 KEY128
#define NONCE	   "cafebabefacedbaddecaf888"
#define AAD	   "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define TAG_BITS   128
#define PLAIN_SIZE 60
#define PLAIN                              \
	"d9313225f88406e5a55909c5aff5269a" \
	"86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525" \
	"b16aedf5aa0de657ba637b39"

static const struct {
	const char *key;
	const char *sealed;
	const char *tag;
} gcm[] = {
	{ KEY128,
	  "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	  "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
	  "5bc94fbc3221a5db94fae95ae7121a47" },
	{ KEY256,
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	  "76fc6ece0f4e1768cddf8853bb2d551b" },
};

static TEE_OperationHandle gcm_operation(uint32_t mode, const char *key)
{
	return start_with(TEE_ALG_AES_GCM, mode, TEE_TYPE_AES,
			  TEE_ATTR_SECRET_VALUE, key);
}

static void gcm_init(TEE_OperationHandle op)
{
	const struct bytes nonce = hex(NONCE);
	const struct bytes aad = hex(AAD);

	assert_int_equal(TEE_AEInit(op, nonce.at, nonce.size, TAG_BITS,
				    aad.size, PLAIN_SIZE),
			 TEE_SUCCESS);
	TEE_AEUpdateAAD(op, aad.at, 7);
	TEE_AEUpdateAAD(op, aad.at + 7, aad.size - 7);
}

/* The first `n` bytes by an update, the rest by the final. */
static TEE_Result gcm_decrypt(TEE_OperationHandle op, const struct bytes *in,
			      size_t n, struct bytes *tag, struct bytes *out)
{
	size_t first = BYTES_MAX;
	size_t rest = BYTES_MAX - n;
	TEE_Result res = TEE_ERROR_GENERIC;

	assert_int_equal(TEE_AEUpdate(op, in->at, n, out->at, &first),
			 TEE_SUCCESS);
	res = TEE_AEDecryptFinal(op, in->at + n, in->size - n, out->at + n,
				 &rest, tag->at, tag->size);
	out->size = first + rest;
	return res;
}

static void gcm_encrypts(void *context)
{
	const struct bytes plain = hex(PLAIN);

	(void)context;
	for (size_t i = 0; i < COUNT(gcm); i++) {
		TEE_OperationHandle op =
			gcm_operation(TEE_MODE_ENCRYPT, gcm[i].key);
		struct bytes out = { .size = BYTES_MAX };
		struct bytes tag = { .size = 16 };

		gcm_init(op);
		assert_int_equal(TEE_AEEncryptFinal(op, plain.at, plain.size,
						    out.at, &out.size, tag.at,
						    &tag.size),
				 TEE_SUCCESS);
		check(out.at, out.size, gcm[i].sealed);
		check(tag.at, tag.size, gcm[i].tag);
		TEE_FreeOperation(op);
	}
}

static void gcm_decrypts(void *context)
{
	(void)context;
	for (size_t i = 0; i < COUNT(gcm); i++) {
		const struct bytes in = hex(gcm[i].sealed);
		struct bytes tag = hex(gcm[i].tag);
		TEE_OperationHandle op =
			gcm_operation(TEE_MODE_DECRYPT, gcm[i].key);

		for (size_t n = 0; n <= in.size; n += 20) {
			struct bytes out = { 0 };

			gcm_init(op);
			assert_int_equal(gcm_decrypt(op, &in, n, &tag, &out),
					 TEE_SUCCESS);
			check(out.at, out.size, PLAIN);
		}
		TEE_FreeOperation(op);
	}
}

static void gcm_says_how_much_room_it_takes(void *context)
{
	const struct bytes in = hex(gcm[0].sealed);
	struct bytes tag = hex(gcm[0].tag);
	struct bytes out = { .size = PLAIN_SIZE - 1 };
	TEE_OperationHandle op = gcm_operation(TEE_MODE_DECRYPT, KEY128);

	(void)context;
	gcm_init(op);
	assert_int_equal(TEE_AEDecryptFinal(op, in.at, in.size, out.at,
					    &out.size, tag.at, tag.size),
			 TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(out.size, PLAIN_SIZE);
	assert_int_equal(TEE_AEDecryptFinal(op, in.at, in.size, out.at,
					    &out.size, tag.at, tag.size),
			 TEE_SUCCESS);
	TEE_FreeOperation(op);
}

static void gcm_leaves_what_it_refuses(void *context)
{
	const struct bytes in = hex(gcm[0].sealed);
	struct bytes good = hex(gcm[0].tag);
	struct bytes bad = good;
	struct bytes out = { 0 };
	TEE_OperationHandle op = gcm_operation(TEE_MODE_DECRYPT, KEY128);

	(void)context;
	bad.at[15] ^= 1;
	gcm_init(op);
	assert_int_equal(gcm_decrypt(op, &in, 20, &bad, &out),
			 TEE_ERROR_MAC_INVALID);
	check(out.at, PLAIN_SIZE, PLAIN);
	TEE_ResetOperation(op);
	gcm_init(op);
	assert_int_equal(gcm_decrypt(op, &in, 20, &good, &out), TEE_SUCCESS);
	/* a tag of another length is refused at once */
	memset(&out, 0, sizeof(out));
	good.size = 12;
	gcm_init(op);
	assert_int_equal(gcm_decrypt(op, &in, 0, &good, &out),
			 TEE_ERROR_MAC_INVALID);
	assert_int_equal(out.at[0], 0);
	TEE_FreeOperation(op);
}

static void gcm_is_not_reset_by_a_wrong_tag(void *context)
{
	const struct bytes in = hex(gcm[0].sealed);
	struct bytes tag = { .size = 16 };
	struct bytes out = { 0 };
	TEE_OperationHandle op = gcm_operation(TEE_MODE_DECRYPT, KEY128);

	(void)context;
	gcm_init(op);
	assert_int_equal(gcm_decrypt(op, &in, 20, &tag, &out),
			 TEE_ERROR_MAC_INVALID);
	near = true;
	TEE_AEInit(op, in.at, 12, TAG_BITS, 0, 0);
}

static void gcm_takes_no_short_tag(void *context)
{
	const struct bytes nonce = hex(NONCE);
	TEE_OperationHandle op = gcm_operation(TEE_MODE_DECRYPT, KEY128);

	(void)context;
	assert_int_equal(TEE_AEInit(op, nonce.at, nonce.size, 16, 0, 0),
			 TEE_ERROR_NOT_SUPPORTED);
	TEE_FreeOperation(op);
}

static void gcm_update(const uint8_t *src, uint8_t *dest)
{
	TEE_OperationHandle op = gcm_operation(TEE_MODE_DECRYPT, KEY128);
	size_t size = 16;

	gcm_init(op);
	near = true;
	TEE_AEUpdate(op, src, 16, dest, &size);
}

static void gcm_in_place(void *context)
{
	uint8_t data[16] = { 0 };

	(void)context;
	gcm_update(data, data);
}

static void gcm_over_its_source(void *context)
{
	uint8_t data[31] = { 0 };

	(void)context;
	gcm_update(data + 15, data);
}

static void gcm_out_of_shared_memory(void *context)
{
	uint8_t data[16] = { 0 };

	(void)context;
	gcm_update(shared + sizeof(shared) - 16, data);
}

static void gcm_into_shared_memory(void *context)
{
	const uint8_t zeros[16] = { 0 };
	TEE_OperationHandle op = gcm_operation(TEE_MODE_ENCRYPT, KEY128);
	size_t size = sizeof(zeros);

	(void)context;
	gcm_init(op);
	assert_int_equal(TEE_AEUpdate(op, zeros, sizeof(zeros), shared, &size),
			 TEE_SUCCESS);
	TEE_FreeOperation(op);
}

/* ---- digests ---- */

static void sha256_digests(void *context)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	struct bytes out = { .size = 31 };

	(void)context;
	assert_int_equal(
		TEE_AllocateOperation(&op, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0),
		TEE_SUCCESS);
	TEE_DigestUpdate(op, "ab", 2);
	assert_int_equal(TEE_DigestDoFinal(op, "c", 1, out.at, &out.size),
			 TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(TEE_DigestDoFinal(op, "c", 1, out.at, &out.size),
			 TEE_SUCCESS);
	check(out.at, out.size,
	      "ba7816bf8f01cfea414140de5dae2223"
	      "b00361a396177a9cb410ff61f20015ad");
	TEE_DigestUpdate(op, "x", 1);
	TEE_ResetOperation(op);
	TEE_DigestDoFinal(op, NULL, 0, out.at, &out.size);
	check(out.at, out.size,
	      "e3b0c44298fc1c149afbf4c8996fb924"
	      "27ae41e4649b934ca495991b7852b855");
	TEE_FreeOperation(op);
}

/* RFC 4231, test case 4. */
static void hmac_authenticates(void *context)
{
	uint8_t data[50] = { 0 };
	struct bytes mac = { .size = BYTES_MAX };
	TEE_OperationHandle op = start_with(
		TEE_ALG_HMAC_SHA256, TEE_MODE_MAC, TEE_TYPE_HMAC_SHA256,
		TEE_ATTR_SECRET_VALUE,
		"0102030405060708090a0b0c0d0e0f10111213141516171819");

	(void)context;
	memset(data, 0xcd, sizeof(data));
	for (size_t n = 0; n <= sizeof(data); n += 25) {
		TEE_MACInit(op, NULL, 0);
		TEE_MACUpdate(op, data, n);
		assert_int_equal(TEE_MACComputeFinal(op, data + n,
						     sizeof(data) - n, mac.at,
						     &mac.size),
				 TEE_SUCCESS);
		check(mac.at, mac.size,
		      "82558a389a443c0ea4cc819899f2083a"
		      "85f0faa3e578f8077a2e3ff46729665b");
	}
	TEE_FreeOperation(op);
}

static void hmac_without_init(void *context)
{
	TEE_OperationHandle op =
		start_with(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC,
			   TEE_TYPE_HMAC_SHA256, TEE_ATTR_SECRET_VALUE, KEY256);

	(void)context;
	near = true;
	TEE_MACUpdate(op, "x", 1);
}

/* ---- derivation ---- */

static TEE_ObjectHandle new_secret(void)
{
	TEE_ObjectHandle secret = TEE_HANDLE_NULL;

	assert_int_equal(TEE_AllocateTransientObject(TEE_TYPE_GENERIC_SECRET,
						     256, &secret),
			 TEE_SUCCESS);
	return secret;
}

static void check_secret(TEE_ObjectHandle secret, const char *digits)
{
	struct bytes value = { .size = BYTES_MAX };

	assert_int_equal(TEE_GetObjectBufferAttribute(secret,
						      TEE_ATTR_SECRET_VALUE,
						      value.at, &value.size),
			 TEE_SUCCESS);
	check(value.at, value.size, digits);
}

static void check_hkdf(const TEE_Attribute *params, uint32_t count,
		       const char *expected)
{
	TEE_ObjectHandle secret = new_secret();
	TEE_OperationHandle op =
		start_with(TEE_ALG_HKDF_SHA256_DERIVE_KEY, TEE_MODE_DERIVE,
			   TEE_TYPE_HKDF_IKM, TEE_ATTR_HKDF_IKM,
			   "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");

	TEE_DeriveKey(op, params, count, secret);
	check_secret(secret, expected);
	TEE_FreeOperation(op);
	TEE_FreeTransientObject(secret);
}

/* RFC 5869, test cases 1 and 3. */
static void hkdf_derives(void *context)
{
	const struct bytes salt = hex("000102030405060708090a0b0c");
	const struct bytes info = hex("f0f1f2f3f4f5f6f7f8f9");
	TEE_Attribute params[3] = { 0 };

	(void)context;
	TEE_InitValueAttribute(&params[0], TEE_ATTR_HKDF_OKM_LENGTH, 42, 0);
	TEE_InitRefAttribute(&params[1], __OPTEE_TEE_ATTR_HKDF_SALT, salt.at,
			     salt.size);
	TEE_InitRefAttribute(&params[2], __OPTEE_ATTR_HKDF_INFO, info.at,
			     info.size);
	check_hkdf(params, 3,
		   "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a"
		   "5a4c5db02d56ecc4c5bf34007208d5b887185865");
	check_hkdf(params, 1,
		   "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1"
		   "879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void hkdf_without_a_length(void *context)
{
	TEE_ObjectHandle secret = new_secret();
	TEE_OperationHandle op =
		start_with(TEE_ALG_HKDF_SHA256_DERIVE_KEY, TEE_MODE_DERIVE,
			   TEE_TYPE_HKDF_IKM, TEE_ATTR_HKDF_IKM, KEY256);

	(void)context;
	near = true;
	TEE_DeriveKey(op, NULL, 0, secret);
}

/* RFC 7748, 6.1. */
#define ALICE_PRIVATE \
	"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
#define ALICE_PUBLIC \
	"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define BOB_PUBLIC \
	"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
#define ALICE_AND_BOB \
	"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

static TEE_ObjectHandle alice(void)
{
	const struct bytes private_key = hex(ALICE_PRIVATE);
	const struct bytes public_key = hex(ALICE_PUBLIC);
	TEE_ObjectHandle pair = TEE_HANDLE_NULL;
	TEE_Attribute attrs[2] = { 0 };

	assert_int_equal(TEE_AllocateTransientObject(TEE_TYPE_X25519_KEYPAIR,
						     256, &pair),
			 TEE_SUCCESS);
	TEE_InitRefAttribute(&attrs[0], TEE_ATTR_X25519_PUBLIC_VALUE,
			     public_key.at, public_key.size);
	TEE_InitRefAttribute(&attrs[1], TEE_ATTR_X25519_PRIVATE_VALUE,
			     private_key.at, private_key.size);
	assert_int_equal(TEE_PopulateTransientObject(pair, attrs, 2),
			 TEE_SUCCESS);
	return pair;
}

static void agree(TEE_ObjectHandle pair, const struct bytes *peer,
		  TEE_ObjectHandle secret)
{
	TEE_OperationHandle op =
		start(TEE_ALG_X25519, TEE_MODE_DERIVE, 256, pair);
	TEE_Attribute attr = { 0 };

	TEE_InitRefAttribute(&attr, TEE_ATTR_X25519_PUBLIC_VALUE, peer->at,
			     peer->size);
	TEE_DeriveKey(op, &attr, 1, secret);
	TEE_FreeOperation(op);
}

static void x25519_agrees(void *context)
{
	const struct bytes bob = hex(BOB_PUBLIC);
	TEE_ObjectHandle pair = alice();
	TEE_ObjectHandle secret = new_secret();

	(void)context;
	agree(pair, &bob, secret);
	check_secret(secret, ALICE_AND_BOB);
	TEE_FreeTransientObject(secret);
	TEE_FreeTransientObject(pair);
}

static void x25519_of_low_order(void *context)
{
	const struct bytes one = { .size = 32, .at = { 1 } };
	TEE_ObjectHandle pair = alice();
	TEE_ObjectHandle secret = new_secret();

	(void)context;
	near = true;
	agree(pair, &one, secret);
}

/* A generated key pair agrees with a known one. */
static void x25519_makes_pairs(void *context)
{
	const struct bytes known = hex(ALICE_PUBLIC);
	TEE_ObjectHandle pair = TEE_HANDLE_NULL;
	TEE_ObjectHandle known_pair = alice();
	TEE_ObjectHandle secrets[] = { new_secret(), new_secret() };
	struct bytes made = { .size = BYTES_MAX };
	struct bytes values[] = { made, made };

	(void)context;
	TEE_AllocateTransientObject(TEE_TYPE_X25519_KEYPAIR, 256, &pair);
	assert_int_equal(TEE_GenerateKey(pair, 256, NULL, 0), TEE_SUCCESS);
	TEE_GetObjectBufferAttribute(pair, TEE_ATTR_X25519_PUBLIC_VALUE,
				     made.at, &made.size);
	agree(pair, &known, secrets[0]);
	agree(known_pair, &made, secrets[1]);
	for (size_t i = 0; i < 2; i++) {
		TEE_GetObjectBufferAttribute(secrets[i], TEE_ATTR_SECRET_VALUE,
					     values[i].at, &values[i].size);
		TEE_FreeTransientObject(secrets[i]);
	}
	assert_memory_equal(values[0].at, values[1].at, 32);
	TEE_FreeTransientObject(pair);
	TEE_FreeTransientObject(known_pair);
}

/* ---- signatures: RFC 8032, 7.1, test 3 ---- */

static void ed25519_verifies(void *context)
{
	struct bytes message = hex("af82");
	struct bytes signature =
		hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7"
		    "db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
		    "c027beceea1ec40a");
	TEE_OperationHandle op = start_with(TEE_ALG_ED25519, TEE_MODE_VERIFY,
					    TEE_TYPE_ED25519_PUBLIC_KEY,
					    TEE_ATTR_ED25519_PUBLIC_VALUE,
					    "fc51cd8e6218a1a38da47ed00230f058"
					    "0816ed13ba3303ac5deb911548908025");

	(void)context;
	assert_int_equal(TEE_AsymmetricVerifyDigest(op, NULL, 0, message.at,
						    message.size, signature.at,
						    signature.size),
			 TEE_SUCCESS);
	message.at[1] ^= 1;
	assert_int_equal(TEE_AsymmetricVerifyDigest(op, NULL, 0, message.at,
						    message.size, signature.at,
						    signature.size),
			 TEE_ERROR_SIGNATURE_INVALID);
	TEE_FreeOperation(op);
}

static void ed25519_of_another_length(void *context)
{
	const uint8_t signature[63] = { 0 };
	TEE_OperationHandle op = start_with(
		TEE_ALG_ED25519, TEE_MODE_VERIFY, TEE_TYPE_ED25519_PUBLIC_KEY,
		TEE_ATTR_ED25519_PUBLIC_VALUE, ALICE_PUBLIC);

	(void)context;
	near = true;
	TEE_AsymmetricVerifyDigest(op, NULL, 0, "m", 1, signature,
				   sizeof(signature));
}

/* ---- usage of objects ---- */

static void sizes_have_limits(void *context)
{
	static const struct {
		TEE_ObjectType type;
		uint32_t bits;
		TEE_Result res;
	} sizes[] = {
		{ TEE_TYPE_AES, 128, TEE_SUCCESS },
		{ TEE_TYPE_AES, 160, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_TYPE_HMAC_SHA256, 192, TEE_SUCCESS },
		{ TEE_TYPE_HMAC_SHA256, 184, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_TYPE_HMAC_SHA256, 1032, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_TYPE_GENERIC_SECRET, 4096, TEE_SUCCESS },
		{ TEE_TYPE_HKDF_IKM, 4104, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_TYPE_X25519_KEYPAIR, 255, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_TYPE_DATA, 0, TEE_ERROR_NOT_SUPPORTED },
	};

	(void)context;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		TEE_ObjectHandle object = TEE_HANDLE_NULL;

		assert_int_equal(TEE_AllocateTransientObject(
					 sizes[i].type, sizes[i].bits, &object),
				 sizes[i].res);
		TEE_FreeTransientObject(object);
	}
}

static void keys_are_as_long_as_their_type_says(void *context)
{
	const uint8_t short_key[8] = { 0 };
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };

	(void)context;
	TEE_AllocateTransientObject(TEE_TYPE_AES, 256, &object);
	TEE_InitRefAttribute(&attr, TEE_ATTR_SECRET_VALUE, short_key,
			     sizeof(short_key));
	assert_int_equal(TEE_PopulateTransientObject(object, &attr, 1),
			 TEE_ERROR_BAD_PARAMETERS);
	TEE_FreeTransientObject(object);
}

static void attribute_of_another_type(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };

	(void)context;
	TEE_AllocateTransientObject(TEE_TYPE_HKDF_IKM, 8, &object);
	TEE_InitRefAttribute(&attr, TEE_ATTR_SECRET_VALUE, "k", 1);
	near = true;
	TEE_PopulateTransientObject(object, &attr, 1);
}

static void attributes_can_be_read(void *context)
{
	struct bytes value = { .size = 31 };
	TEE_ObjectHandle pair = alice();

	(void)context;
	assert_int_equal(TEE_GetObjectBufferAttribute(
				 pair, TEE_ATTR_X25519_PRIVATE_VALUE, value.at,
				 &value.size),
			 TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(TEE_GetObjectBufferAttribute(
				 pair, TEE_ATTR_X25519_PRIVATE_VALUE, value.at,
				 &value.size),
			 TEE_SUCCESS);
	check(value.at, value.size, ALICE_PRIVATE);
	assert_int_equal(TEE_GetObjectBufferAttribute(pair,
						      TEE_ATTR_SECRET_VALUE,
						      value.at, &value.size),
			 TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(TEE_RestrictObjectUsage1(pair, TEE_USAGE_DERIVE),
			 TEE_SUCCESS);
	assert_int_equal(
		TEE_GetObjectBufferAttribute(pair, TEE_ATTR_X25519_PUBLIC_VALUE,
					     value.at, &value.size),
		TEE_SUCCESS);
	check(value.at, value.size, ALICE_PUBLIC);
	TEE_FreeTransientObject(pair);
}

static void private_attribute_that_is_kept(void *context)
{
	struct bytes value = { .size = BYTES_MAX };
	TEE_ObjectHandle pair = alice();

	(void)context;
	TEE_RestrictObjectUsage1(pair, ~(uint32_t)TEE_USAGE_EXTRACTABLE);
	near = true;
	TEE_GetObjectBufferAttribute(pair, TEE_ATTR_X25519_PRIVATE_VALUE,
				     value.at, &value.size);
}

static void usage_that_the_key_does_not_have(void *context)
{
	TEE_ObjectHandle key =
		new_key(TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, KEY128);

	(void)context;
	TEE_RestrictObjectUsage1(key, TEE_USAGE_ENCRYPT);
	TEE_FreeOperation(start(TEE_ALG_AES_GCM, TEE_MODE_ENCRYPT, 128, key));
	near = true;
	start(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 128, key);
}

static void key_of_another_type(void *context)
{
	TEE_ObjectHandle key =
		new_key(TEE_TYPE_GENERIC_SECRET, TEE_ATTR_SECRET_VALUE, KEY128);

	(void)context;
	near = true;
	start(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 128, key);
}

static void key_that_is_too_long(void *context)
{
	TEE_ObjectHandle key =
		new_key(TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, KEY256);

	(void)context;
	near = true;
	start(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 128, key);
}

static void key_that_is_reset(void *context)
{
	TEE_ObjectHandle key =
		new_key(TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, KEY128);

	(void)context;
	TEE_ResetTransientObject(key);
	near = true;
	start(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 128, key);
}

/* ---- storage ---- */

static TEE_Result create(const char *id, uint32_t flags, TEE_ObjectHandle key,
			 const char *data, TEE_ObjectHandle *object)
{
	return TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, id, strlen(id),
					  flags, key, data, strlen(data),
					  object);
}

static TEE_Result open(const char *id, uint32_t flags, TEE_ObjectHandle *object)
{
	return TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, id, strlen(id),
					flags, object);
}

static void store(const char *id, const char *data)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	assert_int_equal(create(id, OVERWRITE, TEE_HANDLE_NULL, data, &object),
			 TEE_SUCCESS);
	TEE_CloseObject(object);
}

static void check_rest(TEE_ObjectHandle object, const char *expected)
{
	char data[BYTES_MAX + 1] = { 0 };
	size_t size = 0;

	assert_int_equal(TEE_ReadObjectData(object, data, BYTES_MAX, &size),
			 TEE_SUCCESS);
	assert_int_equal(size, strlen(expected));
	assert_string_equal(data, expected);
}

static void check_stored(const char *id, const char *expected)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	assert_int_equal(open(id, READ, &object), TEE_SUCCESS);
	check_rest(object, expected);
	TEE_CloseObject(object);
}

static void many_objects_at_once(void *context)
{
	char id[] = "object 0";
	TEE_ObjectHandle objects[8] = { 0 };

	(void)context;
	for (size_t i = 0; i < COUNT(objects); i++) {
		id[7] = (char)('0' + i);
		assert_int_equal(
			create(id, READ, TEE_HANDLE_NULL, id, &objects[i]),
			TEE_SUCCESS);
	}
	for (size_t i = 0; i < COUNT(objects); i++) {
		id[7] = (char)('0' + i);
		check_rest(objects[i], id);
		TEE_CloseObject(objects[i]);
	}
	assert_int_equal(open("object 8", READ, &objects[0]),
			 TEE_ERROR_ITEM_NOT_FOUND);
}

static void handles_conflict(void *context)
{
	static const struct {
		uint32_t first;
		uint32_t second;
		TEE_Result res;
	} pairs[] = {
		{ READ | SHARED, READ | SHARED, TEE_SUCCESS },
		{ READ | SHARED, WRITE | SHARED, TEE_SUCCESS },
		{ READ | TEE_DATA_FLAG_SHARE_READ,
		  READ | TEE_DATA_FLAG_SHARE_READ, TEE_SUCCESS },
		{ READ | TEE_DATA_FLAG_SHARE_READ,
		  WRITE | TEE_DATA_FLAG_SHARE_READ, TEE_ERROR_ACCESS_CONFLICT },
		{ READ | SHARED, READ | TEE_DATA_FLAG_SHARE_READ,
		  TEE_ERROR_ACCESS_CONFLICT },
		{ READ, READ | SHARED, TEE_ERROR_ACCESS_CONFLICT },
		{ READ, READ, TEE_ERROR_ACCESS_CONFLICT },
		{ SHARED, SHARED | TEE_DATA_FLAG_ACCESS_WRITE_META,
		  TEE_ERROR_ACCESS_CONFLICT },
	};

	(void)context;
	store("a", "data");
	store("b", "data");
	for (size_t i = 0; i < COUNT(pairs); i++) {
		TEE_ObjectHandle first = TEE_HANDLE_NULL;
		TEE_ObjectHandle second = TEE_HANDLE_NULL;
		TEE_ObjectHandle other = TEE_HANDLE_NULL;

		assert_int_equal(open("a", pairs[i].first, &first),
				 TEE_SUCCESS);
		assert_int_equal(open("a", pairs[i].second, &second),
				 pairs[i].res);
		assert_int_equal(open("b", pairs[i].second, &other),
				 TEE_SUCCESS);
		TEE_CloseObject(first);
		TEE_CloseObject(second);
		TEE_CloseObject(other);
	}
}

static void creating_conflicts(void *context)
{
	TEE_ObjectHandle old = TEE_HANDLE_NULL;
	TEE_ObjectHandle new = TEE_HANDLE_NULL;

	(void)context;
	store("a", "old");
	assert_int_equal(create("a", READ, TEE_HANDLE_NULL, "new", &new),
			 TEE_ERROR_ACCESS_CONFLICT);
	open("a", READ, &old);
	assert_int_equal(
		create("a", READ | OVERWRITE, TEE_HANDLE_NULL, "new", &new),
		TEE_ERROR_ACCESS_CONFLICT);
	TEE_CloseObject(old);
	check_stored("a", "old");
	/* an old handle keeps the old file */
	open("a", READ | SHARED, &old);
	assert_int_equal(create("a", READ | SHARED | OVERWRITE, TEE_HANDLE_NULL,
				"new", &new),
			 TEE_SUCCESS);
	check_rest(old, "old");
	check_rest(new, "new");
	TEE_CloseObject(old);
	TEE_CloseObject(new);
	check_stored("a", "new");
}

static void what_is_open_outlives_its_name(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	store("a", "data");
	open("a", READ, &object);
	assert_true(standin_storage_remove("a"));
	store("b", "other");
	check_rest(object, "data");
	TEE_CloseObject(object);
}

static void objects_are_written_in_place(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_ObjectInfo info = { 0 };

	(void)context;
	store("a", "some data");
	open("a", READ | WRITE, &object);
	assert_int_equal(TEE_WriteObjectData(object, "same", 4), TEE_SUCCESS);
	check_rest(object, " data");
	assert_int_equal(TEE_WriteObjectData(object, "base", 4), TEE_SUCCESS);
	TEE_GetObjectInfo1(object, &info);
	assert_int_equal(info.dataSize, 13);
	assert_int_equal(info.dataPosition, 13);
	assert_int_equal(TEE_SeekObjectData(object, -4, TEE_DATA_SEEK_END),
			 TEE_SUCCESS);
	check_rest(object, "base");
	assert_int_equal(TEE_SeekObjectData(object, -99, TEE_DATA_SEEK_CUR),
			 TEE_SUCCESS);
	check_rest(object, "same database");
	assert_int_equal(TEE_SeekObjectData(object,
					    (intmax_t)TEE_DATA_MAX_POSITION + 1,
					    TEE_DATA_SEEK_SET),
			 TEE_ERROR_OVERFLOW);
	TEE_CloseObject(object);
	check_stored("a", "same database");
}

static void write_without_access(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	store("a", "data");
	open("a", READ, &object);
	near = true;
	TEE_WriteObjectData(object, "x", 1);
}

static void id_in_shared_memory(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	near = true;
	TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, shared, 4, READ, &object);
}

static void keys_are_stored(void *context)
{
	const struct bytes bob = hex(BOB_PUBLIC);
	TEE_ObjectHandle pair = alice();
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_ObjectHandle secret = new_secret();
	TEE_ObjectInfo info = { 0 };
	struct bytes value = { .size = BYTES_MAX };

	(void)context;
	TEE_RestrictObjectUsage1(pair, TEE_USAGE_DERIVE);
	assert_int_equal(create("pair", 0, pair, "and data", &object),
			 TEE_SUCCESS);
	TEE_CloseObject(object);
	TEE_FreeTransientObject(pair);
	assert_int_equal(open("pair", READ, &object), TEE_SUCCESS);
	TEE_GetObjectInfo1(object, &info);
	assert_int_equal(info.objectType, TEE_TYPE_X25519_KEYPAIR);
	assert_int_equal(info.objectUsage, TEE_USAGE_DERIVE);
	TEE_GetObjectBufferAttribute(object, TEE_ATTR_X25519_PUBLIC_VALUE,
				     value.at, &value.size);
	check(value.at, value.size, ALICE_PUBLIC);
	check_rest(object, "and data");
	agree(object, &bob, secret);
	check_secret(secret, ALICE_AND_BOB);
	TEE_FreeTransientObject(secret);
	TEE_CloseObject(object);
}

/* So a copy of a stored key is good for nothing. */
static void usage_is_not_copied_from_storage(void *context)
{
	TEE_ObjectHandle pair = alice();
	TEE_ObjectHandle first = TEE_HANDLE_NULL;
	TEE_ObjectHandle second = TEE_HANDLE_NULL;
	TEE_ObjectInfo info = { 0 };

	(void)context;
	create("first", 0, pair, "", &first);
	TEE_GetObjectInfo1(first, &info);
	assert_int_equal(info.objectUsage, UINT32_MAX);
	create("second", 0, first, "", &second);
	TEE_GetObjectInfo1(second, &info);
	assert_int_equal(info.objectUsage, 0);
	TEE_CloseObject(first);
	TEE_CloseObject(second);
	TEE_FreeTransientObject(pair);
}

static void corrupt_objects_are_removed(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	store("a", "data");
	store("b", "other");
	assert_true(standin_storage_corrupt("a"));
	assert_false(standin_storage_corrupt("c"));
	assert_int_equal(open("a", READ, &object), TEE_ERROR_CORRUPT_OBJECT);
	assert_int_equal(open("a", READ, &object), TEE_ERROR_ITEM_NOT_FOUND);
	check_stored("b", "other");
	assert_true(standin_storage_cut("b", 2));
	check_stored("b", "ot");
	assert_true(standin_storage_remove("b"));
	assert_int_equal(open("b", READ, &object), TEE_ERROR_ITEM_NOT_FOUND);
	/* replacing the object repairs it */
	store("a", "data");
	assert_true(standin_storage_corrupt("a"));
	store("a", "new");
	check_stored("a", "new");
}

static void corrupt_while_it_is_open(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	char data[4] = { 0 };
	size_t size = 0;

	(void)context;
	store("a", "data");
	open("a", READ, &object);
	standin_storage_corrupt("a");
	assert_int_equal(TEE_ReadObjectData(object, data, sizeof(data), &size),
			 TEE_ERROR_CORRUPT_OBJECT);
	/* closed: the name is free */
	store("a", "data");
}

static void storage_goes_back(void *context)
{
	struct standin_storage *saved = NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	store("a", "old");
	open("a", READ, &object);
	saved = standin_storage_save();
	TEE_CloseObject(object);
	store("a", "new");
	store("b", "later");
	open("a", READ, &object);
	standin_storage_restore(saved);
	check_rest(object, "new");
	TEE_CloseObject(object);
	check_stored("a", "old");
	assert_int_equal(open("b", READ, &object), TEE_ERROR_ITEM_NOT_FOUND);
	/* any number of times */
	for (size_t i = 0; i < 100; i++) {
		store("a", "newer");
		standin_storage_restore(saved);
		check_stored("a", "old");
	}
	free(saved);
}

#define META TEE_DATA_FLAG_ACCESS_WRITE_META

static void objects_are_deleted(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_ObjectHandle other = TEE_HANDLE_NULL;

	(void)context;
	assert_int_equal(TEE_CloseAndDeletePersistentObject1(TEE_HANDLE_NULL),
			 TEE_SUCCESS);
	store("a", "data");
	store("b", "other");
	assert_int_equal(open("a", META, &object), TEE_SUCCESS);
	/* nobody else has it open meanwhile */
	assert_int_equal(open("a", READ | SHARED, &other),
			 TEE_ERROR_ACCESS_CONFLICT);
	assert_int_equal(TEE_CloseAndDeletePersistentObject1(object),
			 TEE_SUCCESS);
	assert_false(standin_storage_has("a"));
	assert_int_equal(open("a", META, &object), TEE_ERROR_ITEM_NOT_FOUND);
	store("a", "new");
	check_stored("a", "new");
	check_stored("b", "other");
	/* not while others have it open */
	open("a", READ | SHARED, &other);
	assert_int_equal(open("a", META, &object), TEE_ERROR_ACCESS_CONFLICT);
	TEE_CloseObject(other);
}

static void an_object_that_cannot_be_deleted_is_closed(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	store("a", "data");
	open("a", META, &object);
	standin_fault(1, 0);
	assert_int_equal(TEE_CloseAndDeletePersistentObject1(object),
			 TEE_ERROR_STORAGE_NOT_AVAILABLE);
	check_stored("a", "data");
}

static void delete_without_access(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	store("a", "data");
	open("a", READ | WRITE, &object);
	near = true;
	TEE_CloseAndDeletePersistentObject1(object);
}

static TEE_Result open_in(uint32_t storage)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_OpenPersistentObject(storage, "a", 1,
						  READ | SHARED, &object);

	TEE_CloseObject(object);
	return res;
}

/* TEE_STORAGE_PRIVATE is one of the others: files, where OP-TEE has them. */
static void storage_has_a_name(void *context)
{
	(void)context;
	store("a", "data");
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_REE), TEE_SUCCESS);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_RPMB),
			 TEE_ERROR_ITEM_NOT_FOUND);
	standin_storage_place(STANDIN_FILES_BESIDE_RPMB);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE), TEE_SUCCESS);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_REE), TEE_SUCCESS);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_RPMB),
			 TEE_ERROR_ITEM_NOT_FOUND);
	standin_storage_place(STANDIN_RPMB);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE), TEE_SUCCESS);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_REE),
			 TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_RPMB), TEE_SUCCESS);
}

/* By one name or the other, it is the same object. */
static void handles_conflict_in_any_storage(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	store("a", "data");
	open("a", READ | WRITE, &object);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_REE),
			 TEE_ERROR_ACCESS_CONFLICT);
	assert_int_equal(open_in(TEE_STORAGE_PRIVATE_RPMB),
			 TEE_ERROR_ITEM_NOT_FOUND);
	TEE_CloseObject(object);
}

static void a_test_may_hold_an_object(void *context)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	(void)context;
	assert_false(standin_storage_hold("a", READ));
	store("a", "data");
	assert_true(standin_storage_hold("a", READ | SHARED));
	assert_int_equal(open("a", READ | WRITE, &object),
			 TEE_ERROR_ACCESS_CONFLICT);
	assert_int_equal(open("a", READ | SHARED, &object), TEE_SUCCESS);
	check_rest(object, "data");
	TEE_CloseObject(object);
	standin_storage_let_go();
	open("a", READ | WRITE, &object);
	assert_false(standin_storage_hold("a", READ | SHARED));
	TEE_CloseObject(object);
}

/* ---- waiting ---- */

static uint32_t hooked;

static void on_wait(uint32_t milliseconds)
{
	hooked += milliseconds;
}

static void waiting_is_counted(void *context)
{
	(void)context;
	hooked = 0;
	assert_int_equal(TEE_Wait(2), TEE_SUCCESS);
	assert_int_equal(standin_waited(), 2);
	standin_on_wait(on_wait);
	assert_int_equal(TEE_Wait(5000), TEE_SUCCESS);
	assert_int_equal(standin_waited(), 5002);
	assert_int_equal(hooked, 5000);
	standin_fault(1, 0);
	assert_int_equal(TEE_Wait(7), TEE_ERROR_CANCEL);
	assert_int_equal(standin_waited(), 5002);
}

/* ---- the pseudo TA "system" ---- */

#define DERIVE 1 /* PTA_SYSTEM_DERIVE_TA_UNIQUE_KEY */

/*
 * HMAC-SHA256 over 3 as 4 bytes, the UUID of the TA as it lies in memory, and
 * "extra": with a key of 16 zeros, and of 16 bytes 0x01. Computed by Python.
 */
#define KEY_OF_ZERO                        \
	"78575dfca4345ca404ec00d247538a18" \
	"da1e8f7af114994afc9b781d29f977f7"
#define KEY_OF_ONES                        \
	"d2a9341149fcccc4590ccc257d4253d2" \
	"3eabf5517686f0366f41f21b1ab4fc47"

static TEE_Result open_system(TEE_TASessionHandle *session)
{
	const TEE_UUID uuid = { 0x3a2f8978,
				0x5dc0,
				0x11e8,
				{ 0x9c, 0x2d, 0xfa, 0x7a, 0xe0, 0x1b, 0xbe,
				  0xbc } };
	uint32_t origin = 0;

	return TEE_OpenTASession(&uuid, TEE_TIMEOUT_INFINITE, 0, NULL, session,
				 &origin);
}

static TEE_Result derive_key(TEE_TASessionHandle session, uint32_t command,
			     uint8_t *key, size_t size)
{
	char extra[] = "extra";
	TEE_Param params[TEE_NUM_PARAMS] = { 0 };
	uint32_t origin = 0;

	params[0].memref.buffer = extra;
	params[0].memref.size = strlen(extra);
	params[1].memref.buffer = key;
	params[1].memref.size = size;
	return TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, command,
				   TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT,
						   TEE_PARAM_TYPE_MEMREF_OUTPUT,
						   0, 0),
				   params, &origin);
}

static void keys_are_derived_from_the_hardware_key(void *context)
{
	uint8_t ones[STANDIN_HARDWARE_KEY_BYTES];
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	uint8_t key[32] = { 0 };

	(void)context;
	memset(ones, 1, sizeof(ones));
	assert_int_equal(open_system(&session), TEE_SUCCESS);
	assert_int_equal(derive_key(session, DERIVE, key, 32), TEE_SUCCESS);
	check(key, 32, KEY_OF_ZERO);
	standin_hardware_key(ones);
	assert_int_equal(derive_key(session, DERIVE, key, 32), TEE_SUCCESS);
	check(key, 32, KEY_OF_ONES);
	memset(key, 0, sizeof(key));
	assert_int_equal(derive_key(session, DERIVE, key, 16), TEE_SUCCESS);
	assert_int_equal(key[16], 0);
	assert_int_equal(derive_key(session, DERIVE, key, 15),
			 TEE_ERROR_BAD_PARAMETERS);
	assert_int_equal(derive_key(session, DERIVE, key, 33),
			 TEE_ERROR_BAD_PARAMETERS);
	assert_int_equal(derive_key(session, DERIVE, shared, 32),
			 TEE_ERROR_SECURITY);
	assert_int_equal(derive_key(session, 99, key, 32),
			 TEE_ERROR_NOT_SUPPORTED);
	TEE_CloseTASession(session);
	TEE_CloseTASession(TEE_HANDLE_NULL);
}

static void the_system_may_be_absent(void *context)
{
	TEE_TASessionHandle session = (TEE_TASessionHandle)(uintptr_t)1;

	(void)context;
	standin_hardware_key(NULL);
	assert_int_equal(open_system(&session), TEE_ERROR_ITEM_NOT_FOUND);
	assert_true(session == TEE_HANDLE_NULL);
}

static void command_without_a_session(void *context)
{
	uint8_t key[32] = { 0 };

	(void)context;
	near = true;
	derive_key(TEE_HANDLE_NULL, DERIVE, key, sizeof(key));
}

static void memory_is_compared(void *context)
{
	const uint8_t a[] = { 1, 2, 3 };
	const uint8_t b[] = { 1, 2, 4 };

	(void)context;
	assert_int_equal(TEE_MemCompare(a, b, 2), 0);
	assert_int_not_equal(TEE_MemCompare(a, b, 3), 0);
}

/* ---- properties ---- */

static void rollback_protection_is_said(void *context)
{
	const char name[] =
		"gpd.tee.trustedStorage.antiRollback.protectionLevel";
	const enum standin_storage_place places[] = { STANDIN_FILES_BESIDE_RPMB,
						      STANDIN_RPMB };
	uint32_t level = 0;

	(void)context;
	assert_int_equal(TEE_GetPropertyAsU32(TEE_PROPSET_TEE_IMPLEMENTATION,
					      name, &level),
			 TEE_SUCCESS);
	assert_int_equal(level, 100);
	for (size_t i = 0; i < COUNT(places); i++) {
		standin_storage_place(places[i]);
		TEE_GetPropertyAsU32(TEE_PROPSET_TEE_IMPLEMENTATION, name,
				     &level);
		assert_int_equal(level, 1000);
	}
}

static void property_that_it_does_not_have(void *context)
{
	uint32_t value = 0;

	(void)context;
	near = true;
	TEE_GetPropertyAsU32(TEE_PROPSET_TEE_IMPLEMENTATION, "gpd.tee.none",
			     &value);
}

static void identity_of_the_tee(void *context)
{
	TEE_Identity identity = { 0 };

	(void)context;
	near = true;
	TEE_GetPropertyAsIdentity(TEE_PROPSET_TEE_IMPLEMENTATION,
				  "gpd.client.identity", &identity);
}

#define TEST(function, panics)                            \
	{                                                 \
#function, run, NULL, NULL, &(struct one) \
		{                                         \
			function, panics                  \
		}                                         \
	}
#define RUNS(function)	 TEST(function, false)
#define PANICS(function) TEST(function, true)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNS(gcm_encrypts),
		RUNS(gcm_decrypts),
		RUNS(gcm_says_how_much_room_it_takes),
		RUNS(gcm_leaves_what_it_refuses),
		PANICS(gcm_is_not_reset_by_a_wrong_tag),
		RUNS(gcm_takes_no_short_tag),
		PANICS(gcm_in_place),
		PANICS(gcm_over_its_source),
		PANICS(gcm_out_of_shared_memory),
		RUNS(gcm_into_shared_memory),
		RUNS(sha256_digests),
		RUNS(hmac_authenticates),
		PANICS(hmac_without_init),
		RUNS(hkdf_derives),
		PANICS(hkdf_without_a_length),
		RUNS(x25519_agrees),
		PANICS(x25519_of_low_order),
		RUNS(x25519_makes_pairs),
		RUNS(ed25519_verifies),
		PANICS(ed25519_of_another_length),
		RUNS(sizes_have_limits),
		RUNS(keys_are_as_long_as_their_type_says),
		PANICS(attribute_of_another_type),
		RUNS(attributes_can_be_read),
		PANICS(private_attribute_that_is_kept),
		PANICS(usage_that_the_key_does_not_have),
		PANICS(key_of_another_type),
		PANICS(key_that_is_too_long),
		PANICS(key_that_is_reset),
		RUNS(many_objects_at_once),
		RUNS(handles_conflict),
		RUNS(creating_conflicts),
		RUNS(what_is_open_outlives_its_name),
		RUNS(objects_are_written_in_place),
		PANICS(write_without_access),
		PANICS(id_in_shared_memory),
		RUNS(keys_are_stored),
		RUNS(usage_is_not_copied_from_storage),
		RUNS(corrupt_objects_are_removed),
		RUNS(corrupt_while_it_is_open),
		RUNS(storage_goes_back),
		RUNS(objects_are_deleted),
		RUNS(an_object_that_cannot_be_deleted_is_closed),
		PANICS(delete_without_access),
		RUNS(storage_has_a_name),
		RUNS(handles_conflict_in_any_storage),
		RUNS(a_test_may_hold_an_object),
		RUNS(waiting_is_counted),
		RUNS(keys_are_derived_from_the_hardware_key),
		RUNS(the_system_may_be_absent),
		PANICS(command_without_a_session),
		RUNS(memory_is_compared),
		RUNS(rollback_protection_is_said),
		PANICS(property_that_it_does_not_have),
		PANICS(identity_of_the_tee),
	};

	return cmocka_run_group_tests_name("stand-in", tests, NULL, NULL);
}
