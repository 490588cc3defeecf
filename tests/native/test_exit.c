/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exit statuses and errors in JSON. What `inspect --device` says beforehand is
 * what the device then does, which is the stand-in.
 */
#include "host/cli/cli.h"
#include "host/owner/crypto.h"
#include "testkit/sealed_client.h"
#include "tests/lib/models.h"
#include "tests/lib/networks.h"
#include "tests/lib/said.h"

#define IMAGE "samples/7.bin"
#define LIST(...)                                                        \
	{                                                                \
		(const char *[]){ __VA_ARGS__ }, (char[]){ 'b', 'b' }, 1 \
	}

static struct sealed_maker owner;
static uint8_t *record; /* of a small network */
static size_t record_len;
static uint8_t device[BOX_X25519_BYTES];

/* --- the device --- */

static TEEC_Context context;

static void get_device_key(void)
{
	TEEC_Session s = { 0 };

	assert_int_equal(ta_open(&context, &s), TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&s, device), TEEC_SUCCESS);
	TEEC_CloseSession(&s);
}

static int new_device(void **state)
{
	(void)state;
	cli_errors_in_json(false);
	standin_reset();
	get_device_key();
	return 0;
}

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	sealed_owner(&owner);
	record = networks_small(1, &record_len);
	return 0;
}

static int teardown(void **state)
{
	free(record);
	sealed_free(&owner);
	TEEC_FinalizeContext(&context);
	return scratch_teardown(state);
}

/* --- files --- */

/* A sealed model; a bit of its byte `at` is changed, if that is not 0. */
static void seal(const char *name, const struct sealed_maker *maker, size_t at)
{
	size_t len = 0;
	uint8_t *sealed = sealed_make(maker, record, record_len, &len);

	if (at)
		sealed[at] ^= 1;
	scratch_write(name, sealed, len);
	free(sealed);
}

static struct sealed_maker release(uint32_t security_version)
{
	struct sealed_maker maker = owner;

	maker.head.security_version = security_version;
	return maker;
}

static struct box_envelope claim(const struct sealed_maker *maker)
{
	struct box_envelope envelope = sealed_claim(maker);

	memcpy(envelope.device, device, sizeof(device));
	return envelope;
}

/* Says that only this model may be loaded, from a security version on. */
static struct box_envelope claim_only(const char *id, uint32_t from)
{
	struct box_envelope envelope = claim(&owner);

	envelope.models = 1;
	strcpy((char *)envelope.model[0].id, id);
	envelope.model[0].security_version = from;
	return envelope;
}

static void wrap(const char *name, const struct sealed_maker *maker,
		 uint32_t epoch, const struct box_envelope *template)
{
	const struct box_envelope usual = claim(maker);
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };

	sealed_envelope(maker, device, epoch, template ? template : &usual,
			bytes);
	scratch_write(name, bytes, sizeof(bytes));
}

/* --- what is done --- */

static int infer(const char *name)
{
	const struct cli_infer args = { .model = scratch_path(name),
					.inputs = LIST(IMAGE) };

	return run(cli_infer_run, &args);
}

static int commit(const char *name)
{
	const struct cli_commit args = { .model = scratch_path(name) };

	return run(cli_commit_run, &args);
}

static int provision(const char *name)
{
	const struct cli_provision args = { .input = scratch_path(name) };

	return run(cli_provision_run, &args);
}

static int inspect(const char *name)
{
	const struct cli_status status = { .json = true };
	const struct cli_inspect args = { .file = scratch_path(name),
					  .device = scratch_path("status"),
					  .json = true };

	assert_int_equal(run(cli_status_run, &status), 0);
	scratch_write("status", out, strlen(out));
	return run(cli_inspect_run, &args);
}

static void is_status(const char *name, int status, int expected)
{
	if (status != expected)
		fail_msg("%s: status %d, expected %d: %s%s", name, status,
			 expected, out, err);
}

static void says(const char *what)
{
	if (!strstr(out, what))
		fail_msg("no %s in %s%s", what, out, err);
}

static void inspect_says(const char *name, int expected)
{
	static const char *const kinds[] = { "other",
					     "usage",
					     "try-again",
					     "refused",
					     "not-for-this-device",
					     "storage" };
	char kind[64] = "\"device\":{\"takes\":true";

	is_status(name, inspect(name), expected);
	if (expected)
		snprintf(kind, sizeof(kind),
			 "\"device\":{\"takes\":false,\"kind\":\"%s\"",
			 kinds[expected - 1]);
	says(kind);
	if (expected) {
		snprintf(kind, sizeof(kind), "\"status\":%d,", expected);
		says(kind);
	}
}

/* Says it beforehand, and does it. */
static void model_is(const char *name, int expected)
{
	inspect_says(name, expected);
	is_status(name, infer(name), expected);
}

static void envelope_is(const char *name, int expected)
{
	inspect_says(name, expected);
	is_status(name, provision(name), expected);
}

static void give_key(uint32_t epoch)
{
	wrap("key", &owner, epoch, NULL);
	is_status("key", provision("key"), 0);
}

/* --- models --- */

static void models_are_for_a_device_or_not(void **state)
{
	struct sealed_maker stranger = { 0 };
	struct sealed_maker other_key = owner;

	(void)state;
	sealed_stranger(&stranger);
	memset(other_key.key, 7, sizeof(other_key.key));
	memset(other_key.head.key_id, 7, BOX_KEY_ID_BYTES);
	seal("m", &owner, 0);
	model_is("m", CLI_NOT_FOR_DEVICE); /* no key yet */
	give_key(1);
	model_is("m", 0);
	seal("m", &other_key, 0);
	model_is("m", CLI_NOT_FOR_DEVICE);
	seal("m", &stranger, 0);
	model_is("m", CLI_REFUSED);
	seal("m", &owner, BOX_HEAD_SIGNED_BYTES + 1);
	model_is("m", CLI_REFUSED);
	seal("m", &owner, BOX_HEAD_BYTES + 1000);
	model_is("m", CLI_REFUSED);
	sealed_free(&stranger);
}

static void what_is_cut_off_says_nothing_about_the_device(void **state)
{
	size_t len = 0;
	uint8_t *longer = NULL;
	uint8_t *sealed = sealed_make(&owner, record, record_len, &len);

	(void)state;
	give_key(1);
	scratch_write("m", sealed, len - 1);
	model_is("m", CLI_FAILED);
	longer = calloc(1, len + 1);
	assert_non_null(longer);
	memcpy(longer, sealed, len);
	scratch_write("m", longer, len + 1);
	model_is("m", CLI_FAILED);
	free(longer);
	free(sealed);
	is_status("nowhere", infer("nowhere"), CLI_FAILED);
}

static void versions_do_not_go_back(void **state)
{
	const struct sealed_maker first = release(1);
	const struct sealed_maker second = release(2);
	const struct box_envelope from_third = claim_only("test", 3);

	(void)state;
	give_key(1);
	seal("1", &first, 0);
	seal("2", &second, 0);
	is_status("2", commit("2"), 0);
	model_is("2", 0);
	model_is("1", CLI_REFUSED);
	is_status("1", commit("1"), CLI_REFUSED);
	assert_non_null(strstr(err, "its security version is too low for the "
				    "device (`enc_mnist status`)"));
	wrap("3", &owner, 2, &from_third);
	envelope_is("3", 0);
	model_is("2", CLI_REFUSED);
}

static void only_listed_models_are_for_a_device(void **state)
{
	const struct box_envelope other = claim_only("other", 1);
	const struct box_envelope from_third = claim_only("test", 3);
	struct sealed_maker too_old = release(2);

	(void)state;
	wrap("e", &owner, 1, &other);
	envelope_is("e", 0);
	seal("m", &owner, 0);
	model_is("m", CLI_NOT_FOR_DEVICE);
	assert_non_null(strstr(err, "may not load this model id"));
	/* of several reasons, the weightiest one counts */
	wrap("e", &owner, 2, &from_third);
	envelope_is("e", 0);
	memset(too_old.head.key_id, 7, BOX_KEY_ID_BYTES);
	seal("m", &too_old, 0);
	model_is("m", CLI_REFUSED);
}

static void a_model_needs_memory(void **state)
{
	struct box_head head = { 0 };
	uint8_t *sealed = NULL;
	size_t len = 0;

	(void)state;
	give_key(1);
	sealed_describe(&owner, record, record_len, &head);
	head.arena = 64u << 20;
	sealed = sealed_make_as(&owner, &head, record, record_len, &len);
	scratch_write("m", sealed, len);
	free(sealed);
	model_is("m", CLI_NOT_FOR_DEVICE);
}

static void answers_and_logins_are_the_owners(void **state)
{
	struct sealed_maker few = owner;
	struct sealed_maker group = owner;

	(void)state;
	few.head.life_answers = 1;
	group.head.login = BOX_LOGIN_GROUP;
	memset(group.head.client, 1, BOX_CLIENT_BYTES);
	give_key(1);
	seal("m", &few, 0);
	model_is("m", 0);
	model_is("m", CLI_NOT_FOR_DEVICE);
	assert_non_null(strstr(err, "its owner allows no more answers"));
	seal("m", &group, 0);
	inspect_says("m", 0);
	says("\"unknown\":\"whether its user there has the login");
	is_status("m", infer("m"), CLI_NOT_FOR_DEVICE);
	assert_non_null(strstr(err, "only clients with the login"));
}

/* As many model ids as a device keeps numbers of. */
static void there_is_room_for_so_many_ids(void **state)
{
	struct sealed_maker maker = owner;
	char id[8] = "";

	(void)state;
	give_key(1);
	for (int i = 0; i < ENC_MNIST_MODELS_MAX; i++) {
		snprintf(id, sizeof(id), "id%d", i);
		sealed_set_id(&maker, id);
		seal("m", &maker, 0);
		is_status("m", commit("m"), 0);
	}
	sealed_set_id(&maker, "other");
	seal("m", &maker, 0);
	model_is("m", 0);
	is_status("m", commit("m"), CLI_NOT_FOR_DEVICE);
	maker.head.life_answers = 9;
	seal("m", &maker, 0);
	model_is("m", CLI_NOT_FOR_DEVICE);
}

/* The TA says so, and inspect does not know such a model either. */
static void a_newer_format_needs_a_newer_ta(void **state)
{
	struct cli_inspect args = { .file = scratch_path("m") };

	(void)state;
	give_key(1);
	seal("m", &owner, BOX_HEAD_MAGIC_BYTES + 1);
	is_status("m", infer("m"), CLI_NOT_FOR_DEVICE);
	assert_non_null(strstr(err, "a newer enc_mnist sealed it"));
	is_status("m", run(cli_inspect_run, &args), CLI_FAILED);
}

/* --- envelopes --- */

static void envelopes_are_for_a_device_or_not(void **state)
{
	struct sealed_maker stranger = { 0 };
	struct box_envelope envelope = claim(&owner);
	uint8_t bytes[2][BOX_ENVELOPE_BYTES] = { { 0 } };

	(void)state;
	sealed_stranger(&stranger);
	wrap("e", &owner, 2, NULL);
	envelope_is("e", 0);
	envelope_is("e", CLI_REFUSED); /* again */
	wrap("e", &stranger, 3, NULL);
	envelope_is("e", CLI_REFUSED);
	envelope.ta[0] ^= 1;
	wrap("e", &owner, 3, &envelope);
	envelope_is("e", CLI_NOT_FOR_DEVICE);
	envelope.ta[0] ^= 1;
	/* one for another device, and then one for this device behind it */
	envelope.device[0] ^= 1;
	sealed_envelope(&owner, device, 3, &envelope, bytes[0]);
	envelope.device[0] ^= 1;
	sealed_envelope(&owner, device, 3, &envelope, bytes[1]);
	scratch_write("e", bytes[0], BOX_ENVELOPE_BYTES);
	envelope_is("e", CLI_NOT_FOR_DEVICE);
	scratch_write("e", bytes, sizeof(bytes));
	envelope_is("e", 0);
	bytes[1][BOX_ENVELOPE_BYTES - 1] ^= 1;
	scratch_write("e", bytes[1], BOX_ENVELOPE_BYTES);
	envelope_is("e", CLI_REFUSED);
	sealed_free(&stranger);
}

static void a_ring_of_keys_is_full(void **state)
{
	struct sealed_maker maker = owner;
	struct box_envelope envelope = { 0 };
	uint32_t epoch = 1;

	(void)state;
	for (; epoch <= ENC_MNIST_KEYS_MAX + 1; epoch++) {
		memset(maker.head.key_id, (int)epoch, BOX_KEY_ID_BYTES);
		wrap("e", &maker, epoch, NULL);
		envelope_is("e", epoch > ENC_MNIST_KEYS_MAX ?
					 CLI_NOT_FOR_DEVICE :
					 0);
	}
	envelope = claim(&maker);
	envelope.retired = 1;
	wrap("e", &maker, epoch, &envelope);
	envelope_is("e", 0);
}

static void a_device_without_a_key_has_no_envelope(void **state)
{
	(void)state;
	wrap("e", &owner, 1, NULL);
	standin_reset();
	inspect_says("e", CLI_NOT_FOR_DEVICE);
	says("\"reason\":\"the device has no key yet\"");
	envelope_is("e", CLI_NOT_FOR_DEVICE);
}

/* --- trusted storage and memory that fail --- */

static int expected_for(TEEC_Result res)
{
	switch (res) {
	case TEEC_ERROR_OUT_OF_MEMORY:
	case TEEC_ERROR_ACCESS_CONFLICT:
		return CLI_TRY_AGAIN;
	case TEEC_ERROR_TARGET_DEAD:
	case ENC_TEE_CORRUPT_OBJECT:
	case ENC_TEE_STORAGE_NOT_AVAILABLE:
	case ENC_TEE_STORAGE_NO_SPACE:
		return CLI_STORAGE;
	default:
		return -1; /* not of storage or memory */
	}
}

/* Whether the command was told of that result, and not of what followed. */
static bool is_told_of(TEEC_Result res)
{
	char text[16] = "";

	snprintf(text, sizeof(text), "(0x%08x ", (unsigned int)res);
	return strstr(err, text);
}

/* Lets each call fail, in each way. Counts how often it ends like that. */
static size_t let_each_call_fail(int (*what)(const char *name),
				 const char *name, int counted)
{
	struct standin_storage *before = standin_storage_save();
	const char *struck = "";
	size_t ways = 1;
	size_t n = 0;

	for (size_t call = 1; struck; call++) {
		for (size_t way = 0; struck && way < ways; way++) {
			int status = 0;
			int expected = 0;

			standin_storage_restore(before);
			standin_fault(call, way);
			status = what(name);
			struck = standin_fault_struck(&ways);
			expected = expected_for(standin_fault_result());
			if (struck && expected > 0 &&
			    is_told_of(standin_fault_result()))
				is_status(struck, status, expected);
			n += status == counted;
		}
	}
	standin_fault(0, 0);
	standin_storage_restore(before);
	free(before);
	return n;
}

static void what_fails_has_its_status(void **state)
{
	(void)state;
	wrap("e", &owner, 2, NULL);
	seal("m", &owner, 0);
	assert_true(let_each_call_fail(provision, "e", CLI_STORAGE) > 10);
	assert_true(let_each_call_fail(provision, "e", CLI_TRY_AGAIN) > 5);
	give_key(1);
	assert_true(let_each_call_fail(commit, "m", CLI_STORAGE) > 10);
	assert_true(let_each_call_fail(commit, "m", CLI_TRY_AGAIN) > 5);
}

static void another_client_is_in_the_way(void **state)
{
	(void)state;
	wrap("e", &owner, 1, NULL);
	assert_true(standin_storage_hold("device", 0));
	is_status("e", provision("e"), CLI_TRY_AGAIN);
	standin_storage_let_go();
	is_status("e", provision("e"), 0);
}

/* --- JSON --- */

static void memory_may_be_there_the_next_time(void **state)
{
	struct enc_error e = { 0 };

	(void)state;
	enc_fail(&e, ENC_ERR_MEMORY, "out of memory");
	assert_int_equal(e.kind, ENC_TRY_AGAIN);
	enc_fail(&e, ENC_ERR_IO, "no such file");
	assert_int_equal(e.kind, ENC_OTHER);
}

static void each_error_is_an_object(void **state)
{
	struct cli_commit last = { .model = scratch_path("m"), .json = true };
	struct cli_provision taken = { .input = scratch_path("e"),
				       .json = true };

	(void)state;
	cli_errors_in_json(true);
	seal("m", &owner, 0);
	wrap("e", &owner, 1, NULL);
	is_status("m", run(cli_commit_run, &last), CLI_NOT_FOR_DEVICE);
	says("{\"error\":{\"kind\":\"not-for-this-device\",\"status\":5,"
	     "\"message\":\"");
	says("\",\"hint\":\"this device does not have its key: ");
	assert_non_null(strstr(err, "m: cannot load the model: item not"));
	is_status("e", run(cli_provision_run, &taken), 0);
	says("{\"epoch\":1,\"key_id\":\"");
	is_status("e", run(cli_provision_run, &taken), CLI_REFUSED);
	says("{\"error\":{\"kind\":\"refused\",\"status\":4,");
	is_status("m", run(cli_commit_run, &last), 0);
	says("{\"committed\":\"");
	last.model = scratch_path("nowhere");
	is_status("m", run(cli_commit_run, &last), CLI_FAILED);
	says("{\"error\":{\"kind\":\"other\",\"status\":1,");
	last.model = scratch_path("m");
	standin_fault(1, 0);
	is_status("m", run(cli_commit_run, &last), CLI_TRY_AGAIN);
	says("{\"error\":{\"kind\":\"try-again\",\"status\":3,");
}

/* The answers before an error are an object of their own. */
static void an_error_comes_after_the_answers(void **state)
{
	struct cli_infer args = { .model = scratch_path("m"),
				  .inputs = LIST(IMAGE, "nowhere.bin"),
				  .json = true };

	(void)state;
	args.inputs.count = 2;
	give_key(1);
	seal("m", &owner, 0);
	cli_errors_in_json(true);
	is_status("m", run(cli_infer_run, &args), CLI_FAILED);
	says("{\"results\":[{\"index\":1,");
	says("}]}\n{\"error\":{\"kind\":\"other\",\"status\":1,\"message\":"
	     "\"nowhere.bin: cannot open: ");
}

static void no_name_moves_the_cursor(void **state)
{
	struct cli_commit args = {
		.model = "\x1b[2J\x7f\xc2\x9b"
			 "2J\xe2\x80\xae\xd8\x9c\xff\xc3\xa4\"\\"
	};

	(void)state;
	cli_errors_in_json(true);
	is_status("name", run(cli_commit_run, &args), CLI_FAILED);
	says("\"message\":\"\\u001B[2J\\u007f\\u009b2J\\u202e\\u061c\\ufffd"
	     "\xc3\xa4\\\"\\\\: cannot open");
	assert_non_null(
		strstr(err, "enc_mnist: ?[2J???2J??????\xc3\xa4\"\\: "));
}

/* --- a status that no device has printed --- */

/* Replaces a part of the device's status, and inspects a file with that. */
static int inspect_with(const char *file, const char *part, const char *by)
{
	const struct cli_status status = { .json = true };
	const struct cli_inspect args = { .file = scratch_path(file),
					  .device = scratch_path("status") };
	char text[8192] = "";
	const char *at = NULL;

	assert_int_equal(run(cli_status_run, &status), 0);
	at = strstr(out, part);
	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - out), out, by,
		 at + strlen(part));
	scratch_write("status", text, strlen(text));
	return run(cli_inspect_run, &args);
}

static void refuses_status(const char *part, const char *by)
{
	is_status(by, inspect_with("m", part, by), CLI_FAILED);
	if (!strstr(err, "status: not the status of a device; give what"))
		fail_msg("%s: %s", by, err);
}

static void refuses_text(const char *text, size_t len, const char *what)
{
	const struct cli_inspect args = { .file = scratch_path("m"),
					  .device = scratch_path("status") };

	scratch_write("status", text, len);
	is_status(what, run(cli_inspect_run, &args), CLI_FAILED);
	if (!strstr(err, what))
		fail_msg("%.20s: %s", text, err);
}

/* This TA has the lowest floors. */
static void floors_are_compared(void **state)
{
	(void)state;
	give_key(7);
	seal("m", &owner, 0);
	wrap("e", &owner, 8, NULL);
	is_status("floor", inspect_with("m", "_floor\":1", "_floor\":7"), 0);
	is_status("floor", inspect_with("m", "_floor\":1", "_floor\":8"),
		  CLI_NOT_FOR_DEVICE);
	is_status("floor", inspect_with("e", "_floor\":1", "_floor\":8"), 0);
	is_status("floor", inspect_with("e", "_floor\":1", "_floor\":9"),
		  CLI_REFUSED);
	is_status("floor",
		  inspect_with("m", "version_floor\":1", "version_floor\":2"),
		  CLI_REFUSED);
}

static void a_status_goes_on_after_its_end(void)
{
	const struct cli_status status = { .json = true };
	size_t len = 0;

	assert_int_equal(run(cli_status_run, &status), 0);
	len = strlen(out);
	refuses_text(out, len + 1, "not the status");
}

static void a_status_may_be_hostile(void **state)
{
	static const char *const whole[] = {
		"",   "{",    "{}",
		"[]", "null", "{\"error\":{\"kind\":\"other\",\"status\":1}}"
	};
	static char many[20000];

	(void)state;
	give_key(7);
	seal("m", &owner, 0);
	is_status("m", commit("m"), 0);
	for (size_t i = 0; i < COUNT(whole); i++)
		refuses_text(whole[i], strlen(whole[i]), "not the status");
	memset(many, '[', sizeof(many));
	refuses_text(many, 16384, "not the status");
	refuses_text(many, sizeof(many), "status");
	a_status_goes_on_after_its_end();
	refuses_status("\"epoch\":7,\"epoch_floor\"", "\"epoch_floor\"");
	refuses_status("\"epoch\":7,\"epoch_f",
		       "\"epoch\":7,\"epoch\":8,\"epoch_f");
	refuses_status("\"epoch\":7,\"epoch_f", "\"epoch\":-1,\"epoch_f");
	refuses_status("\"epoch\":7,\"epoch_f",
		       "\"epoch\":4294967296,\"epoch_f");
	refuses_status("\"epoch\":7,\"epoch_f", "\"epoch\":\"7\",\"epoch_f");
	refuses_status("\"epoch\":7,\"epoch_f",
		       "\"epoch\":99999999999999999999,\"epoch_f");
	refuses_status("\"epoch\":7,\"epoch_f", "\"epoch\":7.5,\"epoch_f");
	refuses_status("\"key_id\":\"", "\"key_id\":\"00");
	refuses_status("\"owner_key\":\"", "\"owner_key\":\"x");
	refuses_status("\"device_key\":\"", "\"device_key\":7,\"x\":\"");
	refuses_status("\"ta\":\"ee", "\"ta\":\"");
	refuses_status("\"keys\":[", "\"keys\":[1,");
	refuses_status("\"keys\":[", "\"keys\":{},\"x\":[");
	refuses_status("\"model_id\":\"test",
		       "\"model_id\":\"123456789012345678"
		       "901234567890123");
	refuses_status("\"answers\":0", "\"answers\":null");
	refuses_status("\"only_listed_models\":false",
		       "\"only_listed_models\":0");
}

static void no_more_keys_and_models_than_a_device_has(void **state)
{
	static const char *const entries[] = {
		"\"keys\":[",
		"{\"key_id\":\"00000000000000000000000000000000\",\"epoch\":1}",
		"\"models\":[",
		"{\"model_id\":\"a\",\"security_version\":1,\"answers\":0}"
	};

	(void)state;
	give_key(1);
	seal("m", &owner, 0);
	is_status("m", commit("m"), 0);
	for (size_t i = 0; i < COUNT(entries); i += 2) {
		char text[2048] = "";
		size_t len = 0;

		len = (size_t)snprintf(text, sizeof(text), "%s", entries[i]);
		for (int n = 0; n < 8; n++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s,", entries[i + 1]);
		refuses_status(entries[i], text);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, new_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(models_are_for_a_device_or_not),
		TEST(what_is_cut_off_says_nothing_about_the_device),
		TEST(versions_do_not_go_back),
		TEST(only_listed_models_are_for_a_device),
		TEST(a_model_needs_memory),
		TEST(answers_and_logins_are_the_owners),
		TEST(there_is_room_for_so_many_ids),
		TEST(a_newer_format_needs_a_newer_ta),
		TEST(envelopes_are_for_a_device_or_not),
		TEST(a_ring_of_keys_is_full),
		TEST(a_device_without_a_key_has_no_envelope),
		TEST(what_fails_has_its_status),
		TEST(another_client_is_in_the_way),
		TEST(memory_may_be_there_the_next_time),
		TEST(each_error_is_an_object),
		TEST(an_error_comes_after_the_answers),
		TEST(no_name_moves_the_cursor),
		TEST(floors_are_compared),
		TEST(a_status_may_be_hostile),
		TEST(no_more_keys_and_models_than_a_device_has),
	};

	return cmocka_run_group_tests_name("exit", tests, setup, teardown);
}
