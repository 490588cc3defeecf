/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/import/raise.c, calibrate.c and quantize.c: any bytes as a network of
 * any format, as it is and read from pixels, which is quantised from samples of
 * any numbers.
 *
 * A refusal names its reason on one line. The result is a record that its
 * reader accepts, with the inputs and outputs that the network had, and can be
 * run. As with the target `net`, records are also read with the sizes that they
 * need.
 *
 * `RECORDS=folder out/native/tests/test_net_quantize` writes records for the
 * corpus.
 */
#include "host/import/quantize.h"

#include "host/import/import.h"
#include "host/import/write.h"
#include "tests/lib/network_fuzz.h"

static size_t all_of_it(void *ctx, size_t left)
{
	(void)ctx;
	return left;
}

static void check_refusal(const struct enc_error *e)
{
	FUZZ_ASSERT(e->code != ENC_OK && *e->what && !strchr(e->what, '\n'));
}

/* Small numbers, and now and then any. */
static void fill_input(const struct run *run, uint32_t t, uint32_t *state)
{
	const struct nn_tensor *in = &run->net->tensors[t];
	const size_t count = nn_elements(in);
	const bool is_any = !fuzz_draw(state, 8);
	uint8_t *to = run_tensor(run, t);

	for (size_t i = 0; i < count * nn_type_size(in->type); i++)
		to[i] = (uint8_t)fuzz_draw(state, 256);
	for (size_t i = 0; in->type == NN_F32 && !is_any && i < count; i++) {
		const float x = (float)fuzz_draw(state, 1024) / 256 - 2;

		memcpy(to + i * sizeof(x), &x, sizeof(x));
	}
}

static bool calibrate(struct calibration *c, const struct lowered *net,
		      uint32_t *state, struct enc_error *e)
{
	if (!calibrate_open(c, net, e))
		return false;
	for (uint32_t samples = fuzz_draw(state, 3); samples < 3; samples++) {
		for (uint32_t t = 0; t < net->head.inputs; t++)
			fill_input(&c->run, t, state);
		calibrate_sample(c);
	}
	return true;
}

static size_t count_outputs(const struct nn_net *net)
{
	size_t count = 0;

	for (uint32_t t = 0; t < (uint32_t)net->head->inputs + net->head->nodes;
	     t++)
		count += net->tensors[t].is_output;
	return count;
}

static void check_result(const struct lowered *before,
			 const struct lowered *after)
{
	size_t len = 0;
	uint8_t *record = write_to_memory(after, &len);
	struct record_net r = { 0 };

	FUZZ_ASSERT(record);
	FUZZ_ASSERT(after->head.inputs == before->head.inputs);
	FUZZ_ASSERT(count_outputs(&after->net) == count_outputs(&before->net));
	for (uint32_t t = 0; t < before->head.inputs; t++)
		FUZZ_ASSERT(
			after->tensors[t].type == before->tensors[t].type &&
			nn_same_shape(&after->tensors[t], &before->tensors[t]));
	network_read(&r, record, len, all_of_it, NULL);
	FUZZ_ASSERT(r.error == RECORD_NET_OK);
	if (network_is_small(&r.head))
		FUZZ_ASSERT(network_run(&r, 1, 0));
	network_free(&r);
	free(record);
}

static void quantize(const struct lowered *net, uint32_t *state)
{
	struct calibration *c = fuzz_alloc(sizeof(*c));
	struct enc_error e = { 0 };
	struct lowered *made = NULL;

	if (calibrate(c, net, state, &e))
		made = quantize_network(net, c->ranges, &e);
	if (made)
		check_result(net, made);
	else
		check_refusal(&e);
	calibrate_close(c);
	lower_free(made);
	free(c);
}

static void check_file(const uint8_t *data, size_t len,
		       const struct import_pixels *pixels, uint32_t *state)
{
	const struct import_options options = { .pixels = pixels };
	enum import_kind kind = IMPORT_OTHER;
	struct enc_error e = { 0 };
	struct lowered *net = import_network(data, len, &options, &kind, &e);

	if (!net)
		check_refusal(&e);
	else if (network_is_small(&net->head) &&
		 net->head.params <= NETWORK_BYTES_MAX)
		quantize(net, state);
	lower_free(net);
}

/* Of any size, or of the size of the input. A record says it itself. */
static void check_pixels(const uint8_t *data, size_t len, uint32_t *state)
{
	struct import_pixels p = { .divisor = 255, .means = 1 };

	if (fuzz_draw(state, 2)) {
		for (size_t i = 0; i < 3; i++)
			p.size[i] = 1 + fuzz_draw(state, 4);
	}
	p.deviations = 1 + fuzz_draw(state, 4);
	for (size_t i = 0; i < p.deviations; i++)
		p.deviation[i] = 1;
	if (import_kind(data, len) != IMPORT_RECORD)
		check_file(data, len, &p, state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint32_t state = fuzz_hash(data, len);
	size_t record_len = 0;
	uint8_t *record = network_repaired(data, len, &record_len);

	check_file(data, len, NULL, &state);
	if (record)
		check_file(record, record_len, NULL, &state);
	free(record);
	check_pixels(data, len, &state);
	return 0;
}
