/* SPDX-License-Identifier: Apache-2.0 */
/* What both engines share, so that they give the same bits. Private to nn/. */
#ifndef NN_TILE_H
#define NN_TILE_H

#define NN_TILE 8 /* outputs whose weights lie together */

/*
 * Dense layers sum up to 256 products, then add these partial sums: Burn 0.17
 * does so (S_KC in matrixmultiply 0.3), and gets the same bits.
 */
#define NN_SUM_BLOCK 256

#endif
