/* SPDX-License-Identifier: Apache-2.0 */
#include "head.h"

void enc_head_describe(const struct nn_arch *arch, struct box_head *head)
{
	head->layers = arch->layer_count;
	head->sizes[0] = nn_inputs(arch);
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		head->sizes[l + 1] = arch->layers[l].out;
		head->relu |= (uint32_t)arch->layers[l].relu << l;
	}
}
