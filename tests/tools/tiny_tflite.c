/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tiny_tflite KIND: writes a small .tflite file to standard output, for tests
 * of the command line.
 * tiny_tflite part DIMS... FIRST COUNT: from an int8 input of these dimensions
 * to COUNT of its numbers, from FIRST on. Pixels over 255 are its numbers.
 *
 *   float    a picture (4, 4, 1) to three scores: its first three numbers
 *   int8     the same with integers of scale 0.5
 *   two      a and b of (2) to a + b and to a * b
 *   unknown, float16, dynamic: not accepted
 */
#include <stdio.h>

#include "tests/lib/tflite_file.h"

#define ADD		0, 11
#define FULLY_CONNECTED 9, 8
#define LOGISTIC	14, 0
#define MUL		18, 21
#define RESHAPE		22, 17
#define SLICE		65, 48
#define IF		118, 92

#define SIDE	4
#define CLASSES 3

static struct file f;

/* Class c has weight 1 for number c, and 0 for all others. */
static void classify(uint8_t type)
{
	const bool is_int8 = type == TFLITE_INT8;
	const float one = 1;
	int32_t x = file_tensor(&f, type, LIST(1, SIDE, SIDE, 1));
	int32_t shape = file_ints(&f, LIST(1, SIDE * SIDE));
	int32_t flat = file_tensor(&f, type, LIST(1, SIDE * SIDE));
	int32_t w = file_constant(&f, type, is_int8 ? 1 : 4,
				  LIST(CLASSES, SIDE * SIDE));
	int32_t y = file_tensor(&f, type, LIST(1, CLASSES));
	struct file_tensor *weights = &f.tensors[w];

	weights->scale = 1;
	memset(weights->data, 0, sizeof(weights->data));
	for (size_t c = 0; c < CLASSES; c++) {
		const size_t at = c * (SIDE * SIDE + 1);

		if (is_int8)
			weights->data[at] = 1;
		else
			memcpy(weights->data + 4 * at, &one, sizeof(one));
	}
	file_op(&f, RESHAPE, LIST(x, shape), LIST(flat));
	file_op(&f, FULLY_CONNECTED, LIST(flat, w, -1), LIST(y));
	f.inputs = file_list(LIST(x));
	f.outputs = file_list(LIST(y));
}

static void two(void)
{
	int32_t a = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 2));
	int32_t b = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 2));
	int32_t sum = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 2));
	int32_t product = file_tensor(&f, TFLITE_FLOAT32, LIST(1, 2));

	file_op(&f, ADD, LIST(a, b), LIST(sum));
	file_op(&f, MUL, LIST(a, b), LIST(product));
	f.inputs = file_list(LIST(a, b));
	f.outputs = file_list(LIST(sum, product));
}

/* An int8 tensor of what pixels are, over 255. */
static int32_t pixels(const int32_t *dims, size_t rank)
{
	int32_t i = file_tensor(&f, TFLITE_INT8, dims, rank);

	f.tensors[i].scale = 1.0f / 255;
	f.tensors[i].zero = -128;
	return i;
}

/* words: dimensions of x, the first number of y, and how many. */
static void part(char **words, size_t count)
{
	int32_t dims[FILE_LIST] = { 1 };
	int32_t first = atoi(words[count - 2]);
	int32_t numbers = atoi(words[count - 1]);
	int32_t n = 1;

	for (size_t d = 1; d < count - 1; d++) {
		dims[d] = atoi(words[d - 1]);
		n *= dims[d];
	}

	int32_t x = pixels(dims, count - 1);
	int32_t shape = file_ints(&f, LIST(1, n));
	int32_t flat = pixels(LIST(1, n));
	int32_t from = file_ints(&f, LIST(0, first));
	int32_t size = file_ints(&f, LIST(1, numbers));
	int32_t y = pixels(LIST(1, numbers));

	file_op(&f, RESHAPE, LIST(x, shape), LIST(flat));
	file_op(&f, SLICE, LIST(flat, from, size), LIST(y));
	f.inputs = file_list(LIST(x));
	f.outputs = file_list(LIST(y));
}

/* One operator from x to y. */
static void one(int32_t code, uint8_t options, uint8_t type)
{
	int32_t x = file_tensor(&f, type, LIST(1, 3));
	int32_t y = file_tensor(&f, type, LIST(1, 3));

	file_op(&f, code, options, LIST(x), LIST(y));
	f.inputs = file_list(LIST(x));
	f.outputs = file_list(LIST(y));
}

int main(int argc, char **argv)
{
	const char *kind = argc > 1 ? argv[1] : "";

	if (!strcmp(kind, "part") && argc > 4 && argc < FILE_LIST + 3) {
		part(argv + 2, (size_t)argc - 2);
	} else if (!strcmp(kind, "float")) {
		classify(TFLITE_FLOAT32);
	} else if (!strcmp(kind, "int8")) {
		classify(TFLITE_INT8);
	} else if (!strcmp(kind, "two")) {
		two();
	} else if (!strcmp(kind, "unknown")) {
		one(IF, TFLITE_FLOAT32);
	} else if (!strcmp(kind, "float16")) {
		one(LOGISTIC, TFLITE_FLOAT16);
	} else if (!strcmp(kind, "dynamic")) {
		one(LOGISTIC, TFLITE_FLOAT32);
		f.tensors[0].signature = file_list(LIST(1, -1));
	} else {
		fprintf(stderr, "usage: tiny_tflite KIND\n");
		return 2;
	}
	file_write(&f);
	return fwrite(f.data, 1, f.len, stdout) != f.len || fclose(stdout);
}
