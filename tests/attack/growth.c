/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growth WAY LOADS BEGUN REFUSED SESSIONS: in one session, begins that many
 * loads that the next BEGIN drops, and that many that are refused, then loads
 * that many models; opens and closes that many sessions in the middle of a
 * load. What the TEE and the two processes of the normal world have in use must
 * not grow with that. WAY is `original`, or `sealed`: there each whole load
 * follows one that is refused at its end, and there are as many envelopes as
 * sessions.
 *
 * The heap of the TA cannot be asked from outside. But it has little to spare
 * besides two models: with a leak of 16 bytes a load, 600 loads of the small
 * network (tests/mutants/small-network.patch) end in OUT_OF_MEMORY.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"

/* OP-TEE's statistics: pta_stats.h of its sources. */
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
};

/* A model on its way into a session. */
struct way {
	const char *name;
	void (*make)(void);
	void (*load)(TEEC_Session *s);
	void (*load_in_part)(TEEC_Session *s);
	/* A load that is not taken, the n-th. */
	void (*load_refused)(TEEC_Session *s, unsigned long n);
	/* One that is not taken after all of it has come; NULL: none. */
	void (*load_in_vain)(TEEC_Session *s);
};

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

static const struct way *way;
static unsigned long loads;
static unsigned long begun;
static unsigned long refused;
static unsigned long sessions;
static TEEC_Context context;
static TEEC_Session stats;
static TEEC_Session session; /* has a model from the beginning */
static uint8_t *model;	     /* as it comes in */
static size_t model_len;

/* ---- as enc_mnist-rs has it ---- */

static void make_original(void)
{
	size_t len = 0;
	uint8_t *record = formula_any_record(1, &len);

	model = ta_seal(key, record, len, &model_len);
	free(record);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
}

static void load_original(TEEC_Session *s)
{
	assert_int_equal(ta_load(s, model, model_len), TEEC_SUCCESS);
}

static void load_original_in_part(TEEC_Session *s)
{
	assert_int_equal(ta_begin(s), TEEC_SUCCESS);
	assert_int_equal(ta_push(s, model, PIECE_BYTES), TEEC_SUCCESS);
}

/* Its first blocks in another order. */
static void load_original_refused(TEEC_Session *s, unsigned long n)
{
	(void)n;
	assert_int_equal(ta_begin(s), TEEC_SUCCESS);
	assert_int_equal(ta_push(s, model + 16, PIECE_BYTES),
			 TEEC_ERROR_BAD_FORMAT);
}

static const struct way original = {
	.name = "original",
	.make = make_original,
	.load = load_original,
	.load_in_part = load_original_in_part,
	.load_refused = load_original_refused,
};

/* ---- sealed ---- */

static struct sealed_maker owner;
static uint8_t device[BOX_X25519_BYTES];
static uint8_t *older;	/* than the model */
static uint8_t *others; /* chunks that are not the owner's, behind his head */
static uint32_t epoch = 1;

static void make_sealed(void)
{
	size_t len = 0;
	uint8_t *record = formula_any_record(1, &len);
	uint8_t *other = formula_any_record(3, &len);

	sealed_owner(&owner);
	older = sealed_make(&owner, record, len, &model_len);
	owner.head.model_version++;
	model = sealed_make(&owner, record, len, &model_len);
	others = sealed_make(&owner, record, len, &model_len);
	sealed_replace_stream(&owner, others, model_len, other);
	free(record);
	free(other);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	assert_int_equal(ta_provision_epoch(&session, &owner, epoch),
			 TEEC_SUCCESS);
}

static void load_sealed(TEEC_Session *s)
{
	assert_int_equal(ta_load_sealed(s, model, model_len), TEEC_SUCCESS);
}

static TEEC_Result push_first(TEEC_Session *s, size_t cut)
{
	assert_int_equal(ta_begin_sealed(s, model, model_len), TEEC_SUCCESS);
	return ta_push(s, model + sealed_chunk_at(0),
		       sealed_chunk_size(model_len, 0) - cut);
}

static void load_sealed_in_part(TEEC_Session *s)
{
	assert_int_equal(push_first(s, 0), TEEC_SUCCESS);
}

static TEEC_Result push_changed(TEEC_Session *s)
{
	uint8_t *tag = model + sealed_chunk_at(0) +
		       sealed_chunk_size(model_len, 0) - 1;
	TEEC_Result res = TEEC_SUCCESS;

	*tag ^= 1;
	res = push_first(s, 0);
	*tag ^= 1;
	return res;
}

static TEEC_Result begin_changed(TEEC_Session *s)
{
	uint8_t *signature = model + BOX_HEAD_SIGNED_BYTES;
	TEEC_Result res = TEEC_SUCCESS;

	*signature ^= 1;
	res = ta_begin_sealed(s, model, model_len);
	*signature ^= 1;
	return res;
}

/* Most of them where a load has the most to undo: in a chunk. */
static void load_sealed_refused(TEEC_Session *s, unsigned long n)
{
	switch (n % 16) {
	case 3:
		assert_int_equal(push_first(s, 1), TEEC_ERROR_BAD_FORMAT);
		break;
	case 5:
		assert_int_equal(begin_changed(s), ENC_TEE_SIGNATURE_INVALID);
		break;
	case 7:
		assert_int_equal(ta_begin_sealed(s, older, model_len),
				 TEEC_ERROR_SECURITY);
		break;
	default:
		assert_int_equal(push_changed(s), ENC_TEE_MAC_INVALID);
	}
}

static void load_sealed_in_vain(TEEC_Session *s)
{
	assert_int_equal(ta_load_sealed(s, others, model_len),
			 ENC_TEE_SIGNATURE_INVALID);
}

static const struct way sealed = {
	.name = "sealed",
	.make = make_sealed,
	.load = load_sealed,
	.load_in_part = load_sealed_in_part,
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
	way->make();
	way->load(&session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	TEEC_CloseSession(&stats);
	TEEC_FinalizeContext(&context);
	sealed_free(&owner);
	free(model);
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

static struct usage usage_now(void)
{
	return (struct usage){
		.heap = allocated(STATS_HEAP),
		.ta_ram = allocated(STATS_TA_RAM),
		.client = resident("self"),
		.supplicant = resident_supplicant(),
	};
}

static void check_usage(const struct usage *before, unsigned long times,
			const char *what)
{
	const struct usage after = usage_now();

	printf("# figure: %s, %lu %s: OP-TEE's heap %u, then %u bytes; RAM of "
	       "TAs %u, then %u; client %ld, then %ld pages; tee-supplicant "
	       "%ld, then %ld\n",
	       way->name, times, what, before->heap, after.heap, before->ta_ram,
	       after.ta_ram, before->client, after.client, before->supplicant,
	       after.supplicant);
	assert_int_equal(after.ta_ram, before->ta_ram);
	assert_true(after.heap <= before->heap + ALLOWED_BYTES);
	assert_true(after.client <= before->client + ALLOWED_PAGES);
	assert_true(after.supplicant <= before->supplicant + ALLOWED_PAGES);
}

/* ---- tests ---- */

/* Does something as often as told; counts from when it was done once. */
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
	way->load_in_part(&session);
}

static void begun_loads_leave_nothing(void **state)
{
	(void)state;
	repeat("begun loads", begun, begin_load);
}

static void load_refused(unsigned long n)
{
	way->load_refused(&session, n);
}

static void refused_loads_leave_nothing(void **state)
{
	(void)state;
	repeat("refused loads", refused, load_refused);
}

/* Every other one is refused, and each again when it was taken. */
static void provision(unsigned long n)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	sealed_envelope(&owner, device, ++epoch, NULL, envelope);
	if (n % 2) {
		envelope[BOX_ENVELOPE_BYTES - 1] ^= 1;
		assert_int_equal(ta_provision(&session, envelope),
				 ENC_TEE_MAC_INVALID);
		return;
	}
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	assert_int_equal(ta_provision(&session, envelope), TEEC_ERROR_SECURITY);
}

static void envelopes_leave_nothing(void **state)
{
	(void)state;
	repeat("envelopes", sessions, provision);
}

static void use_session(unsigned long n)
{
	TEEC_Session other = { 0 };

	(void)n;
	assert_int_equal(ta_open(&context, &other), TEEC_SUCCESS);
	way->load_in_part(&other);
	TEEC_CloseSession(&other);
}

static void sessions_leave_nothing(void **state)
{
	(void)state;
	repeat("sessions, each ended in a load", sessions, use_session);
}

/* The last test: it needs all the heap that there was before the others. */
static void whole_loads_leave_nothing(void **state)
{
	struct usage before = usage_now();

	(void)state;
	for (unsigned long i = 0; i < loads; i++) {
		if (way->load_in_vain)
			way->load_in_vain(&session);
		way->load(&session);
	}
	check_usage(&before, loads, "whole loads");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest original_tests[] = {
		cmocka_unit_test(begun_loads_leave_nothing),
		cmocka_unit_test(refused_loads_leave_nothing),
		cmocka_unit_test(sessions_leave_nothing),
		cmocka_unit_test(whole_loads_leave_nothing),
	};
	const struct CMUnitTest sealed_tests[] = {
		cmocka_unit_test(begun_loads_leave_nothing),
		cmocka_unit_test(refused_loads_leave_nothing),
		cmocka_unit_test(sessions_leave_nothing),
		cmocka_unit_test(envelopes_leave_nothing),
		cmocka_unit_test(whole_loads_leave_nothing),
	};

	if (argc != 6)
		return 2;
	way = strcmp(argv[1], sealed.name) ? &original : &sealed;
	loads = strtoul(argv[2], NULL, 10);
	begun = strtoul(argv[3], NULL, 10);
	refused = strtoul(argv[4], NULL, 10);
	sessions = strtoul(argv[5], NULL, 10);
	return way == &sealed ?
		       cmocka_run_group_tests_name("growth", sealed_tests,
						   setup, teardown) :
		       cmocka_run_group_tests_name("growth", original_tests,
						   setup, teardown);
}
