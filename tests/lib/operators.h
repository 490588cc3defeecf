/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks of one node: each operator and each of its variants, in f32 and in
 * int8 where the engine has both. A new operator needs a sample in operators.c;
 * its variants and its other type are found by trying them.
 */
#ifndef TEST_OPERATORS_H
#define TEST_OPERATORS_H

#include "nn/net.h"

/* The tables of a network; its sizes are those that network_repair() finds. */
struct operators_tables {
	struct nn_head head;
	struct nn_tensor tensors[3];
	struct nn_node node;
};

/* How many there are. Aborts if an operator or a variant has none. */
size_t operators_count(void);

/* i: below that */
struct operators_tables operators_tables(size_t i);

/*
 * The record of such tables, which this repairs, with any parameters that are
 * allowed; NULL: they cannot be. The caller frees it.
 */
uint8_t *operators_record(struct operators_tables *t, size_t *len);

#endif
