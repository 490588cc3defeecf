/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include "pack.h"

size_t nn_model_size(const struct nn_arch *arch, enum nn_format format)
{
	if (format == NN_FORMAT_INT8)
		return nn_dense8_size(arch);
	return nn_packed_count(arch) * sizeof(float);
}

void nn_model_logits(const struct nn_arch *arch, enum nn_format format,
		     const void *packed, const uint8_t *images, size_t n,
		     float *logits, void *work)
{
	if (format == NN_FORMAT_INT8)
		nn_logits8(arch, packed, images, n, logits, work);
	else
		nn_logits(arch, packed, images, n, logits, work);
}
