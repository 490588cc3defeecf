/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_life [sampled]: what lasts on a device, through the TEE Client API: its
 * ring of keys, the models that it may load, what it does not go back behind,
 * and the answers that are counted. Wants empty trusted storage, and the tests
 * are in an order: epochs only rise, and a device knows ENC_MNIST_MODELS_MAX
 * model ids. sampled: some of the tests, with fewer loads.
 */
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"

#define KEYS	ENC_MNIST_KEYS_MAX
#define IMAGE	ENC_MNIST_IMAGE_BYTES
#define RESERVE 1024u /* answers that a session takes at a time */

static struct sealed_maker makers[KEYS + 1];
static struct sealed_maker *const owner = &makers[0];
static bool sampled;
static uint32_t epoch;	/* of the last envelope */
static uint8_t *record; /* takes an image, gives ten values */
static size_t record_len;
static const uint8_t image[IMAGE] = { 1 };

static int setup(void **state)
{
	(void)state;
	if (TEEC_InitializeContext(NULL, &ta_context) != TEEC_SUCCESS)
		return -1;
	for (size_t i = 0; i < COUNT(makers); i++)
		sealed_owner(&makers[i]);
	record = networks_small(1, &record_len);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(makers); i++)
		sealed_free(&makers[i]);
	free(record);
	TEEC_FinalizeContext(&ta_context);
	return 0;
}

/* --- helpers --- */

static TEEC_Result provision(TEEC_Session *session,
			     const struct sealed_maker *maker,
			     const struct box_envelope *claim)
{
	TEEC_Result res = ta_provision_as(session, maker, epoch + 1, claim);

	epoch += res == TEEC_SUCCESS;
	return res;
}

static void add_key(TEEC_Session *session, const struct sealed_maker *maker)
{
	const struct box_envelope claim = sealed_claim(maker);

	assert_int_equal(provision(session, maker, &claim), TEEC_SUCCESS);
}

/* Only the owner's key is left, and any model may be loaded. */
static void begin_anew(TEEC_Session *session)
{
	assert_int_equal(ta_provision_epoch(session, owner, epoch + 1),
			 TEEC_SUCCESS);
	epoch++;
}

/* What an envelope without a key says. */
static struct box_envelope no_key(void)
{
	struct box_envelope claim = sealed_claim(owner);

	memset(claim.key_id, 0, sizeof(claim.key_id));
	return claim;
}

static void list(struct box_envelope *claim, const char *id, uint32_t lowest)
{
	struct box_envelope_model *model = &claim->model[claim->models++];

	memcpy(model->id, id, strlen(id));
	model->security_version = lowest;
}

/* A model of these, whose answers are not counted. */
static uint8_t *make(const struct sealed_maker *of, const char *id,
		     uint32_t security_version, size_t *len)
{
	struct sealed_maker maker = *of;

	sealed_set_id(&maker, id);
	maker.head.security_version = security_version;
	return sealed_make(&maker, record, record_len, len);
}

static TEEC_Result load_of(TEEC_Session *session,
			   const struct sealed_maker *maker, const char *id,
			   uint32_t security_version)
{
	size_t len = 0;
	uint8_t *sealed = make(maker, id, security_version, &len);
	TEEC_Result res = ta_load_sealed(session, sealed, len);

	free(sealed);
	return res;
}

static TEEC_Result load(TEEC_Session *session, const char *id,
			uint32_t security_version)
{
	return load_of(session, owner, id, security_version);
}

static TEEC_Result ask(TEEC_Session *session)
{
	uint8_t label = 0;

	return ta_infer(session, image, 1, &label);
}

static TEEC_Result commit(TEEC_Session *session, const char *id,
			  uint32_t security_version)
{
	assert_int_equal(load(session, id, security_version), TEEC_SUCCESS);
	assert_int_equal(ask(session), TEEC_SUCCESS);
	return ta_commit(session);
}

static struct enc_status status_of(TEEC_Session *session)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(session, &status), TEEC_SUCCESS);
	assert_int_equal(status.epoch, epoch);
	return status;
}

/* --- keys --- */

/* If sampled, only the first key is tried, and the one behind the last. */
static void check_keys(TEEC_Session *session, size_t from, size_t to)
{
	const struct enc_status status = status_of(session);

	assert_int_equal(status.key_count, to - from);
	for (size_t i = 0; i < COUNT(makers); i++) {
		const bool has = i >= from && i < to;
		const TEEC_Result expected =
			has ? TEEC_SUCCESS : TEEC_ERROR_ITEM_NOT_FOUND;
		TEEC_Result res = expected;

		if (!sampled || i == from || i == to)
			res = load_of(session, &makers[i], "any", 1);
		if (res != expected ||
		    ta_has_key(&status, makers[i].head.key_id) != has)
			fail_msg("key %zu: 0x%x", i, res);
	}
}

static void a_device_has_eight_keys_and_no_more(void **state)
{
	struct box_envelope claim = sealed_claim(&makers[KEYS]);

	for (size_t i = 0; i < KEYS; i++) {
		add_key(*state, &makers[i]);
		check_keys(*state, 0, i + 1);
		assert_int_equal(status_of(*state).keys[i].epoch, epoch);
	}
	assert_int_equal(provision(*state, &makers[KEYS], &claim),
			 ENC_TEE_STORAGE_NO_SPACE);
	check_keys(*state, 0, KEYS);
	/* its place is that of the first key */
	claim.retired = status_of(*state).keys[0].epoch;
	assert_int_equal(provision(*state, &makers[KEYS], &claim),
			 TEEC_SUCCESS);
	check_keys(*state, 1, KEYS + 1);
}

static void a_key_that_comes_again_takes_its_own_place(void **state)
{
	struct box_envelope claim = no_key();

	add_key(*state, &makers[1]);
	check_keys(*state, 1, KEYS + 1);
	/* the envelope of before does not count any more */
	claim.retired = epoch - 1;
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	check_keys(*state, 1, 2);
}

static void an_envelope_may_bring_no_key(void **state)
{
	struct box_envelope claim = no_key();

	add_key(*state, &makers[2]);
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	check_keys(*state, 1, 3);
	claim.retired = epoch;
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	check_keys(*state, 0, 0);
}

static void a_retired_key_does_not_come_back(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	struct box_envelope claim = no_key();

	assert_int_equal(ta_device_key(*state, device), TEEC_SUCCESS);
	sealed_envelope(owner, device, ++epoch, NULL, envelope);
	assert_int_equal(ta_provision(*state, envelope), TEEC_SUCCESS);
	assert_int_equal(load(*state, "any", 1), TEEC_SUCCESS);
	claim.retired = epoch;
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	assert_int_equal(ta_provision(*state, envelope), TEEC_ERROR_SECURITY);
	assert_int_equal(load(*state, "any", 1), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ask(*state), TEEC_SUCCESS); /* stays loaded */
}

/* A key's id alone does not make a key. */
static void another_key_of_the_same_id_opens_nothing(void **state)
{
	struct sealed_maker maker = *owner;

	begin_anew(*state);
	maker.key[0] ^= 1;
	assert_int_equal(load_of(*state, &maker, "any", 1),
			 ENC_TEE_MAC_INVALID);
	assert_int_equal(load(*state, "any", 1), TEEC_SUCCESS);
}

/* An update: key, then model, then the old key goes. Somebody answers always.
 */
static void a_device_answers_until_the_new_model_has_come(void **state)
{
	struct box_envelope claim = sealed_claim(&makers[1]);
	void *old = NULL;

	begin_anew(*state);
	assert_int_equal(ta_setup_session(&old), 0);
	assert_int_equal(load(old, "any", 1), TEEC_SUCCESS);
	assert_int_equal(ask(old), TEEC_SUCCESS);
	assert_int_equal(provision(*state, &makers[1], &claim), TEEC_SUCCESS);
	assert_int_equal(ask(old), TEEC_SUCCESS);
	assert_int_equal(load(*state, "any", 1), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(load_of(*state, &makers[1], "any", 2), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	claim = no_key();
	claim.retired = epoch - 1;
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	assert_int_equal(ask(old), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(load(*state, "any", 1), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	ta_teardown_session(&old);
}

/* --- commit --- */

static void models_go_back_until_one_is_committed(void **state)
{
	begin_anew(*state);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(load(*state, "back", 3), TEEC_SUCCESS);
		assert_int_equal(ask(*state), TEEC_SUCCESS);
		assert_int_equal(load(*state, "back", 2), TEEC_SUCCESS);
		assert_int_equal(ask(*state), TEEC_SUCCESS);
	}
	assert_int_equal(ta_lowest_version(*state, "back"), 0);
	assert_int_equal(commit(*state, "back", 3), TEEC_SUCCESS);
	assert_int_equal(ta_lowest_version(*state, "back"), 3);
	assert_int_equal(load(*state, "back", 2), TEEC_ERROR_SECURITY);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(load(*state, "back", 3), TEEC_SUCCESS);
	assert_int_equal(commit(*state, "back", 0x80000000), TEEC_SUCCESS);
	assert_int_equal(load(*state, "back", 0x7fffffff), TEEC_ERROR_SECURITY);
	/* each id has its own */
	assert_int_equal(load(*state, "back-2", 1), TEEC_SUCCESS);
	assert_int_equal(ta_lowest_version(*state, "back"), 0x80000000);
	assert_int_equal(ta_lowest_version(*state, "back-2"), 0);
}

/* The release of a model is told, and compared with nothing. */
static void releases_are_not_compared(void **state)
{
	owner->head.model_version = 9;
	assert_int_equal(commit(*state, "release", 2), TEEC_SUCCESS);
	owner->head.model_version = 1;
	assert_int_equal(load(*state, "release", 2), TEEC_SUCCESS);
	owner->head.model_version = UINT32_MAX;
	assert_int_equal(load(*state, "release", 1), TEEC_ERROR_SECURITY);
	owner->head.model_version = 1;
}

static void a_model_is_committed_after_it_has_answered(void **state)
{
	uint8_t answer[64] = { 0 };
	size_t size = sizeof(answer);

	assert_int_equal(ta_commit(*state), TEEC_ERROR_BAD_STATE);
	assert_int_equal(load(*state, "answers", 2), TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_ERROR_BAD_STATE);
	/* an answer that is refused is none */
	assert_int_equal(
		ta_call(*state, ENC_MNIST_CMD_RUN, image, 3, answer, &size),
		TEEC_ERROR_BAD_PARAMETERS);
	size = 0;
	assert_int_equal(
		ta_call(*state, ENC_MNIST_CMD_RUN, image, IMAGE, answer, &size),
		TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(ta_commit(*state), TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_lowest_version(*state, "answers"), 0);
	size = sizeof(answer);
	assert_int_equal(
		ta_call(*state, ENC_MNIST_CMD_RUN, image, IMAGE, answer, &size),
		TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_SUCCESS);
	assert_int_equal(ta_lowest_version(*state, "answers"), 2);
	assert_int_equal(ta_commit(*state), TEEC_SUCCESS); /* again */
	/* the next model has answers of its own */
	assert_int_equal(load(*state, "answers", 4), TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_lowest_version(*state, "answers"), 2);
}

/* Another session has committed a newer one: nothing goes back. */
static void a_session_does_not_commit_what_is_old_by_now(void **state)
{
	void *newer = NULL;

	assert_int_equal(load(*state, "race", 4), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(ta_setup_session(&newer), 0);
	assert_int_equal(commit(newer, "race", 5), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_ERROR_SECURITY);
	assert_int_equal(ta_lowest_version(*state, "race"), 5);
	ta_teardown_session(&newer);
}

static void a_session_does_not_commit_under_a_retired_key(void **state)
{
	struct box_envelope claim = no_key();

	assert_int_equal(load(*state, "race", 6), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	claim.retired = epoch;
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_lowest_version(*state, "race"), 5);
	begin_anew(*state);
}

static void a_refused_model_is_not_committed(void **state)
{
	size_t len = 0;
	uint8_t *sealed = make(owner, "race", 7, &len);

	assert_int_equal(load(*state, "race", 6), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	sealed[len - 1] ^= 1;
	assert_int_equal(ta_load_sealed(*state, sealed, len),
			 ENC_TEE_MAC_INVALID);
	assert_int_equal(ta_commit(*state), TEEC_SUCCESS);
	assert_int_equal(ta_lowest_version(*state, "race"), 6);
	free(sealed);
}

/* --- what happens during a load --- */

static void push_model(TEEC_Session *session, const char *id,
		       uint32_t security_version)
{
	size_t len = 0;
	uint8_t *sealed = make(owner, id, security_version, &len);

	assert_int_equal(ta_begin_sealed(session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(ta_push_all(session, sealed + BOX_HEAD_BYTES,
				     len - BOX_HEAD_BYTES),
			 TEEC_SUCCESS);
	free(sealed);
}

static void retire_its_key(TEEC_Session *session)
{
	struct box_envelope claim = no_key();

	claim.retired = epoch;
	assert_int_equal(provision(session, owner, &claim), TEEC_SUCCESS);
}

static void send_its_key_again(TEEC_Session *session)
{
	add_key(session, owner);
}

static void add_another_key(TEEC_Session *session)
{
	add_key(session, &makers[1]);
}

static void list_another_model(TEEC_Session *session)
{
	struct box_envelope claim = no_key();

	list(&claim, "race", 1);
	assert_int_equal(provision(session, owner, &claim), TEEC_SUCCESS);
}

static void ask_for_a_newer_one(TEEC_Session *session)
{
	struct box_envelope claim = no_key();

	list(&claim, "meanwhile", 5);
	assert_int_equal(provision(session, owner, &claim), TEEC_SUCCESS);
}

static void commit_a_newer_one(TEEC_Session *session)
{
	assert_int_equal(commit(session, "meanwhile", 5), TEEC_SUCCESS);
}

/* All chunks have come: FINALIZE asks the device once more. */
static void what_happens_during_a_load_counts(void **state)
{
	const struct {
		void (*happens)(TEEC_Session *session);
		TEEC_Result expected;
	} cases[] = {
		{ retire_its_key, TEEC_ERROR_ITEM_NOT_FOUND },
		{ add_another_key, TEEC_SUCCESS },
		{ commit_a_newer_one, TEEC_ERROR_SECURITY },
		{ send_its_key_again, TEEC_SUCCESS },
		{ list_another_model, TEEC_ERROR_SECURITY },
		{ ask_for_a_newer_one, TEEC_ERROR_SECURITY },
	};

	for (size_t i = 0; i < (sampled ? 1 : COUNT(cases)); i++) {
		void *another = NULL;
		TEEC_Result res = TEEC_SUCCESS;

		assert_int_equal(ta_setup_session(&another), 0);
		begin_anew(another);
		assert_int_equal(load(*state, "of-before", 1), TEEC_SUCCESS);
		/* an envelope that asks for 5 is forgotten by another list */
		push_model(*state, "meanwhile", 4);
		cases[i].happens(another);
		res = ta_finalize(*state);
		if (res != cases[i].expected)
			fail_msg("case %zu: 0x%x", i, res);
		assert_int_equal(ta_finalize(*state), TEEC_ERROR_BAD_STATE);
		assert_int_equal(ask(*state), TEEC_SUCCESS);
		list_another_model(another);
		ta_teardown_session(&another);
	}
}

/* --- lists --- */

static void only_what_an_envelope_lists_may_be_loaded(void **state)
{
	struct box_envelope claim = no_key();
	struct enc_status status = { 0 };

	begin_anew(*state);
	assert_int_equal(commit(*state, "lenet", 2), TEEC_SUCCESS);
	list(&claim, "lenet", 1);
	list(&claim, "vww", 3);
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	status = status_of(*state);
	assert_true(status.flags & ENC_MNIST_STATUS_LISTED);
	assert_int_equal(status.model_count, 2);
	assert_string_equal(status.models[0].id, "lenet");
	assert_int_equal(status.models[0].security_version, 2);
	assert_string_equal(status.models[1].id, "vww");
	assert_int_equal(status.models[1].security_version, 3);
	assert_int_equal(load(*state, "lenet", 1), TEEC_ERROR_SECURITY);
	assert_int_equal(load(*state, "lenet", 2), TEEC_SUCCESS);
	assert_int_equal(load(*state, "vww", 2), TEEC_ERROR_SECURITY);
	assert_int_equal(load(*state, "kws", 9), TEEC_ERROR_SECURITY);
	assert_int_equal(commit(*state, "vww", 4), TEEC_SUCCESS);
	assert_int_equal(load(*state, "vww", 3), TEEC_ERROR_SECURITY);
}

static void a_list_raises_versions_and_lowers_none(void **state)
{
	struct box_envelope claim = no_key();

	list(&claim, "kws", 1);
	list(&claim, "vww", 2);
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	assert_int_equal(ta_lowest_version(*state, "vww"), 4);
	assert_int_equal(load(*state, "vww", 3), TEEC_ERROR_SECURITY);
	assert_int_equal(load(*state, "lenet", 9), TEEC_ERROR_SECURITY);
	claim = no_key();
	list(&claim, "vww", 7);
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	assert_int_equal(load(*state, "vww", 6), TEEC_ERROR_SECURITY);
	assert_int_equal(load(*state, "vww", 7), TEEC_SUCCESS);
}

/* A loaded model stays; it is not committed if it is not listed. */
static void an_unlisted_model_is_not_committed(void **state)
{
	struct box_envelope claim = no_key();

	assert_int_equal(load(*state, "vww", 8), TEEC_SUCCESS);
	list(&claim, "kws", 1);
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_ERROR_SECURITY);
	assert_int_equal(status_of(*state).model_count, 1);
}

static void without_a_list_any_model_may_be_loaded(void **state)
{
	begin_anew(*state);
	assert_false(status_of(*state).flags & ENC_MNIST_STATUS_LISTED);
	assert_int_equal(load(*state, "lenet", 1), TEEC_SUCCESS);
	assert_int_equal(load(*state, "kws", 1), TEEC_SUCCESS);
}

static void a_device_knows_eight_models(void **state)
{
	struct box_envelope claim = no_key();
	char id[] = "many-a";
	uint32_t count = 0;

	begin_anew(*state);
	count = status_of(*state).model_count;
	for (; count < ENC_MNIST_MODELS_MAX; count++) {
		id[5]++;
		assert_int_equal(commit(*state, id, 1), TEEC_SUCCESS);
	}
	assert_int_equal(commit(*state, "one-too-many", 1),
			 ENC_TEE_STORAGE_NO_SPACE);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(commit(*state, id, 2), TEEC_SUCCESS);
	owner->head.life_answers = 5; /* to be counted */
	assert_int_equal(load(*state, "one-too-many", 1), TEEC_SUCCESS);
	assert_int_equal(ask(*state), ENC_TEE_STORAGE_NO_SPACE);
	list(&claim, "one-too-many", 1);
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	assert_int_equal(ask(*state), TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_SUCCESS);
	owner->head.life_answers = 0;
	begin_anew(*state);
}

/* --- answers --- */

/* `count` samples in one call. */
static TEEC_Result run(TEEC_Session *session, size_t count)
{
	uint8_t *samples = calloc(count, IMAGE);
	uint32_t *answers = calloc(count, sizeof(*answers));
	size_t size = count * sizeof(*answers);
	TEEC_Result res = ta_call(session, ENC_MNIST_CMD_RUN, samples,
				  count * IMAGE, answers, &size);

	free(samples);
	free(answers);
	return res;
}

static TEEC_Result infer(TEEC_Session *session, size_t count)
{
	uint8_t *images = calloc(count, IMAGE);
	uint8_t labels[ENC_MNIST_BATCH_MAX] = { 0 };
	TEEC_Result res = ta_infer(session, images, count, labels);

	free(images);
	return res;
}

static uint64_t answers_of(TEEC_Session *session, const char *id)
{
	const struct enc_status status = status_of(session);

	return ta_find_model(&status, id)->answers;
}

static void after_a_load_so_many_answers_are_given(void **state)
{
	uint8_t short_answer = 0;

	owner->head.load_answers = 10;
	for (unsigned int i = 0; i < 2; i++) {
		size_t size = sizeof(short_answer);

		assert_int_equal(load(*state, "per-load", 1), TEEC_SUCCESS);
		assert_int_equal(run(*state, 11), TEEC_ERROR_ACCESS_DENIED);
		assert_int_equal(run(*state, 4), TEEC_SUCCESS);
		assert_int_equal(infer(*state, 4), TEEC_SUCCESS);
		assert_int_equal(run(*state, 3), TEEC_ERROR_ACCESS_DENIED);
		assert_int_equal(infer(*state, 3), TEEC_ERROR_ACCESS_DENIED);
		/* what is not computed does not count */
		assert_int_equal(ta_call(*state, ENC_MNIST_CMD_RUN, image,
					 IMAGE, &short_answer, &size),
				 TEEC_ERROR_SHORT_BUFFER);
		assert_int_equal(run(*state, 2), TEEC_SUCCESS);
		assert_int_equal(run(*state, 1), TEEC_ERROR_ACCESS_DENIED);
		assert_int_equal(infer(*state, 1), TEEC_ERROR_ACCESS_DENIED);
	}
	owner->head.load_answers = 0;
	/* and nothing is stored of them */
	assert_int_equal(answers_of(*state, "per-load"), 0);
}

/* 3,000 answers for all sessions and loads together. */
static void in_the_life_of_a_device_so_many_answers_are_given(void **state)
{
	void *second = NULL;

	owner->head.life_answers = 3000;
	assert_int_equal(load(*state, "life", 1), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "life"), 0);
	assert_int_equal(run(*state, 3001), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(answers_of(*state, "life"), 0);
	assert_int_equal(run(*state, 24), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "life"), RESERVE);
	assert_int_equal(run(*state, RESERVE - 24), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "life"), RESERVE);
	assert_int_equal(infer(*state, 1), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "life"), 2 * RESERVE);
	/* 952 are left, 1,023 promised */
	assert_int_equal(ta_setup_session(&second), 0);
	assert_int_equal(load(second, "life", 1), TEEC_SUCCESS);
	assert_int_equal(run(second, 953), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(run(second, 2), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "life"), 3000);
	assert_int_equal(run(*state, RESERVE), TEEC_ERROR_ACCESS_DENIED);
	/* what is not given comes back: with the session, with a load */
	ta_teardown_session(&second);
	assert_int_equal(answers_of(*state, "life"), 2 * RESERVE + 2);
	assert_int_equal(load(*state, "life", 2), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "life"), RESERVE + 3);
	assert_int_equal(run(*state, 3000 - RESERVE - 2),
			 TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(run(*state, 3000 - RESERVE - 3), TEEC_SUCCESS);
	assert_int_equal(run(*state, 1), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(infer(*state, 1), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(load(*state, "life", 3), TEEC_SUCCESS);
	assert_int_equal(run(*state, 1), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(answers_of(*state, "life"), 3000);
}

/* The owner seals the model anew with more of them. */
static void an_owner_may_allow_more(void **state)
{
	owner->head.life_answers = 3002;
	assert_int_equal(load(*state, "life", 3), TEEC_SUCCESS);
	assert_int_equal(run(*state, 3), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(run(*state, 2), TEEC_SUCCESS);
	owner->head.life_answers = 100; /* fewer than were given */
	assert_int_equal(load(*state, "life", 3), TEEC_SUCCESS);
	assert_int_equal(run(*state, 1), TEEC_ERROR_ACCESS_DENIED);
	owner->head.life_answers = 0;
	assert_int_equal(load(*state, "life", 3), TEEC_SUCCESS);
	assert_int_equal(run(*state, 1), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "life"), 3002);
}

/* Answers that a session has reserved are given after a commit, too. */
static void commits_and_counts_do_not_disturb_each_other(void **state)
{
	owner->head.life_answers = 5000;
	owner->head.load_answers = 3;
	assert_int_equal(load(*state, "both", 2), TEEC_SUCCESS);
	assert_int_equal(run(*state, 2), TEEC_SUCCESS);
	assert_int_equal(ta_commit(*state), TEEC_SUCCESS);
	assert_int_equal(ta_lowest_version(*state, "both"), 2);
	assert_int_equal(answers_of(*state, "both"), RESERVE);
	assert_int_equal(run(*state, 2), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(run(*state, 1), TEEC_SUCCESS);
	assert_int_equal(load(*state, "both", 2), TEEC_SUCCESS);
	assert_int_equal(answers_of(*state, "both"), 3);
	assert_int_equal(ta_lowest_version(*state, "both"), 2);
	owner->head.life_answers = 0;
	owner->head.load_answers = 0;
}

#define TEST(test)                                              \
	cmocka_unit_test_setup_teardown(test, ta_setup_session, \
					ta_teardown_session)

/* A session that had it loaded does not put it back on the list. */
static void what_is_not_listed_gives_no_more_answers(void **state)
{
	struct box_envelope claim = no_key();

	begin_anew(*state);
	owner->head.life_answers = 3000;
	assert_int_equal(load(*state, "unlisted", 1), TEEC_SUCCESS);
	assert_int_equal(run(*state, 1), TEEC_SUCCESS);
	list(&claim, "life", 1);
	assert_int_equal(provision(*state, owner, &claim), TEEC_SUCCESS);
	/* those that were promised before */
	assert_int_equal(run(*state, RESERVE - 1), TEEC_SUCCESS);
	assert_int_equal(run(*state, 1), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(status_of(*state).model_count, 1);
	assert_int_equal(load(*state, "unlisted", 9), TEEC_ERROR_SECURITY);
	owner->head.life_answers = 0;
}

static const struct CMUnitTest all[] = {
	TEST(a_device_has_eight_keys_and_no_more),
	TEST(a_key_that_comes_again_takes_its_own_place),
	TEST(an_envelope_may_bring_no_key),
	TEST(a_retired_key_does_not_come_back),
	TEST(another_key_of_the_same_id_opens_nothing),
	TEST(a_device_answers_until_the_new_model_has_come),
	TEST(models_go_back_until_one_is_committed),
	TEST(releases_are_not_compared),
	TEST(a_model_is_committed_after_it_has_answered),
	TEST(a_session_does_not_commit_what_is_old_by_now),
	TEST(a_session_does_not_commit_under_a_retired_key),
	TEST(a_refused_model_is_not_committed),
	TEST(what_happens_during_a_load_counts),
	TEST(only_what_an_envelope_lists_may_be_loaded),
	TEST(a_list_raises_versions_and_lowers_none),
	TEST(an_unlisted_model_is_not_committed),
	TEST(without_a_list_any_model_may_be_loaded),
	TEST(a_device_knows_eight_models),
	TEST(after_a_load_so_many_answers_are_given),
	TEST(in_the_life_of_a_device_so_many_answers_are_given),
	TEST(an_owner_may_allow_more),
	TEST(commits_and_counts_do_not_disturb_each_other),
	TEST(what_is_not_listed_gives_no_more_answers),
};

static const struct CMUnitTest some[] = {
	TEST(a_device_has_eight_keys_and_no_more),
	TEST(a_key_that_comes_again_takes_its_own_place),
	TEST(another_key_of_the_same_id_opens_nothing),
	TEST(models_go_back_until_one_is_committed),
	TEST(a_session_does_not_commit_what_is_old_by_now),
	TEST(what_happens_during_a_load_counts),
	TEST(only_what_an_envelope_lists_may_be_loaded),
	TEST(a_device_knows_eight_models),
	TEST(in_the_life_of_a_device_so_many_answers_are_given),
	TEST(commits_and_counts_do_not_disturb_each_other),
};

int main(int argc, char **argv)
{
	sampled = argc == 2 && !strcmp(argv[1], "sampled");
	if (sampled)
		return cmocka_run_group_tests_name("life", some, setup,
						   teardown);
	return argc > 1 ? 2 :
			  cmocka_run_group_tests_name("life", all, setup,
						      teardown);
}
