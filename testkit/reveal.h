/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before everything else in the build for valgrind: what nn/reveal.h
 * lets go is no secret any more.
 */
#ifndef TESTKIT_REVEAL_H
#define TESTKIT_REVEAL_H

#include "secret.h"

#define NN_REVEAL(value)                                      \
	({                                                    \
		__typeof__(value) revealed_ = (value);        \
                                                              \
		secret_reveal(&revealed_, sizeof(revealed_)); \
		revealed_;                                    \
	})

#endif
