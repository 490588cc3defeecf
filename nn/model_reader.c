/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

size_t nn_model_record_max(const struct nn_arch *arch, enum nn_format format)
{
	if (format == NN_FORMAT_INT8)
		return nn_record8_size(arch);
	return nn_record_max_size(arch);
}

void nn_reader_begin(struct nn_reader *r, const struct nn_arch *arch,
		     enum nn_format format, void *packed)
{
	r->format = format;
	if (format == NN_FORMAT_INT8)
		nn_record8_begin(&r->int8, arch, packed);
	else
		nn_record_begin(&r->f32, arch, packed);
}

bool nn_reader_push(struct nn_reader *r, const uint8_t *data, size_t len)
{
	if (r->format == NN_FORMAT_INT8)
		return nn_record8_push(&r->int8, data, len) == NN_RECORD8_OK;
	return nn_record_push(&r->f32, data, len) == NN_RECORD_OK;
}

bool nn_reader_end(struct nn_reader *r)
{
	if (r->format == NN_FORMAT_INT8)
		return nn_record8_end(&r->int8) == NN_RECORD8_OK;
	return nn_record_end(&r->f32) == NN_RECORD_OK;
}
