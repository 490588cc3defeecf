/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growth WAY LOADS BEGUN REFUSED SESSIONS: all in one session, begins BEGUN
 * loads that the next BEGIN drops and REFUSED loads that are refused, then
 * loads LOADS models. It also opens and closes SESSIONS sessions in the middle
 * of a load. The resources of the TEE and of the two normal-world processes
 * must not grow meanwhile. In WAY `sealed` each complete load follows one that
 * is refused at its end, and there are as many envelopes and commits as
 * sessions.
 *
 * The TA's heap cannot be queried from outside. But it has little to spare
 * besides two models: with a leak of 16 bytes a load, 600 loads of the small
 * network (tests/mutants/small-network.patch) end in OUT_OF_MEMORY.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testkit/sealed_client.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"
#include "tests/lib/way.h"

/* OP-TEE's statistics: pta_stats.h in its sources. */
#define STATS_CMD_ALLOC 1
#define STATS_HEAP	1
#define STATS_TA_RAM	3
#define PIECE_BYTES	4096
#define ALLOWED_BYTES	1024
#define ALLOWED_PAGES	256 /* of a process: what malloc() keeps for itself */

struct pool {
	char name[32];
	uint32_t allocated; /* bytes */
	uint32_t others[5];
};

struct usage {
	uint32_t heap;	 /* of OP-TEE, bytes */
	uint32_t ta_ram; /* of all TAs, bytes */
	long client;	 /* pages */
	long supplicant; /* pages */
	long files;	 /* of trusted storage */
};

/* The parts that differ between the ways. */
struct part {
	const struct way *way;
	/* The model, and a key for it. */
	void (*make)(void);
	/* Once the model is loaded; NULL: nothing. */
	void (*settle)(void);
	/* The n-th load that is refused. */
	void (*load_refused)(unsigned long n);
	/* A load that is refused after all of it was sent; NULL: none. */
	void (*load_in_vain)(void);
};

static const struct part *part;
static unsigned long loads;
static unsigned long begun;
static unsigned long refused;
static unsigned long sessions;
static TEEC_Context context;
static TEEC_Session stats;
static TEEC_Session session; /* has a model from the beginning */
static uint8_t *bytes;	     /* of the model */
static struct way_model model;

static void load(TEEC_Session *s)
{
	assert_int_equal(way_load(&model, s), TEEC_SUCCESS);
}

static void load_in_part(TEEC_Session *s)
{
	assert_int_equal(way_push_first(&model, s, 1), TEEC_SUCCESS);
}

/* ---- compat ---- */

static void make_compat(void)
{
	size_t len = 0;
	uint8_t *record = formula_any_record(1, &len);

	bytes = ta_seal(models_key, record, len, &model.len);
	free(record);
	assert_int_equal(ta_store_key(&session, models_key), TEEC_SUCCESS);
}

/* Its first blocks in another order. */
static void load_compat_refused(unsigned long n)
{
	(void)n;
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	assert_int_equal(ta_push(&session, bytes + 16, PIECE_BYTES),
			 TEEC_ERROR_BAD_FORMAT);
}

static const struct part compat = {
	.way = &way_compat,
	.make = make_compat,
	.load_refused = load_compat_refused,
};

/* ---- sealed ---- */

static struct sealed_maker owner;
static uint8_t device[BOX_X25519_BYTES];
static uint8_t *older;	/* than the model */
static uint8_t *others; /* chunks by someone else, behind the owner's head */
static uint32_t epoch = 1;

static void make_sealed(void)
{
	size_t len = 0;
	uint8_t *record = networks_mnist(1, &len);
	uint8_t *other = networks_mnist(3, &len);

	sealed_owner(&owner);
	older = sealed_make(&owner, record, len, &model.len);
	owner.head.security_version++;
	bytes = sealed_make(&owner, record, len, &model.len);
	others = sealed_make(&owner, record, len, &model.len);
	sealed_replace_stream(&owner, others, model.len, other);
	free(record);
	free(other);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	assert_int_equal(ta_provision_epoch(&session, &owner, epoch),
			 TEEC_SUCCESS);
}

/* The older model is refused from now on. */
static void commit(void)
{
	uint8_t image[ENC_MNIST_IMAGE_BYTES] = { 0 };
	uint8_t label = 0;

	assert_int_equal(ta_infer(&session, image, 1, &label), TEEC_SUCCESS);
	assert_int_equal(ta_commit(&session), TEEC_SUCCESS);
}

static TEEC_Result push_cut(void)
{
	assert_int_equal(way_begin(&model, &session), TEEC_SUCCESS);
	return ta_push(&session, bytes + sealed_chunk_at(0),
		       sealed_chunk_size(model.len, 0) - 1);
}

/* Begins a load and pushes n chunks, with one bit of that byte flipped. */
static TEEC_Result push_changed(size_t at, size_t n)
{
	TEEC_Result res = TEEC_SUCCESS;

	bytes[at] ^= 1;
	res = way_push_first(&model, &session, n);
	bytes[at] ^= 1;
	return res;
}

/* Most loads fail where there is the most to undo: in a chunk. */
static void load_sealed_refused(unsigned long n)
{
	const size_t tag_end =
		sealed_chunk_at(0) + sealed_chunk_size(model.len, 0);

	switch (n % 16) {
	case 3:
		assert_int_equal(push_cut(), TEEC_ERROR_BAD_FORMAT);
		break;
	case 5:
		assert_int_equal(push_changed(BOX_HEAD_SIGNED_BYTES, 0),
				 ENC_TEE_SIGNATURE_INVALID);
		break;
	case 7:
		assert_int_equal(ta_begin_sealed(&session, older, model.len),
				 TEEC_ERROR_SECURITY);
		break;
	default:
		assert_int_equal(push_changed(tag_end - 1, 1),
				 ENC_TEE_MAC_INVALID);
	}
}

static void load_sealed_in_vain(void)
{
	assert_int_equal(ta_load_sealed(&session, others, model.len),
			 ENC_TEE_SIGNATURE_INVALID);
}

static const struct part sealed = {
	.way = &way_sealed,
	.make = make_sealed,
	.settle = commit,
	.load_refused = load_sealed_refused,
	.load_in_vain = load_sealed_in_vain,
};

/* ---- what is in use ---- */

static int setup(void **state)
{
	const TEEC_UUID uuid = { 0xd96a5b40,
				 0xe2c7,
				 0xb1af,
				 { 0x87, 0x94, 0x10, 0x02, 0xa5, 0xd5, 0xc6,
				   0x1b } };

	(void)state;
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(TEEC_OpenSession(&context, &stats, &uuid,
					  TEEC_LOGIN_PUBLIC, NULL, NULL, NULL),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	part->make();
	model.way = part->way;
	model.bytes = bytes;
	load(&session);
	if (part->settle)
		part->settle();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	TEEC_CloseSession(&stats);
	TEEC_FinalizeContext(&context);
	sealed_free(&owner);
	free(bytes);
	free(older);
	free(others);
	return 0;
}

static uint32_t allocated(uint32_t pool_id)
{
	struct pool pool = { 0 };
	TEEC_Operation op = { 0 };

	op.paramTypes =
		TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_MEMREF_TEMP_OUTPUT,
				 TEEC_NONE, TEEC_NONE);
	op.params[0].value.a = pool_id;
	op.params[1].tmpref.buffer = &pool;
	op.params[1].tmpref.size = sizeof(pool);
	assert_int_equal(TEEC_InvokeCommand(&stats, STATS_CMD_ALLOC, &op, NULL),
			 TEEC_SUCCESS);
	return pool.allocated;
}

static bool read_proc(const char *pid, const char *name, char *text, int size)
{
	char path[64] = "";
	FILE *f = NULL;
	bool ok = false;

	snprintf(path, sizeof(path), "/proc/%.16s/%s", pid, name);
	f = fopen(path, "r");
	if (!f)
		return false;
	ok = fgets(text, size, f) != NULL;
	fclose(f);
	return ok;
}

static long resident(const char *pid)
{
	char text[128] = "";
	long pages = 0;

	assert_true(read_proc(pid, "statm", text, sizeof(text)));
	assert_int_equal(sscanf(text, "%*d %ld", &pages), 1);
	return pages;
}

static long resident_supplicant(void)
{
	DIR *d = opendir("/proc");
	struct dirent *entry = NULL;
	char text[128] = "";
	long pages = 0;

	assert_non_null(d);
	while (!pages && (entry = readdir(d))) {
		if (read_proc(entry->d_name, "comm", text, sizeof(text)) &&
		    !strcmp(text, "tee-supplicant\n"))
			pages = resident(entry->d_name);
	}
	closedir(d);
	assert_true(pages > 0);
	return pages;
}

static long count_files(void)
{
	DIR *d = opendir("/var/lib/optee-client/data/tee");
	long count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

static struct usage usage_now(void)
{
	return (struct usage){
		.heap = allocated(STATS_HEAP),
		.ta_ram = allocated(STATS_TA_RAM),
		.client = resident("self"),
		.supplicant = resident_supplicant(),
		.files = count_files(),
	};
}

static void check_usage(const struct usage *before, unsigned long times,
			const char *what)
{
	const struct usage after = usage_now();

	printf("# figure: %s, %lu %s: OP-TEE's heap %u, then %u bytes; RAM of "
	       "TAs %u, then %u; client %ld, then %ld pages; tee-supplicant "
	       "%ld, then %ld\n",
	       part->way->name, times, what, before->heap, after.heap,
	       before->ta_ram, after.ta_ram, before->client, after.client,
	       before->supplicant, after.supplicant);
	assert_int_equal(after.ta_ram, before->ta_ram);
	assert_int_equal(after.files, before->files);
	assert_true(after.heap <= before->heap + ALLOWED_BYTES);
	assert_true(after.client <= before->client + ALLOWED_PAGES);
	assert_true(after.supplicant <= before->supplicant + ALLOWED_PAGES);
}

/* ---- tests ---- */

/* Repeats an action; starts to measure after its first run. */
static void repeat(const char *what, unsigned long times,
		   void (*once)(unsigned long n))
{
	struct usage before = { 0 };

	once(0);
	before = usage_now();
	for (unsigned long i = 0; i < times; i++)
		once(i);
	check_usage(&before, times, what);
}

static void begin_load(unsigned long n)
{
	(void)n;
	load_in_part(&session);
}

static void begun_loads_leave_nothing(void **state)
{
	(void)state;
	repeat("begun loads", begun, begin_load);
}

static void refused_loads_leave_nothing(void **state)
{
	(void)state;
	repeat("refused loads", refused, part->load_refused);
}

/* An envelope with a key that is not what the owner has sealed. */
static TEEC_Result provision_changed(uint8_t *envelope, unsigned long n)
{
	const size_t at =
		n % 4 == 1 ? BOX_ENVELOPE_BYTES : BOX_ENVELOPE_SIGNED_BYTES;

	envelope[at - 1] ^= 1;
	if (n % 4 == 3)
		sealed_sign_envelope(&owner, envelope);
	return ta_provision(&session, envelope);
}

/*
 * Every second envelope is damaged and refused, by its signature or by its tag;
 * a good one is refused when sent again.
 */
static void provision(unsigned long n)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	sealed_envelope(&owner, device, ++epoch, NULL, envelope);
	if (n % 2) {
		assert_int_equal(provision_changed(envelope, n),
				 n % 4 == 1 ? ENC_TEE_SIGNATURE_INVALID :
					      ENC_TEE_MAC_INVALID);
		return;
	}
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	assert_int_equal(ta_provision(&session, envelope), TEEC_ERROR_SECURITY);
	commit();
}

static void envelopes_leave_nothing(void **state)
{
	(void)state;
	repeat("envelopes and commits", sessions, provision);
}

static void use_session(unsigned long n)
{
	TEEC_Session other = { 0 };

	(void)n;
	assert_int_equal(ta_open(&context, &other), TEEC_SUCCESS);
	load_in_part(&other);
	TEEC_CloseSession(&other);
}

static void sessions_leave_nothing(void **state)
{
	(void)state;
	repeat("sessions, each ended in a load", sessions, use_session);
}

/* The last test: it needs the whole heap that was free before the others. */
static void whole_loads_leave_nothing(void **state)
{
	struct usage before = usage_now();

	(void)state;
	for (unsigned long i = 0; i < loads; i++) {
		if (part->load_in_vain)
			part->load_in_vain();
		load(&session);
	}
	check_usage(&before, loads, "whole loads");
}

int main(int argc, char **argv)
{
	struct CMUnitTest compat_tests[] = {
		cmocka_unit_test(begun_loads_leave_nothing),
		cmocka_unit_test(refused_loads_leave_nothing),
		cmocka_unit_test(sessions_leave_nothing),
		cmocka_unit_test(whole_loads_leave_nothing),
	};
	struct CMUnitTest sealed_tests[] = {
		cmocka_unit_test(begun_loads_leave_nothing),
		cmocka_unit_test(refused_loads_leave_nothing),
		cmocka_unit_test(sessions_leave_nothing),
		cmocka_unit_test(envelopes_leave_nothing),
		cmocka_unit_test(whole_loads_leave_nothing),
	};

	if (argc != 6)
		return 2;
	part = way_named(argv[1]) == &way_compat ? &compat : &sealed;
	loads = strtoul(argv[2], NULL, 10);
	begun = strtoul(argv[3], NULL, 10);
	refused = strtoul(argv[4], NULL, 10);
	sessions = strtoul(argv[5], NULL, 10);
	return part == &compat ? way_run_tests(part->way, "growth",
					       compat_tests, setup, teardown) :
				 way_run_tests(part->way, "growth",
					       sealed_tests, setup, teardown);
}
