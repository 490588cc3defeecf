/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

size_t record_reader_max_size(const struct nn_arch *arch, enum nn_format format)
{
	if (format == NN_FORMAT_INT8)
		return record_int8_size(arch);
	return record_burn_max_size(arch);
}

void record_reader_begin(struct record_reader *r, const struct nn_arch *arch,
			 enum nn_format format, void *packed)
{
	r->format = format;
	if (format == NN_FORMAT_INT8)
		record_int8_begin(&r->int8, arch, packed);
	else
		record_burn_begin(&r->f32, arch, packed);
}

bool record_reader_push(struct record_reader *r, const uint8_t *data,
			size_t len)
{
	if (r->format == NN_FORMAT_INT8)
		return record_int8_push(&r->int8, data, len) == RECORD_INT8_OK;
	return record_burn_push(&r->f32, data, len) == RECORD_BURN_OK;
}

bool record_reader_end(struct record_reader *r)
{
	if (r->format == NN_FORMAT_INT8)
		return record_int8_end(&r->int8) == RECORD_INT8_OK;
	return record_burn_end(&r->f32) == RECORD_BURN_OK;
}
