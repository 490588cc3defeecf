/* SPDX-License-Identifier: Apache-2.0 */
#include "formula.h"

#include <stdlib.h>
#include <string.h>

#include "nn/forward.h"
#include "nn/label.h"
#include "record/burn.h"
#include "record/write/burn.h"
#include "record/write/pack.h"

/* clang-format off */
const uint32_t formula_logits[FORMULA_IMAGES][10] = {
	{ 0xbcce95ca, 0x3b877d95, 0xbc86ba45, 0x3cab9f5e, 0x39af2818,
	  0xbcca473b, 0x3b92ff02, 0xbc9c19e1, 0x3cd868e5, 0x3aa589e4 },
	{ 0xbccac050, 0x3b81981c, 0xbc883578, 0x3cab28a2, 0x39b82530,
	  0xbcc69aa5, 0x3b9384ed, 0xbc9d8672, 0x3cd79e9c, 0x3a9f6a10 },
	{ 0xbccf26d4, 0x3b89fc84, 0xbc867dea, 0x3ca9b3fd, 0x399e6960,
	  0xbccadbdc, 0x3b8cea89, 0xbc9a7db9, 0x3cd73d66, 0x3a9d25b6 },
	{ 0xbccefb8d, 0x3b85d49a, 0xbc867d93, 0x3cac1cbb, 0x39ad6100,
	  0xbcca01e3, 0x3b941d34, 0xbc9c05c1, 0x3cd8b6a0, 0x3aa60d78 },
	{ 0xbcca980c, 0x3b7b52b0, 0xbc8c8d43, 0x3cb04427, 0x3a70b050,
	  0xbcc879c4, 0x3b8a7e07, 0xbca58229, 0x3cde61b2, 0x3aed3170 },
	{ 0xbccd5535, 0x3b80b447, 0xbc87392a, 0x3ca8101c, 0x3a305de0,
	  0xbcca0170, 0x3b8b851f, 0xbc9b5028, 0x3cd6f504, 0x3a9fbd20 },
	{ 0xbcd0140c, 0x3b85d9a7, 0xbc859d5b, 0x3caa88e6, 0x398029f0,
	  0xbcca21c2, 0x3b9be35a, 0xbc9996c7, 0x3cd6b4f5, 0x3a8be6de },
	{ 0xbccb7ef9, 0x3b8038e6, 0xbc88dd42, 0x3caabf15, 0x3a200188,
	  0xbcc85f70, 0x3b8f7d40, 0xbc9e7c21, 0x3cd9854e, 0x3aa7288e },
	{ 0xbccee66c, 0x3b82e330, 0xbc881bf2, 0x3cac4df2, 0x3a400a90,
	  0xbccc03ea, 0x3b8db4f2, 0xbc9f2b63, 0x3cdb7151, 0x3ac1a9c4 },
	{ 0xbccf758e, 0x3b7a5c5c, 0xbc8617a1, 0x3ca98606, 0x3a242010,
	  0xbccb39ee, 0x3b8d824d, 0xbc9aad51, 0x3cd82696, 0x3aa223b0 },
};
/* clang-format on */

float formula_param(uint64_t n, uint64_t factor)
{
	int32_t step = (int32_t)(n * 2654435761u * factor % 4096) - 2048;

	return (float)step / 65536;
}

float *formula_params(uint64_t factor)
{
	size_t count = nn_param_count(&nn_mnist);
	float *params = malloc(count * sizeof(*params));

	for (size_t n = 0; params && n < count; n++)
		params[n] = formula_param(n, factor);
	return params;
}

/* The caller frees the result. */
static float *pack(const float *params)
{
	float *packed = malloc(nn_packed_count(&nn_mnist) * sizeof(*packed));

	if (!packed || !params)
		abort();
	record_pack(&nn_mnist, params, packed);
	return packed;
}

struct buffer {
	uint8_t *data;
	size_t used;
	size_t room;
};

static bool append(void *ctx, const void *data, size_t len)
{
	struct buffer *b = ctx;

	if (len > b->room - b->used)
		return false;
	memcpy(b->data + b->used, data, len);
	b->used += len;
	return true;
}

static uint8_t *write_record(const float *params, size_t room, size_t *len)
{
	const uint64_t ids[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct buffer b = { .data = malloc(room), .room = room };
	float *packed = pack(params);

	if (!b.data || !record_burn_write(&nn_mnist, packed, ids, append, &b))
		abort();
	free(packed);
	*len = b.used;
	return b.data;
}

uint8_t *formula_write(const float *params)
{
	size_t len = 0;
	uint8_t *record = write_record(params, FORMULA_RECORD_BYTES, &len);

	if (len != FORMULA_RECORD_BYTES)
		abort();
	return record;
}

uint8_t *formula_record(uint64_t factor)
{
	float *params = formula_params(factor);
	uint8_t *record = formula_write(params);

	free(params);
	return record;
}

uint8_t *formula_any_record(uint64_t factor, size_t *len)
{
	float *params = formula_params(factor);
	uint8_t *record =
		write_record(params, record_burn_max_size(&nn_mnist), len);

	free(params);
	return record;
}

void formula_image(uint64_t k, uint8_t *pixels)
{
	for (uint64_t i = 0; i < 784; i++) {
		uint64_t v = (i * (2 * k + 3) * 2654435761u) >> 13 & 255;

		pixels[i] = (i + k) % 3 ? (uint8_t)v : 0;
	}
}

void formula_labels(uint64_t factor, const uint8_t *images, size_t n,
		    uint8_t *labels)
{
	const uint32_t classes = nn_outputs(&nn_mnist);
	float *params = formula_params(factor);
	float *packed = pack(params);
	float *logits = malloc(n * classes * sizeof(*logits));
	void *work = malloc(nn_work_size(&nn_mnist, n));

	nn_logits(&nn_mnist, packed, images, n, logits, work);
	for (size_t i = 0; i < n; i++) {
		if (!nn_label(logits + i * classes, classes, &labels[i]))
			abort();
	}
	free(work);
	free(logits);
	free(packed);
	free(params);
}
