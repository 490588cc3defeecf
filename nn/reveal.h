/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters, pixels and what is computed from them are secrets: no branch and
 * no address depends on one. Where something that depends on one becomes known
 * all the same, it is marked here, so that a reader finds every such place, and
 * a test can tell them from a leak: it defines NN_REVEAL itself.
 */
#ifndef NN_REVEAL_H
#define NN_REVEAL_H

#ifndef NN_REVEAL
#define NN_REVEAL(value) (value)
#endif

#endif
