/* SPDX-License-Identifier: Apache-2.0 */
#include "parts.h"

#include <tee_client_api.h>

#include "bench.h"
#include "bench/ta/bench_ta.h"

#define ROUNDS	16
#define LONG_NS 50e6 /* beside which what the kernel does is little */

static TEEC_Result crypto(TEEC_Session *session, uint32_t what, size_t bytes)
{
	TEEC_Operation op = { 0 };

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE,
					 TEEC_NONE);
	op.params[0].value.a = what;
	op.params[0].value.b = (uint32_t)bytes;
	return TEEC_InvokeCommand(session, BENCH_CMD_CRYPTO, &op, NULL);
}

/* Sends all pieces of a record. */
static TEEC_Result pieces(TEEC_Session *session, uint32_t what,
			  const uint8_t *record, size_t len)
{
	TEEC_Result res = TEEC_SUCCESS;

	for (size_t at = 0; at < len && res == TEEC_SUCCESS;
	     at += BENCH_CHUNK_BYTES) {
		TEEC_Operation op = { 0 };
		size_t left = len - at;

		op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT,
						 TEEC_MEMREF_TEMP_INPUT,
						 TEEC_NONE, TEEC_NONE);
		op.params[0].value.a = what | (at ? 0 : BENCH_FIRST);
		op.params[1].tmpref.buffer = (void *)(uintptr_t)(record + at);
		op.params[1].tmpref.size =
			left < BENCH_CHUNK_BYTES ? left : BENCH_CHUNK_BYTES;
		res = TEEC_InvokeCommand(session, BENCH_CMD_PIECE, &op, NULL);
	}
	return res;
}

/* The least of several rounds: the kernel sometimes does other work. */
static TEEC_Result least(TEEC_Session *session, uint32_t what,
			 const uint8_t *record, size_t len, double *ns)
{
	TEEC_Result res = TEEC_SUCCESS;

	*ns = 0;
	for (size_t i = 0; i < ROUNDS && *ns < LONG_NS && res == TEEC_SUCCESS;
	     i++) {
		double start = bench_now();
		double taken = 0;

		res = record ? pieces(session, what, record, len) :
			       crypto(session, what, len);
		taken = bench_now() - start;
		if (!i || taken < *ns)
			*ns = taken;
	}
	return res;
}

static TEEC_Result measure_crypto(TEEC_Session *session, size_t len)
{
	static const struct {
		const char *name;
		uint32_t what;
	} steps[] = { { "call.empty", 0 },
		      { "load.aes-cbc", BENCH_CBC },
		      { "load.aes-gcm", BENCH_GCM },
		      { "load.sha-256", BENCH_SHA256 },
		      { "load.ed25519", BENCH_ED25519 } };
	TEEC_Result res = TEEC_SUCCESS;

	for (size_t i = 0; i < 5 && res == TEEC_SUCCESS; i++) {
		double taken = 0;

		res = least(session, steps[i].what, NULL, len, &taken);
		bench_print(steps[i].name, taken);
	}
	return res;
}

/* Calls that do nothing, that copy, that copy and parse: each adds one part. */
static TEEC_Result measure_pieces(TEEC_Session *session, const uint8_t *record,
				  size_t len)
{
	static const struct {
		const char *name;
		uint32_t what;
	} steps[] = { { "load.switch", 0 },
		      { "load.copy", BENCH_COPY },
		      { "load.parse", BENCH_COPY | BENCH_PARSE } };
	TEEC_Result res = TEEC_SUCCESS;
	double before = 0;

	for (size_t i = 0; i < 3 && res == TEEC_SUCCESS; i++) {
		double taken = 0;

		res = least(session, steps[i].what, record, len, &taken);
		bench_print(steps[i].name, taken - before);
		before = taken;
	}
	return res;
}

static TEEC_Result measure(TEEC_Session *session, const uint8_t *record,
			   size_t len)
{
	TEEC_Result res = measure_crypto(session, len);

	if (res == TEEC_SUCCESS)
		res = measure_pieces(session, record, len);
	return res;
}

bool bench_parts(const uint8_t *record, size_t len)
{
	const TEEC_UUID uuid = BENCH_TA_UUID;
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	TEEC_Result res = TEEC_InitializeContext(NULL, &context);

	if (res == TEEC_SUCCESS)
		res = TEEC_OpenSession(&context, &session, &uuid,
				       TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
	if (res == TEEC_SUCCESS) {
		res = measure(&session, record, len);
		TEEC_CloseSession(&session);
	}
	TEEC_FinalizeContext(&context);
	if (res != TEEC_SUCCESS)
		fprintf(stderr, "the bench's TA: result 0x%x\n", res);
	return res == TEEC_SUCCESS;
}
