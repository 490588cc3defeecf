/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/net.c and the operators of nn/: any bytes as the record of a network.
 *
 * Every split gives the same answer and position. A network that is accepted
 * can be run on any input: it writes nothing outside of its arena, and what it
 * computes depends on its inputs alone. As no bytes have the right sizes in
 * their head by chance, the same tables are also read with the sizes that they
 * need.
 *
 * `RECORDS=folder out/native/tests/test_record_net` writes records for the
 * corpus.
 */
#include "tests/lib/fuzz.h"
#include "tests/lib/network.h"

#define NODES_MAX 16u

static size_t piece_len(void *state, size_t left)
{
	return fuzz_piece_len(state, left);
}

static void check_record(const uint8_t *data, size_t len, uint32_t *state)
{
	struct record_net whole = { 0 };
	struct record_net split = { 0 };

	network_read(&whole, data, len, piece_len, NULL);
	network_read(&split, data, len, piece_len, state);
	FUZZ_ASSERT(whole.error == split.error && whole.why == split.why);
	FUZZ_ASSERT(whole.at == split.at && whole.offset == split.offset);
	if (whole.error == RECORD_NET_OK) {
		FUZZ_ASSERT(len == record_net_size(&whole.head));
		FUZZ_ASSERT(
			!memcmp(whole.params, split.params, whole.head.params));
	}
	if (whole.error == RECORD_NET_OK && network_is_small(&whole.head)) {
		FUZZ_ASSERT(network_run(&whole, 1, 0));
		FUZZ_ASSERT(network_run(&whole, whole.head.batch > 1 ? 2 : 1,
					0xff));
	}
	network_free(&whole);
	network_free(&split);
}

/* The record of these tables, with parameters that follow or else are 0. */
static void check_repaired(const uint8_t *data, size_t len, uint32_t *state)
{
	struct nn_head head = { 0 };
	size_t tables = 0;
	size_t tensors = 0;
	uint8_t *record = NULL;

	if (len < sizeof(head))
		return;
	memcpy(&head, data, sizeof(head));
	head.arena = 0;
	head.params = head.macs = 0;
	tables = sizeof(head) + nn_tables_size(&head);
	tensors = (size_t)head.inputs + head.nodes;
	if (nn_head_check(&head) != NN_OK || head.nodes > NODES_MAX ||
	    len < tables)
		return;
	record = fuzz_alloc(tables + NETWORK_BYTES_MAX);
	memcpy(record, data, tables);
	if (network_repair(&head, (void *)(record + sizeof(head)),
			   (void *)(record + sizeof(head) +
				    tensors * sizeof(struct nn_tensor))) &&
	    head.params <= NETWORK_BYTES_MAX) {
		size_t given = len - tables;

		given = given < head.params ? given : (size_t)head.params;
		memcpy(record, &head, sizeof(head));
		memset(record + tables, 0, (size_t)head.params);
		memcpy(record + tables, data + tables, given);
		check_record(record, tables + (size_t)head.params, state);
	}
	free(record);
}

/* Most changes are to a number of the tables. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max,
			       unsigned int seed)
{
	uint32_t state = seed;
	struct nn_head head = { 0 };
	size_t tables = 0;

	if (len < sizeof(head) || !network_draw(&state, 16))
		return LLVMFuzzerMutate(data, len, max);
	memcpy(&head, data, sizeof(head));
	tables = nn_tables_size(&head);
	if (tables > len - sizeof(head))
		tables = len - sizeof(head);
	network_change(&state, data + sizeof(head), tables);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint32_t state = fuzz_hash(data, len);

	check_record(data, len, &state);
	check_repaired(data, len, &state);
	return 0;
}
