/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TEE that does not answer: calls end the program in time, and no call does
 * that is only one of many, or computes. The TEE Client API here is one that
 * waits where it is told to.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/device/call.h"
#include "host/device/supplicant.h"
#include "testkit/test.h"

#define LATE  3
#define LIMIT 1 /* second */

enum place {
	NOWHERE,
	IN_OPEN,
	IN_INVOKE,
	IN_CLOSE
};

static enum place place;
static unsigned int pause_ms; /* there; 0: for ever */
static enum enc_tee_supplicant supplicant;

enum enc_tee_supplicant enc_tee_supplicant(void)
{
	return supplicant;
}

static void answer(enum place here)
{
	while (place == here && !pause_ms)
		pause();
	if (place == here)
		usleep(pause_ms * 1000);
}

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	(void)name;
	(void)context;
	return TEEC_SUCCESS;
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	(void)context;
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session,
			     const TEEC_UUID *destination,
			     uint32_t connection_method,
			     const void *connection_data, TEEC_Operation *op,
			     uint32_t *origin)
{
	(void)context;
	(void)session;
	(void)destination;
	(void)connection_method;
	(void)connection_data;
	(void)op;
	(void)origin;
	answer(IN_OPEN);
	return TEEC_SUCCESS;
}

void TEEC_CloseSession(TEEC_Session *session)
{
	(void)session;
	answer(IN_CLOSE);
}

TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t command,
			       TEEC_Operation *op, uint32_t *origin)
{
	(void)session;
	(void)command;
	(void)op;
	(void)origin;
	answer(IN_INVOKE);
	return TEEC_SUCCESS;
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context,
				      TEEC_SharedMemory *memory)
{
	(void)context;
	memory->buffer = calloc(1, memory->size);
	return memory->buffer ? TEEC_SUCCESS : TEEC_ERROR_OUT_OF_MEMORY;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *memory)
{
	free(memory->buffer);
}

static void late(void *context, const struct enc_error *why)
{
	(void)context;
	(void)why;
	_exit(LATE);
}

/* A session with so many calls, in a process of its own. */
static pid_t start(unsigned int limit, unsigned int calls, uint64_t work)
{
	struct enc_tee *tee = NULL;
	const struct enc_tee_options options = { .wait = limit, .late = late };
	struct enc_error e = { 0 };
	TEEC_Operation op = { 0 };
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	alarm(30); /* ends it where nothing else does */
	if (!enc_tee_open(&tee, &options, &e))
		_exit(1);
	tee->work = work;
	for (unsigned int i = 0; i < calls; i++)
		enc_tee_invoke(tee, 0, &op, NULL);
	enc_tee_close(tee);
	_exit(0);
}

static int status_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_call_that_does_not_return_ends_the_program(void **state)
{
	(void)state;
	pause_ms = 0;
	for (place = IN_OPEN; place <= IN_CLOSE; place++)
		assert_int_equal(status_of(start(LIMIT, 1, 0)), LATE);
}

/* Longer than the limit together: each of them has all of it. */
static void many_calls_may_take_longer_than_one(void **state)
{
	(void)state;
	place = IN_INVOKE;
	pause_ms = 700;
	assert_int_equal(status_of(start(LIMIT, 6, 0)), 0);
}

static void computing_may_take_longer(void **state)
{
	(void)state;
	place = NOWHERE;
	pause_ms = 0;
	assert_int_equal(status_of(start(LIMIT, 1, 0)), 0);
	place = IN_INVOKE;
	pause_ms = 3500;
	assert_int_equal(status_of(start(LIMIT, 1, 0)), LATE);
	assert_int_equal(status_of(start(LIMIT, 1, (uint64_t)60 << 24)), 0);
}

static void without_a_limit_it_waits(void **state)
{
	pid_t pid = -1;
	int status = 0;

	(void)state;
	place = IN_INVOKE;
	pause_ms = 0;
	pid = start(0, 1, 0);
	sleep(3 * LIMIT + 1);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void where_no_supplicant_is_seen_it_waits_less(void **state)
{
	pid_t waits = -1;
	pid_t computes = -1;

	(void)state;
	supplicant = ENC_TEE_SUPPLICANT_UNSEEN;
	place = IN_INVOKE;
	pause_ms = 0;
	waits = start(60, 1, 0);
	pause_ms = 13000;
	computes = start(60, 1, (uint64_t)60 << 24);
	assert_int_equal(status_of(waits), LATE);
	assert_int_equal(status_of(computes), 0);
	pause_ms = 0;
	assert_int_equal(status_of(start(LIMIT, 1, 0)), LATE);
	supplicant = ENC_TEE_SUPPLICANT_RUNS;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_does_not_return_ends_the_program),
		cmocka_unit_test(many_calls_may_take_longer_than_one),
		cmocka_unit_test(computing_may_take_longer),
		cmocka_unit_test(without_a_limit_it_waits),
		cmocka_unit_test(where_no_supplicant_is_seen_it_waits_less),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
