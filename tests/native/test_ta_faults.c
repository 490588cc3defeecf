/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes every call of the TA to the TEE Internal Core API fail, one after the
 * other and in each possible way, panics included. Nothing is left behind,
 * nothing counts by half, epochs and versions do not go back, the previous
 * model still answers, and a refused command can be repeated.
 *
 * A load makes the same calls for each chunk: without SOAK in the environment,
 * not all chunks are struck, and a sanitizer sees few commands repeated.
 */
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/freed.h"
#include "tests/lib/models.h"
#include "tests/standin/standin.h"

#define EPOCH	3
#define VERSION 2

static const uint8_t other_key[ENC_MNIST_KEY_BYTES] =
	"another key, as long as it was.";

static TEEC_Context context;
static TEEC_Session session;
static bool loaded; /* session is open, and models[0] answers there */
static struct standin_storage *stored; /* a device with every object */
static uint8_t *newer;		       /* models[1] as a version not seen yet */
static uint8_t envelope[BOX_ENVELOPE_BYTES]; /* with another model key */
static struct sealed_maker next;	     /* its owner */

/* Parts of a device that must be old or new, and consistent everywhere. */
struct device {
	bool found;
	bool has_key;
	uint8_t public_key[BOX_X25519_BYTES];
	uint8_t key_id[BOX_KEY_ID_BYTES];
	uint32_t epoch;
	uint32_t version;
};

static void look(struct device *device)
{
	TEEC_Session another = { 0 };
	struct enc_status status = { 0 };

	assert_int_equal(ta_open(&context, &another), TEEC_SUCCESS);
	assert_int_equal(ta_status(&another, &status), TEEC_SUCCESS);
	TEEC_CloseSession(&another);
	device->found = status.flags & ENC_MNIST_STATUS_DEVICE;
	device->has_key = status.flags & ENC_MNIST_STATUS_KEY;
	device->epoch = status.epoch;
	device->version = ta_seen_version(&status, "test");
	memcpy(device->public_key, status.device, BOX_X25519_BYTES);
	memcpy(device->key_id, status.key_id, BOX_KEY_ID_BYTES);
}

static int setup(void **state)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	(void)state;
	models_make();
	newer = models_seal(&models[1], "test", VERSION);
	standin_reset();
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	models_store_keys(&session, EPOCH - 1);
	assert_int_equal(ta_load_sealed(&session, models[0].sealed,
					models[0].sealed_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	stored = standin_storage_save();

	next = models_owner;
	memset(next.key, 0x5a, sizeof(next.key));
	assert_true(enc_key_id(next.key, next.head.key_id));
	sealed_envelope(&next, device, EPOCH, NULL, envelope);
	freed_add(models_owner.key, sizeof(models_owner.key));
	freed_add(next.key, sizeof(next.key));
	freed_add(models_key, sizeof(models_key));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	models_free();
	free(stored);
	free(newer);
	return 0;
}

static void check_labels(const uint8_t *expected)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	assert_int_equal(
		ta_infer(&session, models_images, MODELS_IMAGES, answer),
		TEEC_SUCCESS);
	assert_memory_equal(answer, expected, MODELS_IMAGES);
}

/* ---- jobs: each runs with a fault somewhere in it ---- */

static TEEC_Result job_load(void)
{
	return ta_load(&session, models[1].container, models[1].container_len);
}

static TEEC_Result job_load_sealed(void)
{
	return ta_load_sealed(&session, models[1].sealed, models[1].sealed_len);
}

static TEEC_Result job_load_newer(void)
{
	return ta_load_sealed(&session, newer, models[1].sealed_len);
}

static TEEC_Result job_infer(void)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	return ta_infer(&session, models_images, MODELS_IMAGES, answer);
}

static TEEC_Result job_store_key(void)
{
	return ta_store_key(&session, other_key);
}

static TEEC_Result job_encrypt(void)
{
	return models_encrypt(&session);
}

static TEEC_Result job_decrypt(void)
{
	return models_decrypt(&session);
}

static TEEC_Result job_device_key(void)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	return ta_device_key(&session, device);
}

static TEEC_Result job_provision(void)
{
	return ta_provision(&session, envelope);
}

static TEEC_Result job_status(void)
{
	struct enc_status status = { 0 };

	return ta_status(&session, &status);
}

static TEEC_Result job_session(void)
{
	TEEC_Session another = { 0 };
	TEEC_Result res = ta_open(&context, &another);

	TEEC_CloseSession(&another);
	return res;
}

static const struct job {
	const char *name;
	TEEC_Result (*run)(void);
	const char *without; /* an object missing on the device before it */
	size_t least;	     /* at least this many can fail */
} jobs[] = {
	{ "load", job_load, NULL, 40 },
	{ "infer", job_infer, NULL, 0 },
	{ "store key", job_store_key, NULL, 1 },
	{ "encrypt", job_encrypt, NULL, 8 },
	{ "decrypt", job_decrypt, NULL, 8 },
	{ "session", job_session, NULL, 1 },
	{ "sealed load", job_load_sealed, NULL, 377 },
	{ "newer sealed load", job_load_newer, NULL, 379 },
	{ "device key", job_device_key, NULL, 3 },
	{ "first device key", job_device_key, "device", 8 },
	{ "provision", job_provision, NULL, 50 },
	{ "first provision", job_provision, "sealed-key", 50 },
	{ "status", job_status, NULL, 6 },
	{ "status without a key", job_status, "sealed-key", 5 },
};

/*
 * A session with a model, which needs more working memory than any load: its
 * heap does not depend on what was begun before.
 */
static void load_session(void)
{
	standin_reset();
	standin_storage_restore(stored);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_load_sealed(&session, models[0].sealed,
					models[0].sealed_len),
			 TEEC_SUCCESS);
	loaded = true;
}

/* The device before each job, and the session. */
static void prepare(const struct job *job)
{
	if (!loaded)
		load_session();
	standin_reset();
	standin_storage_restore(stored);
	if (job->without)
		assert_true(standin_storage_remove(job->without));
}

static void end_session(void)
{
	TEEC_CloseSession(&session);
	loaded = false;
}

/* ---- checks after a fault ---- */

struct strike {
	const struct job *job;
	const char *function; /* that failed; NULL: none */
	TEEC_Result with;
	TEEC_Result res; /* of the job */
	struct device before;
	struct device after; /* after the job without a fault */
};

/*
 * The job may succeed despite the fault: a missing object is not always an
 * error, and STATUS does without the property.
 */
static bool may_succeed(const struct strike *s)
{
	return s->with == TEEC_ERROR_ITEM_NOT_FOUND ||
	       (s->job->run == job_status &&
		!strcmp(s->function, "TEE_GetPropertyAsU32") &&
		s->with != TEEC_ERROR_TARGET_DEAD);
}

static bool same(const void *now, const void *before, const void *after,
		 size_t size)
{
	return !memcmp(now, before, size) || !memcmp(now, after, size);
}

/* Each part is old or new, and the epoch changes after the key. */
static void check_device(const struct strike *s)
{
	struct device now = { 0 };
	bool good = true;

	look(&now);
	if (s->with == ENC_TEE_CORRUPT_OBJECT && !now.found) {
		assert_false(now.has_key);
		return;
	}
	if (s->with == ENC_TEE_CORRUPT_OBJECT && !now.has_key)
		memcpy(now.key_id, s->before.key_id, sizeof(now.key_id));
	else
		good &= now.has_key == s->before.has_key ||
			now.has_key == s->after.has_key;
	/* the first key pair differs each time */
	if (s->before.found)
		good &= !memcmp(now.public_key, s->before.public_key,
				sizeof(now.public_key));
	good &= same(now.key_id, s->before.key_id, s->after.key_id,
		     sizeof(now.key_id));
	good &= same(&now.epoch, &s->before.epoch, &s->after.epoch,
		     sizeof(now.epoch));
	good &= same(&now.version, &s->before.version, &s->after.version,
		     sizeof(now.version));
	if (now.epoch != s->before.epoch && s->with != ENC_TEE_CORRUPT_OBJECT)
		good &= !memcmp(now.key_id, s->after.key_id,
				sizeof(now.key_id));
	if (!good)
		fail_msg("%s, %s failed: epoch %u, version %u, key %02x",
			 s->job->name, s->function, (unsigned int)now.epoch,
			 (unsigned int)now.version, now.key_id[0]);
}

/* Only an object that OP-TEE found corrupt may be lost. */
static void replace_what_is_lost(const struct strike *s)
{
	struct device now = { 0 };

	look(&now);
	if (ta_begin(&session) == TEEC_ERROR_ITEM_NOT_FOUND) {
		assert_int_equal(s->with, ENC_TEE_CORRUPT_OBJECT);
		assert_int_equal(ta_store_key(&session, models_key),
				 TEEC_SUCCESS);
	}
	if (now.has_key || s->job->without)
		return;
	assert_int_equal(s->with, ENC_TEE_CORRUPT_OBJECT);
	assert_int_equal(
		ta_provision_epoch(&session, &models_owner, EPOCH - now.found),
		now.found ? TEEC_ERROR_SECURITY : TEEC_SUCCESS);
	assert_int_equal(ta_provision_epoch(&session, &models_owner, EPOCH + 1),
			 TEEC_SUCCESS);
}

/* A new session works as if nothing had happened. */
static void do_again(const struct strike *s)
{
	const bool lost = s->with == ENC_TEE_CORRUPT_OBJECT;
	const TEEC_Session before = session;
	struct device now = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	look(&now);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	replace_what_is_lost(s);
	res = s->job->run();
	TEEC_CloseSession(&session);
	session = before;
	if (s->job->run == job_provision &&
	    (lost || now.epoch == s->after.epoch))
		return; /* made for the old device key, or accepted */
	if (res != TEEC_SUCCESS)
		fail_msg("%s, %s failed: not to be done again (0x%x)",
			 s->job->name, s->function, res);
	look(&now);
	if (!lost)
		assert_true(!s->before.found ||
			    !memcmp(&now, &s->after, sizeof(now)));
}

/* Checks the session in which the job ran. */
static void check_session(const struct strike *s, size_t heap)
{
	const char *name = s->job->name;
	const bool dead =
		s->res == TEEC_ERROR_TARGET_DEAD && s->job->run != job_session;

	if (s->res == TEEC_SUCCESS && !may_succeed(s))
		fail_msg("%s succeeds though %s failed", name, s->function);
	if (freed_secrets() && s->res != TEEC_ERROR_TARGET_DEAD)
		fail_msg("%s frees what is not wiped when %s fails", name,
			 s->function);
	if (dead) {
		if (s->with != TEEC_ERROR_TARGET_DEAD)
			fail_msg("%s panics when %s fails with 0x%x", name,
				 s->function, s->with);
		end_session();
		return;
	}
	if (standin_heap_used(&session) != heap || standin_handles(&session) ||
	    standin_leaks())
		fail_msg("%s leaks when %s fails", name, s->function);
	check_labels(models[0].labels);
}

/* All calls at the beginning and end of a load, and those of some chunks. */
static bool is_struck(const struct job *job, size_t call)
{
	const size_t begin = 36;
	const size_t end = job->least - 10;

	return job->least < 100 || getenv("SOAK") || call < begin ||
	       call > end || call % 17 == 0;
}

static bool is_repeated(size_t call)
{
#ifdef MEMORY_IS_SHADOWED
	return getenv("SOAK") || call % 16 == 1;
#else
	(void)call;
	return true;
#endif
}

/* Runs the job with a fault. False: it makes fewer calls than that. */
static bool strike(struct strike *s, size_t call, size_t way, size_t *ways)
{
	size_t heap = 0;

	prepare(s->job);
	freed_watch();
	heap = standin_heap_used(&session);
	standin_fault(call, way);
	s->res = s->job->run();
	s->function = standin_fault_struck(ways);
	s->with = standin_fault_result();
	standin_fault(0, 0);
	if (!s->function) {
		assert_int_equal(s->res, TEEC_SUCCESS);
		end_session();
		return false;
	}
	check_session(s, heap);
	check_device(s);
	if (is_repeated(call))
		do_again(s);
	return true;
}

static void every_call_may_fail(void **state)
{
	struct strike s = { .job = *state };
	size_t call = 1;

	prepare(s.job);
	look(&s.before);
	assert_int_equal(s.job->run(), TEEC_SUCCESS);
	end_session();
	look(&s.after);
	for (;; call++) {
		size_t way = 0;
		size_t ways = 0;

		if (!is_struck(s.job, call))
			continue;
		do {
			if (!strike(&s, call, way, &ways))
				goto out;
		} while (++way < ways);
	}
out:
	if (call - 1 < s.job->least)
		fail_msg("%s: only %zu calls", s.job->name, call - 1);
}

#define JOB(i)                                                          \
	{                                                               \
		"every_call_may_fail", every_call_may_fail, NULL, NULL, \
			(void *)(uintptr_t)&jobs[i]                     \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB(0), JOB(1), JOB(2), JOB(3),	 JOB(4),  JOB(5),  JOB(6),
		JOB(7), JOB(8), JOB(9), JOB(10), JOB(11), JOB(12), JOB(13),
	};

	_Static_assert(COUNT(tests) == COUNT(jobs), "each job is a test");
	return cmocka_run_group_tests_name("faults", tests, setup, teardown);
}
