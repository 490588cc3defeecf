/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-sessions RECORD: images per second of one session, and of two at a time
 * on two cores. Rounds of both alternate, and the best of each counts: other
 * load on the machine makes a round slower, never faster.
 */
#include <pthread.h>
#include <stdlib.h>

#include "bench.h"
#include "host/base/file.h"
#include "testkit/client.h"

#define SESSIONS   2
#define ROUNDS	   10
#define CALLS	   8
#define IMAGES	   64 /* per call */
#define RECORD_MAX (4u << 20)

static TEEC_Context context;
static TEEC_Session sessions[SESSIONS];

static void *classify(void *session)
{
	static const uint8_t images[IMAGES * ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[IMAGES] = { 0 };

	for (size_t i = 0; i < CALLS; i++) {
		if (ta_infer(session, images, IMAGES, labels) != TEEC_SUCCESS)
			return session;
	}
	return NULL;
}

/* Images per second of the first n sessions at a time; 0: one failed. */
static double rate(size_t n)
{
	pthread_t threads[SESSIONS] = { 0 };
	double start = bench_now();
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		ok = !pthread_create(&threads[i], NULL, classify,
				     &sessions[i]) &&
		     ok;
	for (size_t i = 0; i < n; i++) {
		void *failed = NULL;

		ok = !pthread_join(threads[i], &failed) && !failed && ok;
	}
	if (!ok)
		return 0;
	return (double)(n * CALLS * IMAGES) / (bench_now() - start) * 1e9;
}

static bool measure(void)
{
	double best[SESSIONS] = { 0 };

	for (size_t i = 0; i < ROUNDS * SESSIONS; i++) {
		double now = rate(1 + i % SESSIONS);

		if (now <= 0)
			return false;
		if (now > best[i % SESSIONS])
			best[i % SESSIONS] = now;
	}
	bench_print("sessions.1", best[0]);
	bench_print("sessions.2", best[1]);
	return true;
}

static bool load(const uint8_t *record, size_t len)
{
	const uint8_t key[ENC_MNIST_KEY_BYTES] = { 1 };
	uint8_t *container = ta_seal(key, record, len, &len);
	bool ok = true;

	for (size_t i = 0; ok && i < SESSIONS; i++)
		ok = ta_open(&context, &sessions[i]) == TEEC_SUCCESS &&
		     ta_store_key(&sessions[i], key) == TEEC_SUCCESS &&
		     ta_load(&sessions[i], container, len) == TEEC_SUCCESS;
	free(container);
	return ok;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };
	uint8_t *record = NULL;
	size_t len = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: bench-sessions RECORD\n");
		return 2;
	}
	if (!enc_file_read(argv[1], RECORD_MAX, &record, &len, &e)) {
		fprintf(stderr, "bench-sessions: %s\n", e.what);
		return 1;
	}
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    !load(record, len) || !measure()) {
		fprintf(stderr, "bench-sessions: the TA has failed\n");
		return 1;
	}
	free(record);
	return 0;
}
