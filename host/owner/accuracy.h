/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What quantising costs: a test set through both networks, on the owner's
 * machine.
 */
#ifndef HOST_OWNER_ACCURACY_H
#define HOST_OWNER_ACCURACY_H

#include <stddef.h>

#include "host/base/error.h"
#include "nn/model.h"

struct enc_accuracy {
	const struct nn_arch *arch; /* of ENC_IDX_CLASSES outputs */
	const void *packed[2];	    /* before: f32, and after: int8 */
	/* Called now and then, with images; or NULL. */
	void (*progress)(size_t done, size_t total);
	/* the answer */
	size_t images;
	size_t right[2];
	size_t differ; /* images that get another label than before */
};

/* images, labels: files of host/image/idx.h. */
bool enc_accuracy(struct enc_accuracy *a, const char *images,
		  const char *labels, struct enc_error *e);

#endif
