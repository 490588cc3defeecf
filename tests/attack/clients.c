/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clients N ROUNDS: N processes use the TA at once. Each has models, images, a
 * record and a key of its own, stores that key now and then, and mixes all
 * commands at random; whatever the others do, it must get the labels that its
 * own model gives its own images, and no plaintext but its own. Loading may
 * fail where another's key was stored last, and then the model of before
 * answers.
 *
 * clients full: opens sessions until secure memory is full.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/telltale.h"

#define IMAGES	    16
#define CLIENTS_MAX 4
#define MODELS	    2 /* of each client */
#define TRIES	    100

/* What all have done together; in shared memory. */
struct counts {
	atomic_uint infer;
	atomic_uint loaded;
	atomic_uint not_loaded;
	atomic_uint stored;
	atomic_uint sealed;
	atomic_uint opened;
	atomic_uint not_opened;
	atomic_uint conflicts;
};

struct client {
	unsigned int id;
	uint32_t random;
	TEEC_Context context;
	TEEC_Session session;
	unsigned int model; /* that answers */
	uint8_t key[ENC_MNIST_KEY_BYTES];
	uint8_t images[IMAGES][ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[MODELS][IMAGES]; /* that they must get */
	uint8_t *containers[MODELS];
	size_t container_len;
	uint8_t record[100]; /* for ENCRYPT and DECRYPT */
	uint8_t *sealed;
	size_t sealed_len;
};

static struct counts *counts;
static unsigned int client_count;
static unsigned int rounds;

/* The label of a model for bright images; for dark ones it is the next. */
static uint8_t label_of(unsigned int id, unsigned int model)
{
	return (uint8_t)(MODELS * id + model);
}

static uint32_t draw(struct client *c, uint32_t below)
{
	c->random = c->random * 1664525 + 1013904223;
	return (c->random >> 8) % below;
}

/* Bright and dark images in an order that no other client has. */
static void make_images(struct client *c)
{
	for (size_t i = 0; i < IMAGES; i++) {
		bool bright = draw(c, 2);

		formula_image(i, c->images[i]);
		c->images[i][0] = bright ? 255 : 0;
		for (unsigned int m = 0; m < MODELS; m++)
			c->labels[m][i] =
				(uint8_t)(label_of(c->id, m) + !bright);
	}
}

static struct client *make_client(unsigned int id)
{
	struct client *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->id = id;
	c->random = 7 * id + 1;
	ta_numbered_key((uint8_t)id, c->key);
	make_images(c);
	for (unsigned int m = 0; m < MODELS; m++) {
		const uint8_t label = label_of(id, m);
		uint8_t *record =
			telltale_record((uint8_t)(label + 1), label, 9);

		c->containers[m] = ta_seal(c->key, record, FORMULA_RECORD_BYTES,
					   &c->container_len);
		free(record);
	}
	memset(c->record, (int)(id + 1), sizeof(c->record));
	c->sealed =
		ta_seal(c->key, c->record, sizeof(c->record), &c->sealed_len);
	return c;
}

/* ---- what a client does ---- */

static void do_infer(struct client *c)
{
	uint8_t labels[IMAGES] = { 0 };
	size_t n = 1 + draw(c, IMAGES);

	assert_int_equal(ta_infer(&c->session, c->images, n, labels),
			 TEEC_SUCCESS);
	assert_memory_equal(labels, c->labels[c->model], n);
	counts->infer++;
}

/* One who needs the key while another stores it is asked to try again. */
static bool is_conflict(TEEC_Result res)
{
	counts->conflicts += res == TEEC_ERROR_ACCESS_CONFLICT;
	return res == TEEC_ERROR_ACCESS_CONFLICT;
}

static void do_store(struct client *c)
{
	TEEC_Result res = ta_store_key(&c->session, c->key);

	if (is_conflict(res))
		return;
	assert_int_equal(res, TEEC_SUCCESS);
	counts->stored++;
}

static void do_load(struct client *c)
{
	unsigned int m = draw(c, MODELS);
	TEEC_Result res =
		ta_load(&c->session, c->containers[m], c->container_len);

	if (res == TEEC_SUCCESS) {
		c->model = m;
		counts->loaded++;
		return;
	}
	if (!is_conflict(res) && res != TEEC_ERROR_OUT_OF_MEMORY)
		assert_int_equal(res, TEEC_ERROR_BAD_FORMAT);
	counts->not_loaded++;
}

static void do_bad_push(struct client *c)
{
	uint8_t noise[64];
	TEEC_Result res = ta_begin(&c->session);

	if (is_conflict(res) || res == TEEC_ERROR_OUT_OF_MEMORY)
		return;
	assert_int_equal(res, TEEC_SUCCESS);
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)draw(c, 256);
	assert_int_equal(ta_push(&c->session, noise, sizeof(noise)),
			 TEEC_ERROR_BAD_FORMAT);
}

static void do_decrypt(struct client *c)
{
	uint8_t plain[256] = { 0 };
	size_t len = sizeof(plain);
	TEEC_Result res = ta_call(&c->session, ENC_MNIST_CMD_DECRYPT, c->sealed,
				  c->sealed_len, plain, &len);

	if (is_conflict(res))
		return;
	if (res != TEEC_SUCCESS) { /* another's key */
		assert_true(res == TEEC_ERROR_BAD_FORMAT ||
			    res == TEEC_ERROR_EXCESS_DATA);
		counts->not_opened++;
		return;
	}
	assert_int_equal(len, sizeof(c->record));
	assert_memory_equal(plain, c->record, len);
	counts->opened++;
}

static void do_encrypt(struct client *c)
{
	int n = -1;
	TEEC_Result res = ta_which_key(&c->session, &n);

	if (is_conflict(res))
		return;
	assert_int_equal(res, TEEC_SUCCESS);
	assert_in_range(n, 0, client_count - 1);
	counts->sealed++;
}

static void do_anything(struct client *c)
{
	uint32_t what = draw(c, 200);

	if (what < 120)
		do_infer(c);
	else if (what < 140)
		do_encrypt(c);
	else if (what < 160)
		do_decrypt(c);
	else if (what < 180)
		do_bad_push(c);
	else if (what < 198)
		do_store(c);
	else
		do_load(c);
}

/* Under a key that the others keep replacing, the first load takes tries. */
static void load_first(struct client *c)
{
	TEEC_Result res = TEEC_ERROR_GENERIC;

	for (unsigned int i = 0; i < TRIES && res != TEEC_SUCCESS; i++) {
		do_store(c);
		res = ta_load(&c->session, c->containers[0], c->container_len);
		if (res != TEEC_SUCCESS && !is_conflict(res))
			assert_int_equal(res, TEEC_ERROR_BAD_FORMAT);
	}
	assert_int_equal(res, TEEC_SUCCESS);
}

/* A client is a test program of its own: its exit status counts failures. */
static void one_client(void **state)
{
	struct client *c = make_client(*(unsigned int *)*state);

	assert_int_equal(TEEC_InitializeContext(NULL, &c->context),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&c->context, &c->session), TEEC_SUCCESS);
	load_first(c);
	for (unsigned int i = 0; i < rounds; i++)
		do_anything(c);
	do_infer(c);
	TEEC_CloseSession(&c->session);
	TEEC_FinalizeContext(&c->context);
}

static int run_client(unsigned int id)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(one_client, &id),
	};

	dup2(STDERR_FILENO, STDOUT_FILENO);
	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}

static void clients_get_their_own_answers(void **state)
{
	pid_t pids[CLIENTS_MAX] = { 0 };
	unsigned int failed = 0;

	(void)state;
	fflush(stdout);
	for (unsigned int i = 0; i < client_count; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (!pids[i])
			_exit(run_client(i));
	}
	for (unsigned int i = 0; i < client_count; i++) {
		int status = 0;

		waitpid(pids[i], &status, 0);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	assert_true(counts->loaded + counts->not_loaded > 0);
	assert_true(counts->opened > 0 && counts->not_opened > 0);
	printf("# figure: %u clients: %u batches, %u loads and %u refused, "
	       "%u keys stored, %u encryptions, %u decryptions and %u refused, "
	       "%u conflicts; 0 answers of another\n",
	       client_count, counts->infer, counts->loaded, counts->not_loaded,
	       counts->stored, counts->sealed, counts->opened,
	       counts->not_opened, counts->conflicts);
}

/* Whom secure memory has no room for is told so; the others go on. */
static void sessions_that_do_not_fit_are_told_so(void **state)
{
	struct client *c = make_client(0);
	TEEC_Session more[16];
	size_t n = 0;
	TEEC_Result res = TEEC_SUCCESS;

	(void)state;
	assert_int_equal(TEEC_InitializeContext(NULL, &c->context),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&c->context, &c->session), TEEC_SUCCESS);
	load_first(c);
	while (n < COUNT(more) && res == TEEC_SUCCESS) {
		res = ta_open(&c->context, &more[n]);
		n += res == TEEC_SUCCESS;
	}
	assert_int_equal(res, TEEC_ERROR_OUT_OF_MEMORY);
	assert_true(n > 0);
	do_infer(c);
	TEEC_CloseSession(&more[n - 1]);
	assert_int_equal(ta_open(&c->context, &more[n - 1]), TEEC_SUCCESS);
	for (size_t i = 0; i < n; i++)
		TEEC_CloseSession(&more[i]);
	do_infer(c);
	TEEC_CloseSession(&c->session);
	TEEC_FinalizeContext(&c->context);
	printf("# figure: %zu sessions fit in secure memory at once\n", n + 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest many[] = {
		cmocka_unit_test(clients_get_their_own_answers),
	};
	const struct CMUnitTest full[] = {
		cmocka_unit_test(sessions_that_do_not_fit_are_told_so),
	};

	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return 1;
	client_count = 1;
	if (argc == 2 && !strcmp(argv[1], "full"))
		return cmocka_run_group_tests_name("full", full, NULL, NULL);
	if (argc != 3 || atoi(argv[1]) < 1 || atoi(argv[1]) > CLIENTS_MAX)
		return 2;
	client_count = (unsigned int)atoi(argv[1]);
	rounds = (unsigned int)atoi(argv[2]);
	return cmocka_run_group_tests_name("clients", many, NULL, NULL);
}
