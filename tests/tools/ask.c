/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask SOCKET MODEL ROUNDS: asks enc-mnistd for the labels of samples/0.bin to
 * 9.bin, each in a request of its own, ROUNDS times; again after "try again".
 * Fails if one is wrong. ROUNDS 0: sends half a request, and waits until the
 * service ends the connection.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "box/bytes.h"
#include "host/daemon/frame.h"

#define IMAGE 784
#define TRIES 300

static uint8_t requests[10][FRAME_REQUEST_BYTES + IMAGE];

static int fail(const char *what)
{
	fprintf(stderr, "ask: %s\n", what);
	return 1;
}

static int join(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(at.sun_path, path, sizeof(at.sun_path) - 1);
	return connect(fd, (struct sockaddr *)&at, sizeof(at)) ? -1 : fd;
}

static bool read_digits(const char *model)
{
	char path[] = "samples/N.bin";

	for (uint32_t i = 0; i < 10; i++) {
		FILE *f = NULL;

		path[strlen("samples/")] = (char)('0' + i);
		f = fopen(path, "rb");
		if (!f || fread(requests[i] + FRAME_REQUEST_BYTES, 1, IMAGE,
				f) != IMAGE)
			return false;
		fclose(f);
		box_store32(requests[i], FRAME_MAGIC);
		box_store32(requests[i] + FRAME_AT_ID, i);
		box_store32(requests[i] + FRAME_AT_COUNT, 1);
		box_store32(requests[i] + FRAME_AT_BYTES, IMAGE);
		strncpy((char *)requests[i] + FRAME_AT_MODEL, model,
			FRAME_MODEL_BYTES - 1);
	}
	return true;
}

/* The status of the answer, or -1; *label: what it says. */
static int64_t ask(int fd, uint32_t digit, uint32_t *label)
{
	uint8_t head[FRAME_ANSWER_BYTES] = { 0 };
	uint8_t answer[FRAME_MESSAGE_MAX] = { 0 };
	uint32_t bytes = 0;

	if (write(fd, requests[digit], sizeof(*requests)) !=
		    sizeof(*requests) ||
	    recv(fd, head, sizeof(head), MSG_WAITALL) != sizeof(head))
		return -1;
	bytes = box_load32(head + FRAME_AT_BYTES);
	if (bytes > sizeof(answer) ||
	    recv(fd, answer, bytes, MSG_WAITALL) != bytes ||
	    box_load32(head + FRAME_AT_ID) != digit)
		return -1;
	*label = box_load32(answer);
	return box_load32(head + FRAME_AT_COUNT);
}

static int ask_all(int fd)
{
	for (uint32_t digit = 0; digit < 10; digit++) {
		uint32_t label = 0;
		int64_t status = ask(fd, digit, &label);

		for (int i = 0; status == 3 && i < TRIES; i++) {
			usleep(100000);
			status = ask(fd, digit, &label);
		}
		if (status || label != digit)
			return fail(status ? "no answer" : "a wrong label");
	}
	return 0;
}

int main(int argc, char **argv)
{
	const int fd = argc == 4 ? join(argv[1]) : -1;
	int rounds = argc == 4 ? atoi(argv[3]) : 0;
	char byte = 0;

	if (fd < 0 || !read_digits(argv[2]))
		return fail("no service, or no samples");
	if (!rounds)
		return write(fd, requests[0], 500) != 500 ||
		       read(fd, &byte, 1) != 0;
	while (rounds--) {
		if (ask_all(fd))
			return 1;
	}
	return 0;
}
