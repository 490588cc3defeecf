/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enc-mnistd, all but its command line, with the TA on the stand-in: clients
 * that share models, clients that misbehave, a TEE that fails, a model that is
 * replaced. With SOAK=1, 100,000 requests.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "box/bytes.h"
#include "host/daemon/frame.h"
#include "host/daemon/listen.h"
#include "host/daemon/serve.h"
#include "lib/encmnist-owner.h"
#include "lib/encmnist.h"
#include "testkit/test.h"
#include "tests/lib/scratch.h"
#include "tests/standin/standin.h"

#define IMAGE	784
#define DIGITS	10
#define CLIENTS 64
#define HOSTILE 8
#define BATCH	3 /* samples of a request, at most */
#define PLACES	256

static encmnist_error *error;
static uint8_t digits[DIGITS][IMAGE];
static struct daemon_options options = { .clients = PLACES,
					 .clients_of_user = PLACES - 1,
					 .bytes = 8u << 20,
					 .idle = 60,
					 .stall = 1,
					 .drain = 60 };
static struct daemon_model *models[2];
static struct daemon_done *done;
static pthread_t server;
static int control = -1;
static struct sockaddr_un address = { .sun_family = AF_UNIX };

static void must(bool good)
{
	if (!good)
		fail_msg("%s (%s)", encmnist_error_what(error),
			 encmnist_error_hint(error));
}

/* --- A device with two models, and the service ------------------------- */

static void seal_as(const char *id, uint32_t version, uint32_t leaves,
		    const char *file)
{
	struct encmnist_seal seal = ENCMNIST_SEAL;
	encmnist_network *net =
		encmnist_import_file("models/mnist.bin", &error);
	encmnist_owner *owner =
		encmnist_owner_open("out/owner/owner.pem", NULL, NULL, &error);
	encmnist_model_key *key =
		encmnist_model_key_open(scratch_path("key"), &error);

	must(net && owner && key);
	seal.model_id = id;
	seal.model_version = version;
	seal.leaves = leaves;
	must(encmnist_seal_file(net, owner, key, &seal, scratch_path(file),
				&error));
	encmnist_model_key_close(key);
	encmnist_owner_close(owner);
	encmnist_network_free(net);
}

static void give_key(void)
{
	encmnist_owner *owner =
		encmnist_owner_open("out/owner/owner.pem", NULL, NULL, &error);
	encmnist_model_key *key =
		encmnist_model_key_make(scratch_path("key"), &error);
	const char *device = scratch_path("device.pub");
	struct encmnist_wrap wrap = ENCMNIST_WRAP;
	encmnist_session *session = NULL;
	char *pem = NULL;

	must(owner && key);
	must(encmnist_open(NULL, &session, &error));
	must(encmnist_device_key(session, &pem, NULL, &error));
	scratch_write("device.pub", pem, strlen(pem));
	wrap.epoch = 1;
	wrap.devices = &device;
	wrap.device_files = 1;
	must(encmnist_wrap_file(owner, key, &wrap, scratch_path("envelope"),
				&error));
	must(encmnist_provision_file(session, scratch_path("envelope"), NULL,
				     &error));
	encmnist_free(pem);
	encmnist_close(session);
	encmnist_model_key_close(key);
	encmnist_owner_close(owner);
}

static void *serve(void *context)
{
	(void)context;
	return daemon_serve(&options, models, 2, done) ? &options : NULL;
}

static void begin(void)
{
	const struct encmnist_options none = ENCMNIST_OPTIONS;
	int ends[2] = { -1, -1 };

	assert_int_equal(pipe(ends), 0);
	options.control = ends[0];
	control = ends[1];
	strcpy(address.sun_path, scratch_path("socket"));
	options.listener = daemon_listen_at(address.sun_path);
	assert_true(options.listener >= 0);
	done = daemon_done_new();
	assert_non_null(done);
	models[0] = daemon_model_start("digits", scratch_path("digits.sealed"),
				       &none, done);
	models[1] = daemon_model_start("raw", scratch_path("raw.sealed"), &none,
				       done);
	assert_non_null(models[0]);
	assert_non_null(models[1]);
	assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
}

static void tell(char command)
{
	assert_int_equal(write(control, &command, 1), 1);
}

static void end(void)
{
	void *ok = NULL;

	tell(DAEMON_STOP);
	assert_int_equal(pthread_join(server, &ok), 0);
	assert_non_null(ok);
	for (size_t i = 0; i < COUNT(models); i++) {
		daemon_model_stop(models[i]);
		assert_true(daemon_model_free(models[i], 60));
	}
	daemon_done_free(done);
	close(options.control);
	close(control);
	assert_int_equal(standin_leaks(), 0);
}

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	standin_reset();
	for (int i = 0; i < DIGITS; i++) {
		char path[] = "samples/N.bin";
		FILE *f = NULL;

		path[strlen("samples/")] = (char)('0' + i);
		f = fopen(path, "rb");
		assert_non_null(f);
		assert_int_equal(fread(digits[i], 1, IMAGE, f), IMAGE);
		fclose(f);
	}
	give_key();
	seal_as("digits", 1, 0, "digits.sealed");
	seal_as("digits", 2, ENCMNIST_RAW, "new.sealed");
	seal_as("raw", 7, ENCMNIST_RAW, "raw.sealed");
	begin();
	return 0;
}

/* --- A client: no assertions, since it may be in a thread of its own --- */

struct answer {
	uint32_t id;
	uint32_t status;
	uint32_t bytes;
	uint8_t data[FRAME_MESSAGE_MAX + 1];
};

static int join(void)
{
	const struct timeval patience = { .tv_sec = 120 };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

static void head(uint8_t *to, const char *model, uint32_t id, uint32_t n,
		 uint32_t bytes)
{
	memset(to, 0, FRAME_REQUEST_BYTES);
	box_store32(to, FRAME_MAGIC);
	box_store32(to + FRAME_AT_ID, id);
	box_store32(to + FRAME_AT_COUNT, n);
	box_store32(to + FRAME_AT_BYTES, bytes);
	memcpy(to + FRAME_AT_MODEL, model, strlen(model));
}

static bool put(int fd, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len) {
		const ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static bool get(int fd, struct answer *a)
{
	uint8_t bytes[FRAME_ANSWER_BYTES] = { 0 };

	memset(a, 0, sizeof(*a));
	if (recv(fd, bytes, sizeof(bytes), MSG_WAITALL) != sizeof(bytes))
		return false;
	a->id = box_load32(bytes + FRAME_AT_ID);
	a->status = box_load32(bytes + FRAME_AT_COUNT);
	a->bytes = box_load32(bytes + FRAME_AT_BYTES);
	return box_load32(bytes) == FRAME_MAGIC &&
	       a->bytes <= FRAME_MESSAGE_MAX &&
	       (!a->bytes ||
		recv(fd, a->data, a->bytes, MSG_WAITALL) == (ssize_t)a->bytes);
}

static bool ask(int fd, const char *model, uint32_t id, uint32_t n,
		const void *samples, struct answer *a)
{
	uint8_t request[FRAME_REQUEST_BYTES + BATCH * IMAGE] = { 0 };

	head(request, model, id, n, n * IMAGE);
	if (n)
		memcpy(request + FRAME_REQUEST_BYTES, samples, n * IMAGE);
	return put(fd, request, FRAME_REQUEST_BYTES + n * IMAGE) && get(fd, a);
}

/* Until it is not told to try again. */
static struct answer ask_again(int fd, const char *model, uint32_t n,
			       const void *samples)
{
	struct answer a = { 0 };

	for (int i = 0; i < 600; i++) {
		if (!ask(fd, model, 5, n, samples, &a))
			fail_msg("no answer");
		if (a.status != ENCMNIST_TRY_AGAIN)
			break;
		usleep(100000);
	}
	return a;
}

static void answers(int fd, const char *model, unsigned int digit)
{
	const struct answer a = ask_again(fd, model, 1, digits[digit]);

	if (a.status || a.bytes != 4 || box_load32(a.data) != digit)
		fail_msg("%s: status %u, %u bytes: %s", model, a.status,
			 a.bytes, (const char *)a.data);
}

static bool is_closed(int fd)
{
	char byte = 0;

	return recv(fd, &byte, 1, 0) <= 0 && errno != EAGAIN;
}

/* --- One client -------------------------------------------------------- */

static void a_client_asks_what_a_model_takes(void **state)
{
	const int fd = join();
	struct answer a = { 0 };

	(void)state;
	a = ask_again(fd, "raw", 0, NULL);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.id, 5);
	assert_int_equal(a.bytes, FRAME_ABOUT_BYTES);
	assert_int_equal(box_load32(a.data + FRAME_ABOUT_AT_SAMPLE), IMAGE);
	assert_int_equal(box_load32(a.data + FRAME_ABOUT_AT_ANSWER), 40);
	assert_in_range(box_load32(a.data + FRAME_ABOUT_AT_ROOM), 1, 256);
	assert_int_equal(box_load32(a.data + FRAME_ABOUT_AT_VERSION), 7);
	assert_int_equal(box_load32(a.data + FRAME_ABOUT_AT_SECURITY), 7);
	answers(fd, "digits", 3);
	close(fd);
}

static void samples_that_do_not_fit_are_refused(void **state)
{
	uint8_t request[FRAME_REQUEST_BYTES + IMAGE - 1] = { 0 };
	const int fd = join();
	struct answer a = { 0 };

	(void)state;
	answers(fd, "digits", 1);
	head(request, "digits", 8, 1, IMAGE - 1);
	assert_true(put(fd, request, sizeof(request)));
	assert_true(get(fd, &a));
	assert_int_equal(a.status, FRAME_USAGE);
	assert_int_equal(a.id, 8);
	assert_non_null(strstr((char *)a.data, "784 bytes each"));
	head(request, "digits", 9, 1, 0);
	assert_true(put(fd, request, FRAME_REQUEST_BYTES));
	assert_true(get(fd, &a));
	assert_int_equal(a.status, FRAME_USAGE);
	answers(fd, "digits", 2);
	close(fd);
}

/* Refused before the rest comes, and no more is read. */
static void what_is_no_request_ends_the_connection(void **state)
{
	static const struct {
		const char *model;
		uint32_t bytes;
		uint8_t magic;
		const char *why;
	} bad[] = {
		{ "digits", IMAGE, 1, "no request of this version" },
		{ "digit", IMAGE, 0, "no model of that name" },
		{ "digits2", IMAGE, 0, "no model of that name" },
		{ "", IMAGE, 0, "no model of that name" },
		{ "digits", UINT32_MAX, 0, "too many samples" },
		{ "digits", 256 * IMAGE + 1, 0, "too many samples" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint8_t request[FRAME_REQUEST_BYTES] = { 0 };
		const int fd = join();
		struct answer a = { 0 };

		answers(fd, "digits", 0); /* its model is there */
		head(request, bad[i].model, 9, 1, bad[i].bytes);
		request[3] ^= bad[i].magic;
		assert_true(put(fd, request, sizeof(request)));
		assert_true(get(fd, &a));
		assert_int_equal(a.status, FRAME_USAGE);
		if (!strstr((char *)a.data, bad[i].why))
			fail_msg("%zu: %s", i, (char *)a.data);
		assert_true(is_closed(fd));
		close(fd);
	}
}

static void half_a_request_ends_the_connection_in_time(void **state)
{
	static const size_t cuts[] = { 1, FRAME_REQUEST_BYTES - 1,
				       FRAME_REQUEST_BYTES,
				       FRAME_REQUEST_BYTES + IMAGE - 1 };
	uint8_t request[FRAME_REQUEST_BYTES + IMAGE] = { 0 };
	int fds[COUNT(cuts)] = { 0 };
	const int other = join();

	(void)state;
	head(request, "digits", 1, 1, IMAGE);
	for (size_t i = 0; i < COUNT(cuts); i++) {
		fds[i] = join();
		assert_true(put(fds[i], request, cuts[i]));
	}
	answers(other, "digits", 4);
	for (size_t i = 0; i < COUNT(cuts); i++) {
		assert_true(is_closed(fds[i]));
		close(fds[i]);
	}
	answers(other, "digits", 5); /* idle for longer than that */
	close(other);
}

static void answers_that_nobody_takes_end_the_connection(void **state)
{
	uint8_t request[FRAME_REQUEST_BYTES] = { 0 };
	const int fd = join();
	const int other = join();

	(void)state;
	head(request, "digits", 1, 0, 0);
	while (put(fd, request, sizeof(request)))
		;
	answers(other, "digits", 6);
	close(fd);
	close(other);
}

/* Each holds 200 kB, of half of 8 MiB: 20 do. */
static void requests_have_so_much_memory(void **state)
{
	static uint8_t request[FRAME_REQUEST_BYTES + 256 * IMAGE - 1];
	int fds[24] = { 0 };
	const int other = join();
	struct answer a = { 0 };

	(void)state;
	answers(other, "digits", 1);
	head(request, "digits", 1, 256, 256 * IMAGE);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = join();
		put(fds[i], request, sizeof(request));
	}
	assert_true(get(fds[COUNT(fds) - 1], &a));
	assert_int_equal(a.status, ENCMNIST_TRY_AGAIN);
	assert_non_null(strstr((char *)a.data, "out of memory"));
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	answers(other, "digits", 2);
	close(other);
}

static void a_user_has_so_many_connections(void **state)
{
	int fds[PLACES] = { 0 };
	struct answer a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = join();
		assert_true(fds[i] >= 0);
	}
	assert_true(get(fds[PLACES - 1], &a));
	assert_int_equal(a.status, ENCMNIST_TRY_AGAIN);
	assert_non_null(strstr((char *)a.data, "too many connections"));
	answers(fds[0], "digits", 7);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
}

/* --- A load, and hostile clients --------------------------------------- */

struct worker {
	pthread_t thread;
	unsigned int number;
	size_t requests;
	size_t lost;
	size_t crossed;
	double *took; /* microseconds */
};

static atomic_bool load_ended;

static double microseconds(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The label of answer i. */
static uint32_t label(const struct answer *a, uint32_t n, uint32_t i)
{
	const uint32_t each = a->bytes / n;
	float scores[DIGITS] = { 0 };
	uint32_t largest = 0;

	if (each == 4)
		return box_load32(a->data + 4 * i);
	if (each != sizeof(scores))
		return DIGITS;
	memcpy(scores, a->data + each * i, each);
	for (uint32_t k = 1; k < DIGITS; k++) {
		if (scores[k] > scores[largest])
			largest = k;
	}
	return largest;
}

static void *load(void *context)
{
	struct worker *w = context;
	unsigned int random = w->number + 1;
	const int fd = join();

	for (size_t i = 0; i < w->requests; i++) {
		uint8_t samples[BATCH][IMAGE];
		uint32_t expected[BATCH] = { 0 };
		const uint32_t n = 1 + (uint32_t)rand_r(&random) % BATCH;
		const uint32_t id = w->number << 24 | (uint32_t)i;
		const double start = microseconds();
		struct answer a = { 0 };
		bool ok = true;

		for (uint32_t k = 0; k < n; k++) {
			expected[k] = (uint32_t)rand_r(&random) % DIGITS;
			memcpy(samples[k], digits[expected[k]], IMAGE);
		}
		if (!ask(fd, rand_r(&random) % 4 ? "digits" : "raw", id, n,
			 samples, &a) ||
		    a.status) {
			w->lost++;
			continue;
		}
		w->took[i] = microseconds() - start;
		for (uint32_t k = 0; k < n; k++)
			ok = label(&a, n, k) == expected[k] && ok;
		w->crossed += !ok || a.id != id;
	}
	close(fd);
	return NULL;
}

/* Garbage, half a request, or a request whose client dies. */
static void *harass(void *context)
{
	unsigned int random = *(unsigned int *)context;

	while (!load_ended) {
		uint8_t request[FRAME_REQUEST_BYTES + IMAGE] = { 0 };
		const int way = rand_r(&random) % 4;
		const int fd = join();

		head(request, "digits", 1, 1, IMAGE);
		for (size_t i = 0; way == 0 && i < sizeof(request); i++)
			request[i] = (uint8_t)rand_r(&random);
		put(fd, request,
		    way == 1 ? (size_t)rand_r(&random) % sizeof(request) :
			       sizeof(request));
		if (way == 2)
			shutdown(fd, SHUT_WR);
		else if (way == 3)
			usleep(200);
		close(fd);
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a;
	const double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_figures(double *took, size_t n, double seconds)
{
	qsort(took, n, sizeof(*took), compare);
	printf("# figure: %d clients, %d hostile ones beside them: %zu "
	       "requests in %.1f s, 0 lost, 0 crossed; latency in ms: "
	       "50 %%: %.1f, 90 %%: %.1f, 99 %%: %.1f, 99.9 %%: %.1f, "
	       "longest: %.1f\n",
	       CLIENTS, HOSTILE, n, seconds, took[n / 2] / 1e3,
	       took[n * 9 / 10] / 1e3, took[n * 99 / 100] / 1e3,
	       took[n * 999 / 1000] / 1e3, took[n - 1] / 1e3);
}

static void no_answer_is_lost_or_crossed(void **state)
{
	const size_t each =
		((getenv("SOAK") ? 100000 : 3000) + CLIENTS - 1) / CLIENTS;
	double *took = calloc(CLIENTS * each, sizeof(*took));
	struct worker workers[CLIENTS] = { 0 };
	pthread_t hostile[HOSTILE];
	unsigned int seeds[HOSTILE] = { 0 };
	const double start = microseconds();
	const int fd = join();
	size_t lost = 0;
	size_t crossed = 0;

	(void)state;
	assert_non_null(took);
	answers(fd, "digits", 1);
	ask_again(fd, "raw", 0, NULL);
	load_ended = false;
	for (unsigned int i = 0; i < HOSTILE; i++) {
		seeds[i] = i + 1;
		pthread_create(&hostile[i], NULL, harass, &seeds[i]);
	}
	for (unsigned int i = 0; i < CLIENTS; i++) {
		workers[i].number = i;
		workers[i].requests = each;
		workers[i].took = took + i * each;
		pthread_create(&workers[i].thread, NULL, load, &workers[i]);
	}
	for (size_t i = 0; i < CLIENTS; i++) {
		pthread_join(workers[i].thread, NULL);
		lost += workers[i].lost;
		crossed += workers[i].crossed;
	}
	load_ended = true;
	for (size_t i = 0; i < HOSTILE; i++)
		pthread_join(hostile[i], NULL);
	close(fd);
	if (lost || crossed)
		fail_msg("%zu of %zu requests lost, %zu crossed", lost,
			 CLIENTS * each, crossed);
	print_figures(took, CLIENTS * each, (microseconds() - start) / 1e6);
	free(took);
}

/* --- Models and the TEE ------------------------------------------------ */

static uint8_t bytes[4 << 20];

static size_t read_all(const char *from)
{
	FILE *f = fopen(scratch_path(from), "rb");
	size_t n = 0;

	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return n;
}

static void write_all(FILE *f, const char *from)
{
	const size_t n = read_all(from);

	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void copy(const char *from, const char *to, size_t len)
{
	const size_t n = read_all(from);

	scratch_write("part", bytes, len && len < n ? len : n);
	assert_int_equal(rename(scratch_path("part"), scratch_path(to)), 0);
}

static void a_replaced_model_is_loaded(void **state)
{
	const int fd = join();
	struct answer a = { 0 };

	(void)state;
	copy("digits.sealed", "kept.sealed", 0);
	answers(fd, "digits", 8);
	copy("new.sealed", "digits.sealed", 0);
	a = ask_again(fd, "digits", 1, digits[9]);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.bytes, 40);
	/* what is refused, or gone, changes nothing */
	copy("new.sealed", "digits.sealed", 1000);
	a = ask_again(fd, "digits", 1, digits[9]);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.bytes, 40);
	assert_int_equal(unlink(scratch_path("digits.sealed")), 0);
	tell(DAEMON_RELOAD);
	a = ask_again(fd, "digits", 1, digits[9]);
	assert_int_equal(a.status, 0);
	/* all models are loaded: this one, too, before another test's faults */
	a = ask_again(fd, "raw", 1, digits[9]);
	assert_int_equal(a.status, 0);
	copy("kept.sealed", "digits.sealed", 0);
	answers(fd, "digits", 9);
	close(fd);
}

/* As an update in place does, with times that a package has for its files. */
static void a_model_of_the_same_size_and_time_is_loaded(void **state)
{
	const char *path = scratch_path("digits.sealed");
	const int fd = join();
	struct timespec times[2] = { 0 };
	struct stat file = { 0 };
	struct answer a = { 0 };
	FILE *f = NULL;

	(void)state;
	copy("digits.sealed", "kept.sealed", 0);
	answers(fd, "digits", 8);
	assert_int_equal(stat(path, &file), 0);
	times[0] = file.st_atim;
	times[1] = file.st_mtim;
	f = fopen(path, "r+b");
	assert_non_null(f);
	write_all(f, "new.sealed");
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	a = ask_again(fd, "digits", 1, digits[9]);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.bytes, 40);
	copy("kept.sealed", "digits.sealed", 0);
	answers(fd, "digits", 9);
	close(fd);
}

/* The TEE has it, but the service has no memory for its samples. */
static void a_model_without_room_is_tried_again(void **state)
{
	const int fd = join();
	struct answer a = { 0 };

	(void)state;
	answers(fd, "digits", 8);
	standin_unshared(1);
	copy("digits.sealed", "digits.sealed", 0);
	assert_true(ask(fd, "digits", 1, 1, digits[1], &a));
	assert_int_equal(a.status, ENCMNIST_TRY_AGAIN);
	assert_non_null(strstr((char *)a.data, "share memory"));
	answers(fd, "digits", 8);
	close(fd);
}

static void a_dead_ta_is_replaced(void **state)
{
	const int fd = join();
	struct answer a = { 0 };

	(void)state;
	answers(fd, "digits", 1);
	copy("digits.sealed", "digits.sealed", 0);
	standin_fault(1, 99);
	assert_true(ask(fd, "digits", 1, 1, digits[1], &a));
	assert_int_equal(a.status, ENCMNIST_TRY_AGAIN);
	assert_non_null(strstr((char *)a.data, "the TA has died"));
	answers(fd, "digits", 1);
	close(fd);
}

static void what_is_asked_is_answered_at_the_end(void **state)
{
	uint8_t request[FRAME_REQUEST_BYTES + IMAGE] = { 0 };
	int fds[4] = { 0 };
	struct answer a = { 0 };

	(void)state;
	head(request, "digits", 1, 1, IMAGE);
	memcpy(request + FRAME_REQUEST_BYTES, digits[5], IMAGE);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = join();
		answers(fds[i], "digits", 2);
	}
	/* those of the others are there before this one's answer is */
	for (size_t i = 0; i < COUNT(fds); i++)
		assert_true(put(fds[i], request, sizeof(request)));
	assert_true(get(fds[0], &a));
	end();
	for (size_t i = 1; i < COUNT(fds); i++) {
		assert_true(get(fds[i], &a));
		assert_int_equal(box_load32(a.data), 5);
	}
	for (size_t i = 0; i < COUNT(fds); i++) {
		assert_true(is_closed(fds[i]));
		close(fds[i]);
	}
	assert_int_equal(join(), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_asks_what_a_model_takes),
		cmocka_unit_test(samples_that_do_not_fit_are_refused),
		cmocka_unit_test(what_is_no_request_ends_the_connection),
		cmocka_unit_test(half_a_request_ends_the_connection_in_time),
		cmocka_unit_test(answers_that_nobody_takes_end_the_connection),
		cmocka_unit_test(requests_have_so_much_memory),
		cmocka_unit_test(a_user_has_so_many_connections),
		cmocka_unit_test(no_answer_is_lost_or_crossed),
		cmocka_unit_test(a_model_without_room_is_tried_again),
		cmocka_unit_test(a_model_of_the_same_size_and_time_is_loaded),
		cmocka_unit_test(a_replaced_model_is_loaded),
		cmocka_unit_test(a_dead_ta_is_replaced),
		cmocka_unit_test(what_is_asked_is_answered_at_the_end),
	};

	return cmocka_run_group_tests_name("daemon", tests, setup,
					   scratch_teardown);
}
