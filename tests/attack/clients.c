/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clients WAY N ROUNDS: N processes use the TA at once. Each has its own images
 * and two models of its own, and mixes commands at random. Whatever the others
 * do, it must get the labels that its model gives its images. A command that
 * needs what another client is storing is asked to try again.
 *
 * compat  Each client also has its own record and key, stores that key now and
 *         then, and gets no plaintext but its own. Loading may fail after
 *         another client stored its key; the previous model then answers.
 * sealed  The models are security versions 1 and 2 of an id that only this
 *         client uses, and commits. All clients share one model key and send it
 *         in envelopes of ever higher epochs. All see one device key. STATUS
 *         never reports a lower epoch or version than any client has seen.
 *
 * clients WAY full: opens sessions until secure memory is full.
 * clients sealed polled ROUNDS: while one client asks for STATUS without end,
 *         another one's envelopes and commits are all taken.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testkit/sealed_client.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"
#include "tests/lib/telltale.h"
#include "tests/lib/way.h"

#define IMAGES	      16
#define CLIENTS_MAX   4
#define CLIENT_MODELS 2
#define TRIES	      100
#define ACTIONS_MAX   8

/* The outcome of an action. */
enum outcome {
	AGAIN, /* another client was storing what it needs */
	DONE = 1,
	REFUSED = 2 /* it succeeded, or memory was short */
};

/* What all clients have done and know together. In shared memory. */
struct common {
	atomic_uint done[ACTIONS_MAX];
	atomic_uint refused[ACTIONS_MAX];
	atomic_uint conflicts;
	/* sealed */
	uint8_t device[BOX_X25519_BYTES];
	atomic_uint last_epoch; /* the highest an envelope was made for */
	atomic_uint epoch;	/* the device has at least this one */
	atomic_uint version[CLIENTS_MAX]; /* its model has at least this one */
	atomic_uint polls;
	atomic_bool ended;
};

struct client {
	unsigned int id;
	uint32_t random;
	TEEC_Context context;
	TEEC_Session session;
	unsigned int model; /* the one that answers */
	struct way_model models[CLIENT_MODELS];
	uint8_t images[IMAGES][ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[CLIENT_MODELS][IMAGES]; /* the expected ones */
	/* compat */
	uint8_t key[ENC_MNIST_KEY_BYTES];
	uint8_t record[100]; /* for ENCRYPT and DECRYPT */
	uint8_t *encrypted;
	size_t encrypted_len;
};

/* What a client does now and then, and which outcomes must occur. */
struct action {
	unsigned int share;
	const char *name; /* plural */
	enum outcome (*run)(struct client *c);
	unsigned int must; /* must be among the outcomes */
};

/* The parts that differ between the ways; NULL for none. */
struct part {
	const struct way *way;
	/* Before any client starts. */
	void (*begin)(void);
	/* Model m of a client; the caller frees it. */
	uint8_t *(*seal)(const struct client *c, unsigned int m,
			 const uint8_t *record, size_t *len);
	void (*load_first)(struct client *c);
	struct action actions[ACTIONS_MAX];
	/* During the actions, and after them. */
	void (*between)(struct client *c);
	void (*end)(struct client *c);
};

static const struct part *part;
static struct common *common;
static unsigned int client_count;
static unsigned int rounds;

/* A model's label for bright images; for dark ones it is the next label. */
static uint8_t label_of(unsigned int id, unsigned int model)
{
	return (uint8_t)(CLIENT_MODELS * id + model);
}

static uint32_t draw(struct client *c, uint32_t below)
{
	c->random = c->random * 1664525 + 1013904223;
	return (c->random >> 8) % below;
}

/* Bright and dark images, in an order that is different for each client. */
static void make_images(struct client *c)
{
	for (size_t i = 0; i < IMAGES; i++) {
		bool bright = draw(c, 2);

		formula_image(i, c->images[i]);
		c->images[i][0] = bright ? 255 : 0;
		for (unsigned int m = 0; m < CLIENT_MODELS; m++)
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
	for (unsigned int m = 0; m < CLIENT_MODELS; m++) {
		struct way_model *model = &c->models[m];
		const uint8_t label = label_of(id, m);
		uint8_t *record =
			telltale_record((uint8_t)(label + 1), label, 9);

		model->way = part->way;
		model->bytes = part->seal(c, m, record, &model->len);
		free(record);
	}
	memset(c->record, (int)(id + 1), sizeof(c->record));
	c->encrypted = ta_seal(c->key, c->record, sizeof(c->record),
			       &c->encrypted_len);
	return c;
}

static enum outcome outcome(TEEC_Result res)
{
	if (res == TEEC_ERROR_ACCESS_CONFLICT)
		return AGAIN;
	assert_int_equal(res, TEEC_SUCCESS);
	return DONE;
}

static enum outcome do_infer(struct client *c)
{
	uint8_t labels[IMAGES] = { 0 };
	size_t n = 1 + draw(c, IMAGES);

	assert_int_equal(ta_infer(&c->session, c->images, n, labels),
			 TEEC_SUCCESS);
	assert_memory_equal(labels, c->labels[c->model], n);
	return DONE;
}

/* ---- compat ---- */

static uint8_t *seal_compat(const struct client *c, unsigned int m,
			    const uint8_t *record, size_t *len)
{
	(void)m;
	return ta_seal(c->key, record, FORMULA_RECORD_BYTES, len);
}

static enum outcome do_store(struct client *c)
{
	return outcome(ta_store_key(&c->session, c->key));
}

static enum outcome do_load(struct client *c)
{
	unsigned int m = draw(c, CLIENT_MODELS);
	TEEC_Result res = way_load(&c->models[m], &c->session);

	if (res == TEEC_ERROR_BAD_FORMAT || res == TEEC_ERROR_OUT_OF_MEMORY)
		return REFUSED;
	if (res == TEEC_SUCCESS)
		c->model = m;
	return outcome(res);
}

static enum outcome do_bad_push(struct client *c)
{
	uint8_t noise[64];
	TEEC_Result res = ta_begin(&c->session);

	if (res == TEEC_ERROR_OUT_OF_MEMORY)
		return REFUSED;
	if (outcome(res) == AGAIN)
		return AGAIN;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)draw(c, 256);
	assert_int_equal(ta_push(&c->session, noise, sizeof(noise)),
			 TEEC_ERROR_BAD_FORMAT);
	return REFUSED;
}

static enum outcome do_decrypt(struct client *c)
{
	uint8_t plain[256] = { 0 };
	size_t len = sizeof(plain);
	TEEC_Result res = ta_call(&c->session, ENC_MNIST_CMD_DECRYPT,
				  c->encrypted, c->encrypted_len, plain, &len);

	/* another's key */
	if (res == TEEC_ERROR_BAD_FORMAT || res == TEEC_ERROR_EXCESS_DATA)
		return REFUSED;
	if (res == TEEC_SUCCESS) {
		assert_int_equal(len, sizeof(c->record));
		assert_memory_equal(plain, c->record, len);
	}
	return outcome(res);
}

static enum outcome do_encrypt(struct client *c)
{
	int n = -1;
	TEEC_Result res = ta_which_key(&c->session, &n);

	if (res == TEEC_SUCCESS)
		assert_in_range(n, 0, client_count - 1);
	return outcome(res);
}

/* The others keep replacing the key, so the first load takes several tries. */
static void load_first_compat(struct client *c)
{
	TEEC_Result res = TEEC_ERROR_GENERIC;

	for (unsigned int i = 0; i < TRIES && res != TEEC_SUCCESS; i++) {
		do_store(c);
		res = way_load(&c->models[0], &c->session);
		if (res != TEEC_ERROR_BAD_FORMAT)
			outcome(res);
	}
	assert_int_equal(res, TEEC_SUCCESS);
}

static const struct part compat = {
	.way = &way_compat,
	.seal = seal_compat,
	.load_first = load_first_compat,
	.actions = {
		{ 120, "batches", do_infer, DONE },
		{ 20, "encryptions", do_encrypt, DONE },
		{ 20, "decryptions", do_decrypt, DONE | REFUSED },
		{ 20, "loads of noise", do_bad_push, REFUSED },
		{ 18, "keys stored", do_store, DONE },
		{ 2, "loads", do_load, 0 },
	},
};

/* ---- sealed ---- */

static struct sealed_maker owner;

/* Valid until the next call. The device is new to them, whatever ran before. */
static const char *id_of(unsigned int client)
{
	static char id[BOX_MODEL_ID_BYTES + 1];

	snprintf(id, sizeof(id), "%u-of-%u", client, client_count);
	return id;
}

/* Checks the device's state as all clients must see it. */
static void begin_sealed(void)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	struct enc_status status = { 0 };

	sealed_owner(&owner);
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

/* Model m has security version m + 1. */
static uint8_t *seal_sealed(const struct client *c, unsigned int m,
			    const uint8_t *record, size_t *len)
{
	struct sealed_maker maker = owner;
	uint8_t *network = networks_of_burn(record, FORMULA_RECORD_BYTES, len);
	uint8_t *sealed = NULL;

	sealed_set_id(&maker, id_of(c->id));
	maker.head.security_version = m + 1;
	sealed = sealed_make(&maker, network, *len, len);
	free(network);
	return sealed;
}

static void raise_to(atomic_uint *least, uint32_t value)
{
	unsigned int now = *least;

	while (now < value && !atomic_compare_exchange_weak(least, &now, value))
		;
}

static enum outcome do_device_key(struct client *c)
{
	uint8_t key[BOX_X25519_BYTES] = { 0 };
	TEEC_Result res = ta_device_key(&c->session, key);

	if (res == TEEC_SUCCESS)
		assert_memory_equal(key, common->device, sizeof(key));
	return outcome(res);
}

/* STATUS must report at least what others saw before it was called. */
static enum outcome do_status(struct client *c)
{
	const uint32_t epoch = common->epoch;
	uint32_t versions[CLIENTS_MAX] = { 0 };
	struct enc_status status = { 0 };

	for (unsigned int i = 0; i < client_count; i++)
		versions[i] = common->version[i];
	if (outcome(ta_status(&c->session, &status)) == AGAIN)
		return AGAIN;
	assert_memory_equal(status.device, common->device,
			    sizeof(status.device));
	assert_int_equal(status.key_count, 1);
	assert_memory_equal(status.keys[0].id, owner.head.key_id,
			    BOX_KEY_ID_BYTES);
	assert_int_equal(status.keys[0].epoch, status.epoch);
	assert_true(status.epoch >= epoch);
	raise_to(&common->epoch, status.epoch);
	for (unsigned int i = 0; i < client_count; i++) {
		const uint32_t seen =
			ta_find_model(&status, id_of(i))->security_version;

		assert_true(seen >= versions[i]);
		raise_to(&common->version[i], seen);
	}
	return DONE;
}

/*
 * An old envelope has an epoch that the device already reached, and is refused.
 * A new one may be refused too: another client's later envelope may have been
 * faster.
 */
static enum outcome provision(struct client *c, bool is_old)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	const uint32_t epoch = is_old ? common->epoch : ++common->last_epoch;
	TEEC_Result res = TEEC_SUCCESS;

	sealed_envelope(&owner, common->device, epoch, NULL, envelope);
	res = ta_provision(&c->session, envelope);
	if (res == TEEC_ERROR_ACCESS_CONFLICT)
		return AGAIN;
	if (is_old || res != TEEC_SUCCESS)
		assert_int_equal(res, TEEC_ERROR_SECURITY);
	/* in both cases the device has reached this epoch */
	raise_to(&common->epoch, epoch);
	return res == TEEC_SUCCESS ? DONE : REFUSED;
}

static enum outcome do_provision(struct client *c)
{
	return provision(c, draw(c, 2));
}

/* Nothing is left of an older load or of one that was only begun. */
static enum outcome do_begin(struct client *c)
{
	const unsigned int m = draw(c, CLIENT_MODELS);
	const bool is_older = m + 1 < common->version[c->id];
	TEEC_Result res = way_begin(&c->models[m], &c->session);

	if (is_older && res != TEEC_ERROR_ACCESS_CONFLICT) {
		assert_int_equal(res, TEEC_ERROR_SECURITY);
		return REFUSED;
	}
	if (res == TEEC_ERROR_OUT_OF_MEMORY)
		return REFUSED;
	if (outcome(res) == AGAIN)
		return AGAIN;
	assert_int_equal(way_push(&c->models[m], &c->session, 0), TEEC_SUCCESS);
	return DONE;
}

/* Uses model m; tries again while another client is storing what it needs. */
static TEEC_Result in_the_end(struct client *c, unsigned int m,
			      TEEC_Result (*call)(const struct way_model *model,
						  TEEC_Session *session))
{
	TEEC_Result res = TEEC_ERROR_ACCESS_CONFLICT;

	for (unsigned int i = 0; i < TRIES; i++) {
		res = call(&c->models[m], &c->session);
		if (res != TEEC_ERROR_ACCESS_CONFLICT)
			break;
		common->conflicts++;
	}
	return res;
}

static void load_in_the_end(struct client *c, unsigned int m)
{
	assert_int_equal(in_the_end(c, m, way_load), TEEC_SUCCESS);
	c->model = m;
	do_infer(c);
}

/* The first commit of a version refuses the older ones, the next ones nothing.
 */
static enum outcome do_commit(struct client *c)
{
	TEEC_Result res = ta_commit(&c->session);

	if (res == TEEC_SUCCESS)
		raise_to(&common->version[c->id], c->model + 1);
	return outcome(res);
}

static void load_first_sealed(struct client *c)
{
	load_in_the_end(c, 0);
}

/* In a new session: when memory is short, there is room for one model. */
static void load_newer(struct client *c)
{
	TEEC_CloseSession(&c->session);
	assert_int_equal(ta_open(&c->context, &c->session), TEEC_SUCCESS);
	load_in_the_end(c, 1);
}

static void commit_in_the_end(struct client *c)
{
	enum outcome committed = AGAIN;

	for (unsigned int i = 0; i < TRIES && committed != DONE; i++)
		committed = do_commit(c);
	assert_int_equal(committed, DONE);
}

/*
 * By then the newer version of its model has been loaded. One of several new
 * envelopes is taken.
 */
static void end_sealed(struct client *c)
{
	enum outcome provisioned = AGAIN;

	commit_in_the_end(c);
	assert_int_equal(in_the_end(c, 0, way_begin), TEEC_ERROR_SECURITY);
	for (unsigned int i = 0; i < TRIES && provisioned != DONE; i++)
		provisioned = provision(c, false);
	assert_int_equal(provisioned, DONE);
}

static const struct part sealed = {
	.way = &way_sealed,
	.begin = begin_sealed,
	.seal = seal_sealed,
	.load_first = load_first_sealed,
	.actions = {
		{ 40, "batches", do_infer, DONE },
		{ 20, "times STATUS", do_status, DONE },
		{ 15, "times DEVICE_KEY", do_device_key, DONE },
		{ 15, "envelopes", do_provision, 0 },
		{ 10, "loads begun", do_begin, 0 },
		{ 10, "commits", do_commit, DONE },
	},
	.between = load_newer,
	.end = end_sealed,
};

/* ---- several clients ---- */

static void do_anything(struct client *c)
{
	uint32_t total = 0;
	uint32_t what = 0;
	size_t i = 0;

	for (size_t k = 0; k < ACTIONS_MAX; k++)
		total += part->actions[k].share;
	what = draw(c, total);
	for (; what >= part->actions[i].share; i++)
		what -= part->actions[i].share;
	switch (part->actions[i].run(c)) {
	case DONE:
		common->done[i]++;
		break;
	case REFUSED:
		common->refused[i]++;
		break;
	default:
		common->conflicts++;
	}
}

/* The outcomes that an action has had, with any client. */
static unsigned int seen(size_t i)
{
	return (common->done[i] ? DONE : 0) |
	       (common->refused[i] ? REFUSED : 0);
}

/*
 * Whether a client goes on after `done` actions: as often as wanted, and then
 * until each action has had its outcomes. By chance few may lack one.
 */
static bool goes_on(unsigned int done)
{
	bool complete = true;

	for (size_t i = 0; i < ACTIONS_MAX && part->actions[i].run; i++)
		complete &= seen(i) && !(part->actions[i].must & ~seen(i));
	return done < rounds || (!complete && done < 50 * rounds);
}

static void report(void)
{
	printf("# figure: %s: %u clients: ", part->way->name, client_count);
	for (size_t i = 0; i < ACTIONS_MAX && part->actions[i].run; i++) {
		const struct action *a = &part->actions[i];

		printf("%u %s", common->done[i], a->name);
		if (common->refused[i])
			printf(" and %u refused", common->refused[i]);
		printf(", ");
		assert_true(seen(i));
		assert_int_equal(seen(i) & a->must, a->must);
	}
	printf("%u conflicts; 0 answers of another\n", common->conflicts);
}

/* A client with a model that answers. */
static struct client *start(unsigned int id)
{
	struct client *c = make_client(id);

	assert_int_equal(TEEC_InitializeContext(NULL, &c->context),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&c->context, &c->session), TEEC_SUCCESS);
	part->load_first(c);
	return c;
}

static void stop(struct client *c)
{
	do_infer(c);
	TEEC_CloseSession(&c->session);
	TEEC_FinalizeContext(&c->context);
}

/* Each client is a test program of its own: its exit status counts failures. */
static void one_client(void **state)
{
	struct client *c = start(*(unsigned int *)*state);

	for (unsigned int i = 0; goes_on(i); i++) {
		do_anything(c);
		if (i == rounds / 2 && part->between)
			part->between(c);
	}
	if (part->end)
		part->end(c);
	stop(c);
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
	report();
}

/* When secure memory has no room for a client, it is told; the others go on. */
static void sessions_that_do_not_fit_are_told_so(void **state)
{
	struct client *c = start(0);
	TEEC_Session more[16];
	size_t n = 0;
	TEEC_Result res = TEEC_SUCCESS;

	(void)state;
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
	stop(c);
	printf("# figure: %zu sessions fit in secure memory at once\n", n + 1);
}

/* ---- one that polls ---- */

static int poll_status(void)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	struct enc_status status = { 0 };

	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS)
		return 1;
	while (!common->ended) {
		TEEC_Result res = ta_status(&session, &status);

		if (res != TEEC_SUCCESS && res != TEEC_ERROR_ACCESS_CONFLICT)
			return 1;
		common->polls += res == TEEC_SUCCESS;
	}
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}

/* Every change of the device succeeds; a poll may be asked to try again. */
static void a_client_that_polls_keeps_nobody_out(void **state)
{
	pid_t pid = fork();
	struct client *c = NULL;
	unsigned int before = 0;
	int status = -1;

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		_exit(poll_status());
	c = start(0);
	while (!common->polls)
		usleep(1000);
	before = common->polls;
	for (unsigned int i = 0; i < rounds; i++) {
		assert_int_equal(provision(c, false), DONE);
		assert_int_equal(do_commit(c), DONE);
	}
	before = common->polls - before;
	stop(c);
	common->ended = true;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(before > 0);
	printf("# figure: %u envelopes and as many commits, all taken, during "
	       "%u times STATUS\n",
	       rounds, before);
}

static int setup(void **state)
{
	(void)state;
	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (common == MAP_FAILED)
		return -1;
	if (part->begin)
		part->begin();
	return 0;
}

/* After a failure, too: a TA panics if its client is killed in a call. */
static int end_polling(void **state)
{
	(void)state;
	common->ended = true;
	while (wait(NULL) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	struct CMUnitTest many[] = {
		cmocka_unit_test(clients_get_their_own_answers),
	};
	struct CMUnitTest full[] = {
		cmocka_unit_test(sessions_that_do_not_fit_are_told_so),
	};
	struct CMUnitTest polled[] = {
		cmocka_unit_test(a_client_that_polls_keeps_nobody_out),
	};

	if (argc < 3)
		return 2;
	part = way_named(argv[1]) == &way_compat ? &compat : &sealed;
	client_count = 1;
	if (argc == 3 && !strcmp(argv[2], "full"))
		return way_run_tests(part->way, "full", full, setup, NULL);
	rounds = argc == 4 ? (unsigned int)atoi(argv[3]) : 0;
	if (rounds && part == &sealed && !strcmp(argv[2], "polled"))
		return way_run_tests(part->way, "polled", polled, setup,
				     end_polling);
	if (!rounds || atoi(argv[2]) < 1 || atoi(argv[2]) > CLIENTS_MAX)
		return 2;
	client_count = (unsigned int)atoi(argv[2]);
	return way_run_tests(part->way, "clients", many, setup, NULL);
}
