/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage_faults KEPT STEP FAULT...: a command stores the next state of the
 * kept data (tests/lib/kept.h). The k-th file system call that tee-supplicant
 * makes for it goes wrong, for k = 1, 1 + STEP, ... until the command needs
 * fewer calls. Afterwards the TA has the old state or the new one, and can
 * store another. FAULT: killed, stopped, stopped-killed, EIO or ENOSPC.
 *
 * storage_faults KEPT strike: stores the second state, and lets the third one
 * go wrong where OP-TEE itself dies.
 *
 * No tee-supplicant may be running: this program starts it, with faults.so.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/kept.h"
#include "tests/tools/faults.h"

/* Turns of a millisecond that a store gets after its supplicant has ended. */
#define PATIENCE 200

/* A store in its own process, which can be killed. In shared memory. */
struct attempt {
	atomic_bool ready;
	atomic_bool go;
	atomic_bool ended;
	TEEC_Result res;
	uint32_t n;
};

/* The outcomes of one test's stores. */
struct tally {
	unsigned int calls; /* that a store needs */
	unsigned int rounds;
	unsigned int done;    /* stores that succeeded */
	unsigned int dead;    /* those that ended their session */
	unsigned int endless; /* those that had to be killed */
	unsigned int old_state;
	unsigned int new_state;
	unsigned int lost; /* neither: the TA reports that it has none */
};

static const struct kept *kept;
static struct faults *faults;
static struct attempt *attempt;
static unsigned int step;
static pid_t supplicant;

/*
 * OP-TEE 4.5 itself dereferences a null pointer when it cannot read the storage
 * index at these calls: its tee_ree_fs.c continues with an index that the error
 * has closed, in set_name(), where an object gets its name, and in an assertion
 * of ree_fs_remove(). See storage-faults.suite.
 */
static bool deadly[FAULTS_CALLS_MAX];

/* ---- the supplicant ---- */

static void start_supplicant(void)
{
	supplicant = fork();
	assert_true(supplicant >= 0);
	if (supplicant)
		return;
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	for (int fd = 3; fd < 16; fd++)
		close(fd); /* contexts of this process */
	setenv("LD_PRELOAD", "./faults.so", 1);
	execlp("tee-supplicant", "tee-supplicant", NULL);
	_exit(127);
}

/* It has opened its device. */
static bool supplicant_is_up(void)
{
	char path[64] = "";
	char target[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/fd/3", (int)supplicant);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       !strncmp(target, "/dev/teepriv", 12);
}

/*
 * Makes sure that a tee-supplicant runs: continues or kills a stopped one,
 * replaces one that ended. Linux refuses the new one while a call is under way
 * for which the old one had provided memory: the new one ends at once, and the
 * next one tries again. True if one had ended.
 */
static bool tend_supplicant(bool go_on)
{
	int status = 0;

	if (waitpid(supplicant, &status, WUNTRACED | WNOHANG) != supplicant)
		return false;
	if (WIFSTOPPED(status)) {
		usleep(20000);
		kill(supplicant, go_on ? SIGCONT : SIGKILL);
		return false;
	}
	usleep(10000);
	start_supplicant();
	return true;
}

/* ---- a client of the TA ---- */

struct client {
	TEEC_Context context;
	TEEC_Session session;
};

static void start(struct client *c)
{
	assert_int_equal(TEEC_InitializeContext(NULL, &c->context),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&c->context, &c->session), TEEC_SUCCESS);
}

static void end(struct client *c)
{
	TEEC_CloseSession(&c->session);
	TEEC_FinalizeContext(&c->context);
}

/* ---- a store that goes wrong ---- */

static void run_attempt(void)
{
	struct client c = { 0 };

	start(&c);
	if (kept->prepare)
		assert_int_equal(kept->prepare(&c.session, attempt->n),
				 TEEC_SUCCESS);
	attempt->ready = true;
	while (!attempt->go)
		usleep(200);
	attempt->res = kept->command(&c.session, attempt->n);
	attempt->ended = true;
	end(&c);
	_exit(0);
}

/* Waits for the end of a store; kills it if it waits for a dead supplicant. */
static void see_it_end(pid_t pid, bool go_on)
{
	unsigned int since = 0; /* the supplicant's end */

	while (!attempt->ended && since < PATIENCE) {
		if (tend_supplicant(go_on) || since)
			since++;
		usleep(1000);
	}
	if (!attempt->ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, WNOHANG) >= 0 || !supplicant_is_up()) {
		tend_supplicant(go_on);
		usleep(1000);
	}
}

/* Stores n while call k of the supplicant goes wrong; false: it did not. */
static bool store_with_fault(uint32_t n, unsigned int k, enum fault fault,
			     bool go_on)
{
	pid_t pid = -1;

	memset(attempt, 0, sizeof(*attempt));
	attempt->n = n;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		run_attempt();
	while (!attempt->ready)
		usleep(200);
	faults->fault = fault;
	faults->calls = 0;
	faults->at = k;
	attempt->go = true;
	see_it_end(pid, go_on);
	faults->at = 0;
	return faults->calls >= k;
}

/* Stores n without a fault, and notes which calls of that are deadly. */
static void store_and_watch(uint32_t n)
{
	for (size_t k = 0; k < FAULTS_CALLS_MAX; k++)
		faults->deadly[k] = false;
	store_with_fault(n, 0, FAULT_EIO, false);
	assert_true(attempt->ended);
	assert_int_equal(attempt->res, TEEC_SUCCESS);
	assert_in_range(faults->calls, 1, FAULTS_CALLS_MAX - 1);
	for (size_t k = 0; k < FAULTS_CALLS_MAX; k++)
		deadly[k] = faults->deadly[k];
}

static int strike_where_it_is_deadly(void)
{
	struct client c = { 0 };
	unsigned int k = 0;
	uint32_t n = 0;

	start(&c);
	assert_int_equal(kept->begin(&c.session, &n), TEEC_SUCCESS);
	store_and_watch(n + 1);
	while (!deadly[k])
		assert_true(++k < FAULTS_CALLS_MAX);
	store_with_fault(n + 2, k, FAULT_EIO, false);
	return 0;
}

static bool may_be_old(const struct attempt *a)
{
	return !a->ended || a->res != TEEC_SUCCESS;
}

/* PROVISION may fail when it deletes what it has retired. */
static bool may_be_new(const struct attempt *a)
{
	return kept == &kept_envelope ||
	       (a->res != ENC_TEE_STORAGE_NO_SPACE &&
		a->res != ENC_TEE_STORAGE_NOT_AVAILABLE);
}

/*
 * The TA has one of the two states, and one that the result allows
 * (proto/enc_mnist_ta.h), or reports that it lost them.
 */
static void check_state(struct client *c, uint32_t old_state, struct tally *t)
{
	const struct attempt *a = attempt;
	uint32_t n = 0;
	TEEC_Result res = kept->which(&c->session, &n);
	bool is_old = n == old_state && may_be_old(a);
	bool is_new = n == a->n && may_be_new(a);

	if (res == TEEC_ERROR_ITEM_NOT_FOUND || res == ENC_TEE_CORRUPT_OBJECT) {
		t->lost++;
		return;
	}
	if (res != TEEC_SUCCESS || !(is_old || is_new))
		fail_msg("round %u: store 0x%x%s, then 0x%x, state %u of %u, "
			 "%u",
			 t->rounds, a->res, a->ended ? "" : " (killed)", res, n,
			 old_state, a->n);
	*(is_old ? &t->old_state : &t->new_state) += 1;
}

static struct tally fail_each_call(enum fault fault, bool go_on)
{
	struct client c = { 0 };
	struct tally t = { 0 };
	uint32_t n = 0;
	bool struck = true;

	start(&c);
	assert_int_equal(kept->begin(&c.session, &n), TEEC_SUCCESS);
	store_and_watch(++n);
	for (unsigned int k = 1; struck; k += step) {
		if (k < FAULTS_CALLS_MAX && deadly[k])
			continue;
		struck = store_with_fault(n + 1, k, fault, go_on);
		t.calls = faults->calls;
		t.rounds++;
		t.endless += !attempt->ended;
		t.done += attempt->ended && attempt->res == TEEC_SUCCESS;
		t.dead += attempt->res == TEEC_ERROR_TARGET_DEAD;
		check_state(&c, n, &t);
		n += 2;
		assert_int_equal(kept_store(kept, &c.session, n), TEEC_SUCCESS);
	}
	assert_true(t.calls > 0); /* faults.so is there */
	assert_int_equal(t.lost, 0);
	end(&c);
	return t;
}

static void report(const char *what, const struct tally *t)
{
	printf("# figure: %s: %s, %u rounds of %u calls: %u stored, %u TAs "
	       "dead, %u clients killed; %u times the old state, %u the new, "
	       "%u none\n",
	       kept->name, what, t->rounds, t->calls, t->done, t->dead,
	       t->endless, t->old_state, t->new_state, t->lost);
}

/* ---- tests ---- */

static void a_killed_supplicant_leaves_old_or_new(void **state)
{
	struct tally t = fail_each_call(FAULT_KILL, false);

	(void)state;
	report("killed", &t);
}

static void a_stopped_supplicant_is_waited_for(void **state)
{
	struct tally t = fail_each_call(FAULT_STOP, true);

	(void)state;
	assert_int_equal(t.done, t.rounds);
	report("stopped", &t);
}

static void a_stopped_and_killed_supplicant_leaves_old_or_new(void **state)
{
	struct tally t = fail_each_call(FAULT_STOP, false);

	(void)state;
	report("stopped and killed", &t);
}

static void an_input_output_error_leaves_old_or_new(void **state)
{
	struct tally t = fail_each_call(FAULT_EIO, false);

	(void)state;
	assert_int_equal(t.endless, 0);
	report("EIO", &t);
}

static void a_full_file_system_leaves_old_or_new(void **state)
{
	struct tally t = fail_each_call(FAULT_ENOSPC, false);

	(void)state;
	assert_int_equal(t.endless, 0);
	report("ENOSPC", &t);
}

/* Memory that a child of this process shares with it. */
static void *share(int fd, size_t size)
{
	int flags = fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	assert_true(map != MAP_FAILED);
	return map;
}

static int setup(void **state)
{
	int fd = open(FAULTS_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	if (fd < 0 || ftruncate(fd, sizeof(*faults)))
		return -1;
	faults = share(fd, sizeof(*faults));
	attempt = share(-1, sizeof(*attempt));
	close(fd);
	start_supplicant();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kill(supplicant, SIGKILL);
	waitpid(supplicant, NULL, 0);
	return 0;
}

static const struct {
	const char *name;
	struct CMUnitTest test;
} all[] = {
	{ "killed", cmocka_unit_test(a_killed_supplicant_leaves_old_or_new) },
	{ "stopped", cmocka_unit_test(a_stopped_supplicant_is_waited_for) },
	{ "stopped-killed",
	  cmocka_unit_test(a_stopped_and_killed_supplicant_leaves_old_or_new) },
	{ "EIO", cmocka_unit_test(an_input_output_error_leaves_old_or_new) },
	{ "ENOSPC", cmocka_unit_test(a_full_file_system_leaves_old_or_new) },
};

int main(int argc, char **argv)
{
	struct CMUnitTest tests[COUNT(all)];
	size_t n = 0;

	if (argc < 3)
		return 2;
	setlinebuf(stdout); /* a child has nothing to print twice */
	kept = kept_named(argv[1]);
	step = (unsigned int)atoi(argv[2]);
	if (!strcmp(argv[2], "strike"))
		return setup(NULL) ? 1 : strike_where_it_is_deadly();
	for (int i = 3; i < argc; i++) {
		for (size_t k = 0; k < COUNT(all) && n < COUNT(tests); k++) {
			if (!strcmp(argv[i], all[k].name))
				tests[n++] = all[k].test;
		}
	}
	if (!step || !n || n != (size_t)argc - 3)
		return 2;
	return _cmocka_run_group_tests("storage faults", tests, n, setup,
				       teardown);
}
