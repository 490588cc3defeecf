/* SPDX-License-Identifier: Apache-2.0 */
/*
 * labels RECORD IMAGES LABELS [N]: what the engine says of a test set, or of
 * its first N images, on this machine, with a Burn record, one byte an image,
 * on standard output. The board's tests hold the TEE against it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/image/idx.h"
#include "host/record/check.h"
#include "nn/forward.h"
#include "nn/label.h"

#define BATCH 100

static bool classify(const struct enc_record_file *record, struct enc_idx *idx,
		     size_t left, struct enc_error *e)
{
	uint8_t images[BATCH * ENC_IMAGE_PIXELS] = { 0 };
	uint8_t truth[BATCH] = { 0 };
	uint8_t labels[BATCH] = { 0 };
	float logits[BATCH * ENC_IDX_CLASSES] = { 0 };
	void *work = aligned_alloc(16, nn_work_size(&nn_mnist, BATCH));
	size_t n = 0;

	do {
		if (!enc_idx_next(idx, images, truth,
				  left < BATCH ? left : BATCH, &n, e))
			return false;
		left -= n;
		nn_logits(&nn_mnist, record->packed, images, n, logits, work);
		for (size_t i = 0; i < n; i++) {
			if (!nn_label(logits + i * ENC_IDX_CLASSES,
				      ENC_IDX_CLASSES, &labels[i]))
				return enc_fail(e, ENC_ERR_FORMAT, "overflow");
		}
		fwrite(labels, 1, n, stdout);
	} while (n && left);
	free(work);
	return true;
}

int main(int argc, char **argv)
{
	struct enc_error e = { 0 };
	struct enc_idx *idx = NULL;
	struct enc_record_file record = { 0 };
	size_t n = SIZE_MAX;
	bool ok = false;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: labels RECORD IMAGES LABELS [N]\n");
		return 2;
	}
	if (enc_record_read(&nn_mnist, argv[1], &record, &e))
		idx = enc_idx_open(argv[2], argv[3], &e);
	if (argc == 5)
		n = strtoul(argv[4], NULL, 10);
	ok = idx && classify(&record, idx, n, &e);
	enc_idx_close(idx);
	enc_record_file_free(&record);
	if (!ok)
		fprintf(stderr, "labels: %s\n", e.what);
	return ok && !fclose(stdout) ? 0 : 1;
}
