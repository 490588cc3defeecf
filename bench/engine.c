/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-engine PREFIX WHAT...: the forward pass in the TEE and in the normal
 * world, with the same objects in both. Prints instructions per image, without
 * those of the call. PREFIX is put before each name.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

#include "bench.h"
#include "bench/ta/bench_ta.h"
#include "forward.h"

/* Images in a measurement of the engine, at least; a larger batch has more. */
#define IMAGES_MIN 64
#define ROUNDS	   3

static const char *const names[BENCH_FORWARDS] = {
	[BENCH_F32] = "engine.f32",
	[BENCH_INT8] = "engine.int8",
	[BENCH_BURN] = "compat.f32",
	[BENCH_PLAIN_F32] = "plain.f32",
};
static const size_t batches[] = { 1, 8, 64, 256 };

static TEEC_Session session;

static bool in_tee(enum bench_forward what, size_t n, size_t times, double *ns)
{
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;
	double start = 0;

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_VALUE_INPUT,
					 TEEC_NONE, TEEC_NONE);
	op.params[0].value.a = what;
	op.params[0].value.b = (uint32_t)n;
	op.params[1].value.a = (uint32_t)times;
	start = bench_now();
	res = TEEC_InvokeCommand(&session, BENCH_CMD_FORWARD, &op, NULL);
	*ns = bench_now() - start;
	if (res != TEEC_SUCCESS)
		fprintf(stderr, "bench-engine: result 0x%x\n", res);
	return res == TEEC_SUCCESS;
}

static bool in_normal_world(enum bench_forward what, size_t n, size_t times,
			    double *ns)
{
	size_t size = bench_forward_size(what, n);
	uint8_t *memory = malloc(size);
	double start = 0;

	if (!memory)
		return false;
	bench_forward_fill(memory, size);
	start = bench_now();
	bench_forward(what, n, times, memory);
	*ns = bench_now() - start;
	free(memory);
	return true;
}

typedef bool (*runner)(enum bench_forward what, size_t n, size_t times,
		       double *ns);

/* The least of several rounds: the kernel sometimes does other work. */
static bool least(runner run, enum bench_forward what, size_t n, size_t times,
		  double *ns)
{
	for (size_t i = 0; i < ROUNDS; i++) {
		double now = 0;

		if (!run(what, n, times, &now))
			return false;
		if (!i || now < *ns)
			*ns = now;
	}
	return true;
}

static bool measure(const char *prefix, enum bench_forward what,
		    const char *world, runner run)
{
	for (size_t i = 0; i < sizeof(batches) / sizeof(*batches); i++) {
		size_t n = batches[i];
		size_t times = what < BENCH_PLAIN_F32 && n < IMAGES_MIN ?
				       IMAGES_MIN / n :
				       1;
		double call = 0;
		double all = 0;
		char name[64] = "";

		if (!least(run, what, n, 0, &call) ||
		    !least(run, what, n, times, &all))
			return false;
		snprintf(name, sizeof(name), "%s%s.%s.%zu", prefix, names[what],
			 world, n);
		bench_print(name, (all - call) / (double)(n * times));
	}
	return true;
}

static bool measure_named(const char *prefix, const char *name)
{
	enum bench_forward what = 0;

	while (what < BENCH_FORWARDS && strcmp(names[what], name) != 0)
		what++;
	if (what == BENCH_FORWARDS) {
		fprintf(stderr, "bench-engine: no such thing: %s\n", name);
		return false;
	}
	return measure(prefix, what, "tee", in_tee) &&
	       measure(prefix, what, "normal", in_normal_world);
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
	for (int i = 2; ok && i < argc; i++)
		ok = measure_named(argv[1], argv[i]);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return ok ? 0 : 1;
}
