/* SPDX-License-Identifier: Apache-2.0 */
#include "accuracy.h"

#include <stdlib.h>

#include "host/image/idx.h"
#include "nn/label.h"

#define BATCH	 256
#define NO_LABEL 255 /* for logits that are not finite */

struct batch {
	uint8_t images[BATCH * ENC_IMAGE_PIXELS];
	uint8_t truth[BATCH];
	uint8_t labels[2][BATCH];
	float logits[BATCH * ENC_IDX_CLASSES];
	float work[];
};

static void classify(const struct enc_accuracy *a, struct batch *b, size_t n,
		     size_t which)
{
	static const enum nn_format formats[2] = { NN_FORMAT_F32,
						   NN_FORMAT_INT8 };

	nn_model_logits(a->arch, formats[which], a->packed[which], b->images, n,
			b->logits, b->work);
	for (size_t i = 0; i < n; i++) {
		b->labels[which][i] = NO_LABEL;
		nn_label(b->logits + i * ENC_IDX_CLASSES, ENC_IDX_CLASSES,
			 &b->labels[which][i]);
	}
}

static void count(struct enc_accuracy *a, struct batch *b, size_t n)
{
	classify(a, b, n, 0);
	classify(a, b, n, 1);
	for (size_t i = 0; i < n; i++) {
		a->right[0] += b->labels[0][i] == b->truth[i];
		a->right[1] += b->labels[1][i] == b->truth[i];
		a->differ += b->labels[0][i] != b->labels[1][i];
	}
	a->images += n;
}

static bool count_all(struct enc_accuracy *a, struct enc_idx *idx,
		      struct batch *b, struct enc_error *e)
{
	size_t n = 0;

	do {
		if (!enc_idx_next(idx, b->images, b->truth, BATCH, &n, e))
			return false;
		count(a, b, n);
		if (a->progress)
			a->progress(a->images, enc_idx_count(idx));
	} while (n);
	return true;
}

bool enc_accuracy(struct enc_accuracy *a, const char *images,
		  const char *labels, struct enc_error *e)
{
	struct enc_idx *idx = enc_idx_open(images, labels, e);
	struct batch *b = NULL;
	bool ok = false;

	if (!idx)
		return false;
	b = malloc(sizeof(*b) + nn_work_size(a->arch, BATCH));
	ok = b ? count_all(a, idx, b, e) :
		 enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	free(b);
	enc_idx_close(idx);
	return ok;
}
