/* SPDX-License-Identifier: Apache-2.0 */
/* Records of 8-bit weights: reader and writer against plain bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/int8.h"
#include "record/write/int8.h"
#include "testkit/test.h"
#include "tests/lib/formula8.h"

/* Widths that fill neither a tile nor a step. */
static const struct nn_layer small_layers[] = {
	{ "a", 5, 9, true },
	{ "b", 9, 3, false },
};

/* The maximum number of layers, ReLU after some. */
static const struct nn_layer deep_layers[] = {
	{ "1", 1, 17, true },  { "2", 17, 2, false }, { "3", 2, 33, true },
	{ "4", 33, 4, true },  { "5", 4, 16, false }, { "6", 16, 8, false },
	{ "7", 8, 32, false }, { "8", 32, 1, true },
};

static const struct nn_arch small = { small_layers, 2, 0, 1 };
static const struct nn_arch deep = { deep_layers, 8, 0, 1 };
static const struct nn_arch *const networks[] = { &small, &deep, &nn_mnist };

/* A reader, and memory of exactly the right size for its parameters. */
struct reading {
	struct record_int8 r;
	uint8_t *packed;
};

static void begin(struct reading *reading, const struct nn_arch *arch)
{
	reading->packed = calloc(1, nn_dense8_size(arch));
	assert_non_null(reading->packed);
	record_int8_begin(&reading->r, arch, reading->packed);
}

/* In pieces of `piece` bytes, each a copy that ends where the piece does. */
static enum record_int8_error read_in(struct reading *reading,
				      const struct nn_arch *arch,
				      const uint8_t *record, size_t len,
				      size_t piece)
{
	enum record_int8_error error = RECORD_INT8_OK;

	begin(reading, arch);
	for (size_t at = 0; at < len && error == RECORD_INT8_OK; at += piece) {
		size_t n = len - at < piece ? len - at : piece;
		uint8_t *copy = malloc(n);

		memcpy(copy, record + at, n);
		error = record_int8_push(&reading->r, copy, n);
		free(copy);
	}
	return record_int8_end(&reading->r);
}

/* Refused with this error at this byte, however the record is split. */
static void check_refused(const struct nn_arch *arch, const uint8_t *record,
			  size_t len, enum record_int8_error error,
			  uint64_t offset)
{
	const size_t pieces[] = { 1, 3, 4096 };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct reading reading = { 0 };

		read_in(&reading, arch, record, len, pieces[i]);
		free(reading.packed);
		if (reading.r.error != error || reading.r.offset != offset)
			fail_msg("pieces of %zu: error %d at %llu, expected %d "
				 "at %llu",
				 pieces[i], reading.r.error,
				 (unsigned long long)reading.r.offset, error,
				 (unsigned long long)offset);
	}
}

static void check_accepted(const struct nn_arch *arch, const uint8_t *record,
			   size_t len)
{
	check_refused(arch, record, len, RECORD_INT8_OK, len);
}

/* Values at the places that dense8.h gives; all else is 0. */
static uint8_t *pack(const struct nn_arch *arch, const uint8_t *record)
{
	uint8_t *packed = calloc(1, nn_dense8_size(arch));
	uint8_t *to = packed;

	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];
		const uint8_t *weight = record + formula8_tensor(arch, l, 2);

		memcpy(to + nn_dense8_scales(layer),
		       record + formula8_tensor(arch, l, 0), 4 * layer->out);
		memcpy(to + nn_dense8_bias(layer),
		       record + formula8_tensor(arch, l, 1), 4 * layer->out);
		for (size_t o = 0; o < layer->out; o++) {
			for (size_t k = 0; k < layer->in; k++)
				to[nn_dense8_weight(layer, o, k)] = *weight++;
		}
		to += nn_dense8_layer(layer);
	}
	return packed;
}

static void the_parameters_come_out_of_any_pieces(void **state)
{
	const size_t pieces[] = { 1, 3, 16, 4096, 65536, 1u << 20 };

	(void)state;
	for (size_t n = 0; n < COUNT(networks); n++) {
		const struct nn_arch *arch = networks[n];
		size_t len = 0;
		uint8_t *record = formula8_record(arch, 1, &len);
		uint8_t *packed = pack(arch, record);

		for (size_t i = 0; i < COUNT(pieces); i++) {
			struct reading reading = { 0 };

			assert_int_equal(
				read_in(&reading, arch, record, len, pieces[i]),
				RECORD_INT8_OK);
			assert_memory_equal(reading.packed, packed,
					    nn_dense8_size(arch));
			free(reading.packed);
		}
		free(packed);
		free(record);
	}
}

struct written {
	uint8_t *data;
	size_t len;
	size_t room;
};

static bool append(void *ctx, const void *data, size_t len)
{
	struct written *w = ctx;

	if (len > w->room - w->len)
		return false;
	memcpy(w->data + w->len, data, len);
	w->len += len;
	return true;
}

static void the_writer_gives_the_bytes_of_the_format(void **state)
{
	(void)state;
	for (size_t n = 0; n < COUNT(networks); n++) {
		const struct nn_arch *arch = networks[n];
		size_t len = 0;
		uint8_t *record = formula8_record(arch, 3, &len);
		uint8_t *packed = pack(arch, record);
		struct written w = { .data = malloc(len), .room = len };

		assert_int_equal(record_int8_size(arch), len);
		assert_true(record_int8_write(arch, packed, append, &w));
		assert_int_equal(w.len, len);
		assert_memory_equal(w.data, record, len);
		/* a sink that takes no more stops the writer, wherever it is */
		for (size_t room = 0; arch == &small && room < len; room++) {
			w = (struct written){ .data = w.data, .room = room };
			assert_false(
				record_int8_write(arch, packed, append, &w));
		}
		free(w.data);
		free(packed);
		free(record);
	}
}

static void every_other_byte_of_the_head_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < 2; n++) {
		const struct nn_arch *arch = networks[n];
		size_t len = 0;
		uint8_t *record = formula8_record(arch, 1, &len);

		for (size_t at = 0; at < FORMULA8_HEAD; at++) {
			for (unsigned int x = 1; x < 256; x++) {
				record[at] ^= (uint8_t)x;
				check_refused(arch, record, len,
					      at < 10 ? RECORD_INT8_MAGIC :
							RECORD_INT8_NETWORK,
					      at);
				record[at] ^= (uint8_t)x;
			}
		}
		check_accepted(arch, record, len);
		free(record);
	}
}

static void the_record_of_another_network_is_refused(void **state)
{
	size_t len = 0;
	uint8_t *record = formula8_record(&deep, 1, &len);
	struct nn_layer layers[] = { small_layers[0], small_layers[1] };
	const struct nn_arch other = { layers, 2, 0, 1 };

	(void)state;
	check_refused(&small, record, len, RECORD_INT8_NETWORK, 10);
	free(record);
	record = formula8_record(&small, 1, &len);
	layers[1].out = 4;
	check_refused(&other, record, len, RECORD_INT8_NETWORK, 20);
	layers[1].out = 3;
	layers[1].relu = true;
	check_refused(&other, record, len, RECORD_INT8_NETWORK, 48);
	free(record);
}

static void every_prefix_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < 2; n++) {
		size_t len = 0;
		uint8_t *record = formula8_record(networks[n], 1, &len);

		for (size_t cut = 0; cut < len; cut++)
			check_refused(networks[n], record, cut,
				      RECORD_INT8_SHORT, cut);
		free(record);
	}
}

static void what_trails_is_refused(void **state)
{
	size_t len = 0;
	uint8_t *record = formula8_record(&small, 1, &len);
	uint8_t *longer = calloc(1, len + 5);

	(void)state;
	assert_non_null(longer);
	memcpy(longer, record, len);
	for (size_t more = 1; more <= 5; more++)
		check_refused(&small, longer, len + more, RECORD_INT8_TRAILING,
			      len);
	free(longer);
	free(record);
}

/* ---- values ---- */

struct value {
	uint32_t bits;
	bool good[2]; /* as a scale, as a bias */
};

/* clang-format off */
static const struct value floats[] = {
	{ 0x00800000, { true, true } },   /* the smallest normal number */
	{ 0x7f7fffff, { true, true } },   /* the largest */
	{ 0x3f800000, { true, true } },
	{ 0x00000000, { false, true } },
	{ 0x80000000, { false, true } },
	{ 0x00000001, { false, true } },  /* subnormal */
	{ 0x007fffff, { false, true } },
	{ 0x807fffff, { false, true } },
	{ 0x80800000, { false, true } },
	{ 0xbf800000, { false, true } },
	{ 0xff7fffff, { false, true } },
	{ 0x7f800000, { false, false } }, /* infinite */
	{ 0xff800000, { false, false } },
	{ 0x7f800001, { false, false } }, /* not a number */
	{ 0x7fc00000, { false, false } },
	{ 0x7fffffff, { false, false } },
	{ 0xffc00000, { false, false } },
	{ 0xff800001, { false, false } },
};
/* clang-format on */

static void check_value(const struct nn_arch *arch, uint8_t *record, size_t len,
			size_t at, const void *value, size_t size,
			enum record_int8_error error)
{
	uint8_t before[sizeof(float)] = { 0 };

	memcpy(before, record + at, size);
	memcpy(record + at, value, size);
	if (error == RECORD_INT8_OK)
		check_accepted(arch, record, len);
	else
		check_refused(arch, record, len, error, at);
	memcpy(record + at, before, size);
}

static void scales_and_biases_have_to_be_good(void **state)
{
	static const enum record_int8_error errors[] = { RECORD_INT8_SCALE,
							 RECORD_INT8_BIAS };
	size_t len = 0;
	uint8_t *record = formula8_record(&small, 1, &len);

	(void)state;
	for (uint32_t l = 0; l < small.layer_count; l++) {
		for (uint32_t t = 0; t < 2; t++) {
			size_t at = formula8_tensor(&small, l, t);
			size_t end = formula8_tensor(&small, l, t + 1);

			for (; at < end; at += sizeof(float)) {
				for (size_t i = 0; i < COUNT(floats); i++)
					check_value(&small, record, len, at,
						    &floats[i].bits,
						    sizeof(float),
						    floats[i].good[t] ?
							    RECORD_INT8_OK :
							    errors[t]);
			}
		}
	}
	free(record);
}

static void no_weight_is_minus_128(void **state)
{
	size_t len = 0;
	uint8_t *record = formula8_record(&small, 1, &len);

	(void)state;
	for (uint32_t l = 0; l < small.layer_count; l++) {
		size_t at = formula8_tensor(&small, l, 2);
		size_t end = at + small_layers[l].in * small_layers[l].out;

		for (; at < end; at++) {
			for (unsigned int x = 0; x < 256; x++) {
				uint8_t byte = (uint8_t)x;

				check_value(&small, record, len, at, &byte, 1,
					    x == 0x80 ? RECORD_INT8_WEIGHT :
							RECORD_INT8_OK);
			}
		}
	}
	free(record);
}

/* Of two bad values the first is reported, even if the end is missing. */
static void the_first_bad_value_is_named(void **state)
{
	const uint32_t infinite = 0x7f800000;
	size_t at = formula8_tensor(&small, 1, 0);
	size_t len = 0;
	uint8_t *record = formula8_record(&small, 1, &len);

	(void)state;
	memcpy(record + at + 8, &infinite, sizeof(infinite));
	memcpy(record + at + 4, &infinite, sizeof(infinite));
	check_refused(&small, record, len, RECORD_INT8_SCALE, at + 4);
	/* a tensor is checked once it is complete */
	check_refused(&small, record, at + 12, RECORD_INT8_SCALE, at + 4);
	check_refused(&small, record, at + 11, RECORD_INT8_SHORT, at + 11);
	record[formula8_tensor(&small, 0, 2)] = 0x80;
	check_refused(&small, record, len, RECORD_INT8_WEIGHT,
		      formula8_tensor(&small, 0, 2));
	free(record);
}

static void an_error_stays(void **state)
{
	struct reading reading = { 0 };
	size_t len = 0;
	uint8_t *record = formula8_record(&small, 1, &len);

	(void)state;
	begin(&reading, &small);
	assert_int_equal(record_int8_push(&reading.r, record, 9), 0);
	assert_int_equal(record_int8_push(&reading.r, (const uint8_t *)"x", 1),
			 RECORD_INT8_MAGIC);
	assert_int_equal(record_int8_push(&reading.r, record + 10, len - 10),
			 RECORD_INT8_MAGIC);
	assert_int_equal(record_int8_end(&reading.r), RECORD_INT8_MAGIC);
	assert_int_equal(reading.r.offset, 9);
	free(reading.packed);
	free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parameters_come_out_of_any_pieces),
		cmocka_unit_test(the_writer_gives_the_bytes_of_the_format),
		cmocka_unit_test(every_other_byte_of_the_head_is_refused),
		cmocka_unit_test(the_record_of_another_network_is_refused),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(what_trails_is_refused),
		cmocka_unit_test(scales_and_biases_have_to_be_good),
		cmocka_unit_test(no_weight_is_minus_128),
		cmocka_unit_test(the_first_bad_value_is_named),
		cmocka_unit_test(an_error_stays),
	};

	return cmocka_run_group_tests_name("record8", tests, NULL, NULL);
}
