/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libencmnist and libencmnist-owner, by their public headers alone, with the TA
 * on the stand-in: from a trained network to a label, and what is refused.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/encmnist-owner.h"
#include "lib/encmnist.h"
#include "testkit/test.h"
#include "tests/lib/scratch.h"
#include "tests/standin/standin.h"

#define IMAGE  784
#define DIGITS 10
#define NAMES  "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"

static encmnist_error *error;
static encmnist_session *session;
static uint8_t digits[DIGITS][IMAGE];
static uint8_t *sealed;
static size_t sealed_len;

static void must(bool good)
{
	if (!good)
		fail_msg("%s (%s)", encmnist_error_what(error),
			 encmnist_error_hint(error));
}

/* Failed, of this kind, with these words; forgets it. */
static void failed(bool good, enum encmnist_kind kind, const char *words)
{
	assert_false(good);
	assert_non_null(error);
	if (encmnist_error_kind(error) != kind ||
	    !strstr(encmnist_error_what(error), words))
		fail_msg("kind %d: %s (%s)", (int)encmnist_error_kind(error),
			 encmnist_error_what(error),
			 encmnist_error_hint(error));
	encmnist_error_free(error);
	error = NULL;
}

static void read_file(const char *path, void *to, size_t size, size_t *len)
{
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	*len = fread(to, 1, size, f);
	fclose(f);
}

/* --- An owner, and a device that has its key --------------------------- */

static void seal_as(const char *id, uint32_t version, uint32_t leaves,
		    uint32_t amount, const char *file)
{
	struct encmnist_seal seal = ENCMNIST_SEAL;
	encmnist_network *net =
		encmnist_import_file("models/mnist.bin", &error);
	encmnist_owner *owner = NULL;
	encmnist_model_key *key = NULL;

	must(net);
	owner = encmnist_owner_open("out/owner/owner.pem", NULL, NULL, &error);
	must(owner);
	key = encmnist_model_key_open(scratch_path("key"), &error);
	must(key);
	assert_int_equal(strlen(encmnist_owner_fingerprint(owner)), 79);
	seal.model_id = id;
	seal.model_version = version;
	seal.leaves = leaves;
	seal.amount = amount;
	scratch_write("names", NAMES, strlen(NAMES));
	seal.labels = leaves <= ENCMNIST_LABEL ? scratch_path("names") : NULL;
	must(encmnist_seal_file(net, owner, key, &seal, scratch_path(file),
				&error));
	encmnist_model_key_close(key);
	encmnist_owner_close(owner);
	encmnist_network_free(net);
}

static void give_key(uint32_t epoch)
{
	const char *devices = scratch_path("device.pub");
	struct encmnist_wrap wrap = ENCMNIST_WRAP;
	encmnist_model_key *key =
		encmnist_model_key_open(scratch_path("key"), &error);
	encmnist_owner *owner =
		encmnist_owner_open("out/owner/owner.pem", NULL, NULL, &error);
	char *pem = NULL;
	char *fingerprint = NULL;

	must(owner);
	must(encmnist_device_key(session, &pem, &fingerprint, &error));
	assert_int_equal(strlen(fingerprint), 79);
	scratch_write("device.pub", pem, strlen(pem));
	must(key);
	wrap.epoch = epoch;
	wrap.devices = &devices;
	wrap.device_files = 1;
	must(encmnist_wrap_file(owner, key, &wrap, scratch_path("envelope"),
				&error));
	encmnist_model_key_close(key);
	encmnist_free(pem);
	encmnist_free(fingerprint);
	encmnist_owner_close(owner);
}

static int setup(void **state)
{
	encmnist_model_key *key = NULL;
	size_t len = 0;

	if (scratch_setup(state))
		return -1;
	standin_reset();
	for (int i = 0; i < DIGITS; i++) {
		char path[] = "samples/N.bin";

		path[strlen("samples/")] = (char)('0' + i);
		read_file(path, digits[i], IMAGE, &len);
		assert_int_equal(len, IMAGE);
	}
	key = encmnist_model_key_make(scratch_path("key"), &error);
	must(key);
	encmnist_model_key_close(key);
	must(encmnist_open(NULL, &session, &error));
	give_key(1);
	must(encmnist_provision_file(session, scratch_path("envelope"), NULL,
				     &error));
	encmnist_close(session);
	seal_as("digits", 3, 0, 0, "digits.sealed");
	sealed = malloc(4 << 20);
	assert_non_null(sealed);
	read_file(scratch_path("digits.sealed"), sealed, 4 << 20, &sealed_len);
	return 0;
}

static int teardown(void **state)
{
	free(sealed);
	return scratch_teardown(state);
}

static int open_session(void **state)
{
	(void)state;
	must(encmnist_open(NULL, &session, &error));
	return 0;
}

static int close_session(void **state)
{
	(void)state;
	encmnist_close(session);
	session = NULL;
	assert_int_equal(standin_leaks(), 0);
	return 0;
}

static void answers_digits(encmnist_session *s)
{
	uint32_t labels[DIGITS] = { 0 };

	must(encmnist_run(s, digits, DIGITS, labels, &error));
	for (uint32_t i = 0; i < DIGITS; i++)
		assert_int_equal(labels[i], i);
}

/* --- Models ------------------------------------------------------------ */

static void a_model_says_what_it_is(void **state)
{
	const encmnist_tensor *t = NULL;

	(void)state;
	assert_null(encmnist_model_id(session));
	assert_null(encmnist_samples(session));
	assert_int_equal(encmnist_inputs(session), 0);
	must(encmnist_load_file(session, scratch_path("digits.sealed"),
				&error));
	assert_string_equal(encmnist_model_id(session), "digits");
	assert_int_equal(encmnist_model_version(session), 3);
	assert_int_equal(encmnist_security_version(session), 3);
	assert_int_equal(encmnist_inputs(session), 1);
	assert_int_equal(encmnist_outputs(session), 1);
	assert_null(encmnist_input(session, 1));
	t = encmnist_input(session, 0);
	assert_int_equal(encmnist_tensor_type(t), ENCMNIST_UINT8);
	assert_int_equal(encmnist_tensor_rank(t), 3);
	assert_int_equal(encmnist_tensor_dim(t, 0), 28);
	assert_int_equal(encmnist_tensor_dim(t, 2), 1);
	assert_int_equal(encmnist_tensor_dim(t, 3), 1);
	assert_int_equal(encmnist_leaves(session), ENCMNIST_LABEL);
	assert_int_equal(encmnist_classes(session), DIGITS);
	assert_string_equal(encmnist_class_name(session, 7), "seven");
	assert_null(encmnist_class_name(session, DIGITS));
	assert_int_equal(encmnist_sample_bytes(session), IMAGE);
	assert_int_equal(encmnist_answer_bytes(session), 4);
	assert_in_range(encmnist_room(session), 1, 256);
}

struct pieces {
	size_t at;
	size_t most; /* of a piece */
	size_t fail; /* at this byte */
	size_t lie;  /* says that so many more bytes came */
};

static ptrdiff_t give_piece(void *context, void *buffer, size_t len)
{
	struct pieces *p = context;
	size_t n = len < p->most ? len : p->most;

	if (p->fail && p->at >= p->fail) {
		errno = EIO;
		return -1;
	}
	if (n > sealed_len - p->at)
		n = sealed_len - p->at;
	memcpy(buffer, sealed + p->at, n);
	p->at += n;
	return (ptrdiff_t)(n + p->lie);
}

static void a_model_comes_from_memory_or_in_pieces(void **state)
{
	struct pieces pieces = { .most = 1000 };

	(void)state;
	must(encmnist_load_memory(session, sealed, sealed_len, &error));
	answers_digits(session);
	must(encmnist_load(session, give_piece, &pieces, "pieces", &error));
	answers_digits(session);
	pieces = (struct pieces){ .most = 1 };
	must(encmnist_load(session, give_piece, &pieces, "pieces", &error));
	answers_digits(session);
}

static void a_load_that_fails_changes_nothing(void **state)
{
	static const size_t at[] = { 1, 300, 600, 100000 };
	struct pieces lies = { .most = 1000, .lie = 1u << 30 };

	(void)state;
	failed(encmnist_load_file(session, "none", &error), ENCMNIST_OTHER,
	       "none: cannot open");
	must(encmnist_load_memory(session, sealed, sealed_len, &error));
	/* the head, class names, and chunks */
	for (size_t i = 0; i < COUNT(at); i++) {
		struct pieces fails = { .most = 100, .fail = at[i] };

		failed(encmnist_load(session, give_piece, &fails, "disk",
				     &error),
		       ENCMNIST_OTHER, "disk: cannot read: Input/output error");
	}
	failed(encmnist_load(session, give_piece, &lies, "liar", &error),
	       ENCMNIST_OTHER, "liar: ");
	failed(encmnist_load_memory(session, sealed, sealed_len - 1, &error),
	       ENCMNIST_OTHER, "the model: cannot load the model: bad format");
	failed(encmnist_load_memory(session, sealed, 0, &error), ENCMNIST_OTHER,
	       "the file is empty");
	sealed[300000] ^= 1;
	failed(encmnist_load_memory(session, sealed, sealed_len, &error),
	       ENCMNIST_REFUSED, "not authentic");
	sealed[300000] ^= 1;
	assert_string_equal(encmnist_class_name(session, 9), "nine");
	answers_digits(session);
	/* nobody wants to know */
	assert_false(encmnist_load_file(session, "none", NULL));
}

/* The TEE has the new one then, and the session no memory for its samples. */
static void a_model_without_room_is_none(void **state)
{
	(void)state;
	must(encmnist_load_memory(session, sealed, sealed_len, &error));
	standin_unshared(1);
	failed(encmnist_load_memory(session, sealed, sealed_len, &error),
	       ENCMNIST_TRY_AGAIN, "cannot share memory with the TEE");
	assert_int_equal(encmnist_room(session), 0);
	assert_null(encmnist_samples(session));
	assert_null(encmnist_model_id(session));
	assert_null(encmnist_class_name(session, 9));
	failed(encmnist_run_shared(session, 1, &error), ENCMNIST_OTHER,
	       "no model has been loaded");
	must(encmnist_load_memory(session, sealed, sealed_len, &error));
	answers_digits(session);
}

/* --- Answers ----------------------------------------------------------- */

static void any_number_of_samples_is_answered(void **state)
{
	const size_t n = 2 * 256 + 3;
	uint8_t(*many)[IMAGE] = calloc(n, IMAGE);
	uint32_t *labels = calloc(n, sizeof(*labels));

	(void)state;
	assert_non_null(many);
	assert_non_null(labels);
	must(encmnist_load_memory(session, sealed, sealed_len, &error));
	for (size_t i = 0; i < n; i++)
		memcpy(many[i], digits[i * 7 % DIGITS], IMAGE);
	must(encmnist_run(session, many, n, labels, &error));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(labels[i], i * 7 % DIGITS);
	free(labels);
	free(many);
}

static void what_is_no_number_of_samples_is_refused(void **state)
{
	uint32_t label = 99;

	(void)state;
	failed(encmnist_run(session, digits, 1, &label, &error), ENCMNIST_OTHER,
	       "no model has been loaded");
	failed(encmnist_run(session, digits, 1000, &label, &error),
	       ENCMNIST_OTHER, "no model has been loaded");
	failed(encmnist_commit(session, &error), ENCMNIST_OTHER, "bad state");
	must(encmnist_load_memory(session, sealed, sealed_len, &error));
	failed(encmnist_run(session, digits, 0, &label, &error), ENCMNIST_OTHER,
	       "0 samples");
	failed(encmnist_run_shared(session, encmnist_room(session) + 1, &error),
	       ENCMNIST_OTHER, "the session has room for 1 to ");
	assert_int_equal(label, 99);
}

static void the_owner_decides_what_leaves(void **state)
{
	uint32_t top[3] = { 0 };
	float scores[DIGITS] = { 0 };

	(void)state;
	seal_as("digits", 3, ENCMNIST_TOP, 3, "top.sealed");
	must(encmnist_load_file(session, scratch_path("top.sealed"), &error));
	assert_int_equal(encmnist_leaves_amount(session), 3);
	assert_int_equal(encmnist_answer_bytes(session), sizeof(top));
	must(encmnist_run(session, digits[7], 1, top, &error));
	assert_int_equal(top[0], 7);
	assert_true(top[1] != 7 && top[2] != 7 && top[1] != top[2]);
	seal_as("digits", 3, ENCMNIST_RAW, 0, "raw.sealed");
	must(encmnist_load_file(session, scratch_path("raw.sealed"), &error));
	assert_int_equal(encmnist_answer_bytes(session), sizeof(scores));
	must(encmnist_run(session, digits[4], 1, scores, &error));
	for (int i = 0; i < DIGITS; i++)
		assert_true(i == 4 || scores[i] < scores[4]);
}

static void a_committed_model_is_not_gone_back_behind(void **state)
{
	(void)state;
	seal_as("rising", 1, 0, 0, "one.sealed");
	seal_as("rising", 2, 0, 0, "two.sealed");
	must(encmnist_load_file(session, scratch_path("two.sealed"), &error));
	failed(encmnist_commit(session, &error), ENCMNIST_OTHER, "bad state");
	answers_digits(session);
	must(encmnist_commit(session, &error));
	failed(encmnist_load_file(session, scratch_path("one.sealed"), &error),
	       ENCMNIST_REFUSED, "security error");
}

/* --- The device -------------------------------------------------------- */

static void an_envelope_comes_from_memory(void **state)
{
	struct encmnist_taken taken = ENCMNIST_TAKEN;
	uint8_t bytes[1024] = { 0 };
	size_t len = 0;

	(void)state;
	give_key(5);
	read_file(scratch_path("envelope"), bytes, sizeof(bytes), &len);
	failed(encmnist_provision_memory(session, bytes, len - 1, &taken,
					 &error),
	       ENCMNIST_OTHER, "");
	failed(encmnist_provision_memory(session, bytes, 0, &taken, &error),
	       ENCMNIST_OTHER, "the file is empty");
	assert_int_equal(taken.epoch, 0);
	/* a program that knows less of the struct */
	taken.size = offsetof(struct encmnist_taken, key_id);
	must(encmnist_provision_memory(session, bytes, len, &taken, &error));
	assert_int_equal(taken.epoch, 5);
	assert_int_equal(taken.key_id[0], 0);
	give_key(6);
	taken.size = sizeof(taken);
	must(encmnist_provision_file(session, scratch_path("envelope"), &taken,
				     &error));
	assert_int_equal(taken.epoch, 6);
	assert_int_equal(strlen(taken.key_id), 32);
	failed(encmnist_provision_file(session, scratch_path("envelope"),
				       &taken, &error),
	       ENCMNIST_REFUSED, "security error");
}

static void a_device_says_what_it_is(void **state)
{
	encmnist_status *status = NULL;
	uint32_t epoch = 0;

	(void)state;
	must(encmnist_get_status(session, &status, &error));
	assert_int_equal(encmnist_status_fact(status, ENCMNIST_HAS_DEVICE_KEY),
			 1);
	assert_int_equal(
		encmnist_status_fact(status, ENCMNIST_OWN_HARDWARE_KEY), 0);
	assert_int_equal(encmnist_status_fact(status, 999), -1);
	assert_in_range(encmnist_status_number(status, ENCMNIST_EPOCH), 1, 9);
	assert_int_equal(encmnist_status_number(status, ENCMNIST_KEYS), 1);
	assert_int_equal(strlen(encmnist_status_key(status, 0, &epoch)), 32);
	assert_in_range(epoch, 1, 9);
	assert_null(encmnist_status_key(status, 1, NULL));
	assert_null(encmnist_status_model(status, 100, NULL, NULL));
	assert_int_equal(strlen(encmnist_status_text(status, ENCMNIST_DEVICE)),
			 79);
	assert_string_equal(encmnist_status_text(status, ENCMNIST_TA),
			    "ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744");
	encmnist_status_free(status);
}

static void options_of_other_libraries_are_refused(void **state)
{
	struct {
		struct encmnist_options options;
		uint64_t unknown; /* without padding: lib/options.h */
	} newer = { ENCMNIST_OPTIONS, 0 };
	encmnist_session *s = NULL;

	(void)state;
	newer.options.size = sizeof(newer);
	must(encmnist_open(&newer.options, &s, &error));
	encmnist_close(s);
	newer.unknown = 1;
	failed(encmnist_open(&newer.options, &s, &error), ENCMNIST_OTHER,
	       "an option that this library does not have");
	assert_null(s);
	newer.options.size = 0;
	failed(encmnist_open(&newer.options, &s, &error), ENCMNIST_OTHER,
	       "ENCMNIST_OPTIONS");
	newer.options.size = sizeof(newer.options);
	newer.options.ta = "no";
	failed(encmnist_open(&newer.options, &s, &error), ENCMNIST_OTHER,
	       "`no' is no UUID");
	encmnist_close(NULL);
	encmnist_error_free(NULL);
}

/* --- Threads ----------------------------------------------------------- */

#define THREADS 4
#define TURNS	20

/* A session of its own; NULL if all went well, else the error. */
static void *work(void *unused)
{
	encmnist_session *s = NULL;
	encmnist_error *e = NULL;
	uint32_t label = 0;

	(void)unused;
	if (!encmnist_open(NULL, &s, &e) ||
	    !encmnist_load_memory(s, sealed, sealed_len, &e))
		return e;
	for (uint32_t i = 0; i < TURNS && !e; i++) {
		if (!encmnist_run(s, digits[i % DIGITS], 1, &label, &e))
			break;
		if (label != i % DIGITS)
			encmnist_load_file(s, "a wrong label", &e);
	}
	encmnist_close(s);
	return e;
}

static void threads_have_sessions_of_their_own(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, NULL),
				 0);
	for (int i = 0; i < THREADS; i++) {
		void *result = NULL;

		assert_int_equal(pthread_join(threads[i], &result), 0);
		error = result;
		must(!error);
	}
}

/* For all of the process: the library's thread would be ended by it. */
static void signals_are_the_programs(void **state)
{
	const struct timespec second = { .tv_sec = 1 };
	sigset_t kept;
	sigset_t one;

	(void)state;
	sigemptyset(&one);
	sigaddset(&one, SIGTERM);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &one, &kept), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	usleep(100000); /* for another thread to take it */
	assert_int_equal(sigtimedwait(&one, NULL, &second), SIGTERM);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &kept, NULL), 0);
	must(encmnist_load_memory(session, sealed, sealed_len, &error));
	answers_digits(session);
}

/* --- Owners ------------------------------------------------------------ */

static bool give_nothing(void *context, const char *what, const char *of,
			 char *text, size_t room)
{
	(void)text;
	assert_string_equal(what, "passphrase");
	assert_non_null(of);
	++*(int *)context;
	assert_true(room > 1000);
	return false;
}

/* As much as there is room for, and no end. */
static bool give_too_much(void *context, const char *what, const char *of,
			  char *text, size_t room)
{
	(void)context;
	(void)what;
	(void)of;
	memset(text, 'x', room);
	return true;
}

static bool give_word(void *context, const char *what, const char *of,
		      char *text, size_t room)
{
	(void)what;
	(void)of;
	snprintf(text, room, "%s", (const char *)context);
	return true;
}

static void an_owner_has_a_key(void **state)
{
	char word[] = "word";
	encmnist_owner *owner = NULL;
	int asked = 0;

	(void)state;
	must(encmnist_owner_make(scratch_path("new.pem"),
				 scratch_path("new.pub"), NULL, NULL, &error));
	failed(encmnist_owner_make(scratch_path("new.pem"),
				   scratch_path("new.pub"), NULL, NULL, &error),
	       ENCMNIST_OTHER, "exists");
	owner = encmnist_owner_open(scratch_path("new.pem"), give_nothing,
				    &asked, &error);
	must(owner);
	assert_int_equal(asked, 0);
	encmnist_owner_close(owner);
	must(encmnist_owner_make(scratch_path("word.pem"),
				 scratch_path("word.pub"), give_word, word,
				 &error));
	failed(encmnist_owner_open(scratch_path("word.pem"), NULL, NULL,
				   &error),
	       ENCMNIST_OTHER, "needs a passphrase");
	failed(encmnist_owner_open(scratch_path("word.pem"), give_nothing,
				   &asked, &error),
	       ENCMNIST_OTHER, "no passphrase was given");
	assert_int_equal(asked, 1);
	failed(encmnist_owner_open(scratch_path("word.pem"), give_too_much,
				   NULL, &error),
	       ENCMNIST_OTHER, "without its NUL");
	owner = encmnist_owner_open(scratch_path("word.pem"), give_word, word,
				    &error);
	must(owner);
	must(encmnist_owner_publish(owner, scratch_path("again.pub"), &error));
	failed(encmnist_owner_publish(owner, scratch_path("again.pub"), &error),
	       ENCMNIST_OTHER, "exists");
	encmnist_owner_close(owner);
}

#define ONES "1111111111111111"

static void a_model_key_has_an_id(void **state)
{
	const char ones[] = ONES ONES ONES ONES;
	encmnist_model_key *key = encmnist_model_key_of(ones, &error);
	encmnist_model_key *same = NULL;

	(void)state;
	must(key);
	scratch_write("ones", ones, strlen(ones));
	same = encmnist_model_key_open(scratch_path("ones"), &error);
	must(same);
	assert_int_equal(strlen(encmnist_model_key_id(key)), 32);
	assert_string_equal(encmnist_model_key_id(key),
			    encmnist_model_key_id(same));
	encmnist_model_key_close(same);
	encmnist_model_key_close(key);
	encmnist_model_key_close(NULL);
	failed(encmnist_model_key_of(ones + 1, &error), ENCMNIST_OTHER,
	       "model key");
	failed(encmnist_model_key_open("none", &error), ENCMNIST_OTHER,
	       "none: ");
	failed(encmnist_model_key_make(scratch_path("ones"), &error),
	       ENCMNIST_OTHER, "exists");
}

/* What the owner has; and files that must not be there. */
static encmnist_network *net;
static encmnist_owner *owner;
static encmnist_model_key *key;

static void not_sealed(const struct encmnist_seal *seal, const char *words)
{
	failed(encmnist_seal_file(net, owner, key, seal, scratch_path("x"),
				  &error),
	       ENCMNIST_OTHER, words);
	assert_int_not_equal(access(scratch_path("x"), F_OK), 0);
}

static void not_wrapped(const struct encmnist_wrap *wrap, const char *words)
{
	failed(encmnist_wrap_file(owner, key, wrap, scratch_path("x"), &error),
	       ENCMNIST_OTHER, words);
	assert_int_not_equal(access(scratch_path("x"), F_OK), 0);
}

static int open_owner(void **state)
{
	(void)state;
	net = encmnist_import_file("models/mnist.bin", &error);
	owner = encmnist_owner_open("out/owner/owner.pem", NULL, NULL, &error);
	key = encmnist_model_key_open(scratch_path("key"), &error);
	return net && owner && key ? 0 : -1;
}

static int close_owner(void **state)
{
	(void)state;
	encmnist_model_key_close(key);
	encmnist_owner_close(owner);
	encmnist_network_free(net);
	return 0;
}

static void what_cannot_be_sealed_is_refused(void **state)
{
	const struct {
		struct encmnist_seal seal;
		const char *words;
	} cases[] = {
		{ { .model_version = 1 }, "no model id" },
		{ { .model_id = "Upper", .model_version = 1 }, "`Upper'" },
		{ { .model_id = "a" }, "versions are from 1" },
		{ { .model_id = "a", .model_version = UINT32_MAX },
		  "versions are from 1" },
		{ { .model_id = "a", .model_version = 1, .login = "root" },
		  "`root'" },
		{ { .model_id = "a", .model_version = 1, .labels = "none" },
		  "none: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct encmnist_seal seal = cases[i].seal;

		not_sealed(&seal, "begin with ENCMNIST_SEAL");
		seal.size = sizeof(seal);
		not_sealed(&seal, cases[i].words);
	}
}

static void what_cannot_leave_is_refused(void **state)
{
	static const struct {
		uint32_t leaves;
		uint32_t amount;
		const char *words;
	} wrong[] = {
		{ 0, 3, "amount is for" },
		{ ENCMNIST_LABEL, 1, "amount is for" },
		{ ENCMNIST_TOP, 0, "amount of ENCMNIST_TOP is 1 to 32, not 0" },
		{ ENCMNIST_TOP, 33, "is 1 to 32, not 33" },
		{ ENCMNIST_SCORES, 17, "ENCMNIST_SCORES is 1 to 16, not 17" },
		{ ENCMNIST_RAW, 2, "amount is for" },
		{ 5, 0, "leaves: 5" },
	};
	struct encmnist_seal seal = ENCMNIST_SEAL;

	(void)state;
	seal.model_id = "digits";
	seal.model_version = 1;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		seal.leaves = wrong[i].leaves;
		seal.amount = wrong[i].amount;
		not_sealed(&seal, wrong[i].words);
	}
}

static void options_of_newer_programs_are_refused(void **state)
{
	struct {
		struct encmnist_seal known;
		uint64_t more;
	} newer = { .known = { .size = sizeof(newer),
			       .model_id = "a",
			       .model_version = 1 } };

	(void)state;
	must(encmnist_seal_file(net, owner, key, &newer.known,
				scratch_path("newer"), &error));
	not_sealed(NULL, "begin with ENCMNIST_SEAL");
	not_wrapped(NULL, "begin with ENCMNIST_WRAP");
	newer.more = 1;
	not_sealed(&newer.known, "an option that this library does not have");
}

static void what_is_no_network_is_refused(void **state)
{
	(void)state;
	assert_int_equal(encmnist_network_macs(net), 568880);
	assert_null(encmnist_import_memory("no", 2, NULL));
	failed(encmnist_import_file("README.md", &error), ENCMNIST_OTHER,
	       "README.md: ");
}

static void what_cannot_be_wrapped_is_refused(void **state)
{
	const struct encmnist_allowed twice[] = { { "a", 1 }, { "a", 2 } };
	const struct encmnist_allowed none = { "a", 0 };
	const char *print = "12";
	const char *file = scratch_path("device.pub");
	const struct {
		struct encmnist_wrap wrap;
		const char *words;
	} cases[] = {
		{ { .epoch = 0 }, "from 1 to 4294967294" },
		{ { .epoch = UINT32_MAX }, "from 1 to 4294967294" },
		{ { .epoch = 3, .retired = 3 }, "above those that it retires" },
		{ { .epoch = 3, .device_count = 2 }, "" },
		{ { .epoch = 3, .models = twice, .model_count = 2 },
		  "model a is named twice" },
		{ { .epoch = 3, .models = &none, .model_count = 1 },
		  "from 1 to 4294967294" },
		{ { .epoch = 3,
		    .fingerprints = &print,
		    .fingerprint_count = 1 },
		  "`12'" },
		{ { .epoch = 3, .ta = "12" }, "`12'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct encmnist_wrap wrap = cases[i].wrap;

		wrap.size = sizeof(wrap);
		not_wrapped(&wrap, "no device is given");
		wrap.devices = &file;
		wrap.device_files = 1;
		not_wrapped(&wrap, cases[i].words);
	}
}

static void envelopes_without_a_key_say_something(void **state)
{
	const struct encmnist_allowed only = { "digits", 3 };
	const char *file = scratch_path("device.pub");
	struct encmnist_wrap wrap = ENCMNIST_WRAP;

	(void)state;
	encmnist_model_key_close(key);
	key = NULL;
	wrap.epoch = 3;
	wrap.devices = &file;
	wrap.device_files = 1;
	not_wrapped(&wrap, "would say nothing");
	wrap.models = &only;
	wrap.model_count = 1;
	must(encmnist_wrap_file(owner, NULL, &wrap, scratch_path("list"),
				&error));
}

static void anybody_can_inspect(void **state)
{
	encmnist_inspection *i =
		encmnist_inspect_file(scratch_path("digits.sealed"), &error);

	(void)state;
	must(i);
	assert_string_equal(encmnist_inspect_id(i), "digits");
	assert_int_equal(encmnist_inspect_version(i), 3);
	assert_int_equal(encmnist_inspect_security_version(i), 3);
	assert_int_equal(encmnist_inspect_envelopes(i), 0);
	assert_int_equal(encmnist_inspect_leaves(i), ENCMNIST_LABEL);
	assert_int_equal(encmnist_inspect_amount(i), 0);
	assert_false(encmnist_inspect_is_int8(i));
	assert_null(encmnist_inspect_device(i, 0));
	must(encmnist_inspect_verdict(i, NULL, &error));
	must(encmnist_inspect_verdict(i, "out/owner/owner.pub", &error));
	must(encmnist_owner_make(scratch_path("other.pem"),
				 scratch_path("other.pub"), NULL, NULL,
				 &error));
	failed(encmnist_inspect_verdict(i, scratch_path("other.pub"), &error),
	       ENCMNIST_OTHER, "");
	encmnist_inspection_free(i);
	i = encmnist_inspect_file(scratch_path("envelope"), &error);
	must(i);
	assert_int_equal(encmnist_inspect_envelopes(i), 1);
	assert_null(encmnist_inspect_id(i));
	assert_int_equal(strlen(encmnist_inspect_device(i, 0)), 79);
	assert_null(encmnist_inspect_device(i, 1));
	encmnist_inspection_free(i);
	failed(encmnist_inspect_file("README.md", &error), ENCMNIST_OTHER,
	       "README.md: ");
}

#define WITH_SESSION(test) \
	cmocka_unit_test_setup_teardown(test, open_session, close_session)

#define WITH_OWNER(test) \
	cmocka_unit_test_setup_teardown(test, open_owner, close_owner)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SESSION(a_model_says_what_it_is),
		WITH_SESSION(a_model_comes_from_memory_or_in_pieces),
		WITH_SESSION(a_load_that_fails_changes_nothing),
		WITH_SESSION(a_model_without_room_is_none),
		WITH_SESSION(any_number_of_samples_is_answered),
		WITH_SESSION(what_is_no_number_of_samples_is_refused),
		WITH_SESSION(the_owner_decides_what_leaves),
		WITH_SESSION(a_committed_model_is_not_gone_back_behind),
		WITH_SESSION(an_envelope_comes_from_memory),
		WITH_SESSION(a_device_says_what_it_is),
		cmocka_unit_test(options_of_other_libraries_are_refused),
		cmocka_unit_test(threads_have_sessions_of_their_own),
		WITH_SESSION(signals_are_the_programs),
		cmocka_unit_test(an_owner_has_a_key),
		cmocka_unit_test(a_model_key_has_an_id),
		WITH_OWNER(what_is_no_network_is_refused),
		WITH_OWNER(options_of_newer_programs_are_refused),
		WITH_OWNER(what_cannot_leave_is_refused),
		WITH_OWNER(what_cannot_be_sealed_is_refused),
		WITH_OWNER(what_cannot_be_wrapped_is_refused),
		WITH_OWNER(envelopes_without_a_key_say_something),
		cmocka_unit_test(anybody_can_inspect),
	};

	return cmocka_run_group_tests_name("lib", tests, setup, teardown);
}
