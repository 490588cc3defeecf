/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clients_sealed N ROUNDS: N processes use the TA at once, as in clients.c, but
 * with sealed models: each has two of its own, version 1 and 2 of an id that is
 * its alone, under one key, which all of them send in envelopes of ever higher
 * epochs. Whatever the others do, each gets the labels of its own model, all
 * get one device key, and what STATUS says of epoch and versions is never lower
 * than what any of them has seen before.
 *
 * Who needs what another one is writing is asked to try again.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/telltale.h"

#define IMAGES	    16
#define CLIENTS_MAX 4
#define VERSIONS    2 /* of each client's model */
#define TRIES	    100

/* What all know together; in shared memory. */
struct common {
	uint8_t device[BOX_X25519_BYTES];
	atomic_uint last_epoch; /* that an envelope has been made of */
	atomic_uint epoch;	/* at least that of the device */
	atomic_uint version[CLIENTS_MAX]; /* at least that of its model */
	atomic_uint infer;
	atomic_uint loaded;
	atomic_uint begun;
	atomic_uint refused; /* older versions, and older epochs */
	atomic_uint provisioned;
	atomic_uint status;
	atomic_uint keys;
	atomic_uint conflicts;
};

struct client {
	unsigned int id;
	uint32_t random;
	TEEC_Context context;
	TEEC_Session session;
	uint32_t version; /* that answers */
	uint8_t images[IMAGES][ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[VERSIONS][IMAGES]; /* that they must get */
	uint8_t *sealed[VERSIONS];
	size_t len;
};

static struct common *common;
static struct sealed_maker owner;
static unsigned int client_count;
static unsigned int rounds;

/* Until the next call. A device is new to them, whatever ran before. */
static const char *id_of(unsigned int client)
{
	static char id[BOX_MODEL_ID_BYTES + 1];

	snprintf(id, sizeof(id), "%u-of-%u", client, client_count);
	return id;
}

/* The label of a model for bright images; for dark ones it is the next. */
static uint8_t label_of(unsigned int id, uint32_t version)
{
	return (uint8_t)(VERSIONS * id + version - 1);
}

static uint32_t draw(struct client *c, uint32_t below)
{
	c->random = c->random * 1664525 + 1013904223;
	return (c->random >> 8) % below;
}

static void make_images(struct client *c)
{
	for (size_t i = 0; i < IMAGES; i++) {
		bool bright = draw(c, 2);

		formula_image(i, c->images[i]);
		c->images[i][0] = bright ? 255 : 0;
		for (uint32_t v = 1; v <= VERSIONS; v++)
			c->labels[v - 1][i] =
				(uint8_t)(label_of(c->id, v) + !bright);
	}
}

static struct client *make_client(unsigned int id)
{
	struct client *c = calloc(1, sizeof(*c));
	struct sealed_maker maker = owner;

	assert_non_null(c);
	c->id = id;
	c->random = 7 * id + 1;
	make_images(c);
	sealed_set_id(&maker, id_of(id));
	for (uint32_t v = 1; v <= VERSIONS; v++) {
		const uint8_t label = label_of(id, v);
		uint8_t *record =
			telltale_record((uint8_t)(label + 1), label, 9);

		maker.head.model_version = v;
		c->sealed[v - 1] = sealed_make(&maker, record,
					       FORMULA_RECORD_BYTES, &c->len);
		free(record);
	}
	return c;
}

static bool is_conflict(TEEC_Result res)
{
	common->conflicts += res == TEEC_ERROR_ACCESS_CONFLICT;
	return res == TEEC_ERROR_ACCESS_CONFLICT;
}

static void raise_to(atomic_uint *least, uint32_t value)
{
	unsigned int now = *least;

	while (now < value && !atomic_compare_exchange_weak(least, &now, value))
		;
}

/* ---- what a client does ---- */

static void do_infer(struct client *c)
{
	uint8_t labels[IMAGES] = { 0 };
	size_t n = 1 + draw(c, IMAGES);

	assert_int_equal(ta_infer(&c->session, c->images, n, labels),
			 TEEC_SUCCESS);
	assert_memory_equal(labels, c->labels[c->version - 1], n);
	common->infer++;
}

static void do_device_key(struct client *c)
{
	uint8_t key[BOX_X25519_BYTES] = { 0 };
	TEEC_Result res = ta_device_key(&c->session, key);

	if (is_conflict(res))
		return;
	assert_int_equal(res, TEEC_SUCCESS);
	assert_memory_equal(key, common->device, sizeof(key));
	common->keys++;
}

/* What others saw before this was asked, it must say. */
static void do_status(struct client *c)
{
	const uint32_t epoch = common->epoch;
	uint32_t versions[CLIENTS_MAX] = { 0 };
	struct enc_status status = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	for (unsigned int i = 0; i < client_count; i++)
		versions[i] = common->version[i];
	res = ta_status(&c->session, &status);
	if (is_conflict(res))
		return;
	assert_int_equal(res, TEEC_SUCCESS);
	assert_memory_equal(status.device, common->device,
			    sizeof(status.device));
	assert_memory_equal(status.key_id, owner.head.key_id, BOX_KEY_ID_BYTES);
	assert_true(status.epoch >= epoch);
	raise_to(&common->epoch, status.epoch);
	for (unsigned int i = 0; i < client_count; i++) {
		const uint32_t seen = ta_seen_version(&status, id_of(i));

		assert_true(seen >= versions[i]);
		raise_to(&common->version[i], seen);
	}
	common->status++;
}

/*
 * Every other one is of an epoch that the device has come to, and is refused.
 * So may be the others: another one's later envelope may have been faster.
 */
static void do_provision(struct client *c)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	const bool is_old = draw(c, 2);
	const uint32_t epoch = is_old ? common->epoch : ++common->last_epoch;
	TEEC_Result res = TEEC_SUCCESS;

	sealed_envelope(&owner, common->device, epoch, NULL, envelope);
	res = ta_provision(&c->session, envelope);
	if (is_conflict(res))
		return;
	if (is_old || res != TEEC_SUCCESS)
		assert_int_equal(res, TEEC_ERROR_SECURITY);
	/* in both cases, the device has come as far */
	raise_to(&common->epoch, epoch);
	common->provisioned += res == TEEC_SUCCESS;
	common->refused += res != TEEC_SUCCESS;
}

/* Nothing of a load that was only begun is left, and nothing of an older one.
 */
static void do_begin(struct client *c)
{
	const uint32_t version = 1 + draw(c, VERSIONS);
	const bool is_older = version < common->version[c->id];
	const uint8_t *sealed = c->sealed[version - 1];
	TEEC_Result res = ta_begin_sealed(&c->session, sealed, c->len);

	if (is_conflict(res) || (!is_older && res == TEEC_ERROR_OUT_OF_MEMORY))
		return;
	assert_int_equal(res, is_older ? TEEC_ERROR_SECURITY : TEEC_SUCCESS);
	if (is_older) {
		common->refused++;
		return;
	}
	assert_int_equal(ta_push(&c->session, sealed + sealed_chunk_at(0),
				 sealed_chunk_size(c->len, 0)),
			 TEEC_SUCCESS);
	common->begun++;
}

static bool load(struct client *c, uint32_t version)
{
	TEEC_Result res =
		ta_load_sealed(&c->session, c->sealed[version - 1], c->len);

	if (is_conflict(res))
		return false;
	assert_int_equal(res, TEEC_SUCCESS);
	c->version = version;
	raise_to(&common->version[c->id], version);
	common->loaded++;
	return true;
}

static void load_in_the_end(struct client *c, uint32_t version)
{
	unsigned int tries = 0;

	while (!load(c, version))
		assert_true(++tries < TRIES);
}

/* In a new session: where memory is short, there is room for one model. */
static void do_load(struct client *c)
{
	TEEC_CloseSession(&c->session);
	assert_int_equal(ta_open(&c->context, &c->session), TEEC_SUCCESS);
	load_in_the_end(c, VERSIONS);
}

/* Both versions of its model have been loaded by then. */
static void be_refused_the_older(struct client *c)
{
	TEEC_Result res = TEEC_SUCCESS;
	unsigned int tries = 0;

	do {
		res = ta_begin_sealed(&c->session, c->sealed[0], c->len);
		assert_true(++tries < TRIES);
	} while (is_conflict(res));
	assert_int_equal(res, TEEC_ERROR_SECURITY);
	common->refused++;
}

static void do_anything(struct client *c)
{
	uint32_t what = draw(c, 100);

	if (what < 40)
		do_infer(c);
	else if (what < 60)
		do_status(c);
	else if (what < 75)
		do_device_key(c);
	else if (what < 90)
		do_provision(c);
	else
		do_begin(c);
}

/* A client is a test program of its own: its exit status counts failures. */
static void one_client(void **state)
{
	struct client *c = make_client(*(unsigned int *)*state);

	assert_int_equal(TEEC_InitializeContext(NULL, &c->context),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&c->context, &c->session), TEEC_SUCCESS);
	load_in_the_end(c, 1);
	for (unsigned int i = 0; i < rounds; i++) {
		do_anything(c);
		if (i == rounds / 2)
			do_load(c);
	}
	be_refused_the_older(c);
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

/* The device, as all of them are to find it. */
static void first_key(void)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	struct enc_status status = { 0 };

	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&session, common->device), TEEC_SUCCESS);
	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	common->last_epoch = status.epoch + 1;
	assert_int_equal(
		ta_provision_epoch(&session, &owner, common->last_epoch),
		TEEC_SUCCESS);
	common->epoch = common->last_epoch;
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
}

static void clients_get_their_own_answers(void **state)
{
	pid_t pids[CLIENTS_MAX] = { 0 };
	unsigned int failed = 0;

	(void)state;
	first_key();
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
	assert_true(common->provisioned > 0 && common->status > 0);
	printf("# figure: %u clients with sealed models: %u batches, %u loads, "
	       "%u begun, %u envelopes taken, %u older ones and models "
	       "refused, "
	       "%u times STATUS, %u DEVICE_KEY, %u conflicts; 0 answers of "
	       "another\n",
	       client_count, common->infer, common->loaded, common->begun,
	       common->provisioned, common->refused, common->status,
	       common->keys, common->conflicts);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_get_their_own_answers),
	};

	if (argc != 3 || atoi(argv[1]) < 1 || atoi(argv[1]) > CLIENTS_MAX)
		return 2;
	client_count = (unsigned int)atoi(argv[1]);
	rounds = (unsigned int)atoi(argv[2]);
	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (common == MAP_FAILED)
		return 1;
	sealed_owner(&owner);
	return cmocka_run_group_tests_name("clients_sealed", tests, NULL, NULL);
}
