/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of any size in, whole blocks out: private to compat/. */
#ifndef COMPAT_BLOCKS_H
#define COMPAT_BLOCKS_H

#include <string.h>

#include "cbc.h"

/* Processes whole blocks in place; sets box->error on failure. */
typedef void (*box_take_blocks)(struct box_cbc *box, uint8_t *data, size_t len);

/*
 * Passes most blocks to `take` in place. Only blocks that straddle two pieces
 * are gathered in box->block first.
 */
static inline void box_push_blocks(struct box_cbc *box, uint8_t *data,
				   size_t len, box_take_blocks take)
{
	while (len && box->error == BOX_OK) {
		size_t n = len - len % BOX_CBC_BLOCK_BYTES;

		if (!box->have && n) {
			take(box, data, n);
		} else {
			n = BOX_CBC_BLOCK_BYTES - box->have;
			n = n < len ? n : len;
			memcpy(box->block + box->have, data, n);
			box->have += n;
			if (box->have == BOX_CBC_BLOCK_BYTES) {
				box->have = 0;
				take(box, box->block, BOX_CBC_BLOCK_BYTES);
			}
		}
		data += n;
		len -= n;
	}
}

#endif
