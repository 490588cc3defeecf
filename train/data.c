/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static bool read_all(struct data *data, struct enc_idx *idx,
		     struct enc_error *e)
{
	const size_t count = enc_idx_count(idx);
	size_t n = 0;

	data->count = (uint32_t)count;
	data->images = calloc(count, ENC_IMAGE_PIXELS);
	data->labels = calloc(count, 1);
	if (!data->images || !data->labels)
		return enc_fail(e, ENC_ERR_MEMORY,
				"out of memory for %zu images", count);
	return enc_idx_next(idx, data->images, data->labels, count, &n, e);
}

bool data_load(struct data *data, const char *dir, const char *name,
	       struct enc_error *e)
{
	char images[PATH_MAX] = "";
	char labels[PATH_MAX] = "";
	struct enc_idx *idx = NULL;
	bool ok = false;

	*data = (struct data){ 0 };
	snprintf(images, sizeof(images), "%s/%s-images-idx3-ubyte", dir, name);
	snprintf(labels, sizeof(labels), "%s/%s-labels-idx1-ubyte", dir, name);
	idx = enc_idx_open(images, labels, e);
	ok = idx && read_all(data, idx, e);
	enc_idx_close(idx);
	if (!ok && e->code == ENC_ERR_IO)
		enc_hint(e, "run train/fetch to get it");
	if (!ok)
		data_free(data);
	return ok;
}

void data_free(struct data *data)
{
	free(data->images);
	free(data->labels);
	*data = (struct data){ 0 };
}
