/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `infer` and `eval` in a TEE, which is the stand-in, and on the workstation:
 * the same options, the same words, as far as the owner of a model allows. What
 * is printed of networks here alone is for import.bats.
 */
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/base/file.h"
#include "host/cli/cli.h"
#include "host/image/npy.h"
#include "host/import/import.h"
#include "host/owner/seal.h"
#include "testkit/sealed_client.h"
#include "tests/lib/models.h"
#include "tests/lib/networks.h"
#include "tests/lib/said.h"

#define DIGITS "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"
#define LIST(...)                                                        \
	{                                                                \
		(const char *[]){ __VA_ARGS__ }, (char *)(char[8]){ 0 }, \
			sizeof((const char *[]){ __VA_ARGS__ }) /        \
				sizeof(const char *)                     \
	}

static struct enc_error e;
static const char *made_id = "made"; /* of the next sealed model */
static uint32_t made_version = 1;    /* security version */

static void must(bool good)
{
	if (!good)
		fail_msg("%s (%s)", e.what, e.hint);
}

/* --- files --- */

/* A plain network and a sealed one, NAME.net and NAME.sealed. */
static void make(const char *name, uint8_t *record, size_t len,
		 enum box_policy policy, uint32_t amount, const char *names)
{
	struct enc_sealed how = {
		.key = models_owner.key,
		.owner = &models_owner.owner,
		.model_version = 1,
		.security_version = made_version,
		.policy = policy,
		.amount = amount,
		.names = names,
		.names_len = names ? strlen(names) : 0,
	};
	struct box_head head = { 0 };
	char file[64] = "";

	assert_true(enc_model_id(made_id, how.model_id));
	snprintf(file, sizeof(file), "%s.net", name);
	scratch_write(file, record, len);
	snprintf(file, sizeof(file), "%s.sealed", name);
	must(enc_seal_network(&how, record, len, scratch_path(file), &head,
			      &e));
	free(record);
}

static void make_digits(const char *name, enum box_policy policy,
			uint32_t amount, const char *names)
{
	const struct import_options no_options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	size_t len = 0;
	uint8_t *record = import_to_memory(
		import_file("models/mnist.bin", &no_options, &kind, &e), &len,
		&e);

	must(record);
	make(name, record, len, policy, amount, names);
}

static void make_network(const char *name,
			 uint8_t *(*network)(uint32_t count, size_t *len),
			 uint32_t count, enum box_policy policy,
			 uint32_t amount)
{
	size_t len = 0;
	uint8_t *record = network(count, &len);

	make(name, record, len, policy, amount, NULL);
}

/* NAME.npy of n samples of `count` elements. */
static void make_array(const char *name, enum enc_npy_type type, uint64_t n,
		       uint64_t count, const void *data)
{
	const uint64_t dims[] = { n, count };
	const size_t size = enc_npy_type_size(type);
	FILE *f = fopen(scratch_path(name), "wb");
	int closed = 0;

	assert_non_null(f);
	enc_npy_write_head(f, type, dims, count ? 2 : 1);
	fwrite(data, size, n * (count ? count : 1), f);
	closed = fclose(f);
	assert_int_equal(closed, 0);
}

static int setup(void **state)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };

	if (scratch_setup(state))
		return -1;
	models_make();
	standin_reset();
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	models_store_keys(&session, 1);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}

static int teardown(void **state)
{
	models_free();
	return scratch_teardown(state);
}

/* --- commands --- */

static void says(int (*command)(const void *args), const void *args,
		 const char *what)
{
	int status = run(command, args);

	if (status || strcmp(out, what) != 0)
		fail_msg("status %d: %s%s", status, out, err);
}

static void refuses(int (*command)(const void *args), const void *args,
		    const char *what)
{
	int status = run(command, args);

	if (!status || out[0] || !strstr(err, what))
		fail_msg("status %d: %s%s", status, out, err);
}

/* The same in the TEE and here, where the second one has the plain network. */
static void both_say(struct cli_infer args, const char *what)
{
	struct cli_infer plain = args;

	args.model = scratch_path("x.sealed");
	says(cli_infer_run, &args, what);
	plain.model = scratch_path("x.net");
	says(cli_infer_here_run, &plain, what);
}

static void sealed_refuses(struct cli_infer args, const char *what)
{
	args.model = scratch_path("x.sealed");
	refuses(cli_infer_run, &args, what);
}

static void same_files(const char *a, const char *b)
{
	uint8_t *data[2] = { NULL, NULL };
	size_t len[2] = { 0, 0 };

	must(enc_file_read(scratch_path(a), 1u << 20, &data[0], &len[0], &e));
	must(enc_file_read(scratch_path(b), 1u << 20, &data[1], &len[1], &e));
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(data[0], data[1], len[0]);
	free(data[0]);
	free(data[1]);
}

/* --- pictures, names and policies --- */

static void labels_and_names_are_the_same_in_both_places(void **state)
{
	struct cli_infer args = { .inputs = LIST("samples/7.png",
						 "samples/2.png") };

	(void)state;
	make_digits("x", BOX_LABEL, 0, NULL);
	both_say(args, "1. samples/7.png: 7\n2. samples/2.png: 2\n");
	args.json = true;
	both_say(args, "{\"results\":[{\"index\":1,\"file\":\"samples/"
		       "7.png\",\"label\":7},{\"index\":2,\"file\":\"samples/"
		       "2.png\",\"label\":2}]}\n");
	args.labels = scratch_write("names", DIGITS, strlen(DIGITS));
	both_say(args, "{\"results\":[{\"index\":1,\"file\":\"samples/"
		       "7.png\",\"label\":7,\"name\":\"seven\"},{\"index\":2,"
		       "\"file\":\"samples/2.png\",\"label\":2,\"name\":"
		       "\"two\"}]}\n");
}

/* Until one is committed, older models come back. */
static void what_is_committed_does_not_go_back(void **state)
{
	struct cli_infer older = { .inputs = LIST("samples/7.png"),
				   .model = scratch_path("older.sealed") };
	struct cli_infer newer = { .inputs = LIST("samples/7.png"),
				   .model = scratch_path("newer.sealed") };
	struct cli_commit last = { .model = scratch_path("last.sealed") };
	char committed[256] = "";

	(void)state;
	made_id = "kept";
	make_digits("older", BOX_LABEL, 0, NULL);
	made_version = 2;
	make_digits("newer", BOX_LABEL, 0, NULL);
	made_version = 3;
	make_digits("last", BOX_LABEL, 0, NULL);
	made_version = 1;
	made_id = "made";
	says(cli_infer_run, &newer, "1. samples/7.png: 7\n");
	says(cli_infer_run, &older, "1. samples/7.png: 7\n");
	newer.commit = true;
	says(cli_infer_run, &newer, "1. samples/7.png: 7\n");
	refuses(cli_infer_run, &older, "older.sealed: ");
	newer.commit = false;
	says(cli_infer_run, &newer, "1. samples/7.png: 7\n");
	snprintf(committed, sizeof(committed),
		 "%s: committed: model kept, version 1, security version 3\n",
		 last.model);
	says(cli_commit_run, &last, committed);
	refuses(cli_infer_run, &newer, "newer.sealed: ");
	newer.model = scratch_path("newer.net");
	newer.commit = true;
	assert_int_equal(run(cli_infer_here_run, &newer), CLI_USAGE);
	assert_non_null(strstr(err, "--commit is for the device"));
}

static void a_sealed_model_has_its_names_with_it(void **state)
{
	struct cli_infer args = { .inputs = LIST("samples/7.png"),
				  .model = scratch_path("x.sealed") };

	(void)state;
	make_digits("x", BOX_LABEL, 0, DIGITS);
	says(cli_infer_run, &args, "1. samples/7.png: seven\n");
	args.show = true;
	assert_int_equal(run(cli_infer_run, &args), 0);
	assert_non_null(strstr(out, "label 7"));
	args.show = false;
	args.labels =
		scratch_write("names", "0\n1\n2\n3\n4\n5\n6\nVII\n8\n9\n", 22);
	says(cli_infer_run, &args, "1. samples/7.png: VII\n");
	args.labels = scratch_write("names", "a\n", 2);
	refuses(cli_infer_run, &args,
		"names: 1 name, and the network has 10 classes");
}

static void the_label_is_all_that_a_label_model_gives(void **state)
{
	struct cli_infer args = { .inputs = LIST("samples/7.png"), .top = 1 };

	(void)state;
	make_digits("x", BOX_LABEL, 0, NULL);
	both_say(args, "1. samples/7.png: 7\n");
	args.top = 2;
	sealed_refuses(args,
		       "x.sealed: its owner lets it give the label, not the 2 "
		       "likeliest labels; the owner decides");
	args.top = 0;
	args.scores = true;
	sealed_refuses(args, "lets it give the label, not scores;");
	args.scores = false;
	args.output = scratch_path("y.npy");
	sealed_refuses(args, "lets it give the label, not its outputs;");
	assert_int_not_equal(access(scratch_path("y.npy"), F_OK), 0);
}

static void so_many_labels_as_the_owner_allows(void **state)
{
	struct cli_infer args = { .inputs = LIST("samples/7.png"), .top = 3 };
	char *whole = NULL;

	(void)state;
	make_digits("x", BOX_TOP, 3, NULL);
	args.model = scratch_path("x.net");
	assert_int_equal(run(cli_infer_here_run, &args), 0);
	whole = strdup(out);
	both_say(args, whole);
	free(whole);
	args.top = 0;
	both_say(args, "1. samples/7.png: 7\n");
	args.top = 4;
	sealed_refuses(args, "lets it give the 3 likeliest labels, not the 4 "
			     "likeliest labels");
	args.top = 1;
	args.scores = true;
	sealed_refuses(args, "not scores");
}

/* --- arrays --- */

static const float numbers[] = { 0.25f, -1, 3, 0.125f, 2, -2 };

static void scores_are_rounded_as_the_owner_allows(void **state)
{
	struct cli_infer args = { .tensors = LIST(scratch_path("a.npy")),
				  .model = scratch_path("x.sealed"),
				  .scores = true,
				  .top = 2 };

	(void)state;
	/* negated: -0.25, 1, -3 in steps of 4 / 2; -0.125, -2, 2 in steps of 1
	 */
	make_network("x", networks_negate, 3, BOX_SCORES, 1);
	make_array("a.npy", ENC_NPY_F32, 2, 3, numbers);
	args.inputs.count = 0;
	assert_int_equal(run(cli_infer_run, &args), 0);
	assert_non_null(strstr(out, "a.npy: 0 0, 1 0\n"));
	assert_non_null(strstr(out, "a.npy: 2 2, 0 0\n"));
	args.model = scratch_path("x.net");
	assert_int_equal(run(cli_infer_here_run, &args), 0);
	assert_non_null(strstr(out, "a.npy: 1 1, 0 -0.25\n"));
}

/* Writes the outputs of both places, and compares them. */
static void compare_outputs(struct cli_infer args, const char *first,
			    const char *second)
{
	args.model = scratch_path("x.sealed");
	args.output = scratch_path("t.npy");
	assert_int_equal(run(cli_infer_run, &args), 0);
	assert_non_null(strstr(out, "t.npy: 2 samples written"));
	args.model = scratch_path("x.net");
	args.output = scratch_path("h.npy");
	assert_int_equal(run(cli_infer_here_run, &args), 0);
	same_files(first, second);
}

static void arrays_in_and_out_are_the_same_bytes(void **state)
{
	const int8_t q[] = { 1, 2, 3, -128, 127, 0 };
	struct cli_infer one = { .tensors = LIST(scratch_path("a.npy")) };
	struct cli_infer two = { .tensors = LIST(scratch_path("a.npy"),
						 scratch_path("a.npy")) };

	(void)state;
	make_array("a.npy", ENC_NPY_F32, 2, 3, numbers);
	make_network("x", networks_negate, 3, BOX_RAW, 0);
	compare_outputs(one, "t.npy", "h.npy");
	make_network("x", networks_quantize, 3, BOX_RAW, 0);
	compare_outputs(one, "t.npy", "h.npy");
	one.dequantize = true;
	compare_outputs(one, "t.npy", "h.npy");
	make_network("x", networks_two, 3, BOX_RAW, 0);
	compare_outputs(two, "t-1.npy", "h-1.npy");
	compare_outputs(two, "t-2.npy", "h-2.npy");
	/* what is no array of the network */
	make_array("a.npy", ENC_NPY_INT8, 2, 3, q);
	two.model = scratch_path("x.sealed");
	two.output = scratch_path("t.npy");
	refuses(cli_infer_run, &two,
		"a.npy: elements of int8; the network reads f32");
	two.inputs = (struct cli_list)LIST("samples/7.png");
	two.tensors.count = 0;
	refuses(cli_infer_run, &two,
		"x.sealed: the network reads 3 f32 and more, not pixels");
}

/* Of scores all outputs are f32. */
static void scores_leave_as_an_array(void **state)
{
	struct cli_infer args = { .tensors = LIST(scratch_path("a.npy")),
				  .model = scratch_path("x.sealed"),
				  .output = scratch_path("t.npy") };
	struct enc_npy npy = { 0 };

	(void)state;
	make_array("a.npy", ENC_NPY_F32, 2, 3, numbers);
	make_network("x", networks_quantize, 3, BOX_SCORES, 16);
	for (int i = 0; i < 2; i++) {
		args.dequantize = i;
		assert_int_equal(run(cli_infer_run, &args), 0);
		must(enc_npy_read(args.output, &npy, &e));
		assert_int_equal(npy.type, ENC_NPY_F32);
		assert_int_equal(npy.bytes, 6 * sizeof(float));
		/* the 3 of numbers[] in steps of 1/2 */
		assert_memory_equal(npy.data + 2 * sizeof(float), &(float){ 3 },
				    sizeof(float));
		free(npy.file);
	}
}

/* A MiB holds five samples and their answers, of 100,000 bytes each. */
static void calls_are_bounded_by_shared_memory(void **state)
{
	enum {
		COUNT_OF = 25,
		ELEMENTS = 25000
	};
	struct cli_infer args = { .tensors = LIST(scratch_path("a.npy")) };
	float *many = calloc(COUNT_OF * ELEMENTS, sizeof(*many));
	uint8_t *data[2] = { NULL, NULL };
	size_t len[2] = { 0, 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF * ELEMENTS; i++)
		many[i] = (float)(i % 1009) - 7;
	make_array("a.npy", ENC_NPY_F32, COUNT_OF, ELEMENTS, many);
	make_network("x", networks_negate, ELEMENTS, BOX_RAW, 0);
	args.model = scratch_path("x.sealed");
	args.output = scratch_path("t.npy");
	assert_int_equal(run(cli_infer_run, &args), 0);
	assert_non_null(strstr(out, "t.npy: 25 samples written"));
	must(enc_file_read(args.output, 4u << 20, &data[0], &len[0], &e));
	must(enc_file_read(scratch_path("a.npy"), 4u << 20, &data[1], &len[1],
			   &e));
	assert_int_equal(len[0], len[1]);
	for (size_t i = len[0] - COUNT_OF * ELEMENTS * sizeof(float);
	     i < len[0]; i += sizeof(float)) {
		float x = 0;
		float y = 0;

		memcpy(&x, data[0] + i, sizeof(x));
		memcpy(&y, data[1] + i, sizeof(y));
		assert_true(x == -y);
	}
	free(many);
	free(data[0]);
	free(data[1]);
}

/* --- eval --- */

/* A path in the test set, for the caller to free. */
static char *path_of(const char *folder, const char *name)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s/%s", scratch_path("set"), folder,
			     name) > 0);
	return path;
}

/* A folder with a folder for each of ten classes, with one picture. */
static void make_folder(const char *const names[10])
{
	mkdir(scratch_path("set"), 0700);
	for (size_t c = 0; c < 10; c++) {
		char *folder = path_of(names[c], "");
		char *copy = path_of(names[c], "digit.png");
		char *top = realpath(".", NULL);
		char *digit = NULL;

		assert_true(asprintf(&digit, "%s/samples/%zu.png", top, c) > 0);
		mkdir(folder, 0700);
		assert_int_equal(symlink(digit, copy), 0);
		free(folder);
		free(copy);
		free(top);
		free(digit);
	}
}

static void remove_folder(const char *const names[10])
{
	for (size_t c = 0; c < 10; c++) {
		char *folder = path_of(names[c], "");
		char *copy = path_of(names[c], "digit.png");

		unlink(copy);
		rmdir(folder);
		free(folder);
		free(copy);
	}
	rmdir(scratch_path("set"));
}

static void a_folder_is_a_test_set(void **state)
{
	static const char *const numbered[] = { "0", "1", "2", "3", "4",
						"5", "6", "7", "8", "9" };
	static const char *const named[] = { "zero",  "one",  "two", "three",
					     "four",  "five", "six", "seven",
					     "eight", "nine" };
	struct cli_eval args = { .images = LIST(scratch_path("set")),
				 .model = scratch_path("x.sealed") };

	(void)state;
	make_digits("x", BOX_TOP, 3, NULL);
	make_folder(numbered);
	args.top = 3;
	assert_int_equal(run(cli_eval_run, &args), 0);
	assert_non_null(strstr(out, "10 images, 10 right: accuracy 100.00 %\n"
				    "10 among the 3 likeliest: 100.00 %\n"));
	assert_non_null(strstr(out, "images per second in the TEE\n\ntrue"));
	args.limit = 4;
	assert_int_equal(run(cli_eval_run, &args), 0);
	assert_non_null(strstr(out, "4 images, 4 right"));
	args.top = 4;
	refuses(cli_eval_run, &args, "not the 4 likeliest labels");
	args.top = args.limit = 0;
	/* folders are named as classes are */
	args.labels = scratch_write("names", DIGITS, strlen(DIGITS));
	refuses(cli_eval_run, &args,
		"set/0: no class of the model has this name");
	remove_folder(numbered);
	make_folder(named);
	assert_int_equal(run(cli_eval_run, &args), 0);
	assert_non_null(strstr(out, "10 images, 10 right"));
	args.model = scratch_path("x.net");
	assert_int_equal(run(cli_eval_here_run, &args), 0);
	assert_non_null(strstr(out, "10 images, 10 right"));
	assert_non_null(strstr(out, "images per second on this machine"));
	/* in the order of their names they are other classes */
	args.labels = NULL;
	assert_int_equal(run(cli_eval_here_run, &args), 0);
	assert_non_null(strstr(out, "10 images, 1 right")); /* six */
	/* of the sealed model */
	make_digits("x", BOX_LABEL, 0, DIGITS);
	args.model = scratch_path("x.sealed");
	assert_int_equal(run(cli_eval_run, &args), 0);
	assert_non_null(strstr(out, "10 images, 10 right"));
	remove_folder(named);
}

static void arrays_are_a_test_set(void **state)
{
	static float x[30][21];
	int64_t y[30] = { 0 };
	struct cli_eval args = { .images = LIST(scratch_path("x.npy")),
				 .labels = scratch_path("y.npy"),
				 .model = scratch_path("x.sealed"),
				 .json = true };

	(void)state;
	for (size_t i = 0; i < 30; i++) {
		x[i][i % 21] = -1;
		y[i] = (int64_t)(i < 24 ? i % 21 : 20 - i % 21);
	}
	make_network("x", networks_negate, 21, BOX_RAW, 0);
	make_array("x.npy", ENC_NPY_F32, 30, 21, x);
	make_array("y.npy", ENC_NPY_INT64, 30, 0, y);
	args.top = 21;
	assert_int_equal(run(cli_eval_run, &args), 0);
	assert_non_null(strstr(out, "{\"images\":30,\"right\":24,\"top\":21,"
				    "\"right_in_top\":30,"));
	assert_null(strstr(out, "confusion")); /* too many classes */
	y[29] = 21;
	make_array("y.npy", ENC_NPY_INT64, 30, 0, y);
	refuses(cli_eval_run, &args,
		"y.npy: label 29 is 21; the network has 21 classes");
	y[29] = -1;
	make_array("y.npy", ENC_NPY_INT64, 30, 0, y);
	refuses(cli_eval_run, &args, "y.npy: label 29 is -1");
	make_array("y.npy", ENC_NPY_INT64, 29, 0, y);
	refuses(cli_eval_run, &args, "y.npy: 29 labels for 30 samples");
	make_array("y.npy", ENC_NPY_F32, 30, 0, x);
	refuses(cli_eval_run, &args,
		"y.npy: labels are an array of N integers");
}

static void a_test_set_is_complete(void **state)
{
	struct cli_eval args = { .images = LIST("samples/0.bin"),
				 .model = "x" };

	(void)state;
	assert_int_equal(run(cli_eval_run, &args), CLI_USAGE);
	assert_non_null(strstr(err, "--labels is needed"));
	args.labels = "y";
	args.images.count = 2;
	assert_int_equal(run(cli_eval_run, &args), CLI_USAGE);
	assert_non_null(strstr(err, "only arrays"));
}

/* In a process of its own: it has no way back. */
static void what_has_secrets_is_guarded(void **state)
{
	int status = 0;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		struct rlimit core = { 1, 1 };

		cli_guard();
		_exit(getrlimit(RLIMIT_CORE, &core) || core.rlim_max ? 1 :
		      prctl(PR_GET_DUMPABLE)			     ? 2 :
		      !CRYPTO_secure_malloc_initialized()	     ? 3 :
								       0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_and_names_are_the_same_in_both_places),
		cmocka_unit_test(what_is_committed_does_not_go_back),
		cmocka_unit_test(what_has_secrets_is_guarded),
		cmocka_unit_test(a_sealed_model_has_its_names_with_it),
		cmocka_unit_test(the_label_is_all_that_a_label_model_gives),
		cmocka_unit_test(so_many_labels_as_the_owner_allows),
		cmocka_unit_test(scores_are_rounded_as_the_owner_allows),
		cmocka_unit_test(arrays_in_and_out_are_the_same_bytes),
		cmocka_unit_test(scores_leave_as_an_array),
		cmocka_unit_test(calls_are_bounded_by_shared_memory),
		cmocka_unit_test(a_folder_is_a_test_set),
		cmocka_unit_test(arrays_are_a_test_set),
		cmocka_unit_test(a_test_set_is_complete),
	};

	return cmocka_run_group_tests_name("cli", tests, setup, teardown);
}
