/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

size_t nn_model_size(const struct nn_arch *arch, enum nn_format format)
{
	if (format == NN_FORMAT_INT8)
		return nn_dense8_size(arch);
	return nn_packed_count(arch) * sizeof(float);
}
