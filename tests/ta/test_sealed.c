/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed models and envelopes, through the TEE Client API: every answer that
 * proto/enc_mnist_ta.h promises, and nothing accepted that is not the owner's,
 * for this device, whole, and new enough. Wants empty trusted storage, for the
 * first tests are about a device without keys, and the tests are in an order:
 * what a device has seen only rises.
 *
 * What lasts on a device, keys, versions and counts, is in test_life.
 *
 * test_sealed [sampled]: sampled, not each bit, chunk and size is tried: enough
 * for the board, where a load takes seconds, to show that it is as natively.
 */
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "box/hpke.h"
#include "box/stream.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"

#define IMAGES 8
#define IMAGE  ENC_MNIST_IMAGE_BYTES
#define CHUNK  BOX_HEAD_CHUNK_BYTES

/* The epoch of the key that the tests of models load under. */
#define EPOCH 7

static struct sealed_maker owner;
static struct sealed_maker stranger;
static uint8_t device[BOX_X25519_BYTES];
static const uint8_t another[BOX_X25519_BYTES] = { 9 }; /* device's key */
static uint8_t images[IMAGES * IMAGE];
static uint8_t labels[IMAGES];	     /* of `model` */
static uint8_t other_labels[IMAGES]; /* of `other` */
static uint8_t *record;
static uint8_t *other_record;
static size_t record_len;
static uint8_t *model; /* tests may change it only for a while */
static uint8_t *other; /* another model of the same owner, under the same key */
static size_t len;
static bool sampled;
static TEEC_Session loaded; /* in which `other` answers */

static uint8_t *make_record(uint64_t factor, uint8_t *its_labels)
{
	uint8_t *made = networks_mnist(factor, &record_len);

	networks_labels(made, record_len, images, IMAGES, its_labels);
	return made;
}

static int setup(void **state)
{
	(void)state;
	if (TEEC_InitializeContext(NULL, &ta_context) != TEEC_SUCCESS)
		return -1;
	sealed_owner(&owner);
	sealed_stranger(&stranger);
	for (uint64_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * IMAGE);
	record = make_record(1, labels);
	other_record = make_record(3, other_labels);
	model = sealed_make(&owner, record, record_len, &len);
	other = sealed_make(&owner, other_record, record_len, &len);
	return ta_open(&ta_context, &loaded) == TEEC_SUCCESS ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&loaded);
	TEEC_FinalizeContext(&ta_context);
	sealed_free(&owner);
	sealed_free(&stranger);
	free(record);
	free(other_record);
	free(model);
	free(other);
	return 0;
}

/* ---- helpers ---- */

static TEEC_Result provision_epoch(TEEC_Session *session, uint32_t epoch)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	sealed_envelope(&owner, device, epoch, NULL, envelope);
	return ta_provision(session, envelope);
}

static TEEC_Result load(TEEC_Session *session, const uint8_t *sealed)
{
	return ta_load_sealed(session, sealed, len);
}

static void check_labels(TEEC_Session *session, const uint8_t *expected)
{
	uint8_t answer[IMAGES] = { 0 };

	assert_int_equal(ta_infer(session, images, IMAGES, answer),
			 TEEC_SUCCESS);
	assert_memory_equal(answer, expected, IMAGES);
}

/*
 * Another model answers, so that `model`, if it were taken, would show. It is
 * still there unless the test before has loaded one.
 */
static int have_other(void **state)
{
	uint8_t answer[IMAGES] = { 0 };

	*state = &loaded;
	if (ta_infer(&loaded, images, IMAGES, answer) == TEEC_SUCCESS &&
	    !memcmp(answer, other_labels, IMAGES))
		return 0;
	if (load(&loaded, other) != TEEC_SUCCESS)
		return -1;
	check_labels(&loaded, other_labels);
	return 0;
}

static void get_status(TEEC_Session *session,
		       uint8_t status[ENC_MNIST_STATUS_BYTES])
{
	size_t size = ENC_MNIST_STATUS_BYTES;

	assert_int_equal(ta_ask(session, ENC_MNIST_CMD_STATUS, status, &size),
			 TEEC_SUCCESS);
	assert_int_equal(size, ENC_MNIST_STATUS_BYTES);
}

static size_t chunk_count(void)
{
	return (len - BOX_HEAD_BYTES + CHUNK - 1) / CHUNK;
}

/* The last chunk follows chunk 1, unless all are tried. */
static size_t next_chunk(size_t chunk)
{
	const size_t last = chunk_count() - 1;

	return sampled && chunk && chunk < last ? last : chunk + 1;
}

/* Moves to the next bit to flip, so that each bit of a byte has its turn. */
static size_t next_bit(size_t bit)
{
	return bit + (sampled ? 97 : 1);
}

static size_t next_byte(size_t byte)
{
	return byte + (sampled ? 13 : 1);
}

static size_t chunk_size(size_t chunk)
{
	const size_t at = BOX_HEAD_BYTES + chunk * CHUNK;

	return len - at < CHUNK ? len - at : CHUNK;
}

static TEEC_Result push_chunk(TEEC_Session *session, const uint8_t *sealed,
			      size_t chunk)
{
	return ta_push(session, sealed + BOX_HEAD_BYTES + chunk * CHUNK,
		       chunk_size(chunk));
}

/* ---- a device without keys ---- */

static void without_a_device_key_nothing_is_taken(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	sealed_envelope(&owner, another, 1, NULL, envelope);
	assert_int_equal(ta_provision(*state, envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(load(*state, model), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(push_chunk(*state, model, 0), TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_finalize(*state), TEEC_ERROR_BAD_STATE);
}

/* The hardware key of the board is 0, as that of the stand-in. */
static void status_of_a_new_device(void **state)
{
	static const uint8_t uuid[] = ENC_MNIST_TA_UUID_OCTETS;
	const uint32_t build = ENC_MNIST_STATUS_COMPAT |
			       ENC_MNIST_STATUS_TEST_KEY |
			       ENC_MNIST_STATUS_KIT_KEY;
	uint8_t status[ENC_MNIST_STATUS_BYTES] = { 0 };
	uint8_t zeros[ENC_MNIST_STATUS_BYTES] = { 0 };
	size_t size = ENC_MNIST_STATUS_BYTES - 1;
	uint32_t flags = 0;

	assert_int_equal(ta_ask(*state, ENC_MNIST_CMD_STATUS, status, &size),
			 TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(size, ENC_MNIST_STATUS_BYTES);
	get_status(*state, status);
	flags = box_load32(status);
	assert_int_equal(flags & ~build, ENC_MNIST_STATUS_HUK_ZERO);
	assert_true(box_load32(status + ENC_MNIST_STATUS_AT_HEAP) >
		    ENC_MNIST_TA_LOAD_BYTES);
	assert_memory_equal(status + ENC_MNIST_STATUS_AT_UUID, uuid,
			    sizeof(uuid));
	assert_memory_equal(status + ENC_MNIST_STATUS_AT_OWNER,
			    owner.owner.owner.key, BOX_OWNER_BYTES);
	assert_memory_equal(status + ENC_MNIST_STATUS_AT_DEVICE, zeros,
			    ENC_MNIST_STATUS_BYTES -
				    ENC_MNIST_STATUS_AT_DEVICE);
}

static void the_device_key_stays(void **state)
{
	const uint32_t in = ENC_MNIST_STATUS_HAS_RPMB |
			    ENC_MNIST_STATUS_IN_RPMB |
			    ENC_MNIST_STATUS_IN_FILES;
	uint8_t key[BOX_X25519_BYTES + 1] = { 0 };
	uint8_t status[ENC_MNIST_STATUS_BYTES] = { 0 };
	size_t size = BOX_X25519_BYTES - 1;

	assert_int_equal(ta_ask(*state, ENC_MNIST_CMD_DEVICE_KEY, key, &size),
			 TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(size, BOX_X25519_BYTES);
	assert_int_equal(
		ta_ask(*state, ENC_MNIST_CMD_DEVICE_KEY, device, &size),
		TEEC_SUCCESS);
	assert_false(box_x25519_is_low_order(device));

	size = sizeof(key);
	key[BOX_X25519_BYTES] = 0xee;
	ta_teardown_session(state);
	assert_int_equal(ta_setup_session(state), 0);
	assert_int_equal(ta_ask(*state, ENC_MNIST_CMD_DEVICE_KEY, key, &size),
			 TEEC_SUCCESS);
	assert_int_equal(size, BOX_X25519_BYTES);
	assert_memory_equal(key, device, BOX_X25519_BYTES);
	assert_int_equal(key[BOX_X25519_BYTES], 0xee);

	get_status(*state, status);
	assert_true(box_load32(status) & ENC_MNIST_STATUS_DEVICE);
	assert_int_equal(box_load32(status) & in, ENC_MNIST_STATUS_IN_FILES);
	assert_memory_equal(status + ENC_MNIST_STATUS_AT_DEVICE, device,
			    BOX_X25519_BYTES);
}

static void without_a_model_key_nothing_loads(void **state)
{
	assert_int_equal(load(*state, model), TEEC_ERROR_ITEM_NOT_FOUND);
}

/* ---- envelopes: none of these tests leaves a key ---- */

static void check_no_key(TEEC_Session *session)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(session, &status), TEEC_SUCCESS);
	assert_int_equal(status.key_count, 0);
	assert_int_equal(status.epoch, 0);
	assert_int_equal(status.model_count, 0);
	assert_false(status.flags & ENC_MNIST_STATUS_LISTED);
}

static void an_envelope_has_552_bytes(void **state)
{
	const size_t sizes[] = { 0, 1, 192, 551, 553, 1104, 4096 };
	uint8_t bytes[4096] = { 0 };

	sealed_envelope(&owner, device, 1, NULL, bytes);
	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_int_equal(ta_send(*state, ENC_MNIST_CMD_PROVISION, bytes,
					 sizes[i]),
				 TEEC_ERROR_BAD_PARAMETERS);
	check_no_key(*state);
}

/* Of bytes that the owner has not signed. */
static TEEC_Result answer_to(const uint8_t bytes[BOX_ENVELOPE_BYTES])
{
	struct box_envelope read = { 0 };

	switch (box_envelope_read(bytes, &read)) {
	case BOX_OK:
		break;
	case BOX_VERSION:
		return ENC_TEE_UNSUPPORTED_VERSION;
	default:
		return TEEC_ERROR_BAD_FORMAT;
	}
	if (memcmp(read.owner, owner.owner.owner.key, BOX_OWNER_BYTES) != 0)
		return TEEC_ERROR_ACCESS_DENIED;
	return ENC_TEE_SIGNATURE_INVALID;
}

/* With a list and a key that is retired: every field has a value. */
static void make_full_envelope(uint8_t envelope[BOX_ENVELOPE_BYTES])
{
	struct box_envelope claim = sealed_claim(&owner);

	memcpy(claim.device, device, BOX_X25519_BYTES);
	claim.retired = 2;
	claim.models = BOX_ENVELOPE_MODELS_MAX;
	for (uint32_t i = 0; i < claim.models; i++) {
		claim.model[i].id[0] = (uint8_t)('c' + 2 * i);
		claim.model[i].security_version = i + 1;
	}
	sealed_envelope(&owner, device, 4, &claim, envelope);
}

/* The signature covers every bit, and nothing is believed before it. */
static void no_changed_envelope_is_taken(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	make_full_envelope(envelope);
	for (size_t bit = 0; bit < 8 * sizeof(envelope); bit = next_bit(bit)) {
		TEEC_Result expected = TEEC_SUCCESS;
		TEEC_Result res = TEEC_SUCCESS;

		envelope[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expected = answer_to(envelope);
		res = ta_provision(*state, envelope);
		if (res != expected)
			fail_msg("bit %zu flipped: 0x%x, not 0x%x", bit, res,
				 expected);
		envelope[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	check_no_key(*state);
}

/*
 * Signed by the owner, and yet wrong: the key is sealed for what the envelope
 * said when it was sealed.
 */
static void an_envelope_says_what_is_wrong(void **state)
{
	const struct {
		size_t at;
		TEEC_Result expected;
	} cases[] = {
		{ 0, TEEC_ERROR_BAD_FORMAT },	     /* magic */
		{ 8, ENC_TEE_UNSUPPORTED_VERSION },  /* version */
		{ 10, ENC_TEE_UNSUPPORTED_VERSION }, /* suite */
		{ 13, ENC_TEE_MAC_INVALID },	     /* epoch: higher */
		{ 16, TEEC_ERROR_ITEM_NOT_FOUND },   /* TA */
		{ 32, ENC_TEE_MAC_INVALID },	     /* key id */
		{ 48, TEEC_ERROR_ITEM_NOT_FOUND },   /* device */
		{ 80, TEEC_ERROR_ACCESS_DENIED },    /* owner */
		{ 112, ENC_TEE_MAC_INVALID },	     /* retired: 0 */
		{ 113, TEEC_ERROR_BAD_FORMAT },	     /* retired: over epoch */
		{ 116, TEEC_ERROR_BAD_FORMAT },	     /* number of models */
		{ 120, ENC_TEE_MAC_INVALID },	     /* a model id */
		{ 121, TEEC_ERROR_BAD_FORMAT },	     /* none of its letters */
		{ 153, ENC_TEE_MAC_INVALID },	     /* security version */
		{ 408, ENC_TEE_MAC_INVALID },	     /* encapsulated key */
		{ 440, ENC_TEE_MAC_INVALID },	     /* sealed key */
		{ 487, ENC_TEE_MAC_INVALID },	     /* tag */
	};
	uint8_t good[BOX_ENVELOPE_BYTES] = { 0 };
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	make_full_envelope(good);
	for (size_t i = 0; i < COUNT(cases); i++) {
		TEEC_Result res = TEEC_SUCCESS;

		memcpy(envelope, good, sizeof(envelope));
		envelope[cases[i].at] ^= 2;
		sealed_sign_envelope(&owner, envelope);
		res = ta_provision(*state, envelope);
		if (res != cases[i].expected)
			fail_msg("byte %zu: 0x%x, not 0x%x", cases[i].at, res,
				 cases[i].expected);
	}
	/* X25519 ignores this bit: HPKE does not */
	memcpy(envelope, good, sizeof(envelope));
	envelope[439] ^= 0x80;
	sealed_sign_envelope(&owner, envelope);
	assert_int_equal(ta_provision(*state, envelope), ENC_TEE_MAC_INVALID);
	/* not below the order of the group */
	good[BOX_ENVELOPE_BYTES - 1] = 0xff;
	assert_int_equal(ta_provision(*state, good), TEEC_ERROR_BAD_FORMAT);
	sealed_envelope(&owner, device, 0, NULL, envelope);
	assert_int_equal(ta_provision(*state, envelope), TEEC_ERROR_BAD_FORMAT);
	check_no_key(*state);
}

/* Made by someone else, under their name or the owner's. */
static void a_strangers_envelope_is_refused(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope claim = { 0 };

	sealed_envelope(&stranger, device, 1, NULL, envelope);
	assert_int_equal(ta_provision(*state, envelope),
			 TEEC_ERROR_ACCESS_DENIED);

	assert_int_equal(box_envelope_read(envelope, &claim), BOX_OK);
	memcpy(claim.owner, owner.owner.owner.key, BOX_OWNER_BYTES);
	sealed_envelope(&stranger, device, 1, &claim, envelope);
	assert_int_equal(ta_provision(*state, envelope),
			 ENC_TEE_SIGNATURE_INVALID);
	check_no_key(*state);
}

/* For another device, under its name or this one's. */
static void another_devices_envelope_is_refused(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope claim = { 0 };

	sealed_envelope(&owner, another, 1, NULL, envelope);
	assert_int_equal(ta_provision(*state, envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);

	assert_int_equal(box_envelope_read(envelope, &claim), BOX_OK);
	memcpy(claim.device, device, BOX_X25519_BYTES);
	sealed_envelope(&owner, another, 1, &claim, envelope);
	assert_int_equal(ta_provision(*state, envelope), ENC_TEE_MAC_INVALID);

	/* without a key, nothing but the name tells */
	claim = sealed_claim(&owner);
	memset(claim.key_id, 0, sizeof(claim.key_id));
	memcpy(claim.device, another, BOX_X25519_BYTES);
	sealed_envelope(&owner, another, 1, &claim, envelope);
	assert_int_equal(ta_provision(*state, envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	check_no_key(*state);
}

static void another_tas_envelope_is_refused(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope claim = { 0 };

	sealed_envelope(&owner, device, 1, NULL, envelope);
	assert_int_equal(box_envelope_read(envelope, &claim), BOX_OK);
	claim.ta[15] ^= 1;
	sealed_envelope(&owner, device, 1, &claim, envelope);
	assert_int_equal(ta_provision(*state, envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	check_no_key(*state);
}

/* Each names one thing, with all of its bytes. */
static void an_envelope_is_for_what_it_names(void **state)
{
	const struct {
		size_t at;
		size_t size;
		TEEC_Result expected;
	} names[] = {
		{ 16, BOX_UUID_BYTES, TEEC_ERROR_ITEM_NOT_FOUND },
		{ 48, BOX_X25519_BYTES, TEEC_ERROR_ITEM_NOT_FOUND },
		{ 80, BOX_OWNER_BYTES, TEEC_ERROR_ACCESS_DENIED },
	};
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	make_full_envelope(envelope);
	for (size_t i = 0; i < COUNT(names); i++) {
		for (size_t n = 0; n < names[i].size; n = next_byte(n)) {
			uint8_t *byte = envelope + names[i].at + n;
			TEEC_Result res = TEEC_SUCCESS;

			*byte ^= 1;
			sealed_sign_envelope(&owner, envelope);
			res = ta_provision(*state, envelope);
			*byte ^= 1;
			if (res != names[i].expected)
				fail_msg("byte %zu: 0x%x, not 0x%x",
					 names[i].at + n, res,
					 names[i].expected);
		}
	}
	check_no_key(*state);
}

static void refuse_point(TEEC_Session *session, const uint8_t *point, bool top)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	sealed_envelope(&owner, device, 1, NULL, envelope);
	memcpy(envelope + BOX_ENVELOPE_BOUND_BYTES, point, BOX_X25519_BYTES);
	if (top)
		envelope[BOX_ENVELOPE_BOUND_BYTES + 31] |= 0x80;
	sealed_sign_envelope(&owner, envelope);
	assert_int_equal(ta_provision(session, envelope), ENC_TEE_MAC_INVALID);
}

/* X25519 with one of these would end the session: libutee panics. */
static void points_of_low_order_are_refused(void **state)
{
	static const uint8_t order_8[2][BOX_X25519_BYTES + 1] = {
		"\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1"
		"\x9f\xc4\x6a\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62"
		"\x05\x16\x5f\x49\xb8\x00",
		"\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c"
		"\x83\xef\x5b\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22"
		"\x4e\xdd\xd0\x9f\x11\x57",
	};

	for (unsigned int top = 0; top < 2; top++) {
		uint8_t point[BOX_X25519_BYTES] = { 0 };

		refuse_point(*state, point, top);
		point[0] = 1;
		refuse_point(*state, point, top);
		memset(point, 0xff, BOX_X25519_BYTES);
		point[31] = 0x7f;
		for (uint8_t low = 0xec; low <= 0xee; low++) {
			point[0] = low; /* p - 1, p, p + 1 */
			refuse_point(*state, point, top);
		}
		refuse_point(*state, order_8[0], top);
		refuse_point(*state, order_8[1], top);
	}
	check_no_key(*state);
}

/* ---- epochs ---- */

static void epochs_only_rise(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	struct enc_status status = { 0 };

	sealed_envelope(&owner, device, EPOCH - 1, NULL, envelope);
	assert_int_equal(ta_provision(*state, envelope), TEEC_SUCCESS);
	assert_int_equal(ta_provision(*state, envelope), TEEC_ERROR_SECURITY);
	assert_int_equal(provision_epoch(*state, EPOCH - 1),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(provision_epoch(*state, EPOCH), TEEC_SUCCESS);
	assert_int_equal(ta_provision(*state, envelope), TEEC_ERROR_SECURITY);
	assert_int_equal(provision_epoch(*state, 1), TEEC_ERROR_SECURITY);

	assert_int_equal(ta_status(*state, &status), TEEC_SUCCESS);
	assert_int_equal(status.epoch, EPOCH);
	assert_int_equal(status.key_count, 1);
	assert_int_equal(status.keys[0].epoch, EPOCH);
	assert_memory_equal(status.keys[0].id, owner.head.key_id,
			    BOX_KEY_ID_BYTES);
}

/* ---- models ---- */

static void a_sealed_model_answers(void **state)
{
	assert_int_equal(load(*state, model), TEEC_SUCCESS);
	check_labels(*state, labels);
	assert_int_equal(load(*state, other), TEEC_SUCCESS);
	check_labels(*state, other_labels);
	assert_int_equal(ta_lowest_version(*state, "test"), 0);
}

static void a_head_has_568_bytes(void **state)
{
	const size_t sizes[] = { 0, 1, 567, 569, CHUNK };

	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_int_equal(ta_send(*state, ENC_MNIST_CMD_BEGIN_SEALED,
					 model, sizes[i]),
				 TEEC_ERROR_BAD_PARAMETERS);
	check_labels(*state, other_labels);
}

static void no_changed_head_is_taken(void **state)
{
	for (size_t bit = 0; bit < 8 * BOX_HEAD_BYTES; bit = next_bit(bit)) {
		TEEC_Result res = TEEC_SUCCESS;

		model[bit / 8] ^= (uint8_t)(1u << bit % 8);
		res = ta_begin_sealed(*state, model, len);
		model[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (res == TEEC_SUCCESS || res == TEEC_ERROR_TARGET_DEAD)
			fail_msg("bit %zu flipped: 0x%x", bit, res);
	}
	check_labels(*state, other_labels);
}

/* Signed by the owner, but wrong. */
static void a_head_says_what_is_wrong(void **state)
{
	const struct {
		size_t at;
		TEEC_Result expected;
	} cases[] = {
		{ 0, TEEC_ERROR_BAD_FORMAT },	     /* magic */
		{ 8, ENC_TEE_UNSUPPORTED_VERSION },  /* version */
		{ 10, ENC_TEE_UNSUPPORTED_VERSION }, /* suite */
		{ 12, TEEC_ERROR_BAD_FORMAT },	     /* number type */
		{ 14, TEEC_ERROR_BAD_FORMAT },	     /* policy */
		{ 16, TEEC_ERROR_BAD_FORMAT },	     /* its amount */
		{ 21, TEEC_ERROR_BAD_FORMAT },	     /* batch */
		{ 22, TEEC_ERROR_BAD_FORMAT },	     /* inputs */
		{ 23, TEEC_ERROR_BAD_FORMAT },	     /* outputs */
		{ 27, TEEC_ERROR_BAD_FORMAT },	     /* length */
		{ 35, TEEC_ERROR_BAD_FORMAT },	     /* parameters */
		{ 45, TEEC_ERROR_BAD_FORMAT },	     /* work */
		{ 48, TEEC_ERROR_BAD_FORMAT },	     /* arena */
		{ 54, TEEC_ERROR_BAD_FORMAT },	     /* chunk */
		{ 60, TEEC_ERROR_BAD_FORMAT },	     /* class names */
		{ 96, TEEC_ERROR_ITEM_NOT_FOUND },   /* key id */
		{ 112, TEEC_ERROR_ACCESS_DENIED },   /* owner */
		{ 144, TEEC_ERROR_BAD_FORMAT },	     /* digest of names */
		{ 180, TEEC_ERROR_BAD_FORMAT },	     /* login of nobody */
		{ 184, TEEC_ERROR_BAD_FORMAT },	     /* a client of anybody */
		{ 217, TEEC_ERROR_BAD_FORMAT },	     /* rank */
		{ 219, TEEC_ERROR_BAD_FORMAT },	     /* reserved */
		{ 220, TEEC_ERROR_BAD_FORMAT },	     /* scale */
		{ 248, TEEC_ERROR_BAD_FORMAT },	     /* an input too many */
	};
	uint8_t head[BOX_HEAD_BYTES] = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		memcpy(head, model, sizeof(head));
		head[cases[i].at] ^= 2;
		sealed_sign(&owner, head);
		assert_int_equal(ta_begin_sealed(*state, head, sizeof(head)),
				 cases[i].expected);
	}
	memcpy(head, model, sizeof(head));
	head[BOX_HEAD_SIGNED_BYTES] ^= 1;
	assert_int_equal(ta_begin_sealed(*state, head, sizeof(head)),
			 ENC_TEE_SIGNATURE_INVALID);
	head[BOX_HEAD_BYTES - 1] = 0xff; /* not below the order of the group */
	assert_int_equal(ta_begin_sealed(*state, head, sizeof(head)),
			 TEEC_ERROR_BAD_FORMAT);
	check_labels(*state, other_labels);
}

/* All bytes of the key and of the owner; only one is the device's. */
static void a_head_is_of_what_it_names(void **state)
{
	const struct {
		size_t at;
		size_t size;
		TEEC_Result expected;
	} names[] = {
		{ 96, BOX_KEY_ID_BYTES, TEEC_ERROR_ITEM_NOT_FOUND },
		{ 112, BOX_OWNER_BYTES, TEEC_ERROR_ACCESS_DENIED },
	};
	uint8_t head[BOX_HEAD_BYTES] = { 0 };

	for (size_t i = 0; i < COUNT(names); i++) {
		for (size_t n = 0; n < names[i].size; n = next_byte(n)) {
			TEEC_Result res = TEEC_SUCCESS;

			memcpy(head, model, sizeof(head));
			head[names[i].at + n] ^= 1;
			sealed_sign(&owner, head);
			res = ta_begin_sealed(*state, head, sizeof(head));
			if (res != names[i].expected)
				fail_msg("byte %zu: 0x%x, not 0x%x",
					 names[i].at + n, res,
					 names[i].expected);
		}
	}
	check_labels(*state, other_labels);
}

/* Sessions of tests are of TEEC_LOGIN_PUBLIC. */
static void a_model_for_other_clients_is_refused(void **state)
{
	const enum box_login logins[] = { BOX_LOGIN_USER, BOX_LOGIN_GROUP,
					  BOX_LOGIN_APPLICATION };
	struct box_head head = { 0 };
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };

	assert_int_equal(box_head_read(model, &head), BOX_OK);
	for (size_t i = 0; i < COUNT(logins); i++) {
		head.login = logins[i];
		head.client[15] = 1;
		box_head_write(&head, bytes);
		sealed_sign(&owner, bytes);
		assert_int_equal(ta_begin_sealed(*state, bytes, sizeof(bytes)),
				 TEEC_ERROR_ACCESS_DENIED);
	}
	check_labels(*state, other_labels);
}

/*
 * Someone else's, under their name or the owner's, with the device's own key.
 */
static void a_strangers_model_is_refused(void **state)
{
	uint8_t *sealed = NULL;

	memcpy(stranger.key, owner.key, sizeof(owner.key));
	memcpy(stranger.head.key_id, owner.head.key_id, BOX_KEY_ID_BYTES);
	sealed = sealed_make(&stranger, record, record_len, &len);
	assert_int_equal(load(*state, sealed), TEEC_ERROR_ACCESS_DENIED);
	free(sealed);

	memcpy(stranger.head.owner, owner.owner.owner.key, BOX_OWNER_BYTES);
	sealed = sealed_make(&stranger, record, record_len, &len);
	assert_int_equal(load(*state, sealed), ENC_TEE_SIGNATURE_INVALID);
	free(sealed);
	check_labels(*state, other_labels);
}

/* The model's key has leaked: other chunks behind the owner's own head. */
static void other_chunks_behind_a_signed_head_are_refused(void **state)
{
	uint8_t *sealed = malloc(len);

	memcpy(sealed, model, len);
	sealed_replace_stream(&owner, sealed, len, other_record);
	assert_int_equal(load(*state, sealed), ENC_TEE_SIGNATURE_INVALID);

	/* not even the same record, and not by one bit of the signed digest */
	sealed_replace_stream(&owner, sealed, len, record);
	assert_int_equal(load(*state, sealed), ENC_TEE_SIGNATURE_INVALID);
	free(sealed);
	check_labels(*state, other_labels);
}

/* The owner has signed another digest: one of a single other byte. */
static void each_byte_of_the_digest_counts(void **state)
{
	size_t size = 0;
	size_t small_len = 0;
	uint8_t *small = networks_small(1, &size);
	uint8_t *sealed = sealed_make(&owner, small, size, &small_len);

	for (size_t n = 0; n < BOX_DIGEST_BYTES; n = next_byte(n)) {
		TEEC_Result res = TEEC_SUCCESS;

		sealed[BOX_HEAD_BOUND_BYTES + n] ^= 1;
		sealed_sign(&owner, sealed);
		res = ta_load_sealed(*state, sealed, small_len);
		sealed[BOX_HEAD_BOUND_BYTES + n] ^= 1;
		if (res != ENC_TEE_SIGNATURE_INVALID)
			fail_msg("byte %zu: 0x%x", n, res);
	}
	free(sealed);
	free(small);
	check_labels(*state, other_labels);
}

static void a_bit_flipped_in_any_chunk_is_noticed(void **state)
{
	for (size_t chunk = 0; chunk < chunk_count();
	     chunk = next_chunk(chunk)) {
		/* first, some one in between, and last: in the tag */
		const size_t size = chunk_size(chunk);
		const size_t at[] = { chunk ? 0 : 1, size / 3, size - 1 };

		for (size_t i = sampled ? 2 : 0; i < COUNT(at); i++) {
			uint8_t *byte =
				model + BOX_HEAD_BYTES + chunk * CHUNK + at[i];

			*byte ^= 1;
			assert_int_equal(load(*state, model),
					 ENC_TEE_MAC_INVALID);
			*byte ^= 1;
		}
	}
	model[BOX_HEAD_BYTES] ^= 1; /* length of the stream's header */
	assert_int_equal(load(*state, model), TEEC_ERROR_BAD_FORMAT);
	model[BOX_HEAD_BYTES] ^= 1;
	check_labels(*state, other_labels);
}

/* Chunk `instead` of `of`, where chunk `at` should come. */
static void expect_misplaced(TEEC_Session *session, size_t at,
			     const uint8_t *of, size_t instead)
{
	TEEC_Result res = ta_begin_sealed(session, model, len);

	assert_int_equal(res, TEEC_SUCCESS);
	for (size_t chunk = 0; chunk < at; chunk++)
		assert_int_equal(push_chunk(session, model, chunk),
				 TEEC_SUCCESS);
	res = push_chunk(session, of, instead);
	if (chunk_size(instead) == chunk_size(at) &&
	    (at == 0) == (instead == 0))
		assert_int_equal(res, ENC_TEE_MAC_INVALID);
	else if (res == TEEC_SUCCESS)
		fail_msg("chunk %zu at %zu is taken", instead, at);
	/* the load is over */
	assert_int_equal(push_chunk(session, model, at), TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_finalize(session), TEEC_ERROR_BAD_STATE);
}

static void chunks_have_their_places(void **state)
{
	const size_t last = chunk_count() - 1;

	expect_misplaced(*state, 0, model, 1); /* deleted */
	expect_misplaced(*state, 1, model, 2);
	expect_misplaced(*state, 1, model, 0); /* doubled */
	expect_misplaced(*state, 2, model, 1);
	expect_misplaced(*state, 1, model, 3); /* swapped */
	expect_misplaced(*state, 3, model, last);
	if (!sampled) {
		expect_misplaced(*state, last - 1, model, last);
		expect_misplaced(*state, last, model, last - 1);
	}
	for (size_t chunk = 1; chunk <= last; chunk = next_chunk(chunk))
		expect_misplaced(*state, chunk, other, chunk);
	check_labels(*state, other_labels);
}

/*
 * If two models have the same id and version, only the digest differs;
 * otherwise the first chunk is refused.
 */
static void a_head_and_anothers_chunks_are_refused(void **state)
{
	uint8_t *sealed = malloc(len);

	memcpy(sealed, model, BOX_HEAD_BYTES);
	memcpy(sealed + BOX_HEAD_BYTES, other + BOX_HEAD_BYTES,
	       len - BOX_HEAD_BYTES);
	assert_int_equal(load(*state, sealed), ENC_TEE_SIGNATURE_INVALID);
	sealed[56]++; /* model version */
	sealed_sign(&owner, sealed);
	assert_int_equal(ta_begin_sealed(*state, sealed, len), TEEC_SUCCESS);
	assert_int_equal(push_chunk(*state, sealed, 0), ENC_TEE_MAC_INVALID);
	free(sealed);
	check_labels(*state, other_labels);
}

static void a_cut_model_is_refused(void **state)
{
	for (size_t chunks = 0; chunks < chunk_count();
	     chunks = next_chunk(chunks)) {
		assert_int_equal(ta_begin_sealed(*state, model, len),
				 TEEC_SUCCESS);
		for (size_t chunk = 0; chunk < chunks; chunk++)
			assert_int_equal(push_chunk(*state, model, chunk),
					 TEEC_SUCCESS);
		assert_int_equal(ta_finalize(*state), TEEC_ERROR_BAD_FORMAT);
		assert_int_equal(ta_finalize(*state), TEEC_ERROR_BAD_STATE);
	}
	check_labels(*state, other_labels);
}

/* Pieces are chunks: one byte more or less ends the load. */
static void a_chunk_has_its_size(void **state)
{
	const size_t chunks[] = { 0, 1, chunk_count() - 1 };

	for (size_t i = 0; i < COUNT(chunks); i++) {
		const size_t size = chunk_size(chunks[i]);
		const struct {
			size_t size;
			TEEC_Result expected;
		} cases[] = {
			{ size - 1, TEEC_ERROR_BAD_FORMAT },
			{ size + 1, TEEC_ERROR_EXCESS_DATA },
			{ 0, TEEC_ERROR_BAD_FORMAT },
			{ 1, TEEC_ERROR_BAD_FORMAT },
			{ CHUNK + 1, TEEC_ERROR_EXCESS_DATA },
			{ 16 * CHUNK, TEEC_ERROR_EXCESS_DATA },
		};

		for (size_t n = 0; n < (sampled ? 2 : COUNT(cases)); n++) {
			assert_int_equal(ta_begin_sealed(*state, model, len),
					 TEEC_SUCCESS);
			for (size_t c = 0; c < chunks[i]; c++)
				assert_int_equal(push_chunk(*state, model, c),
						 TEEC_SUCCESS);
			assert_int_equal(ta_push(*state, model, cases[n].size),
					 cases[n].expected);
			assert_int_equal(ta_finalize(*state),
					 TEEC_ERROR_BAD_STATE);
		}
	}
	check_labels(*state, other_labels);
}

static void nothing_may_follow_the_last_chunk(void **state)
{
	for (size_t size = sampled ? CHUNK : 1; size <= CHUNK; size *= 16) {
		assert_int_equal(ta_begin_sealed(*state, model, len),
				 TEEC_SUCCESS);
		assert_int_equal(ta_push_all(*state, model + BOX_HEAD_BYTES,
					     len - BOX_HEAD_BYTES),
				 TEEC_SUCCESS);
		assert_int_equal(ta_push(*state, model, size),
				 TEEC_ERROR_EXCESS_DATA);
		assert_int_equal(ta_finalize(*state), TEEC_ERROR_BAD_STATE);
	}
	check_labels(*state, other_labels);
}

/* Loads a record behind the head that fits it. */
static void load_record(TEEC_Session *session, const uint8_t *any, size_t size,
			TEEC_Result expected)
{
	size_t sealed_len = 0;
	uint8_t *sealed = sealed_make(&owner, any, size, &sealed_len);

	assert_int_equal(ta_load_sealed(session, sealed, sealed_len), expected);
	free(sealed);
}

/* Sealed and signed by its owner, but no record of a network. */
static void a_sealed_record_is_parsed_all_the_same(void **state)
{
	const uint8_t nan[] = { 0, 0, 0xc0, 0x7f };
	uint8_t *bad = malloc(record_len + 16);
	uint8_t *burns = formula_record(1);

	memcpy(bad, record, record_len);
	memset(bad + record_len, 0, 16);
	memcpy(bad + record_len - 4096, nan, sizeof(nan)); /* some weight */
	load_record(*state, bad, record_len, TEEC_ERROR_BAD_FORMAT);
	memcpy(bad, record, record_len);
	bad[64 + 39] = 1; /* a reserved byte of a tensor */
	load_record(*state, bad, record_len, TEEC_ERROR_BAD_FORMAT);
	bad[64 + 39] = 0;
	/* longer than its head of a record, and shorter */
	load_record(*state, bad, record_len + 16, TEEC_ERROR_BAD_FORMAT);
	load_record(*state, bad, record_len - 16, TEEC_ERROR_BAD_FORMAT);
	load_record(*state, burns, FORMULA_RECORD_BYTES, TEEC_ERROR_BAD_FORMAT);
	free(burns);
	free(bad);
	check_labels(*state, other_labels);
}

/* In memory for two large networks, whatever it contained before. */
static void networks_follow_one_another(void **state)
{
	uint8_t expected[IMAGES] = { 0 };
	size_t size = 0;
	uint8_t *small = networks_small(1, &size);

	networks_labels(small, size, images, IMAGES, expected);
	for (size_t i = 0; i < (sampled ? 1 : 3); i++) {
		load_record(*state, small, size, TEEC_SUCCESS);
		check_labels(*state, expected);
		load_record(*state, record, record_len, TEEC_SUCCESS);
		check_labels(*state, labels);
	}
	free(small);
}

static void a_new_begin_drops_the_load_before(void **state)
{
	assert_int_equal(ta_begin_sealed(*state, model, len), TEEC_SUCCESS);
	assert_int_equal(push_chunk(*state, model, 0), TEEC_SUCCESS);
	assert_int_equal(load(*state, model), TEEC_SUCCESS);
	check_labels(*state, labels);
	assert_int_equal(ta_begin_sealed(*state, other, len), TEEC_SUCCESS);
	assert_int_equal(ta_send(*state, ENC_MNIST_CMD_BEGIN_SEALED, other, 1),
			 TEEC_ERROR_BAD_PARAMETERS);
	assert_int_equal(push_chunk(*state, other, 0), TEEC_ERROR_BAD_STATE);
	check_labels(*state, labels);
}

#define TEST(test)                                              \
	cmocka_unit_test_setup_teardown(test, ta_setup_session, \
					ta_teardown_session)
#define TEST_LOADED(test) cmocka_unit_test_setup(test, have_other)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_device_key_nothing_is_taken),
		TEST(status_of_a_new_device),
		TEST(the_device_key_stays),
		TEST(without_a_model_key_nothing_loads),
		TEST(an_envelope_has_552_bytes),
		TEST(no_changed_envelope_is_taken),
		TEST(an_envelope_says_what_is_wrong),
		TEST(a_strangers_envelope_is_refused),
		TEST(another_devices_envelope_is_refused),
		TEST(another_tas_envelope_is_refused),
		TEST(an_envelope_is_for_what_it_names),
		TEST(points_of_low_order_are_refused),
		TEST(epochs_only_rise),
		TEST(a_sealed_model_answers),
		TEST_LOADED(a_head_has_568_bytes),
		TEST_LOADED(no_changed_head_is_taken),
		TEST_LOADED(a_head_says_what_is_wrong),
		TEST_LOADED(a_head_is_of_what_it_names),
		TEST_LOADED(a_model_for_other_clients_is_refused),
		TEST_LOADED(a_strangers_model_is_refused),
		TEST_LOADED(other_chunks_behind_a_signed_head_are_refused),
		TEST_LOADED(each_byte_of_the_digest_counts),
		TEST_LOADED(a_bit_flipped_in_any_chunk_is_noticed),
		TEST_LOADED(chunks_have_their_places),
		TEST_LOADED(a_head_and_anothers_chunks_are_refused),
		TEST_LOADED(a_cut_model_is_refused),
		TEST_LOADED(a_chunk_has_its_size),
		TEST_LOADED(nothing_may_follow_the_last_chunk),
		TEST_LOADED(a_sealed_record_is_parsed_all_the_same),
		TEST(networks_follow_one_another),
		TEST_LOADED(a_new_begin_drops_the_load_before),
	};

	sampled = argc == 2 && !strcmp(argv[1], "sampled");
	if (argc > 1 && !sampled)
		return 2;
	return cmocka_run_group_tests_name("sealed", tests, setup, teardown);
}
