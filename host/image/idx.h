/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MNIST test set as Yann LeCun published it: an IDX file of images, magic
 * 0x00000803, then three 32-bit big-endian numbers (count, 28, 28) and the
 * pixels; and one of labels, magic 0x00000801, the count, one byte per label.
 * Both may be compressed with gzip; content decides, not the name.
 *
 * They are read in batches, so memory does not grow with the set.
 */
#ifndef HOST_IMAGE_IDX_H
#define HOST_IMAGE_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"
#include "image.h"

#define ENC_IDX_MAX_COUNT 10000000u /* images */
#define ENC_IDX_CLASSES	  10u

struct enc_idx;

/*
 * Opens both files and checks their headers: magic, 28 x 28, the same count
 * in both, 1 to ENC_IDX_MAX_COUNT (ENC_ERR_LIMIT above). NULL on failure;
 * otherwise close it with enc_idx_close(). labels: NULL for images alone.
 */
struct enc_idx *enc_idx_open(const char *images, const char *labels,
			     struct enc_error *e);

/* Number of images, as both headers state. */
size_t enc_idx_count(const struct enc_idx *idx);

/*
 * Reads the next images, at most `max`, with their labels.
 *
 * px: room for max * ENC_IMAGE_PIXELS bytes; labels: for max, each 0 to 9, or
 * unused without labels.
 * *n: how many were read; 0 at the end.
 *
 * With the last image it checks that both files end there, and the checksum of
 * gzip. Like zlib, it ignores what follows a whole gzip stream. On failure the
 * content of px and labels is undefined.
 */
bool enc_idx_next(struct enc_idx *idx, uint8_t *px, uint8_t *labels, size_t max,
		  size_t *n, struct enc_error *e);

/* idx may be NULL. */
void enc_idx_close(struct enc_idx *idx);

#endif
