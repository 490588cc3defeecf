/* SPDX-License-Identifier: Apache-2.0 */
/*
 * labels RECORD IMAGES LABELS: what the engine says of a test set on this
 * machine, one byte an image, on standard output. The board's tests hold the
 * TEE against it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/lib/file.h"
#include "host/lib/idx.h"
#include "nn/forward.h"
#include "nn/label.h"
#include "nn/record.h"

#define BATCH 100

static float *read_params(const char *path, struct enc_error *e)
{
	float *params = calloc(nn_packed_count(&nn_mnist), sizeof(*params));
	struct nn_record reader = { 0 };
	uint8_t *record = NULL;
	size_t len = 0;

	if (!params || !enc_file_read(path, nn_record_max_size(&nn_mnist),
				      &record, &len, e))
		return NULL;
	nn_record_begin(&reader, &nn_mnist, params);
	nn_record_push(&reader, record, len);
	free(record);
	if (nn_record_end(&reader) == NN_RECORD_OK)
		return params;
	enc_fail(e, ENC_ERR_FORMAT, "%s: not the record of nn_mnist", path);
	return NULL;
}

static bool classify(const float *params, struct enc_idx *idx,
		     struct enc_error *e)
{
	uint8_t images[BATCH * ENC_IMAGE_PIXELS] = { 0 };
	uint8_t truth[BATCH] = { 0 };
	uint8_t labels[BATCH] = { 0 };
	float logits[BATCH * ENC_IDX_CLASSES] = { 0 };
	void *work = aligned_alloc(16, nn_work_size(&nn_mnist, BATCH));
	size_t n = 0;

	do {
		if (!enc_idx_next(idx, images, truth, BATCH, &n, e))
			return false;
		nn_logits(&nn_mnist, params, images, n, logits, work);
		for (size_t i = 0; i < n; i++) {
			if (!nn_label(logits + i * ENC_IDX_CLASSES,
				      ENC_IDX_CLASSES, &labels[i]))
				return enc_fail(e, ENC_ERR_FORMAT, "overflow");
		}
		fwrite(labels, 1, n, stdout);
	} while (n);
	free(work);
	return true;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };
	struct enc_idx *idx = NULL;
	float *params = NULL;
	bool ok = false;

	if (argc != 4) {
		fprintf(stderr, "usage: labels RECORD IMAGES LABELS\n");
		return 2;
	}
	params = read_params(argv[1], &e);
	idx = params ? enc_idx_open(argv[2], argv[3], &e) : NULL;
	ok = idx && classify(params, idx, &e);
	enc_idx_close(idx);
	free(params);
	if (!ok)
		fprintf(stderr, "labels: %s\n", e.what);
	return ok && !fclose(stdout) ? 0 : 1;
}
