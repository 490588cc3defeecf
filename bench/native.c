/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine and three libraries on the workstation, with the same layers, from
 * pixels to logits, single-threaded. Their rounds alternate, and the best of
 * each counts. Prints picoseconds per image, which can only be compared with
 * one another.
 */
#include "native.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "nn/forward.h"
#include "record/write/pack.h"

#define BATCH_MAX  256
#define WIDEST	   784
#define CLASSES	   10
#define ROUNDS	   300
#define ROUND_NS   2e6
#define DIFFERENCE 1e-3f /* largest difference of logits */

/* The engine or a library, computing batches of n images. */
struct library {
	const char *name;
	void *(*network)(const struct nn_arch *arch, const float *params,
			 size_t n);
	void (*forward)(void *network, const float *x, float *y);
};

static uint8_t images[BATCH_MAX * WIDEST];
static float *params; /* in the order of a Burn record */
static float *packed; /* in the order of the engine */

static void *blas_network(const struct nn_arch *arch, const float *unused,
			  size_t n)
{
	static size_t batch;

	(void)arch;
	(void)unused;
	batch = n;
	return &batch;
}

static void blas_layer(const struct nn_layer *layer, const float *w, size_t n,
		       const float *x, float *y)
{
	const int in = (int)layer->in;
	const int out = (int)layer->out;
	const float *bias = w + (size_t)in * layer->out;

	for (size_t i = 0; i < n; i++)
		memcpy(y + i * layer->out, bias, layer->out * sizeof(*y));
	if (n == 1)
		cblas_sgemv(CblasRowMajor, CblasTrans, in, out, 1, w, out, x, 1,
			    1, y, 1);
	else
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n,
			    out, in, 1, x, in, w, out, 1, y, out);
	for (size_t i = 0; layer->relu && i < n * layer->out; i++)
		y[i] = y[i] < 0 ? 0 : y[i];
}

static void blas_forward(void *network, const float *x, float *y)
{
	static float rows[2][BATCH_MAX * WIDEST];
	const size_t n = *(size_t *)network;
	const float *w = params;

	for (uint32_t l = 0; l < nn_mnist.layer_count; l++) {
		const struct nn_layer *layer = &nn_mnist.layers[l];
		bool last = l + 1 == nn_mnist.layer_count;

		blas_layer(layer, w, n, x, last ? y : rows[l % 2]);
		x = rows[l % 2];
		w += ((size_t)layer->in + 1) * layer->out;
	}
}

static const struct library libraries[] = {
	{ "engine", NULL, NULL },
	{ "openblas", blas_network, blas_forward },
	{ "onednn", native_dnnl, native_dnnl_run },
	{ "xnnpack", native_xnnpack, native_xnnpack_run },
};
#define LIBRARIES (sizeof(libraries) / sizeof(libraries[0]))

/* Computes a batch, from pixels to logits. */
static void compute(const struct library *library, void *network, size_t n,
		    float *logits)
{
	static float x[BATCH_MAX * WIDEST];

	if (!library->forward) {
		nn_logits(&nn_mnist, packed, images, n, logits, network);
		return;
	}
	for (size_t i = 0; i < n * WIDEST; i++)
		x[i] = ((float)images[i] / 255 - nn_mnist.mean) / nn_mnist.std;
	library->forward(network, x, logits);
}

static void compare(const char *name, const float *logits, const float *want,
		    size_t n)
{
	for (size_t i = 0; i < n * CLASSES; i++) {
		if (!(fabsf(logits[i] - want[i]) < DIFFERENCE)) {
			fprintf(stderr, "%s: logit %zu is %g, not %g\n", name,
				i, (double)logits[i], (double)want[i]);
			exit(1);
		}
	}
}

/* Nanoseconds per batch in one round. */
static double take_round(const struct library *library, void *network, size_t n,
			 float *logits)
{
	double start = bench_now();
	double taken = 0;
	size_t times = 0;

	do {
		compute(library, network, n, logits);
		times++;
		taken = bench_now() - start;
	} while (taken < ROUND_NS);
	return taken / (double)times;
}

static void measure(size_t n)
{
	static float logits[LIBRARIES][BATCH_MAX * CLASSES];
	void *networks[LIBRARIES] = { malloc(nn_work_size(&nn_mnist, n)) };
	double best[LIBRARIES] = { 0 };

	for (size_t i = 0; i < LIBRARIES; i++) {
		if (libraries[i].network)
			networks[i] =
				libraries[i].network(&nn_mnist, params, n);
		compute(&libraries[i], networks[i], n, logits[i]);
		compare(libraries[i].name, logits[i], logits[0], n);
	}
	for (size_t i = 0; i < ROUNDS * LIBRARIES; i++) {
		size_t l = i % LIBRARIES;
		double ns =
			take_round(&libraries[l], networks[l], n, logits[l]);

		if (best[l] <= 0 || ns < best[l])
			best[l] = ns;
	}
	free(networks[0]);
	for (size_t i = 0; i < LIBRARIES; i++) {
		char name[64] = "";

		snprintf(name, sizeof(name), "native.%s.%zu", libraries[i].name,
			 n);
		bench_print(name, best[i] * 1000 / (double)n);
	}
}

int main(void)
{
	size_t count = nn_param_count(&nn_mnist);

	params = malloc(count * sizeof(*params));
	packed = calloc(nn_packed_count(&nn_mnist), sizeof(*packed));
	if (!params || !packed)
		return 1;
	for (size_t i = 0; i < count; i++)
		params[i] = (float)((i * 2654435761u >> 8) % 4096) / 65536 -
			    0.03125f;
	for (size_t i = 0; i < sizeof(images); i++)
		images[i] = (uint8_t)(i * 40503u >> 4);
	record_pack(&nn_mnist, params, packed);
	measure(1);
	measure(8);
	measure(64);
	measure(256);
	free(packed);
	free(params);
	return 0;
}
