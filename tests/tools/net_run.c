/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_run MODEL INPUT OUTPUT [N]: what the engine computes of a network, on
 * this machine. MODEL is a .tflite or an .onnx file. INPUT contains samples:
 * the bytes of each input, one after the other, without a header. OUTPUT gets
 * the outputs of the first N samples, or of all, in the same form. The network
 * goes through its record, as on its way to the TA. A table of its nodes goes
 * to standard output.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "host/import/onnx.h"
#include "host/import/tflite.h"
#include "host/import/write.h"
#include "nn/op.h"
#include "record/net.h"

#define FILE_MAX ((size_t)1 << 31)

static void *allocate(size_t size)
{
	size_t rounded = (size + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
	void *memory = aligned_alloc(NN_ALIGN, rounded);

	if (!memory) {
		fprintf(stderr, "net_run: out of memory\n");
		exit(1);
	}
	return memset(memory, 0, rounded);
}

static bool is_tflite(const uint8_t *file, size_t len)
{
	return len >= 8 && !memcmp(file + 4, "TFL3", 4);
}

static struct lowered *import(const char *path, struct enc_error *e)
{
	const struct onnx_options no_options = { 0 };
	struct graph g = { 0 };
	uint8_t *file = NULL;
	size_t len = 0;
	struct lowered *net = NULL;

	if (!enc_file_read(path, FILE_MAX, &file, &len, e))
		return NULL;
	if (is_tflite(file, len) ? tflite_read(file, len, &g, e) :
				   onnx_read(file, len, &no_options, &g, e))
		net = lower_graph(&g, e);
	graph_free(&g);
	free(file);
	if (!net)
		enc_about(e, path);
	return net;
}

static uint64_t tensor_bytes(const struct nn_tensor *t)
{
	return (uint64_t)nn_elements(t) * nn_type_size(t->type);
}

static void print_node(const struct nn_net *net, uint32_t n)
{
	struct nn_at at = { .node = &net->nodes[n],
			    .out = &net->tensors[net->head->inputs + n] };

	for (uint32_t i = 0; i < at.node->sources; i++)
		at.in[i] = &net->tensors[at.node->source[i]];
	printf("%4" PRIu32 " %-12s %12" PRIu64 " %10" PRIu64 " %9" PRIu32 "  ",
	       n, lower_op_name(at.node), nn_operators[at.node->op]->macs(&at),
	       nn_params_size(net, n), at.out->offset);
	for (uint32_t d = 0; d < at.out->rank; d++)
		printf("%s%" PRIu32, d ? " x " : "", at.out->dims[d]);
	printf("%s\n", at.out->type == NN_INT8 ? " int8" : "");
}

static void print_network(const struct lowered *l)
{
	printf("node operator             MACs parameters    offset  output\n");
	for (uint32_t n = 0; n < l->head.nodes; n++)
		print_node(&l->net, n);
	printf("%u nodes, %" PRIu64 " MACs, %" PRIu64
	       " bytes of parameters, arena of %" PRIu32
	       " bytes (lower bound %" PRIu64 "), batch %u\n",
	       l->head.nodes, l->head.macs, l->head.params, l->head.arena,
	       l->arena_bound, l->head.batch);
}

/* Reads the record in pieces that fit nowhere. */
static bool read_record(struct record_net *r, const uint8_t *record, size_t len)
{
	size_t piece = 1;

	record_net_begin(r);
	for (size_t at = 0; at < len && r->error == RECORD_NET_OK;) {
		size_t n = len - at < piece ? len - at : piece;

		at += record_net_push(r, record + at, n);
		piece = piece * 3 % 65537;
		if (r->need)
			record_net_give(r, allocate(r->need));
	}
	return record_net_end(r) == RECORD_NET_OK;
}

static struct record_net *through_record(const struct lowered *net,
					 struct enc_error *e)
{
	struct record_net *r = allocate(sizeof(*r));
	size_t len = 0;
	uint8_t *record = write_to_memory(net, &len);

	if (record && read_record(r, record, len)) {
		free(record);
		return r;
	}
	enc_fail(e, ENC_ERR_FORMAT,
		 "the record is refused: error %d (%d), %" PRIu32
		 ", at byte %" PRIu64,
		 r->error, r->why, r->at, r->offset);
	free(record);
	return NULL;
}

/* Bytes of all inputs, or of all outputs, of a sample. */
static uint64_t sample_bytes(const struct nn_net *net, bool inputs)
{
	uint32_t count = (uint32_t)net->head->inputs + net->head->nodes;
	uint64_t bytes = 0;

	for (uint32_t t = 0; t < count; t++) {
		if (inputs ? t < net->head->inputs : net->tensors[t].is_output)
			bytes += tensor_bytes(&net->tensors[t]);
	}
	return bytes;
}

static void put_inputs(const struct nn_net *net, void *work,
		       const uint8_t *samples, size_t batch)
{
	for (size_t b = 0; b < batch; b++) {
		for (uint32_t t = 0; t < net->head->inputs; t++) {
			size_t bytes = tensor_bytes(&net->tensors[t]);

			memcpy((uint8_t *)nn_tensor_at(net, work, t, batch) +
				       b * bytes,
			       samples, bytes);
			samples += bytes;
		}
	}
}

static void write_outputs(const struct nn_net *net, void *work, size_t batch,
			  FILE *out)
{
	uint32_t count = (uint32_t)net->head->inputs + net->head->nodes;

	for (size_t b = 0; b < batch; b++) {
		for (uint32_t t = 0; t < count; t++) {
			size_t bytes = tensor_bytes(&net->tensors[t]);
			const uint8_t *at = nn_tensor_at(net, work, t, batch);

			if (net->tensors[t].is_output)
				fwrite(at + b * bytes, 1, bytes, out);
		}
	}
}

static bool run(const struct record_net *r, const char *input,
		const char *output, size_t count, struct enc_error *e)
{
	const struct nn_net *net = &r->net;
	size_t size = sample_bytes(net, true);
	size_t batch = r->head.batch;
	void *work = allocate(nn_work_bytes(net, batch));
	uint8_t *samples = NULL;
	size_t len = 0;
	FILE *out = NULL;

	if (!enc_file_read(input, FILE_MAX, &samples, &len, e))
		return false;
	if (len % size)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: not a multiple of the %zu bytes of a "
				"sample",
				input, size);
	out = fopen(output, "wb");
	if (!out)
		return enc_fail(e, ENC_ERR_IO, "%s: cannot be written", output);
	count = count < len / size ? count : len / size;
	for (size_t done = 0; done < count; done += batch) {
		batch = count - done < batch ? count - done : batch;
		put_inputs(net, work, samples + done * size, batch);
		nn_net_run(net, r->params, work, batch);
		write_outputs(net, work, batch, out);
	}
	free(samples);
	free(work);
	return fclose(out) == 0 || enc_fail(e, ENC_ERR_IO, "%s", output);
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };
	struct lowered *net = NULL;
	struct record_net *r = NULL;
	bool ok = false;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: net_run MODEL INPUT OUTPUT [N]\n");
		return 2;
	}
	net = import(argv[1], &e);
	if (net) {
		print_network(net);
		r = through_record(net, &e);
	}
	lower_free(net);
	ok = r && run(r, argv[2], argv[3],
		      argc == 5 ? strtoul(argv[4], NULL, 10) : SIZE_MAX, &e);
	if (r) {
		free((void *)r->net.tensors);
		free(r->params);
	}
	free(r);
	if (!ok)
		fprintf(stderr, "net_run: %s\n", e.what);
	return ok ? 0 : 1;
}
