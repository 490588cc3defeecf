/* SPDX-License-Identifier: Apache-2.0 */
#include "parts.h"

#include <tee_client_api.h>

#include "bench/bench.h"
#include "bench/ta/bench_ta.h"
#include "box/head.h"

static TEEC_Result crypto(TEEC_Session *session, uint32_t what, size_t bytes)
{
	TEEC_Operation op = { 0 };

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE,
					 TEEC_NONE);
	op.params[0].value.a = what;
	op.params[0].value.b = (uint32_t)bytes;
	return TEEC_InvokeCommand(session, BENCH_CMD_CRYPTO, &op, NULL);
}

/* All pieces of a record. */
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

static TEEC_Result measure_crypto(TEEC_Session *session, const char *name,
				  uint32_t what, size_t bytes)
{
	double start = bench_now();
	TEEC_Result res = crypto(session, what, bytes);

	bench_print(name, bench_now() - start);
	return res;
}

/* Calls that do nothing, copy, copy and parse: each does more than the last. */
static TEEC_Result measure_pieces(TEEC_Session *session, const uint8_t *record,
				  size_t len)
{
	static const struct {
		const char *name;
		uint32_t what;
	} steps[] = { { "load.switch", 0 },
		      { "load.copy", BENCH_COPY },
		      { "load.parse", BENCH_COPY | BENCH_PARSE } };
	double before = 0;
	/* the first time, the driver and the TA get their memory */
	TEEC_Result res =
		pieces(session, BENCH_COPY | BENCH_PARSE, record, len);

	for (size_t i = 0; i < 3 && res == TEEC_SUCCESS; i++) {
		double start = bench_now();
		double taken = 0;

		res = pieces(session, steps[i].what, record, len);
		taken = bench_now() - start;
		bench_print(steps[i].name, taken - before);
		before = taken;
	}
	return res;
}

static TEEC_Result measure(TEEC_Session *session, const uint8_t *record,
			   size_t len)
{
	TEEC_Result res = measure_crypto(session, "call.empty", 0, 0);

	if (res == TEEC_SUCCESS)
		res = measure_pieces(session, record, len);
	if (res == TEEC_SUCCESS)
		res = measure_crypto(session, "load.aes-cbc", BENCH_CBC, len);
	if (res == TEEC_SUCCESS)
		res = measure_crypto(session, "load.aes-gcm", BENCH_GCM, len);
	if (res == TEEC_SUCCESS)
		res = measure_crypto(session, "load.sha-256", BENCH_SHA256,
				     len);
	if (res == TEEC_SUCCESS)
		res = measure_crypto(session, "load.ed25519", BENCH_ED25519, 0);
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
