/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"
#include "box/bytes.h"
#include "cbc.h"

enum step {
	STEP_IV,
	STEP_LENGTH,
	STEP_RECORD
};

void box_cbc_open_begin(struct box_cbc *box, const struct box_cbc_ops *ops,
			void *ctx, size_t limit)
{
	memset(box, 0, sizeof(*box));
	box->ops = ops;
	box->ctx = ctx;
	box->limit = limit;
	box->step = STEP_IV;
}

/* Plaintext after the length: the record, then zeros. */
static void take_plain(struct box_cbc *box, const uint8_t *data, size_t len)
{
	size_t n = len < box->record ? len : box->record;

	if (n && !box->ops->sink(box->ctx, data, n)) {
		box->error = BOX_SINK;
		return;
	}
	box->record -= n;
	box->left -= len;
	for (; n < len; n++) {
		if (data[n])
			box->error = BOX_PADDING;
	}
}

/* The first block holds the length, and so the number of blocks. */
static void take_length(struct box_cbc *box, const uint8_t *block)
{
	uint32_t record = box_load32(block);

	if (record > box->limit) {
		box->error = BOX_LENGTH;
		return;
	}
	box->record = record;
	box->left = box_cbc_sealed_size(record) - BOX_CBC_BLOCK_BYTES -
		    BOX_CBC_LENGTH_BYTES;
	box->step = STEP_RECORD;
	take_plain(box, block + BOX_CBC_LENGTH_BYTES,
		   BOX_CBC_BLOCK_BYTES - BOX_CBC_LENGTH_BYTES);
}

static void take_blocks(struct box_cbc *box, uint8_t *data, size_t len)
{
	size_t n = 0;

	if (box->step == STEP_IV) {
		if (!box->ops->start(box->ctx, data))
			box->error = BOX_CIPHER;
		box->step = STEP_LENGTH;
		data += BOX_CBC_BLOCK_BYTES;
		len -= BOX_CBC_BLOCK_BYTES;
	}
	if (!len || box->error != BOX_OK)
		return;
	if (!box->ops->crypt(box->ctx, data, len)) {
		box->error = BOX_CIPHER;
		return;
	}
	if (box->step == STEP_LENGTH) {
		take_length(box, data);
		data += BOX_CBC_BLOCK_BYTES;
		len -= BOX_CBC_BLOCK_BYTES;
	}
	if (!len || box->error != BOX_OK)
		return;
	/* the record is judged first, wherever the pieces end */
	n = len < box->left ? len : (size_t)box->left;
	take_plain(box, data, n);
	if (box->error == BOX_OK && n < len)
		box->error = BOX_TRAILING;
}

enum box_error box_cbc_open_push(struct box_cbc *box, uint8_t *data, size_t len)
{
	box_push_blocks(box, data, len, take_blocks);
	/* refused at the first extra byte, not when it completes a block */
	if (box->error == BOX_OK && box->step == STEP_RECORD && !box->left &&
	    box->have)
		box->error = BOX_TRAILING;
	return box->error;
}

enum box_error box_cbc_open_end(struct box_cbc *box)
{
	if (box->error == BOX_OK &&
	    (box->step != STEP_RECORD || box->left || box->have))
		box->error = BOX_SHORT;
	return box->error;
}

uint64_t box_cbc_sealed_size(uint32_t len)
{
	uint64_t plain = (uint64_t)BOX_CBC_LENGTH_BYTES + len;
	uint64_t blocks =
		(plain + BOX_CBC_BLOCK_BYTES - 1) / BOX_CBC_BLOCK_BYTES;

	return (1 + blocks) * BOX_CBC_BLOCK_BYTES;
}
