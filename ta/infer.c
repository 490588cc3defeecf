/* SPDX-License-Identifier: Apache-2.0 */
#include "infer.h"

#include <string.h>
#include <string_ext.h>

#include "proto/enc_mnist_ta.h"

TEE_Result infer(struct session *s, const void *images, size_t size,
		 void *labels, size_t *label_count)
{
	uint8_t answer[ENC_MNIST_BATCH_MAX] = { 0 };
	const size_t n = size / ENC_MNIST_IMAGE_BYTES;
	TEE_Result res = TEE_SUCCESS;

	if (!n || size % ENC_MNIST_IMAGE_BYTES)
		return TEE_ERROR_BAD_PARAMETERS;
	if (n > ENC_MNIST_BATCH_MAX)
		return TEE_ERROR_EXCESS_DATA;
	if (*label_count < n) {
		*label_count = n;
		return TEE_ERROR_SHORT_BUFFER;
	}
	if (!s->model.kind)
		return TEE_ERROR_BAD_STATE;
	res = s->model.kind->classify(s, images, n, answer);
	if (res == TEE_SUCCESS) {
		memcpy(labels, answer, n);
		*label_count = n;
	}
	memzero_explicit(answer, sizeof(answer));
	return res;
}
