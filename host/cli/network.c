/* SPDX-License-Identifier: Apache-2.0 */
/* `enc_mnist inspect` of a network that is not sealed. */
#include "network.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/import/write.h"
#include "host/owner/seal.h"
#include "record/net.h"
#include "terms.h"

bool cli_network_write(const char *path, const struct lowered *net,
		       struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, path, 0600, e))
		return false;
	write_network(net, write_to_file, out.stream);
	return enc_out_commit(&out, e);
}

/* --- Text -------------------------------------------------------------- */

static struct cli_tensor tensor_of(const struct nn_tensor *t)
{
	return (struct cli_tensor){ t->dims, t->rank, t->type, t->scale,
				    t->zero };
}

static void print_tensor(const char *what, const struct nn_tensor *t)
{
	const struct cli_tensor tensor = tensor_of(t);

	cli_tensor(what, &tensor);
}

/* Of a sealed model with this record. */
static struct enc_heap heap_of(const struct nn_head *head)
{
	const struct box_head sealed = {
		.length = record_net_size(head),
		.params = head->params,
		.arena = head->arena,
		.batch = head->batch,
	};

	return enc_heap_of(&sealed);
}

void cli_network_totals(const struct lowered *net)
{
	const struct nn_head *head = &net->head;
	const struct enc_heap heap = heap_of(head);

	for (uint32_t t = 0; t < head->inputs; t++)
		print_tensor("input:", &net->tensors[t]);
	for (uint32_t t = 0; t < (uint32_t)head->inputs + head->nodes; t++) {
		if (net->tensors[t].is_output)
			print_tensor("output:", &net->tensors[t]);
	}
	printf("work:          %" PRIu64 " multiply-accumulate%s\n", head->macs,
	       enc_s(head->macs));
	printf("weights:       %" PRIu64 " bytes\n", head->params);
	printf("arena:         %" PRIu32 " bytes, lower bound %" PRIu64 "\n",
	       head->arena, net->arena_bound);
	cli_heap(&heap);
}

static void print_nodes(const struct lowered *net, const struct cost *cost)
{
	puts("node operator     output               type     weights"
	     "         work     arena");
	for (uint32_t n = 0; n < net->head.nodes; n++) {
		const struct nn_tensor *t = &net->tensors[net->head.inputs + n];
		char shape[CLI_SHAPE_TEXT] = "";

		cli_shape(t->dims, t->rank, shape);
		printf("%4" PRIu32 " %-12s %-20s %-5s %10" PRIu64 " %12" PRIu64
		       " %9" PRIu64 "\n",
		       n, lower_op_name(&net->nodes[n]), shape,
		       cli_type(t->type), cost->nodes[n].params,
		       cost->nodes[n].macs, cost->nodes[n].arena);
	}
}

static void print_text(const char *path, const struct lowered *net,
		       enum import_kind kind, const struct cost *cost)
{
	cli_line("%s: network of %u node%s, from %s", enc_file_label(path),
		 net->head.nodes, enc_s(net->head.nodes),
		 import_kind_name(kind));
	print_nodes(net, cost);
	cli_network_totals(net);
}

/* --- JSON -------------------------------------------------------------- */

static void tensor_members(yajl_gen gen, const struct nn_tensor *t)
{
	const struct cli_tensor tensor = tensor_of(t);

	cli_tensor_json(gen, &tensor);
}

static void tensor_list(yajl_gen gen, const struct lowered *net, bool outputs)
{
	const uint32_t inputs = net->head.inputs;

	cli_json_text(gen, outputs ? "outputs" : "inputs");
	yajl_gen_array_open(gen);
	for (uint32_t t = 0; t < inputs + net->head.nodes; t++) {
		if (outputs ? !net->tensors[t].is_output : t >= inputs)
			continue;
		yajl_gen_map_open(gen);
		tensor_members(gen, &net->tensors[t]);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

void cli_network_json(yajl_gen gen, const struct lowered *net,
		      enum import_kind kind)
{
	const struct nn_head *head = &net->head;
	const struct enc_heap heap = heap_of(head);

	cli_json_string(gen, "kind", "network");
	cli_json_string(gen, "from", import_kind_name(kind));
	tensor_list(gen, net, false);
	tensor_list(gen, net, true);
	cli_json_number(gen, "node_count", head->nodes);
	cli_json_number(gen, "multiply_accumulates", head->macs);
	cli_json_number(gen, "weights_bytes", head->params);
	cli_json_number(gen, "arena_bytes", head->arena);
	cli_json_number(gen, "arena_bound_bytes", net->arena_bound);
	cli_heap_json(gen, &heap);
}

static void node_list(yajl_gen gen, const struct lowered *net,
		      const struct cost *cost)
{
	cli_json_text(gen, "nodes");
	yajl_gen_array_open(gen);
	for (uint32_t n = 0; n < net->head.nodes; n++) {
		const struct node_cost *c = &cost->nodes[n];

		yajl_gen_map_open(gen);
		cli_json_string(gen, "operator", lower_op_name(&net->nodes[n]));
		tensor_members(gen, &net->tensors[net->head.inputs + n]);
		cli_json_number(gen, "weights_bytes", c->params);
		cli_json_number(gen, "multiply_accumulates", c->macs);
		cli_json_number(gen, "arena_bytes", c->arena);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static bool print_json(const struct lowered *net, enum import_kind kind,
		       const struct cost *cost, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_network_json(gen, net, kind);
	node_list(gen, net, cost);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

/* --- All of it --------------------------------------------------------- */

static bool plot(const struct cli_inspect *args, const struct lowered *net,
		 const struct cost *cost, struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, args->plot, 0644, e))
		return false;
	cli_network_plot(out.stream, net, cost, enc_file_label(args->file));
	return enc_out_commit(&out, e);
}

static bool inspect(const struct cli_inspect *args, struct enc_error *e)
{
	const struct import_options options = { 0 };
	enum import_kind kind = IMPORT_OTHER;
	struct lowered *net = import_file(args->file, &options, &kind, e);
	struct cost *cost = calloc(1, sizeof(*cost));
	bool ok = net && cost;

	if (net && !cost)
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	if (ok) {
		cost_network(&net->net, cost);
		ok = !args->plot || plot(args, net, cost, e);
	}
	if (ok && args->json)
		ok = print_json(net, kind, cost, e);
	else if (ok)
		print_text(args->file, net, kind, cost);
	free(cost);
	lower_free(net);
	return ok;
}

bool cli_network_describe(const struct nn_net *net, struct enc_network *n,
			  struct enc_error *e)
{
	struct box_head head = { 0 };

	if (!enc_head_describe(net, &head))
		return enc_fail(e, ENC_ERR_LIMIT,
				"the network has more than %d outputs",
				BOX_PORTS_MAX);
	*n = (struct enc_network){
		.policy = BOX_RAW,
		.batch = head.batch,
		.inputs = head.inputs,
		.outputs = head.outputs,
		.macs = head.macs,
	};
	memcpy(n->input, head.input, sizeof(n->input));
	memcpy(n->output, head.output, sizeof(n->output));
	enc_network_measure(n);
	n->room = n->batch;
	return true;
}

size_t cli_network_peek(const char *path, uint8_t bytes[IMPORT_KIND_BYTES])
{
	struct enc_error e = { 0 };
	FILE *f = enc_file_is_regular(path) ? enc_file_stream(path, &e) : NULL;
	size_t len = f ? fread(bytes, 1, IMPORT_KIND_BYTES, f) : 0;

	if (f)
		fclose(f);
	return len;
}

/* Standard input, and a pipe, is for what is sealed. */
static bool is_network(const char *path)
{
	uint8_t bytes[IMPORT_KIND_BYTES] = { 0 };
	size_t len = cli_network_peek(path, bytes);

	return import_kind(bytes, len) != IMPORT_OTHER;
}

int cli_inspect_any_run(const void *data)
{
	const struct cli_inspect *args = data;
	struct enc_error e = { 0 };

	if (!is_network(args->file))
		return cli_inspect_run(data);
	if (args->owner || args->device)
		return cli_usage("inspect", "--owner and --device are for what "
					    "is sealed");
	return inspect(args, &e) ? 0 : cli_fail(&e);
}
