/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples without labels for a model: a picture, a folder of pictures, IDX
 * images, or arrays of numpy. Content decides which, not the name.
 */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "folder.h"
#include "host/image/idx.h"
#include "pictures.h"
#include "tensors.h"

struct cli_data {
	const struct cli_model *model;
	size_t count; /* of samples */
	size_t done;
	/* One of these four. */
	const char *picture;
	struct cli_folder folder;
	struct enc_idx *idx;
	struct cli_samples arrays;
	struct cli_pictures pictures;
};

/*
 * Opens a file or a folder, or for a network of several inputs an array for
 * each. *d is to be closed in any case.
 */
bool cli_data_open(struct cli_data *d, const struct cli_model *model,
		   const struct cli_list *paths, struct enc_error *e);

/*
 * Reads the next sample, while done < count, to the first place from where the
 * model takes them.
 */
bool cli_data_next(struct cli_data *d, struct enc_error *e);

void cli_data_close(struct cli_data *d);

#endif
