/* SPDX-License-Identifier: Apache-2.0 */
/* The wire format of protocol buffers: fields of bytes that nobody trusts. */
#ifndef HOST_IMPORT_ONNX_WIRE_H
#define HOST_IMPORT_ONNX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of a message. */
struct onnx_wire {
	const uint8_t *at;
	size_t left;
	bool bad; /* it ended inside a field, or a field is not valid */
};

enum onnx_wire_type {
	ONNX_VARINT = 0,
	ONNX_FIXED64 = 1,
	ONNX_BYTES = 2,
	ONNX_FIXED32 = 5
};

struct onnx_field {
	uint32_t number;
	enum onnx_wire_type type;
	uint64_t value;		/* unless ONNX_BYTES */
	struct onnx_wire bytes; /* of ONNX_BYTES */
};

/* The next number; false: none is left, or it is not valid. */
bool onnx_wire_varint(struct onnx_wire *w, uint64_t *value);

/* The next `bytes` bytes as a number, 4 or 8. */
bool onnx_wire_fixed(struct onnx_wire *w, size_t bytes, uint64_t *value);

/* The next field; false: none is left, or it is not valid. */
bool onnx_wire_next(struct onnx_wire *w, struct onnx_field *f);

/* Fields with this number. */
size_t onnx_wire_count(struct onnx_wire w, uint32_t number);

#endif
