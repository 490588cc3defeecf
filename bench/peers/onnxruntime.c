/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-onnxruntime NAME MODEL PROVIDER: what one inference costs ONNX Runtime,
 * with one thread and all of its optimisations. PROVIDER is cpu or xnnpack.
 */
#include <onnxruntime_c_api.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

#define FILL	 0x3c /* as in bench/network.c */
#define RANK_MAX 8
#define WARM	 3
#define ROUNDS	 5

static const OrtApi *api;

/* A failure ends the program. */
static void must(OrtStatus *status)
{
	if (!status)
		return;
	fprintf(stderr, "bench-onnxruntime: %s\n",
		api->GetErrorMessage(status));
	exit(1);
}

static OrtSession *open_model(OrtEnv *env, const char *model,
			      const char *provider)
{
	const char *const keys[] = { "intra_op_num_threads" };
	const char *const values[] = { "1" };
	OrtSessionOptions *options = NULL;
	OrtSession *session = NULL;

	must(api->CreateSessionOptions(&options));
	must(api->SetIntraOpNumThreads(options, 1));
	must(api->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
	if (strcmp(provider, "xnnpack") == 0)
		must(api->SessionOptionsAppendExecutionProvider(
			options, "XNNPACK", keys, values, 1));
	must(api->CreateSession(env, model, options, &session));
	return session;
}

/* The first input; a symbolic dimension becomes 1. */
static OrtValue *make_input(const OrtSession *session, OrtAllocator *memory)
{
	const OrtTensorTypeAndShapeInfo *shape = NULL;
	ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
	OrtTypeInfo *info = NULL;
	OrtValue *input = NULL;
	int64_t dims[RANK_MAX] = { 0 };
	size_t size = 1;
	size_t rank = 0;
	void *data = NULL;

	must(api->SessionGetInputTypeInfo(session, 0, &info));
	must(api->CastTypeInfoToTensorInfo(info, &shape));
	must(api->GetTensorElementType(shape, &type));
	must(api->GetDimensionsCount(shape, &rank));
	if (rank > RANK_MAX) {
		fprintf(stderr, "bench-onnxruntime: rank %zu is over %d\n",
			rank, RANK_MAX);
		exit(1);
	}
	must(api->GetDimensions(shape, dims, rank));
	for (size_t i = 0; i < rank; i++) {
		dims[i] = dims[i] < 1 ? 1 : dims[i];
		size *= (size_t)dims[i];
	}
	must(api->CreateTensorAsOrtValue(memory, dims, rank, type, &input));
	must(api->GetTensorMutableData(input, &data));
	if (type == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
		size *= sizeof(float);
	memset(data, FILL, size);
	return input;
}

static double run(OrtSession *session, const char *in, const OrtValue *input,
		  const char *out)
{
	const double start = bench_now();
	OrtValue *output = NULL;
	double taken = 0;

	must(api->Run(session, NULL, &in, &input, 1, &out, 1, &output));
	taken = bench_now() - start;
	api->ReleaseValue(output);
	return taken;
}

int main(int argc, char **argv)
{
	OrtEnv *env = NULL;
	OrtSession *session = NULL;
	OrtAllocator *memory = NULL;
	OrtValue *input = NULL;
	char *in = NULL;
	char *out = NULL;
	double least = 0;

	api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
	if (argc != 4 || !api) {
		fprintf(stderr,
			"usage: bench-onnxruntime NAME MODEL PROVIDER, "
			"with ONNX Runtime of API %d\n",
			ORT_API_VERSION);
		return 2;
	}
	must(api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "bench", &env));
	session = open_model(env, argv[2], argv[3]);
	must(api->GetAllocatorWithDefaultOptions(&memory));
	must(api->SessionGetInputName(session, 0, memory, &in));
	must(api->SessionGetOutputName(session, 0, memory, &out));
	input = make_input(session, memory);
	for (int i = 0; i < WARM + ROUNDS; i++) {
		double taken = run(session, in, input, out);

		least = i <= WARM || taken < least ? taken : least;
	}
	bench_print(argv[1], least);
	return 0;
}
