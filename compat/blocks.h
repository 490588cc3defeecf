/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in pieces of any size, whole blocks out: private to box/. */
#ifndef COMPAT_BLOCKS_H
#define COMPAT_BLOCKS_H

#include <string.h>

#include "cbc.h"

/* Takes whole blocks, in place, and leaves any error in box->error. */
typedef void (*box_take_blocks)(struct box_cbc *box, uint8_t *data, size_t len);

/*
 * Most blocks go to `take` where they lie. Only those that straddle two pieces
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
