/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

bool box_is_zero(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++)
		any |= p[i];
	return !any;
}

static bool is_id_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
	       c == '_' || c == '-';
}

bool box_is_model_id(const uint8_t id[BOX_MODEL_ID_BYTES])
{
	size_t n = 0;

	while (n < BOX_MODEL_ID_BYTES && is_id_letter(id[n]))
		n++;
	if (!n)
		return false;
	while (n < BOX_MODEL_ID_BYTES && !id[n])
		n++;
	return n == BOX_MODEL_ID_BYTES;
}

bool box_is_signature(const uint8_t signature[BOX_SIGNATURE_BYTES])
{
	static const uint8_t order[BOX_SIGNATURE_BYTES / 2] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0,    0,    0,	  0,	0,    0,    0,	  0,
		0,    0,    0,	  0,	0,    0,    0,	  0x10,
	};
	const uint8_t *s = signature + sizeof(order);
	size_t i = sizeof(order) - 1;

	while (i && s[i] == order[i])
		i--;
	return s[i] < order[i];
}
