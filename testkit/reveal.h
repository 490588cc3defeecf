/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included first in the build for valgrind: a value that nn/reveal.h reveals is
 * no longer secret.
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
