/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/import/import.c and what it calls, but for the readers of formats that
 * have tests of their own: records, Burn records, pixels; cost.c and labels.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "host/import/cost.h"
#include "host/import/import.h"
#include "host/import/write.h"
#include "host/public/labels.h"
#include "nn/forward.h"
#include "nn/pack.h"
#include "record/burn.h"
#include "tests/lib/scratch.h"
#include "tests/lib/tflite_file.h"

#define ADD	 0, 11
#define SOFTMAX	 25, 9
#define LOGISTIC 14, 0
#define MODEL	 "models/mnist.bin"

static const struct import_options plain;
static struct file f;
static struct enc_error e;
static enum import_kind kind;

/* Reads bytes that end where their memory ends. */
static struct lowered *read_bytes(const uint8_t *data, size_t len,
				  const struct import_options *options)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lowered *net = NULL;

	assert_non_null(copy);
	memcpy(copy, data, len);
	memset(&e, 0, sizeof(e));
	net = import_network(copy, len, options, &kind, &e);
	free(copy);
	assert_int_equal(!net, e.code != ENC_OK);
	return net;
}

/*
 * a = logistic(x), b = x + a, c = logistic(b), d = a + c: of (1, 100), so 448
 * bytes each in the arena.
 */
static void make_file(void)
{
	int32_t x = 0;
	int32_t a = 0;
	int32_t b = 0;
	int32_t c = 0;
	int32_t d = 0;

	memset(&f, 0, sizeof(f));
	x = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 100));
	a = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 100));
	b = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 100));
	c = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 100));
	d = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 100));
	file_op(&f, LOGISTIC, LIST(x), LIST(a));
	file_op(&f, ADD, LIST(x, a), LIST(b));
	file_op(&f, LOGISTIC, LIST(b), LIST(c));
	file_op(&f, ADD, LIST(a, c), LIST(d));
	f.inputs = file_list(LIST(x));
	f.outputs = file_list(LIST(d));
	file_write(&f);
}

/* --- Kinds and records -------------------------------------------------- */

static void content_decides_the_kind(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum import_kind kind;
	} files[] = {
		{ "ENC-NETW", 8, IMPORT_RECORD },
		{ "\x1c\0\0\0TFL3", 8, IMPORT_TFLITE },
		{ "\x08\x08\x12\x07pytorch", 11, IMPORT_ONNX },
		{ "\x08\x20", 2, IMPORT_OTHER },
		{ "\x03"
		  "f32\x03i32",
		  8, IMPORT_BURN },
		{ "ENCMODEL", 8, IMPORT_OTHER },
		{ "ENC-NET", 7, IMPORT_OTHER },
		{ "\x08", 1, IMPORT_OTHER },
		{ "", 0, IMPORT_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++)
		assert_int_equal(import_kind((const uint8_t *)files[i].bytes,
					     files[i].len),
				 files[i].kind);
	assert_null(read_bytes((const uint8_t *)"PK\x03\x04zip", 7, &plain));
	assert_error(e, ENC_ERR_FORMAT, "not a network but a zip file");
	assert_non_null(strstr(e.hint, "export the model to ONNX"));
}

/* A record gives the network that it was written from. */
static void a_record_is_read(void **state)
{
	struct lowered *net = NULL;
	struct lowered *again = NULL;
	uint8_t *record = NULL;
	size_t len = 0;

	(void)state;
	make_file();
	net = read_bytes(f.data, f.len, &plain);
	assert_non_null(net);
	assert_int_equal(kind, IMPORT_TFLITE);
	record = write_to_memory(net, &len);
	assert_non_null(record);
	again = read_bytes(record, len, &plain);
	assert_non_null(again);
	assert_int_equal(kind, IMPORT_RECORD);
	assert_memory_equal(&again->head, &net->head, sizeof(net->head));
	assert_memory_equal(again->tensors, net->tensors, sizeof(net->tensors));
	assert_memory_equal(again->nodes, net->nodes, sizeof(net->nodes));
	assert_int_equal(again->arena_bound, net->arena_bound);
	lower_free(again);
	for (size_t i = 8; i < len; i++) {
		assert_null(read_bytes(record, i, &plain));
		assert_error(e, ENC_ERR_FORMAT, "a damaged record: ");
	}
	/* a head that asks for more than the file has */
	record[offsetof(struct nn_head, params) + 4] = 1;
	assert_null(read_bytes(record, len, &plain));
	assert_error(e, ENC_ERR_FORMAT, "a damaged record: ");
	free(record);
	lower_free(net);
}

/* --- Burn --------------------------------------------------------------- */

static struct lowered *read_model(uint8_t **file, size_t *len)
{
	if (!enc_file_read(MODEL, 1 << 24, file, len, &e))
		fail_msg("%s", e.what);
	return read_bytes(*file, *len, &plain);
}

/* The network of enc_mnist computes what it did, to the bit. */
static void a_burn_record_computes_the_same(void **state)
{
	static struct record_burn r;
	const size_t count = nn_packed_count(&nn_mnist);
	float *packed = calloc(count, sizeof(*packed));
	void *work = aligned_alloc(64, 1 << 20);
	uint8_t *images = NULL;
	float want[10] = { 0 };
	uint8_t *file = NULL;
	size_t image_len = 0;
	size_t len = 0;
	struct lowered *net = read_model(&file, &len);

	(void)state;
	assert_non_null(net);
	assert_int_equal(kind, IMPORT_BURN);
	assert_non_null(packed);
	assert_non_null(work);
	memset(work, 0, 1 << 20);
	record_burn_begin(&r, &nn_mnist, packed);
	record_burn_push(&r, file, len);
	assert_int_equal(record_burn_end(&r), RECORD_BURN_OK);
	assert_true(
		enc_file_read("samples/5.bin", 784, &images, &image_len, &e));
	nn_logits(&nn_mnist, packed, images, 1, want, work);
	memset(work, 0, 1 << 20);
	assert_true(nn_work_bytes(&net->net, 1) <= 1 << 20);
	memcpy(nn_tensor_at(&net->net, work, 0, 1), images, 784);
	nn_net_run(&net->net, net->params, work, 1);
	assert_memory_equal(nn_tensor_at(&net->net, work, net->head.nodes, 1),
			    want, sizeof(want));
	lower_free(net);
	free(images);
	free(packed);
	free(work);
	free(file);
}

/* Truncated anywhere, or with any byte of its framing changed. */
static void a_damaged_burn_record_is_refused(void **state)
{
	uint8_t *file = NULL;
	size_t len = 0;
	size_t last = 0;

	(void)state;
	lower_free(read_model(&file, &len));
	/* of the last layer alone: its weight begins at 2264855 */
	last = len - 2264855;
	memmove(file + 133, file + 2264855, last);
	len = 133 + last;
	lower_free(read_bytes(file, len, &plain));
	assert_int_equal(e.code, ENC_OK);
	for (size_t i = 8; i < len - 1; i++) {
		struct lowered *net = read_bytes(file, i, &plain);

		/* metadata and a layer with its bias are a record */
		if (net)
			fail_msg("%zu of %zu bytes", i, len);
		assert_int_equal(e.code, ENC_ERR_FORMAT);
	}
	for (size_t i = 8; i < 150; i++) {
		const bool is_id = i > 133 && i < 147;

		file[i] ^= 0x80;
		if (!is_id)
			assert_null(read_bytes(file, len, &plain));
		file[i] ^= 0x80;
	}
	free(file);
}

/* --- Pixels ------------------------------------------------------------- */

static void pixels_need_one_input_of_numbers(void **state)
{
	static const struct import_pixels pixels = { .size = { 10, 10, 1 },
						     .divisor = 1,
						     .deviation = { 1 },
						     .means = 1,
						     .deviations = 1 };
	static const struct import_options options = { .pixels = &pixels };
	struct import_pixels many = pixels;
	const struct import_options others = { .pixels = &many };
	struct lowered *net = NULL;

	(void)state;
	make_file();
	net = read_bytes(f.data, f.len, &options);
	assert_non_null(net);
	assert_int_equal(net->tensors[0].type, NN_UINT8);
	assert_int_equal(net->tensors[0].rank, 3);
	assert_int_equal(net->nodes[0].op, NN_IMAGE);
	lower_free(net);
	many.size[0] = 11;
	assert_null(read_bytes(f.data, f.len, &others));
	assert_error(e, ENC_ERR_UNSUPPORTED, "its input of 100 is not 11 x 10");
	many.size[0] = 0;
	assert_null(read_bytes(f.data, f.len, &others));
	assert_error(e, ENC_ERR_UNSUPPORTED, "its input of 100 is no picture");
	many = pixels;
	many.divisor = -1;
	assert_null(read_bytes(f.data, f.len, &others));
	assert_error(e, ENC_ERR_UNSUPPORTED, "the engine has no IMAGE");
}

/* Planes, in front of a network whose output is its input. */
static void a_network_may_compute_nothing(void **state)
{
	static const struct import_pixels pixels = { .size = { 4, 5, 3 },
						     .divisor = 1,
						     .deviation = { 1 },
						     .means = 1,
						     .deviations = 1 };
	static const struct import_options options = { .pixels = &pixels };
	struct lowered *net = NULL;
	int32_t x = 0;

	(void)state;
	memset(&f, 0, sizeof(f));
	x = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 3, 4, 5));
	f.inputs = file_list(&x, 1);
	f.outputs = file_list(&x, 1);
	file_write(&f);
	net = read_bytes(f.data, f.len, &plain);
	assert_non_null(net);
	assert_int_equal(net->head.nodes, 1);
	assert_int_equal(net->nodes[0].op, NN_RESHAPE);
	lower_free(net);
	net = read_bytes(f.data, f.len, &options);
	assert_non_null(net);
	assert_int_equal(net->head.nodes, 2);
	assert_int_equal(net->nodes[0].op, NN_IMAGE);
	assert_int_equal(net->nodes[1].op, NN_TRANSPOSE);
	lower_free(net);
}

/* --- Cost --------------------------------------------------------------- */

static void tensors_are_in_use_until_they_are_read_last(void **state)
{
	static struct cost cost;
	const uint64_t one = 448;
	struct lowered *net = NULL;
	uint64_t most = 0;

	(void)state;
	make_file();
	net = read_bytes(f.data, f.len, &plain);
	assert_non_null(net);
	assert_int_equal(net->head.nodes, 4);
	cost_network(&net->net, &cost);
	assert_int_equal(cost_tensor(&net->tensors[0]), one);
	/* x and a; b in place of x beside a; c in place of b; d in place */
	assert_int_equal(cost.nodes[0].arena, 2 * one);
	assert_int_equal(cost.nodes[1].arena, 2 * one);
	assert_int_equal(cost.nodes[2].arena, 2 * one);
	assert_int_equal(cost.nodes[3].arena, 2 * one);
	assert_int_equal(cost.spans[0].first, 0);
	assert_int_equal(cost.spans[0].last, 1);
	assert_int_equal(cost.spans[1].first, 0);
	assert_int_equal(cost.spans[1].last, 3);
	assert_int_equal(cost.spans[4].first, 3);
	assert_int_equal(cost.spans[4].last, 3);
	for (uint32_t n = 0; n < net->head.nodes; n++)
		most = cost.nodes[n].arena > most ? cost.nodes[n].arena : most;
	assert_int_equal(most, net->arena_bound);
	lower_free(net);
}

/* --- Labels ------------------------------------------------------------- */

static void names_are_lines(void **state)
{
	struct enc_labels l = { 0 };
	const char *path = scratch_write("labels", "a\nb c\r\n\x1b[\n", 10);

	(void)state;
	assert_true(enc_labels_read(path, 3, &l, &e));
	assert_string_equal(l.names[0], "a");
	assert_string_equal(l.names[1], "b c");
	assert_string_equal(l.names[2], "?[");
	enc_labels_free(&l);
	assert_false(enc_labels_read(path, 4, &l, &e));
	assert_error(e, ENC_ERR_FORMAT,
		     "labels: 3 names, and the network has "
		     "4 classes");
	assert_null(l.names);
	path = scratch_write("labels", "a\0b\n", 4);
	assert_false(enc_labels_read(path, 1, &l, &e));
	assert_error(e, ENC_ERR_FORMAT, "not a text file");
	path = scratch_write("labels", "a\n\r\n", 4);
	assert_false(enc_labels_read(path, 2, &l, &e));
	assert_error(e, ENC_ERR_FORMAT, "line 2 is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_decides_the_kind),
		cmocka_unit_test(a_record_is_read),
		cmocka_unit_test(a_burn_record_computes_the_same),
		cmocka_unit_test(a_damaged_burn_record_is_refused),
		cmocka_unit_test(pixels_need_one_input_of_numbers),
		cmocka_unit_test(a_network_may_compute_nothing),
		cmocka_unit_test(tensors_are_in_use_until_they_are_read_last),
		cmocka_unit_test(names_are_lines),
	};

	return cmocka_run_group_tests_name("import", tests, scratch_setup,
					   scratch_teardown);
}
