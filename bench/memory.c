/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-memory RECORD: peak heap and stack of the product's TA, on the device,
 * with the TA of bench/memory. One session for each format: a load, then
 * images.
 */
#include "bench/memory/memory.h"

#include <stdlib.h>

#include "bench.h"
#include "host/base/file.h"
#include "host/import/import.h"
#include "testkit/sealed_client.h"

#define RECORD_MAX (4u << 20)
#define IMAGES	   64

static TEEC_Context context;

static TEEC_Result print(TEEC_Session *session, const char *heap,
			 const char *stack)
{
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_NONE,
					 TEEC_NONE, TEEC_NONE);
	res = TEEC_InvokeCommand(session, BENCH_CMD_MEMORY, &op, NULL);
	bench_print(heap, op.params[0].value.a);
	bench_print(stack, op.params[0].value.b);
	return res;
}

static TEEC_Result infer(TEEC_Session *session)
{
	static const uint8_t images[IMAGES * ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[IMAGES] = { 0 };

	return ta_infer(session, images, IMAGES, labels);
}

static TEEC_Result cbc(TEEC_Session *session, const uint8_t *record, size_t len)
{
	const uint8_t key[ENC_MNIST_KEY_BYTES] = { 1 };
	TEEC_Result res = ta_store_key(session, key);
	uint8_t *container = ta_seal(key, record, len, &len);

	if (res == TEEC_SUCCESS)
		res = ta_load(session, container, len);
	if (res == TEEC_SUCCESS)
		res = infer(session);
	if (res == TEEC_SUCCESS)
		res = print(session, "heap.cbc", "stack.cbc");
	free(container);
	return res;
}

static TEEC_Result sealed(TEEC_Session *session, const uint8_t *record,
			  size_t len)
{
	struct sealed_maker owner = { 0 };
	struct enc_error e = { 0 };
	const struct import_options no_options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	uint8_t *network = NULL;
	uint8_t *model = NULL;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	network = import_to_memory(
		import_network(record, len, &no_options, &kind, &e), &len, &e);
	if (!network)
		return TEEC_ERROR_BAD_FORMAT;
	sealed_owner(&owner);
	model = sealed_make(&owner, network, len, &len);
	free(network);
	res = ta_provision_epoch(session, &owner, 2);
	if (res == TEEC_SUCCESS)
		res = ta_load_sealed(session, model, len);
	if (res == TEEC_SUCCESS)
		res = infer(session);
	if (res == TEEC_SUCCESS)
		res = print(session, "heap.sealed", "stack.sealed");
	free(model);
	sealed_free(&owner);
	return res;
}

static bool in_session(TEEC_Result (*measure)(TEEC_Session *, const uint8_t *,
					      size_t),
		       const uint8_t *record, size_t len)
{
	TEEC_Session session = { 0 };
	TEEC_Result res = ta_open(&context, &session);

	if (res == TEEC_SUCCESS) {
		res = measure(&session, record, len);
		TEEC_CloseSession(&session);
	}
	if (res != TEEC_SUCCESS)
		fprintf(stderr, "bench-memory: result 0x%x\n", res);
	return res == TEEC_SUCCESS;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };
	uint8_t *record = NULL;
	size_t len = 0;
	bool ok = false;

	if (argc != 2) {
		fprintf(stderr, "usage: bench-memory RECORD\n");
		return 2;
	}
	if (!enc_file_read(argv[1], RECORD_MAX, &record, &len, &e)) {
		fprintf(stderr, "bench-memory: %s\n", e.what);
		return 1;
	}
	ok = TEEC_InitializeContext(NULL, &context) == TEEC_SUCCESS &&
	     in_session(cbc, record, len) && in_session(sealed, record, len);
	TEEC_FinalizeContext(&context);
	free(record);
	return ok ? 0 : 1;
}
