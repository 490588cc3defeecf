/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <stdlib.h>

#include "nn/forward.h"
#include "nn/label.h"
#include "record/write/pack.h"

#define AT_ONCE 64

bool measure(const struct nn_arch *arch, const float *params,
	     const struct data *data, uint32_t begin, uint32_t end,
	     uint32_t *right, struct enc_error *e)
{
	float logits[AT_ONCE * ENC_IDX_CLASSES] = { 0 };
	void *work = malloc(nn_work_size(arch, AT_ONCE));
	float *packed = malloc(nn_packed_count(arch) * sizeof(*packed));

	if (!work || !packed) {
		free(work);
		free(packed);
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	}
	record_pack(arch, params, packed);
	*right = 0;
	for (uint32_t i = begin; i < end; i += AT_ONCE) {
		uint32_t n = end - i < AT_ONCE ? end - i : AT_ONCE;

		nn_logits(arch, packed,
			  data->images + (size_t)i * ENC_IMAGE_PIXELS, n,
			  logits, work);
		for (uint32_t j = 0; j < n; j++) {
			uint8_t label = 0;

			if (nn_label(logits + (size_t)j * ENC_IDX_CLASSES,
				     ENC_IDX_CLASSES, &label) &&
			    label == data->labels[i + j])
				++*right;
		}
	}
	free(packed);
	free(work);
	return true;
}
