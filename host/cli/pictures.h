/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of any size as the pixels that a network reads, grey or RGB. */
#ifndef CLI_PICTURES_H
#define CLI_PICTURES_H

#include "host/image/image.h"
#include "model.h"
#include "notice.h"

struct cli_pictures {
	struct enc_image_options options;
	struct enc_image_size size; /* width 0: bytes that are no picture */
	size_t bytes;		    /* of a sample */
	struct cli_notices said;
};

/* Fails if the network reads no pixels. */
bool cli_pictures_begin(struct cli_pictures *p, const struct cli_model *model,
			struct enc_error *e);

/* Whether they are of the size of MNIST: for --fit and --show. */
bool cli_pictures_are_digits(const struct cli_pictures *p);

/* Reads a picture to p->bytes; warns of what is odd about a digit. */
bool cli_picture_read(struct cli_pictures *p, const char *path, uint8_t *to,
		      struct enc_error *e);

#endif
