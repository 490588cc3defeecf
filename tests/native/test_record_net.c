/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of networks: the reader against plain bytes, and every operator with
 * tables that nobody has made. RECORDS=folder: writes a record of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testkit/test.h"
#include "tests/lib/network.h"
#include "tests/lib/operators.h"

#define INPUTS	5
#define HIDDEN	9
#define OUTPUTS 3
#define NODES	3 /* dense, softmax, dense: the second has no parameters */
#define TENSORS (1 + NODES)

/* The record as it lies in memory, and its parts. */
struct record {
	uint8_t *data;
	size_t len;
	struct nn_head *head;
	struct nn_tensor *tensors;
	struct nn_node *nodes;
	float *params[NODES];
	size_t at[NODES + 1]; /* offset of the parameters of each node */
};

static void set_tensor(struct record *r, uint32_t t, uint32_t width,
		       uint32_t offset)
{
	r->tensors[t] = (struct nn_tensor){
		.type = NN_F32,
		.rank = 1,
		.dims = { width, 1, 1, 1, 1, 1 },
		.is_output = t == NODES,
		.offset = offset,
	};
}

static void set_node(struct record *r, uint32_t n, enum nn_op op)
{
	r->nodes[n] = (struct nn_node){ .op = (uint8_t)op,
					.sources = 1,
					.source = { (uint16_t)n } };
	if (op != NN_CONV)
		return;
	r->nodes[n].conv.window =
		(struct nn_window){ { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 } };
	r->nodes[n].conv.groups = 1;
	r->nodes[n].conv.clamp.f32[0] = -1000;
	r->nodes[n].conv.clamp.f32[1] = 1000;
}

/* Bytes of parameters and work, into the head. */
static void count(struct record *r)
{
	const struct nn_net net = { r->head, r->tensors, r->nodes };

	r->head->params = 0;
	r->head->macs = 0;
	for (uint32_t n = 0; n < NODES; n++) {
		const struct nn_at at = { .node = &r->nodes[n],
					  .in = { &r->tensors[n] },
					  .out = &r->tensors[n + 1] };

		r->at[n] = r->len + r->head->params;
		r->head->params += nn_params_size(&net, n);
		r->head->macs += nn_operators[r->nodes[n].op]->macs(&at);
	}
	r->at[NODES] = r->len + r->head->params;
}

static struct record make(void)
{
	struct record r = { .data = calloc(1, 65536) };

	assert_non_null(r.data);
	r.head = (void *)r.data;
	r.tensors = (void *)(r.head + 1);
	r.nodes = (void *)(r.tensors + TENSORS);
	r.len = (size_t)((uint8_t *)(r.nodes + NODES) - r.data);
	memcpy(r.head->magic, NN_MAGIC, sizeof(r.head->magic));
	r.head->version = NN_VERSION;
	r.head->inputs = 1;
	r.head->nodes = NODES;
	r.head->batch = 4;
	r.head->arena = 128;
	set_tensor(&r, 0, INPUTS, 0);
	set_tensor(&r, 1, HIDDEN, 64);
	set_tensor(&r, 2, HIDDEN, 64);
	set_tensor(&r, 3, OUTPUTS, 0);
	set_node(&r, 0, NN_CONV);
	set_node(&r, 1, NN_SOFTMAX);
	set_node(&r, 2, NN_CONV);
	count(&r);
	for (uint32_t n = 0; n < NODES; n++) {
		r.params[n] = (void *)(r.data + r.at[n]);
		if (r.at[n + 1] > r.at[n])
			r.params[n][0] = (float)n + 0.5f; /* a bias */
	}
	r.len = r.at[NODES];
	assert_true(r.len < 65536);
	return r;
}

static void *memory(size_t size)
{
	size_t rounded = (size + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;

	return memset(aligned_alloc(NN_ALIGN, rounded), 0, rounded);
}

/* In pieces of `piece` bytes, each a copy that ends where the piece does. */
static void read_in(struct record_net *r, const uint8_t *data, size_t len,
		    size_t piece)
{
	record_net_begin(r);
	for (size_t at = 0; at < len && r->error == RECORD_NET_OK;) {
		size_t n = len - at < piece ? len - at : piece;
		uint8_t *copy = malloc(n);

		memcpy(copy, data + at, n);
		at += record_net_push(r, copy, n);
		free(copy);
		if (r->need)
			record_net_give(r, memory(r->need));
	}
	record_net_end(r);
}

static void release(struct record_net *r)
{
	free(r->tables);
	free(r->params);
}

/* Refused with this error at this byte, however the record is split. */
static void check_refused(const struct record *record, size_t len,
			  enum record_net_error error, uint64_t offset)
{
	const size_t pieces[] = { 1, 3, 64, 65536 };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct record_net r = { 0 };

		read_in(&r, record->data, len, pieces[i]);
		release(&r);
		if (r.error != error || r.offset != offset)
			fail_msg("pieces of %zu: error %d at %llu, expected %d "
				 "at %llu",
				 pieces[i], r.error,
				 (unsigned long long)r.offset, error,
				 (unsigned long long)offset);
	}
}

static void the_network_comes_out_of_any_pieces(void **state)
{
	struct record record = make();

	(void)state;
	assert_int_equal(record_net_size(record.head), record.len);
	for (size_t piece = 1; piece <= record.len; piece++) {
		struct record_net r = { 0 };

		read_in(&r, record.data, record.len, piece);
		assert_int_equal(r.error, RECORD_NET_OK);
		assert_int_equal(r.offset, record.len);
		assert_memory_equal(&r.head, record.head, sizeof(r.head));
		assert_memory_equal(r.net.tensors, record.tensors,
				    TENSORS * sizeof(*record.tensors));
		assert_memory_equal(r.net.nodes, record.nodes,
				    NODES * sizeof(*record.nodes));
		assert_memory_equal(r.params, record.params[0],
				    record.head->params);
		release(&r);
	}
	free(record.data);
}

static void memory_is_asked_for_when_its_size_is_known(void **state)
{
	struct record record = make();
	struct record_net r = { 0 };
	size_t tables = record.at[0] - sizeof(*record.head);

	(void)state;
	record_net_begin(&r);
	assert_int_equal(record_net_push(&r, record.data, record.len), 64);
	assert_int_equal(r.need, tables);
	assert_int_equal(record_net_push(&r, record.data, 1), 0);
	record_net_give(&r, memory(r.need));
	assert_int_equal(record_net_push(&r, record.data + 64, record.len),
			 tables);
	assert_int_equal(r.need, record.head->params + NN_SLACK);
	assert_int_equal(record_net_push(&r, record.data, 1), 0);
	assert_int_equal(record_net_end(&r), RECORD_NET_SHORT);
	release(&r);
	free(record.data);
}

static void every_prefix_is_refused(void **state)
{
	struct record record = make();

	(void)state;
	for (size_t len = 0; len < record.len; len++)
		check_refused(&record, len, RECORD_NET_SHORT, len);
	free(record.data);
}

static void what_trails_is_refused(void **state)
{
	struct record record = make();

	(void)state;
	for (size_t more = 1; more <= 5; more++)
		check_refused(&record, record.len + more, RECORD_NET_TRAILING,
			      record.len);
	free(record.data);
}

/* Refused at byte `at` and with this reason. */
static void check_why(struct record *record, enum nn_error why, const void *at)
{
	struct record_net r = { 0 };
	uint64_t offset = (uint64_t)((const uint8_t *)at - record->data);

	read_in(&r, record->data, record->len, record->len);
	release(&r);
	assert_int_equal(r.why, why);
	assert_int_equal(r.offset, offset);
	check_refused(record, record->len, r.error, offset);
	free(record->data);
	*record = make();
}

static void an_error_has_a_reason_and_a_place(void **state)
{
	struct record r = make();

	(void)state;
	r.head->reserved = 1;
	check_why(&r, NN_ERROR_HEAD, r.data);
	r.tensors[2].rank = 0;
	check_why(&r, NN_ERROR_TENSOR, r.data + 64 + 2 * 40);
	r.tensors[1].offset = 128;
	check_why(&r, NN_ERROR_ARENA, r.data + 64 + 40);
	r.tensors[1].offset = 0;
	check_why(&r, NN_ERROR_OVERLAP, r.data + 64);
	r.nodes[1].variant = 1;
	check_why(&r, NN_ERROR_NODE, r.data + 64 + TENSORS * 40 + 64);
	r.nodes[2].op = NN_OPS;
	check_why(&r, NN_ERROR_NODE, r.data + 64 + TENSORS * 40 + 2 * 64);
	r.head->params += 16;
	check_why(&r, NN_ERROR_PARAMS, r.data);
	r.head->macs++;
	check_why(&r, NN_ERROR_MACS, r.data);
	free(r.data);
}

static void each_node_is_checked_when_its_parameters_are_complete(void **state)
{
	const uint32_t infinite = 0x7f800000;
	struct record r = make();

	(void)state;
	memcpy(r.params[0] + 1, &infinite, sizeof(infinite));
	check_refused(&r, r.len, RECORD_NET_VALUE, r.at[0]);
	check_refused(&r, r.at[1], RECORD_NET_VALUE, r.at[0]);
	check_refused(&r, r.at[1] - 1, RECORD_NET_SHORT, r.at[1] - 1);
	check_why(&r, NN_ERROR_VALUE, r.data + r.at[0]);
	memcpy(r.params[2] + 1, &infinite, sizeof(infinite));
	check_refused(&r, r.len, RECORD_NET_VALUE, r.at[2]);
	check_refused(&r, r.len - 1, RECORD_NET_SHORT, r.len - 1);
	free(r.data);
}

/* Any byte of head and tables may be anything: accepted ones can be run. */
static void other_bytes_are_refused_or_another_network(void **state)
{
	struct record record = make();

	(void)state;
	for (size_t at = 0; at < record.at[0]; at++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			struct record_net r = { 0 };

			record.data[at] ^= (uint8_t)(1u << bit);
			read_in(&r, record.data, record.len, record.len);
			record.data[at] ^= (uint8_t)(1u << bit);
			if (r.error == RECORD_NET_OK &&
			    r.head.arena < 1u << 20) {
				void *work = memory(nn_work_bytes(&r.net, 1));

				nn_net_run(&r.net, r.params, work, 1);
				free(work);
			}
			release(&r);
		}
	}
	free(record.data);
}

static void an_error_stays(void **state)
{
	struct record record = make();
	struct record_net r = { 0 };

	(void)state;
	record.data[0] ^= 1;
	record_net_begin(&r);
	assert_int_equal(record_net_push(&r, record.data, 64), 64);
	assert_int_equal(r.error, RECORD_NET_HEAD);
	assert_int_equal(record_net_push(&r, record.data, 64), 0);
	assert_int_equal(r.need, 0);
	assert_int_equal(record_net_end(&r), RECORD_NET_HEAD);
	free(record.data);
}

/* --- records of each operator --- */

static uint32_t state_of_random = 1;

static uint32_t draw(uint32_t below)
{
	return network_draw(&state_of_random, below);
}

static size_t any_piece(void *ctx, size_t left)
{
	size_t n = 1 + draw(200);

	(void)ctx;
	return n < left ? n : left;
}

/* True if it is accepted; it can be run then. */
static bool is_accepted(const uint8_t *record, size_t len)
{
	struct record_net r = { 0 };
	bool accepted = false;

	network_read(&r, record, len, any_piece, NULL);
	accepted = r.error == RECORD_NET_OK;
	if (accepted && network_is_small(&r.head)) {
		assert_true(network_run(&r, 1, 0));
		assert_true(network_run(&r, r.head.batch > 2 ? 3 : 1, 0xff));
	}
	network_free(&r);
	return accepted;
}

static void write_record(size_t i, const uint8_t *record, size_t len)
{
	char path[4096];
	FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/%03zu", getenv("RECORDS"), i);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(record, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void every_operator_has_a_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < operators_count(); i++) {
		struct operators_tables t = operators_tables(i);
		size_t len = 0;
		uint8_t *record = operators_record(&t, &len);

		if (!record || !is_accepted(record, len))
			fail_msg("record %zu is refused", i);
		if (getenv("RECORDS"))
			write_record(i, record, len);
		free(record);
	}
}

/* Tables that are wrong in a few places, with the sizes that they need. */
static void tables_of_any_bytes_do_no_harm(void **state)
{
	size_t accepted = 0;

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		struct operators_tables t =
			operators_tables(i % operators_count());
		size_t len = 0;
		uint8_t *record = NULL;

		for (uint32_t n = draw(3); n < 3; n++) {
			if (draw(2))
				network_change(&state_of_random, &t.node,
					       sizeof(t.node));
			else
				network_change(&state_of_random, t.tensors,
					       sizeof(t.tensors));
		}
		record = operators_record(&t, &len);
		accepted += record && is_accepted(record, len);
		free(record);
	}
	assert_in_range(accepted, 500, 4500);
}

/* Any bytes of valid records, parameters among them. */
static void records_of_any_bytes_do_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct operators_tables t =
			operators_tables(i % operators_count());
		size_t len = 0;
		uint8_t *record = operators_record(&t, &len);

		for (uint32_t n = draw(3); n < 3; n++)
			network_change(&state_of_random, record, len);
		is_accepted(record, len);
		free(record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_network_comes_out_of_any_pieces),
		cmocka_unit_test(memory_is_asked_for_when_its_size_is_known),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(what_trails_is_refused),
		cmocka_unit_test(an_error_has_a_reason_and_a_place),
		cmocka_unit_test(
			each_node_is_checked_when_its_parameters_are_complete),
		cmocka_unit_test(other_bytes_are_refused_or_another_network),
		cmocka_unit_test(an_error_stays),
		cmocka_unit_test(every_operator_has_a_record),
		cmocka_unit_test(tables_of_any_bytes_do_no_harm),
		cmocka_unit_test(records_of_any_bytes_do_no_harm),
	};

	return cmocka_run_group_tests_name("record_net", tests, NULL, NULL);
}
