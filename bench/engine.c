/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-engine PREFIX BATCHES WHAT...: the engine in the TEE and in the normal
 * world, with the same objects in both. Prints instructions for a sample,
 * without those of the call. PREFIX is put before each name. BATCHES are
 * numbers of samples in a call, with commas. WHAT is NAME=FILE, FILE being the
 * record of a network, or a computation of bench/forward.h.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

#include "bench.h"
#include "bench/ta/bench_ta.h"
#include "forward.h"
#include "host/base/file.h"
#include "network.h"
#include "nn/arch.h"
#include "nn/net.h"

/* Multiply-accumulates of a measurement, at least. */
#define MACS_MIN   (1u << 25)
#define ROUNDS	   3
#define RECORD_MAX (16u << 20)

static const char *const names[BENCH_FORWARDS] = {
	[BENCH_BURN] = "compat.f32",
	[BENCH_PLAIN_F32] = "plain.f32",
};

static TEEC_Session session;

/* What is measured: a network, or without a record a forward pass. */
struct subject {
	char name[64];
	uint8_t *record;
	size_t len;
	enum bench_forward forward;
	uint64_t macs; /* of a sample */
};

static bool in_tee(const struct subject *s, size_t n, size_t times)
{
	TEEC_Operation op = { 0 };
	uint32_t command = s->record ? BENCH_CMD_NETWORK : BENCH_CMD_FORWARD;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	op.params[1].value.a = (uint32_t)n;
	op.params[1].value.b = (uint32_t)times;
	if (s->record) {
		op.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT,
						 TEEC_VALUE_INPUT, TEEC_NONE,
						 TEEC_NONE);
		op.params[0].tmpref.buffer = s->record;
		op.params[0].tmpref.size = s->len;
	} else {
		op.paramTypes =
			TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_VALUE_INPUT,
					 TEEC_NONE, TEEC_NONE);
		op.params[0].value.a = s->forward;
	}
	res = TEEC_InvokeCommand(&session, command, &op, NULL);
	if (res != TEEC_SUCCESS)
		fprintf(stderr, "bench-engine: %s: result 0x%x\n", s->name,
			res);
	return res == TEEC_SUCCESS;
}

static bool in_normal_world(const struct subject *s, size_t n, size_t times)
{
	return s->record ? bench_network(s->record, s->len, n, times) :
			   bench_forward(s->forward, n, times);
}

typedef bool (*runner)(const struct subject *s, size_t n, size_t times);

/* The least of several rounds: the kernel sometimes does other work. */
static bool least(runner run, const struct subject *s, size_t n, size_t times,
		  double *ns)
{
	for (size_t i = 0; i < ROUNDS; i++) {
		double start = bench_now();
		double now = 0;

		if (!run(s, n, times))
			return false;
		now = bench_now() - start;
		if (!i || now < *ns)
			*ns = now;
	}
	return true;
}

static bool measure_batch(const struct subject *s, const char *world,
			  runner run, size_t n)
{
	size_t times = 1 + (size_t)(MACS_MIN / (n * s->macs));
	double call = 0;
	double all = 0;
	char name[96] = "";

	if (!least(run, s, n, 0, &call) || !least(run, s, n, times, &all))
		return false;
	snprintf(name, sizeof(name), "%s.%s.%zu", s->name, world, n);
	bench_print(name, (all - call) / (double)(n * times));
	return true;
}

static bool measure(const struct subject *s, const char *batches)
{
	bool ok = true;

	for (const char *at = batches; ok && *at; at += *at == ',') {
		char *end = NULL;
		size_t n = strtoul(at, &end, 10);

		ok = n > 0 && measure_batch(s, "tee", in_tee, n) &&
		     measure_batch(s, "normal", in_normal_world, n);
		at = end;
	}
	return ok;
}

static bool read_record(struct subject *s, const char *file)
{
	struct enc_error e = { 0 };
	struct nn_head head = { .nodes = 0 };

	if (!enc_file_read(file, RECORD_MAX, &s->record, &s->len, &e)) {
		fprintf(stderr, "bench-engine: %s\n", e.what);
		return false;
	}
	if (s->len >= sizeof(head))
		memcpy(&head, s->record, sizeof(head));
	s->macs = head.macs;
	return nn_head_check(&head) == NN_OK;
}

static bool find_forward(struct subject *s, const char *what)
{
	while (s->forward < BENCH_FORWARDS &&
	       strcmp(names[s->forward], what) != 0)
		s->forward++;
	s->macs = nn_param_count(&nn_mnist);
	return s->forward < BENCH_FORWARDS;
}

static bool measure_named(const char *prefix, const char *batches,
			  const char *what)
{
	const char *file = strchr(what, '=');
	struct subject s = { .record = NULL };
	bool ok = file ? read_record(&s, file + 1) : find_forward(&s, what);

	snprintf(s.name, sizeof(s.name), "%s%.*s", prefix,
		 (int)strcspn(what, "="), what);
	if (!ok)
		fprintf(stderr, "bench-engine: nothing to measure: %s\n", what);
	ok = ok && measure(&s, batches);
	free(s.record);
	return ok;
}

int main(int argc, char **argv)
{
	const TEEC_UUID uuid = BENCH_TA_UUID;
	TEEC_Context context = { 0 };
	TEEC_Result res = TEEC_InitializeContext(NULL, &context);
	bool ok = true;

	if (res == TEEC_SUCCESS)
		res = TEEC_OpenSession(&context, &session, &uuid,
				       TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
	if (res != TEEC_SUCCESS) {
		fprintf(stderr, "bench-engine: result 0x%x\n", res);
		return 1;
	}
	for (int i = 3; ok && i < argc; i++)
		ok = measure_named(argv[1], argv[2], argv[i]);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return ok ? 0 : 1;
}
