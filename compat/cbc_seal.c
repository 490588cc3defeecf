/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"
#include "box/bytes.h"
#include "cbc.h"

static void take_blocks(struct box_cbc *box, uint8_t *data, size_t len)
{
	if (!box->ops->crypt(box->ctx, data, len))
		box->error = BOX_CIPHER;
	else if (!box->ops->sink(box->ctx, data, len))
		box->error = BOX_SINK;
}

enum box_error box_cbc_seal_begin(struct box_cbc *box,
				  const struct box_cbc_ops *ops, void *ctx,
				  const uint8_t iv[BOX_CBC_BLOCK_BYTES],
				  uint32_t len)
{
	memset(box, 0, sizeof(*box));
	box->ops = ops;
	box->ctx = ctx;
	box->record = len;
	box_store32(box->block, len);
	box->have = BOX_CBC_LENGTH_BYTES;
	if (!ops->start(ctx, iv))
		box->error = BOX_CIPHER;
	else if (!ops->sink(ctx, iv, BOX_CBC_BLOCK_BYTES))
		box->error = BOX_SINK;
	return box->error;
}

enum box_error box_cbc_seal_push(struct box_cbc *box, uint8_t *data, size_t len)
{
	if (box->error == BOX_OK && len > box->record)
		box->error = BOX_TRAILING;
	if (box->error != BOX_OK)
		return box->error;
	box->record -= len;
	box_push_blocks(box, data, len, take_blocks);
	return box->error;
}

enum box_error box_cbc_seal_end(struct box_cbc *box)
{
	uint8_t zeros[BOX_CBC_BLOCK_BYTES] = { 0 };

	if (box->error == BOX_OK && box->record)
		box->error = BOX_SHORT;
	if (box->error == BOX_OK && box->have)
		box_push_blocks(box, zeros, BOX_CBC_BLOCK_BYTES - box->have,
				take_blocks);
	return box->error;
}
