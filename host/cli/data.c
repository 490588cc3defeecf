/* SPDX-License-Identifier: Apache-2.0 */
#include "data.h"

#include <string.h>

#include "network.h"

static bool is_array(const uint8_t bytes[IMPORT_KIND_BYTES])
{
	return !memcmp(bytes, "\x93NUMPY", 6);
}

/* Images of IDX, plain or compressed. */
static bool is_idx(const uint8_t bytes[IMPORT_KIND_BYTES])
{
	return !memcmp(bytes, "\0\0\x08\x03", 4) ||
	       !memcmp(bytes, "\x1f\x8b", 2);
}

static bool open_arrays(struct cli_data *d, const struct cli_list *paths,
			struct enc_error *e)
{
	if (!cli_samples_read(&d->arrays, &d->model->net, paths, e))
		return false;
	d->count = d->arrays.count;
	return true;
}

static bool open_idx(struct cli_data *d, const char *path, struct enc_error *e)
{
	if (!cli_pictures_are_digits(&d->pictures))
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"%s: images of 28 x 28 pixels, which the "
				"network does not read",
				path);
	d->idx = enc_idx_open(path, NULL, e);
	if (d->idx)
		d->count = enc_idx_count(d->idx);
	return d->idx;
}

static bool open_folder(struct cli_data *d, const char *path,
			struct enc_error *e)
{
	if (!cli_folder_pictures(&d->folder, path, e))
		return false;
	d->count = d->folder.count;
	return true;
}

bool cli_data_open(struct cli_data *d, const struct cli_model *model,
		   const struct cli_list *paths, struct enc_error *e)
{
	const char *path = paths->values[0];
	uint8_t bytes[IMPORT_KIND_BYTES] = { 0 };

	*d = (struct cli_data){ .model = model, .count = 1 };
	cli_network_peek(path, bytes);
	if (is_array(bytes) || paths->count > 1 || model->net.inputs > 1)
		return open_arrays(d, paths, e);
	if (!cli_pictures_begin(&d->pictures, model, e))
		return false;
	if (is_idx(bytes))
		return open_idx(d, path, e);
	if (cli_is_folder(path))
		return open_folder(d, path, e);
	d->picture = path;
	return true;
}

bool cli_data_next(struct cli_data *d, struct enc_error *e)
{
	const size_t i = d->done++;
	size_t n = 0;

	if (d->picture || d->folder.count)
		return cli_picture_read(&d->pictures,
					d->picture ? d->picture :
						     d->folder.files[i].path,
					d->model->samples, e);
	if (d->idx)
		return enc_idx_next(d->idx, d->model->samples, NULL, 1, &n, e);
	cli_samples_get(&d->arrays, i, d->model->samples);
	return true;
}

void cli_data_close(struct cli_data *d)
{
	enc_idx_close(d->idx);
	cli_samples_free(&d->arrays);
	cli_folder_free(&d->folder);
}
