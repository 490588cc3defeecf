/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what quantisation costs: runs a test set through both networks, on
 * the workstation.
 */
#ifndef HOST_OWNER_ACCURACY_H
#define HOST_OWNER_ACCURACY_H

#include <stddef.h>

#include "host/base/error.h"
#include "nn/model.h"

struct enc_accuracy {
	const struct nn_arch *arch; /* with ENC_IDX_CLASSES outputs */
	const void *packed[2];	    /* before: f32; after: int8 */
	/* Called after each batch, with numbers of images; or NULL. */
	void (*progress)(size_t done, size_t total);
	/* results */
	size_t images;
	size_t right[2];
	size_t differ; /* images whose label changes */
};

/* images, labels: IDX files, see host/image/idx.h. */
bool enc_accuracy(struct enc_accuracy *a, const char *images,
		  const char *labels, struct enc_error *e);

#endif
