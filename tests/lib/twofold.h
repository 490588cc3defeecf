/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container of enc_mnist-rs of which one byte of some blocks has two good
 * values, A and B, and no mixture of the two is good.
 *
 * In CBC a changed byte of ciphertext changes all of its block of plaintext and
 * one byte of the next. The record is moved by one byte, so that at each end of
 * a block lies a float with its last byte in the next. Under A that float has
 * an odd exponent in the first of the two and an ordinary last byte, under B an
 * even one and 0x7f: two finite numbers. An odd exponent with 0x7f is infinite
 * or not a number, and the load is refused.
 */
#ifndef TEST_TWOFOLD_H
#define TEST_TWOFOLD_H

#include <stddef.h>
#include <stdint.h>

#include "formula.h"
#include "proto/enc_mnist_ta.h"

#define TWOFOLD_PAIR_BYTES 32	 /* two blocks */
#define TWOFOLD_PAIRS	   50000 /* at most */

/* The record is a byte longer, and behind four bytes of length and an IV. */
#define TWOFOLD_BYTES	 (16 + (4 + FORMULA_RECORD_BYTES + 1 + 15) / 16 * 16)
#define TWOFOLD_PAIRS_AT (16 + 160) /* the first pair; others follow */

struct twofold {
	uint8_t sealed[TWOFOLD_BYTES]; /* A */
	uint8_t other[TWOFOLD_PAIRS];  /* B, for the first byte of each pair */
	size_t pairs;
};

/* With so many pairs, or the most; the caller frees it. */
struct twofold *twofold_make(const uint8_t key[ENC_MNIST_KEY_BYTES],
			     size_t pairs);

#endif
