/* SPDX-License-Identifier: Apache-2.0 */
/*
 * growth LOADS PARTIAL SESSIONS: loads that many models in one session, begins
 * that many loads that the next BEGIN drops, opens and closes that many
 * sessions in the middle of a load; what the TEE and the two processes of the
 * normal world have in use must not grow with that.
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

#include "nn/record.h"
#include "nn/record_write.h"
#include "tests/lib/client.h"
#include "tests/lib/formula.h"
#include "tests/lib/test.h"

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

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

static unsigned long loads;
static unsigned long partial;
static unsigned long sessions;
static TEEC_Context context;
static TEEC_Session stats;
static uint8_t *container;
static size_t container_len;

/* Of a network of any size: this is built with a small one, too. */
static void make_container(void)
{
	size_t len = 0;
	uint8_t *record = formula_any_record(1, &len);

	container = ta_seal(key, record, len, &container_len);
	free(record);
}

static int setup(void **state)
{
	const TEEC_UUID uuid = { 0xd96a5b40,
				 0xe2c7,
				 0xb1af,
				 { 0x87, 0x94, 0x10, 0x02, 0xa5, 0xd5, 0xc6,
				   0x1b } };
	TEEC_Session session = { 0 };

	(void)state;
	make_container();
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(TEEC_OpenSession(&context, &stats, &uuid,
					  TEEC_LOGIN_PUBLIC, NULL, NULL, NULL),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&stats);
	TEEC_FinalizeContext(&context);
	free(container);
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

static void check_usage(const struct usage *before, const char *what)
{
	const struct usage after = usage_now();

	printf("# figure: %s: OP-TEE's heap %u, then %u bytes; RAM of TAs "
	       "%u, then %u; client %ld, then %ld pages; tee-supplicant %ld, "
	       "then %ld\n",
	       what, before->heap, after.heap, before->ta_ram, after.ta_ram,
	       before->client, after.client, before->supplicant,
	       after.supplicant);
	assert_int_equal(after.ta_ram, before->ta_ram);
	assert_true(after.heap <= before->heap + ALLOWED_BYTES);
	assert_true(after.client <= before->client + ALLOWED_PAGES);
	assert_true(after.supplicant <= before->supplicant + ALLOWED_PAGES);
}

static void load_in_part(TEEC_Session *session)
{
	assert_int_equal(ta_begin(session), TEEC_SUCCESS);
	assert_int_equal(ta_push(session, container, PIECE_BYTES),
			 TEEC_SUCCESS);
}

static void load(TEEC_Session *session)
{
	assert_int_equal(ta_load(session, container, container_len),
			 TEEC_SUCCESS);
}

static void use_session(void)
{
	TEEC_Session session = { 0 };

	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	load_in_part(&session);
	TEEC_CloseSession(&session);
}

static void loads_leave_nothing(void **state)
{
	TEEC_Session session = { 0 };
	struct usage before = { 0 };
	char what[80] = "";

	(void)state;
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	load(&session);
	load_in_part(&session);
	before = usage_now();
	for (unsigned long i = 0; i < partial; i++)
		load_in_part(&session);
	for (unsigned long i = 0; i < loads; i++)
		load(&session);
	load_in_part(&session);
	snprintf(what, sizeof(what), "%lu whole and %lu begun loads", loads,
		 partial);
	check_usage(&before, what);
	TEEC_CloseSession(&session);
}

static void sessions_leave_nothing(void **state)
{
	struct usage before = { 0 };
	char what[80] = "";

	(void)state;
	use_session();
	before = usage_now();
	for (unsigned long i = 0; i < sessions; i++)
		use_session();
	snprintf(what, sizeof(what), "%lu sessions, each ended in a load",
		 sessions);
	check_usage(&before, what);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_leave_nothing),
		cmocka_unit_test(sessions_leave_nothing),
	};

	if (argc != 4)
		return 2;
	loads = strtoul(argv[1], NULL, 10);
	partial = strtoul(argv[2], NULL, 10);
	sessions = strtoul(argv[3], NULL, 10);
	return cmocka_run_group_tests_name("growth", tests, setup, teardown);
}
