/* SPDX-License-Identifier: Apache-2.0 */
#include "infer.h"

#include <string.h>

#include "nn/label.h"
#include "proto/enc_mnist_ta.h"

/* Layout of session.work: a block of images, their labels, the engine. */
struct workspace {
	float logits[NN_BLOCK_IMAGES * ENC_MNIST_CLASSES];
	uint8_t images[NN_BLOCK_IMAGES * ENC_MNIST_IMAGE_BYTES];
	uint8_t labels[ENC_MNIST_BATCH_MAX];
	float engine[];
};

size_t infer_work_size(void)
{
	return sizeof(struct workspace) +
	       nn_work_size(&nn_mnist, NN_BLOCK_IMAGES);
}

/* Classifies up to a block of images, which it copies once. */
static TEE_Result infer_block(const struct model *model, struct workspace *w,
			      const uint8_t *images, size_t n, uint8_t *labels)
{
	memcpy(w->images, images, n * ENC_MNIST_IMAGE_BYTES);
	nn_model_logits(&nn_mnist, model->format, model->packed, w->images, n,
			w->logits, w->engine);
	for (size_t i = 0; i < n; i++) {
		if (!nn_label(w->logits + i * ENC_MNIST_CLASSES,
			      ENC_MNIST_CLASSES, labels + i))
			return TEE_ERROR_OVERFLOW;
	}
	return TEE_SUCCESS;
}

TEE_Result infer(struct session *s, const void *images, size_t size,
		 void *labels, size_t *label_count)
{
	struct workspace *w = s->work;
	const uint8_t *from = images;
	size_t n = size / ENC_MNIST_IMAGE_BYTES;
	TEE_Result res = TEE_SUCCESS;

	if (!n || size % ENC_MNIST_IMAGE_BYTES)
		return TEE_ERROR_BAD_PARAMETERS;
	if (n > ENC_MNIST_BATCH_MAX)
		return TEE_ERROR_EXCESS_DATA;
	if (*label_count < n) {
		*label_count = n;
		return TEE_ERROR_SHORT_BUFFER;
	}
	if (!s->model.packed)
		return TEE_ERROR_BAD_STATE;

	for (size_t done = 0; done < n && res == TEE_SUCCESS;
	     done += NN_BLOCK_IMAGES) {
		size_t block =
			n - done < NN_BLOCK_IMAGES ? n - done : NN_BLOCK_IMAGES;

		res = infer_block(&s->model, w,
				  from + done * ENC_MNIST_IMAGE_BYTES, block,
				  w->labels + done);
	}
	if (res == TEE_SUCCESS) {
		memcpy(labels, w->labels, n);
		*label_count = n;
	}
	/* a smaller batch has used less of it */
	session_wipe(w, sizeof(*w) + nn_work_size(&nn_mnist, n));
	return res;
}
