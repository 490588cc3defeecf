/* SPDX-License-Identifier: Apache-2.0 */
#include "killed.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testkit/client.h"
#include "testkit/test.h"

static useconds_t now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (useconds_t)(t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

static bool begin(const struct killed *client, size_t n, TEEC_Context *context,
		  TEEC_Session *session)
{
	return TEEC_InitializeContext(NULL, context) == TEEC_SUCCESS &&
	       ta_open(context, session) == TEEC_SUCCESS &&
	       (!client->prepare ||
		client->prepare(session, n) == TEEC_SUCCESS);
}

useconds_t killed_time(const struct killed *client, size_t n)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	useconds_t time = 0;

	assert_true(begin(client, n, &context, &session));
	time = now();
	assert_int_equal(client->call(&session, n), TEEC_SUCCESS);
	time = now() - time;
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return time;
}

/*
 * Reports that it is about to call, and that it has returned; waits for its
 * end.
 */
static void run(const struct killed *client, size_t n, int tell,
		volatile bool *returned)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };

	if (!begin(client, n, &context, &session) || write(tell, "", 1) != 1 ||
	    client->call(&session, n) != TEEC_SUCCESS)
		_exit(1);
	*returned = true;
	for (;;)
		pause();
}

bool killed_in_call(const struct killed *client, size_t n, useconds_t after)
{
	volatile bool *returned =
		mmap(NULL, sizeof(*returned), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd[2] = { -1, -1 };
	int status = 0;
	char told = 0;
	bool inside = false;
	pid_t pid = -1;

	assert_true(returned != MAP_FAILED);
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (!pid)
		run(client, n, fd[1], returned);
	assert_true(pid > 0);
	close(fd[1]);
	assert_int_equal(read(fd[0], &told, 1), 1);
	close(fd[0]);
	usleep(after);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	inside = !*returned;
	munmap((void *)returned, sizeof(*returned));
	return inside;
}

useconds_t killed_moment(useconds_t time, unsigned int t, unsigned int times)
{
	return time / (2 * times) * (2 * t + 1);
}
