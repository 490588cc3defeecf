/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters, pixels and everything computed from them are secret: no branch
 * and no address depends on them. NN_REVEAL marks each place where something
 * that depends on a secret becomes known all the same, so that a reader finds
 * all of them. A test defines NN_REVEAL itself, to tell these places from a
 * leak.
 */
#ifndef NN_REVEAL_H
#define NN_REVEAL_H

#ifndef NN_REVEAL
#define NN_REVEAL(value) (value)
#endif

#endif
