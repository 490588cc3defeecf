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
#include "tests/lib/network_fuzz.h"

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

static void check_repaired(const uint8_t *data, size_t len, uint32_t *state)
{
	size_t record_len = 0;
	uint8_t *record = network_repaired(data, len, &record_len);

	if (record)
		check_record(record, record_len, state);
	free(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint32_t state = fuzz_hash(data, len);

	check_record(data, len, &state);
	check_repaired(data, len, &state);
	return 0;
}
