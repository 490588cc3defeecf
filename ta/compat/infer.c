/* SPDX-License-Identifier: Apache-2.0 */
#include "infer.h"

#include <string.h>

#include "nn/forward.h"
#include "nn/label.h"
#include "proto/enc_mnist_ta.h"

/* Layout of session.work: a block of images, the engine. */
struct workspace {
	float logits[NN_BLOCK_IMAGES * ENC_MNIST_CLASSES];
	uint8_t images[NN_BLOCK_IMAGES * ENC_MNIST_IMAGE_BYTES];
	float engine[];
};

size_t compat_work_size(void)
{
	return sizeof(struct workspace) +
	       nn_work_size(&nn_mnist, NN_BLOCK_IMAGES);
}

/* Classifies up to a block of images, which it copies once. */
static TEE_Result classify_block(const struct model *model, struct workspace *w,
				 const uint8_t *images, size_t n,
				 uint8_t *labels)
{
	memcpy(w->images, images, n * ENC_MNIST_IMAGE_BYTES);
	nn_logits(&nn_mnist, model->params, w->images, n, w->logits, w->engine);
	for (size_t i = 0; i < n; i++) {
		if (!nn_label(w->logits + i * ENC_MNIST_CLASSES,
			      ENC_MNIST_CLASSES, labels + i))
			return TEE_ERROR_OVERFLOW;
	}
	return TEE_SUCCESS;
}

TEE_Result compat_classify(struct session *s, const uint8_t *images, size_t n,
			   uint8_t *labels)
{
	struct workspace *w = s->work;
	TEE_Result res = TEE_SUCCESS;

	for (size_t done = 0; done < n && res == TEE_SUCCESS;
	     done += NN_BLOCK_IMAGES) {
		size_t block =
			n - done < NN_BLOCK_IMAGES ? n - done : NN_BLOCK_IMAGES;

		res = classify_block(&s->model, w,
				     images + done * ENC_MNIST_IMAGE_BYTES,
				     block, labels + done);
	}
	/* a smaller batch has used less of it */
	session_wipe(w, sizeof(*w) + nn_work_size(&nn_mnist, n));
	return res;
}
