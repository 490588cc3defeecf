/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves the TEE: libencmnist and libencmnist-owner include this file. */
#ifndef ENCMNIST_LEAVES_H
#define ENCMNIST_LEAVES_H

/* N: encmnist_leaves_amount(), as the owner has set it. */
enum encmnist_leaves {
	ENCMNIST_LABEL = 1,  /* the index of the largest value, uint32_t */
	ENCMNIST_TOP = 2,    /* those of the N largest ones, in their order */
	ENCMNIST_SCORES = 3, /* outputs as floats, rounded to N bits */
	ENCMNIST_RAW = 4     /* outputs, of their types */
};

#endif
