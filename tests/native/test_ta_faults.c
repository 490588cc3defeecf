/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes every call of the TA to the TEE Internal Core API fail, one after the
 * other and in each possible way, panics included. Nothing is left behind,
 * what lasts is wholly old or wholly new, the previous model still answers, and
 * a refused command can be repeated.
 *
 * A load makes the same calls for each chunk: without SOAK in the environment,
 * not all chunks are struck, and a sanitizer sees few commands repeated.
 */
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
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
static bool loaded; /* session is open, and the job's model answers there */
static TEEC_Session second;		/* that a job closes */
static struct standin_storage *stored;	/* a device with every object */
static struct standin_storage *newborn; /* that has a key pair alone */
static uint8_t *newer;	 /* models[1] as a version not committed yet */
static uint8_t *counted; /* models[0], whose answers are counted */
static uint8_t envelope[BOX_ENVELOPE_BYTES]; /* with another model key */
static struct sealed_maker next;	     /* its owner */
static uint32_t flags;			     /* of STATUS, in a job */

/* What lasts of a device, as STATUS says. */
struct device {
	bool found;
	uint8_t bytes[ENC_MNIST_STATUS_BYTES - ENC_MNIST_STATUS_AT_DEVICE];
};

static TEEC_Result get_status(TEEC_Session *of, uint8_t *bytes)
{
	size_t size = ENC_MNIST_STATUS_BYTES;

	return ta_ask(of, ENC_MNIST_CMD_STATUS, bytes, &size);
}

static void look(struct device *device)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	TEEC_Session another = { 0 };

	assert_int_equal(ta_open(&context, &another), TEEC_SUCCESS);
	assert_int_equal(get_status(&another, bytes), TEEC_SUCCESS);
	TEEC_CloseSession(&another);
	memset(device, 0, sizeof(*device));
	device->found = box_load32(bytes) & ENC_MNIST_STATUS_DEVICE;
	memcpy(device->bytes, bytes + ENC_MNIST_STATUS_AT_DEVICE,
	       sizeof(device->bytes));
}

static void check_labels(const uint8_t *expected)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	assert_int_equal(
		ta_infer(&session, models_images, MODELS_IMAGES, answer),
		TEEC_SUCCESS);
	assert_memory_equal(answer, expected, MODELS_IMAGES);
}

/* ---- the device, and what is loaded there ---- */

static void make_models(void)
{
	struct sealed_maker maker = models_owner;
	size_t len = 0;

	newer = models_seal(&models[1], "test", VERSION);
	maker.head.life_answers = 5000;
	counted = sealed_make(&maker, models[0].network, models[0].network_len,
			      &len);
}

/* Retires the only key, and lists the model. */
static void make_envelope(const uint8_t device[BOX_X25519_BYTES])
{
	struct box_envelope claim = { 0 };

	next = models_owner;
	memset(next.key, 0x5a, sizeof(next.key));
	assert_true(enc_key_id(next.key, next.head.key_id));
	claim = sealed_claim(&next);
	claim.retired = EPOCH - 1;
	claim.models = 1;
	memcpy(claim.model[0].id, "test", 4);
	claim.model[0].security_version = VERSION;
	memcpy(claim.device, device, sizeof(claim.device));
	sealed_envelope(&next, device, EPOCH, &claim, envelope);
}

static int setup(void **state)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	(void)state;
	models_make();
	make_models();
	standin_reset();
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(&session, models_key), TEEC_SUCCESS);
	newborn = standin_storage_save();
	models_store_keys(&session, EPOCH - 1);
	assert_int_equal(ta_load_sealed(&session, models[0].sealed,
					models[0].sealed_len),
			 TEEC_SUCCESS);
	check_labels(models[0].labels);
	assert_int_equal(ta_commit(&session), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	stored = standin_storage_save();
	make_envelope(device);
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
	free(newborn);
	free(newer);
	free(counted);
	return 0;
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

static TEEC_Result job_infer(void)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	return ta_infer(&session, models_images, MODELS_IMAGES, answer);
}

static TEEC_Result job_run(void)
{
	uint32_t answer[MODELS_IMAGES] = { 0 };
	size_t size = sizeof(answer);

	return ta_call(&session, ENC_MNIST_CMD_RUN, models_images,
		       sizeof(models_images), answer, &size);
}

static TEEC_Result job_commit(void)
{
	return ta_commit(&session);
}

/* It gives back what it had reserved. */
static TEEC_Result job_close(void)
{
	TEEC_CloseSession(&second);
	return TEEC_SUCCESS;
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
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	TEEC_Result res = get_status(&session, bytes);

	if (res == TEEC_SUCCESS)
		flags = box_load32(bytes);
	return res;
}

static TEEC_Result job_session(void)
{
	TEEC_Session another = { 0 };
	TEEC_Result res = ta_open(&context, &another);

	TEEC_CloseSession(&another);
	return res;
}

enum device_kind {
	WHOLE,
	NEWBORN,
	NO_DEVICE
};

static const struct job {
	const char *name;
	TEEC_Result (*run)(void);
	size_t least; /* at least this many calls can fail */
	enum device_kind kind;
} jobs[] = {
	{ "load", job_load, 40, WHOLE },
	{ "infer", job_infer, 0, WHOLE },
	{ "counted run", job_run, 6, WHOLE },
	{ "commit", job_commit, 6, WHOLE },
	{ "close", job_close, 6, WHOLE },
	{ "store key", job_store_key, 1, WHOLE },
	{ "encrypt", job_encrypt, 8, WHOLE },
	{ "decrypt", job_decrypt, 8, WHOLE },
	{ "session", job_session, 1, WHOLE },
	{ "sealed load", job_load_sealed, 377, WHOLE },
	{ "device key", job_device_key, 3, WHOLE },
	{ "first device key", job_device_key, 8, NO_DEVICE },
	{ "provision", job_provision, 50, WHOLE },
	{ "first provision", job_provision, 50, NEWBORN },
	{ "status", job_status, 6, WHOLE },
	{ "status of a new device", job_status, 6, NEWBORN },
	{ "status of none", job_status, 2, NO_DEVICE },
};

static const uint8_t *model_of(const struct job *job)
{
	return job->run == job_run    ? counted :
	       job->run == job_commit ? newer :
					models[0].sealed;
}

static const uint8_t *labels_of(const struct job *job)
{
	return models[job->run == job_commit].labels;
}

static bool loads(const struct job *job)
{
	return job->run == job_load || job->run == job_load_sealed;
}

static void open_with(TEEC_Session *to, const uint8_t *model)
{
	assert_int_equal(ta_open(&context, to), TEEC_SUCCESS);
	assert_int_equal(ta_load_sealed(to, model, models[0].sealed_len),
			 TEEC_SUCCESS);
}

static void begin_anew(void)
{
	standin_reset();
	standin_storage_restore(stored);
}

/*
 * A session with a model, which needs more working memory than any load: its
 * heap does not depend on what was begun before.
 */
static void load_session(const struct job *job)
{
	begin_anew();
	open_with(&session, model_of(job));
	if (job->run == job_commit)
		check_labels(labels_of(job));
	loaded = true;
}

static void end_session(void)
{
	TEEC_CloseSession(&session);
	loaded = false;
}

/* What a job needs that is not there for long. */
static void make_ready(const struct job *job)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	if (job->run != job_close)
		return;
	open_with(&second, counted);
	assert_int_equal(
		ta_infer(&second, models_images, MODELS_IMAGES, answer),
		TEEC_SUCCESS);
}

static void no_wait(uint32_t milliseconds)
{
	(void)milliseconds;
}

/* The device before each job, and the session. */
static void prepare(const struct job *job)
{
	if (loaded && job->run == job_run)
		end_session(); /* what it has reserved goes along */
	if (!loaded)
		load_session(job);
	begin_anew();
	standin_on_wait(no_wait);
	if (job->kind == NEWBORN)
		standin_storage_restore(newborn);
	if (job->kind == NO_DEVICE)
		assert_true(standin_storage_remove("device"));
	make_ready(job);
}

/* ---- checks after a fault ---- */

struct strike {
	const struct job *job;
	const char *function; /* that failed; NULL: none */
	TEEC_Result with;
	TEEC_Result res; /* of the job */
	struct device before;
	struct device after; /* after the job without a fault */
	struct device now;
	uint32_t flags; /* of STATUS, without a fault */
};

static bool same(const struct device *a, const struct device *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Whether the TA asks again, or the answer is an answer. */
static bool is_no_error(const struct strike *s)
{
	return s->with == TEEC_ERROR_ITEM_NOT_FOUND ||
	       (s->with == TEEC_ERROR_ACCESS_CONFLICT &&
		!strcmp(s->function, "TEE_OpenPersistentObject")) ||
	       (s->with == TEEC_ERROR_CANCEL &&
		!strcmp(s->function, "TEE_Wait"));
}

/* Facts of the platform may be missing, and nothing else. */
static bool says_less(const struct strike *s)
{
	const uint32_t facts =
		ENC_MNIST_STATUS_HUK_ZERO | ENC_MNIST_STATUS_IN_FILES;

	return !((flags ^ s->flags) & ~facts) && !(flags & ~s->flags);
}

/*
 * The job may succeed despite the fault: STATUS does without a fact, what an
 * envelope retires may be left, and nobody hears that a session ends in error.
 */
static bool may_succeed(const struct strike *s)
{
	if (s->job->run == job_close || is_no_error(s))
		return true;
	if (s->with == TEEC_ERROR_TARGET_DEAD)
		return false;
	if (s->job->run == job_status)
		return says_less(s);
	return s->job->run == job_provision && same(&s->now, &s->after);
}

/* What lasts is as before or as after. */
static void check_device(struct strike *s)
{
	look(&s->now);
	if (s->with == ENC_TEE_CORRUPT_OBJECT && !s->now.found)
		return;
	/* the first key pair differs each time */
	if (s->job->run == job_device_key && !s->before.found && s->now.found)
		memcpy(s->now.bytes, s->after.bytes, BOX_X25519_BYTES);
	if (!same(&s->now, &s->before) && !same(&s->now, &s->after))
		fail_msg("%s, %s failed: neither old nor new", s->job->name,
			 s->function);
	/* a key pair that is made stays */
	if (s->res != TEEC_SUCCESS && s->res != TEEC_ERROR_TARGET_DEAD &&
	    s->job->run != job_device_key && !same(&s->now, &s->before))
		fail_msg("%s, %s failed: an error, and yet it is done",
			 s->job->name, s->function);
}

/* Only an object that OP-TEE found corrupt may be lost. */
static void replace_what_is_lost(const struct strike *s)
{
	if (ta_begin(&session) == TEEC_ERROR_ITEM_NOT_FOUND) {
		assert_int_equal(s->with, ENC_TEE_CORRUPT_OBJECT);
		assert_int_equal(ta_store_key(&session, models_key),
				 TEEC_SUCCESS);
	}
	if (s->job->kind != WHOLE ||
	    ta_begin_sealed(&session, model_of(s->job), BOX_HEAD_BYTES) !=
		    TEEC_ERROR_ITEM_NOT_FOUND)
		return;
	if (s->with != ENC_TEE_CORRUPT_OBJECT)
		fail_msg("%s, %s failed with 0x%x: a key is lost", s->job->name,
			 s->function, s->with);
	assert_int_equal(ta_provision_epoch(&session, &models_owner, EPOCH + 1),
			 TEEC_SUCCESS);
}

static void load_again(const struct strike *s)
{
	if (s->job->run != job_run && s->job->run != job_commit)
		return;
	assert_int_equal(ta_load_sealed(&session, model_of(s->job),
					models[0].sealed_len),
			 TEEC_SUCCESS);
	check_labels(labels_of(s->job));
}

/* A new session works as if nothing had happened. */
static void do_again(const struct strike *s)
{
	const bool lost = s->with == ENC_TEE_CORRUPT_OBJECT;
	const TEEC_Session before = session;
	struct device now = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	/* the envelope was for the old device key, or is accepted */
	if (s->job->run == job_close || (s->job->run == job_provision &&
					 (lost || same(&s->now, &s->after))))
		return;
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	replace_what_is_lost(s);
	load_again(s);
	res = s->job->run();
	TEEC_CloseSession(&session);
	session = before;
	if (res != TEEC_SUCCESS)
		fail_msg("%s, %s failed: not to be done again (0x%x)",
			 s->job->name, s->function, res);
	look(&now);
	/* a killed session has kept what it had reserved */
	if (!lost && s->job->run != job_run)
		assert_true(!s->before.found || same(&now, &s->after));
}

/* Checks the session in which the job ran. */
static void check_session(const struct strike *s, size_t heap)
{
	const char *name = s->job->name;
	const bool dead =
		s->res == TEEC_ERROR_TARGET_DEAD && s->job->run != job_session;

	if (s->res == TEEC_SUCCESS && !may_succeed(s))
		fail_msg("%s succeeds though %s failed with 0x%x", name,
			 s->function, s->with);
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
	if (s->res == TEEC_SUCCESS && loads(s->job)) {
		check_labels(models[1].labels);
		end_session();
	} else if (s->job->run != job_run || s->now.found) {
		check_labels(labels_of(s->job)); /* counted on the device */
	}
}

/* All calls at the beginning and end of a load, and those of some chunks. */
static bool is_struck(const struct job *job, size_t call)
{
	const size_t begin = 50;
	const size_t end = job->least - 20;

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
	if (freed_secrets() && s->with != TEEC_ERROR_TARGET_DEAD)
		fail_msg("%s frees what is not wiped when %s fails",
			 s->job->name, s->function);
	if (!s->function) {
		assert_int_equal(s->res, TEEC_SUCCESS);
		end_session();
		return false;
	}
	check_device(s);
	check_session(s, heap);
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
	look(&s.after);
	s.flags = flags;
	end_session();
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
		JOB(0),	 JOB(1),  JOB(2),  JOB(3),  JOB(4),  JOB(5),
		JOB(6),	 JOB(7),  JOB(8),  JOB(9),  JOB(10), JOB(11),
		JOB(12), JOB(13), JOB(14), JOB(15), JOB(16),
	};

	_Static_assert(COUNT(tests) == COUNT(jobs), "each job is a test");
	return cmocka_run_group_tests_name("faults", tests, setup, teardown);
}
