/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

void nn_model_logits(const struct nn_arch *arch, enum nn_format format,
		     const void *packed, const uint8_t *images, size_t n,
		     float *logits, void *work)
{
	if (format == NN_FORMAT_INT8)
		nn_logits8(arch, packed, images, n, logits, work);
	else
		nn_logits(arch, packed, images, n, logits, work);
}
