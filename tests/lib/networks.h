/* SPDX-License-Identifier: Apache-2.0 */
/* Records of networks for sealed models, made by the formula of formula.h. */
#ifndef TEST_NETWORKS_H
#define TEST_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * MNIST's network, and one layer of the same shape outside. Both take 784 bytes
 * and give ten values. The caller frees the record.
 */
uint8_t *networks_mnist(uint64_t factor, size_t *len);
uint8_t *networks_small(uint64_t factor, size_t *len);

/* The network of a Burn record; the caller frees it. */
uint8_t *networks_of_burn(const uint8_t *burn, size_t burn_len, size_t *len);

/* Three bytes to one value, with a layer of two between them. */
uint8_t *networks_tiny(size_t *len);

/*
 * Networks of f32 vectors: -x; x in int8 of scale 0.5 and zero point -3; the
 * sum and the larger of two inputs; and a layer of `count` to 1,024 values.
 */
uint8_t *networks_negate(uint32_t count, size_t *len);
uint8_t *networks_quantize(uint32_t count, size_t *len);
uint8_t *networks_two(uint32_t count, size_t *len);
uint8_t *networks_wide(uint32_t count, size_t *len);

/*
 * Pictures to the largest values of their columns, `step` columns apart. A
 * second input is added to them; a second output is its negative.
 */
struct networks_picture {
	uint32_t height;
	uint32_t width;
	uint16_t step;
	uint16_t window; /* rows and columns */
	float deviation; /* by which pixels are divided */
	bool of_floats;	 /* no pixels */
	bool two_inputs;
	bool two_outputs;
};
uint8_t *networks_picture(const struct networks_picture *of, size_t *len);

/* Of 28 x 28 pixels, with 10 values: more than 2^31 steps for a few numbers. */
uint8_t *networks_costly(size_t *len);

/* The first of the largest values, for n images (n, 784). */
void networks_labels(const uint8_t *record, size_t len, const uint8_t *images,
		     size_t n, uint8_t *labels);

/*
 * The values of all outputs, output by output, of one sample; the caller frees
 * them.
 */
uint8_t *networks_run(const uint8_t *record, size_t len, const uint8_t *sample,
		      size_t *size);

#endif
