/* SPDX-License-Identifier: Apache-2.0 */
#include "onnx_wire.h"

#include <string.h>

static bool wire_damage(struct onnx_wire *w)
{
	w->bad = true;
	w->left = 0;
	return false;
}

bool onnx_wire_varint(struct onnx_wire *w, uint64_t *value)
{
	uint64_t v = 0;

	if (!w->left)
		return false;
	for (unsigned int shift = 0; shift < 64 && w->left; shift += 7) {
		uint8_t byte = *w->at++;

		w->left--;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*value = v;
			return true;
		}
	}
	return wire_damage(w);
}

bool onnx_wire_fixed(struct onnx_wire *w, size_t bytes, uint64_t *value)
{
	if (!w->left)
		return false;
	if (bytes > w->left)
		return wire_damage(w);
	*value = 0;
	memcpy(value, w->at, bytes);
	w->at += bytes;
	w->left -= bytes;
	return true;
}

static bool wire_bytes(struct onnx_wire *w, struct onnx_wire *bytes)
{
	uint64_t len = 0;

	if (!onnx_wire_varint(w, &len) || len > w->left)
		return wire_damage(w);
	*bytes = (struct onnx_wire){ .at = w->at, .left = (size_t)len };
	w->at += len;
	w->left -= (size_t)len;
	return true;
}

bool onnx_wire_next(struct onnx_wire *w, struct onnx_field *f)
{
	uint64_t key = 0;
	bool ok = false;

	if (!onnx_wire_varint(w, &key))
		return false;
	*f = (struct onnx_field){ .number = (uint32_t)(key >> 3),
				  .type = (enum onnx_wire_type)(key & 7) };
	if (!f->number || key >> 3 > UINT32_MAX)
		return wire_damage(w);
	if (f->type == ONNX_VARINT)
		ok = onnx_wire_varint(w, &f->value);
	else if (f->type == ONNX_BYTES)
		ok = wire_bytes(w, &f->bytes);
	else if (f->type == ONNX_FIXED32 || f->type == ONNX_FIXED64)
		ok = onnx_wire_fixed(w, f->type == ONNX_FIXED32 ? 4 : 8,
				     &f->value);
	return ok || wire_damage(w);
}

size_t onnx_wire_count(struct onnx_wire w, uint32_t number)
{
	struct onnx_field f;
	size_t n = 0;

	while (onnx_wire_next(&w, &f))
		n += f.number == number;
	return n;
}
