/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill STEP TIMES: kills a client (SIGKILL) in each STEP-th push of a load and
 * in the last, TIMES times at different moments of it. Afterwards a new session
 * has no model, a load in it works, and it answers as before.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/client.h"
#include "tests/lib/formula.h"
#include "tests/lib/test.h"

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

static size_t step;
static unsigned int times;
static TEEC_Context context;
static uint8_t *container;
static size_t container_len;
static size_t pushes;
static useconds_t push_time; /* that of one, about */
/* Shared with the client: its last push has returned. */
static volatile bool *returned;
static uint8_t images[FORMULA_IMAGES][ENC_MNIST_IMAGE_BYTES];
static uint8_t expected[FORMULA_IMAGES];

static useconds_t now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (useconds_t)(t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

static int setup(void **state)
{
	TEEC_Session session = { 0 };
	uint8_t *record = formula_record(1);

	(void)state;
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS)
		return -1;
	container = ta_seal(key, record, FORMULA_RECORD_BYTES, &container_len);
	free(record);
	returned = mmap(NULL, sizeof(*returned), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(returned != MAP_FAILED);
	pushes = (container_len + TA_PIECE_BYTES - 1) / TA_PIECE_BYTES;
	for (size_t i = 0; i < FORMULA_IMAGES; i++)
		formula_image(i, images[i]);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	push_time = now();
	assert_int_equal(ta_push_all(&session, container, container_len),
			 TEEC_SUCCESS);
	push_time = (now() - push_time) / (useconds_t)pushes;
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, FORMULA_IMAGES, expected),
			 TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_FinalizeContext(&context);
	free(container);
	return 0;
}

static bool push_piece(TEEC_Session *session, size_t n)
{
	const size_t at = n * TA_PIECE_BYTES;
	const size_t left = container_len - at;

	return ta_push(session, container + at,
		       left < TA_PIECE_BYTES ? left : TA_PIECE_BYTES) ==
	       TEEC_SUCCESS;
}

/* The client: says when it is about to push piece n, then waits for its end. */
static void load_until(size_t n, int tell)
{
	TEEC_Context mine = { 0 };
	TEEC_Session session = { 0 };
	bool ok = TEEC_InitializeContext(NULL, &mine) == TEEC_SUCCESS &&
		  ta_open(&mine, &session) == TEEC_SUCCESS &&
		  ta_begin(&session) == TEEC_SUCCESS;

	for (size_t i = 0; ok && i < n; i++)
		ok = push_piece(&session, i);
	if (!ok || write(tell, "", 1) != 1 || !push_piece(&session, n))
		_exit(1);
	*returned = true;
	for (;;)
		pause();
}

/* Returns whether the push had not returned by then. */
static bool kill_in_push(size_t n, useconds_t after)
{
	int fd[2] = { -1, -1 };
	int status = 0;
	char told = 0;
	pid_t pid = -1;

	*returned = false;
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (!pid)
		load_until(n, fd[1]);
	assert_true(pid > 0);
	close(fd[1]);
	assert_int_equal(read(fd[0], &told, 1), 1);
	close(fd[0]);
	usleep(after);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return !*returned;
}

static void check_after(void)
{
	TEEC_Session session = { 0 };
	uint8_t labels[FORMULA_IMAGES] = { 0 };

	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, 1, labels),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_push(&session, container, 16),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_load(&session, container, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, FORMULA_IMAGES, labels),
			 TEEC_SUCCESS);
	assert_memory_equal(labels, expected, sizeof(labels));
	TEEC_CloseSession(&session);
}

/* The push to die in after the n-th. */
static size_t next(size_t n)
{
	if (n + 1 < pushes && n + step >= pushes)
		return pushes - 1;
	return n + step;
}

/* What a session takes is a third of what OP-TEE has: a leak would show. */
static void a_killed_client_leaves_nothing(void **state)
{
	unsigned int kills = 0;
	unsigned int inside = 0;

	(void)state;
	for (size_t n = 0; n < pushes; n = next(n)) {
		for (unsigned int t = 0; t < times; t++) {
			inside += kill_in_push(n, push_time * (2 * t + 1) /
							  (2 * times));
			kills++;
			check_after();
		}
	}
	printf("# figure: %u clients killed in the pushes of a load, %u before "
	       "the push had returned\n",
	       kills, inside);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_client_leaves_nothing),
	};

	if (argc != 3)
		return 2;
	step = strtoul(argv[1], NULL, 10);
	times = (unsigned int)strtoul(argv[2], NULL, 10);
	if (!step || !times)
		return 2;
	return cmocka_run_group_tests_name("kill", tests, setup, teardown);
}
