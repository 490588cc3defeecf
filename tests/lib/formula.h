/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model and images made by a formula. Their expected record and logits come
 * from real Burn 0.17.0 (burn-core and burn-ndarray, no default features).
 */
#ifndef TEST_FORMULA_H
#define TEST_FORMULA_H

#include <stddef.h>
#include <stdint.h>

#define FORMULA_IMAGES	     10
#define FORMULA_RECORD_BYTES 2270056
#define FORMULA_RECORD_SHA256 \
	"3339f1ddf22484cc191c5f921231434897fda7b2316f93c39357bbaaed65cd99"

/* Burn's logits, (image, class), as the bits of each f32. */
extern const uint32_t formula_logits[FORMULA_IMAGES][10];

/*
 * Parameter n is (((n * 2654435761 * factor) mod 4096) - 2048) / 65536, exact
 * in f32. Burn was run with factor 1; other factors make other models.
 */
float formula_param(uint64_t n, uint64_t factor);

/* All parameters of nn_mnist; the caller frees them. */
float *formula_params(uint64_t factor);

/*
 * The record of the parameters, with Burn's ids 1 to 8. The caller frees its
 * FORMULA_RECORD_BYTES bytes.
 */
uint8_t *formula_write(const float *params);

/* The record of formula_params(). */
uint8_t *formula_record(uint64_t factor);

/*
 * The same for any nn_mnist: some tests are built with a small network
 * (tests/mutants/small-network.patch).
 */
uint8_t *formula_any_record(uint64_t factor, size_t *len);

/* Image k: 784 pixels. */
void formula_image(uint64_t k, uint8_t *pixels);

/*
 * The labels that the engine, compiled for the normal world, gives n images (n,
 * 784) with formula_params().
 */
void formula_labels(uint64_t factor, const uint8_t *images, size_t n,
		    uint8_t *labels);

#endif
