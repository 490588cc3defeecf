/* SPDX-License-Identifier: Apache-2.0 */
#include "testset.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "host/base/file.h"
#include "host/image/idx.h"
#include "pictures.h"
#include "tensors.h"
#include "terms.h"

#define NPY_MAGIC "\x93NUMPY"

struct cli_testset {
	const struct cli_model *model;
	const char *name; /* of the labels */
	const char *unit;
	size_t count;
	size_t done;
	bool (*read)(struct cli_testset *set, size_t n, uint32_t *labels,
		     struct enc_error *e);
	/* of one of these */
	struct cli_folder folder;
	struct cli_pictures pictures;
	struct enc_labels names;
	struct cli_samples samples;
	struct enc_npy labels;
	struct enc_idx *idx;
};

static uint8_t *sample(const struct cli_testset *set, size_t i)
{
	return set->model->samples + i * set->model->net.sample_bytes;
}

/* --- A folder ---------------------------------------------------------- */

static bool read_folder(struct cli_testset *set, size_t n, uint32_t *labels,
			struct enc_error *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct cli_folder_file *file =
			&set->folder.files[set->done + i];

		if (!cli_picture_read(&set->pictures, file->path,
				      sample(set, i), e))
			return false;
		labels[i] = file->label;
	}
	return true;
}

static bool open_folder(struct cli_testset *set, const struct cli_eval *args,
			struct enc_error *e)
{
	const uint32_t classes = set->model->net.classes;

	set->read = read_folder;
	set->unit = "image";
	if (!cli_pictures_begin(&set->pictures, set->model, e) ||
	    (args->labels &&
	     !enc_labels_read(args->labels, classes, &set->names, e)) ||
	    !cli_folder_read(&set->folder, args->images.values[0], classes,
			     args->labels ? &set->names : &set->model->names,
			     e))
		return false;
	set->count = set->folder.count;
	return true;
}

/* --- Arrays ------------------------------------------------------------ */

static int64_t label_at(const struct enc_npy *npy, size_t i)
{
	const uint8_t *at = npy->data + i * enc_npy_type_size(npy->type);
	int64_t wide = 0;
	int32_t narrow = 0;

	switch (npy->type) {
	case ENC_NPY_INT8:
		return (int8_t)*at;
	case ENC_NPY_UINT8:
		return *at;
	case ENC_NPY_INT32:
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	default:
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
}

static bool read_arrays(struct cli_testset *set, size_t n, uint32_t *labels,
			struct enc_error *e)
{
	for (size_t i = 0; i < n; i++) {
		int64_t label = label_at(&set->labels, set->done + i);

		if (label < 0 || label > UINT32_MAX)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: label %zu is %" PRId64, set->name,
					set->done + i, label);
		labels[i] = (uint32_t)label;
		cli_samples_get(&set->samples, set->done + i, sample(set, i));
	}
	return true;
}

/* Labels are (N) or (N, 1). */
static bool check_labels(const struct cli_testset *set, struct enc_error *e)
{
	const struct enc_npy *npy = &set->labels;
	const bool is_list =
		npy->rank == 1 || (npy->rank == 2 && npy->dims[1] == 1);

	if (!is_list || npy->type == ENC_NPY_F32)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: labels are an array of N integers",
				set->name);
	return npy->dims[0] == set->count ||
	       enc_fail(e, ENC_ERR_FORMAT,
			"%s: %" PRIu64 " label%s for %zu sample%s", set->name,
			npy->dims[0], enc_s(npy->dims[0]), set->count,
			enc_s(set->count));
}

static bool open_arrays(struct cli_testset *set, const struct cli_eval *args,
			struct enc_error *e)
{
	set->read = read_arrays;
	set->unit = "sample";
	if (!cli_samples_read(&set->samples, &set->model->net, &args->images,
			      e) ||
	    !enc_npy_read(args->labels, &set->labels, e))
		return false;
	set->count = set->samples.count;
	return check_labels(set, e);
}

/* --- IDX --------------------------------------------------------------- */

static bool read_idx(struct cli_testset *set, size_t n, uint32_t *labels,
		     struct enc_error *e)
{
	uint8_t bytes[ENC_ROOM_MAX] = { 0 };
	size_t got = 0;

	if (!enc_idx_next(set->idx, set->model->samples, bytes, n, &got, e))
		return false;
	for (size_t i = 0; i < n; i++)
		labels[i] = bytes[i];
	return true;
}

static bool open_idx(struct cli_testset *set, const struct cli_eval *args,
		     struct enc_error *e)
{
	const struct enc_network *net = &set->model->net;
	char shape[CLI_SHAPE_TEXT] = "";

	set->read = read_idx;
	set->unit = "image";
	set->idx = enc_idx_open(args->images.values[0], args->labels, e);
	if (!set->idx)
		return false;
	set->count = enc_idx_count(set->idx);
	if (net->inputs == 1 && net->input[0].type == BOX_UINT8 &&
	    net->sample_bytes == ENC_IMAGE_PIXELS)
		return true;
	cli_shape(net->input[0].dims, net->input[0].rank, shape);
	return enc_fail(e, ENC_ERR_UNSUPPORTED,
			"%s: images of 28 x 28 pixels; the network reads %s "
			"%s%s",
			enc_file_label(args->images.values[0]), shape,
			cli_type(net->input[0].type),
			net->inputs == 1 ? "" : " and more");
}

/* --- All of them ------------------------------------------------------- */

/* Standard input and pipes cannot be read twice: they are IDX. */
static bool is_npy(const char *path)
{
	char bytes[sizeof(NPY_MAGIC) - 1] = "";
	FILE *f = enc_file_is_regular(path) ? fopen(path, "rb") : NULL;
	bool is = f && fread(bytes, sizeof(bytes), 1, f) == 1 &&
		  !memcmp(bytes, NPY_MAGIC, sizeof(bytes));

	if (f)
		fclose(f);
	return is;
}

int cli_testset_check(const char *command, const struct cli_eval *args)
{
	const char *first = args->images.values[0];
	struct enc_error e = { 0 };
	int fd = -1;

	if (!cli_is_folder(first) && !args->labels) {
		fd = enc_file_open(first, &e);
		if (fd < 0)
			return cli_fail(&e);
		close(fd);
		return cli_usage(command, "--labels is needed, if --images is "
					  "no folder");
	}
	if (!is_npy(first) && args->images.count > 1)
		return cli_usage(command,
				 "only arrays, one for each input of "
				 "a network, are given more than once");
	return CLI_GO;
}

static bool open_set(struct cli_testset *set, const struct cli_eval *args,
		     struct enc_error *e)
{
	const char *first = args->images.values[0];

	if (cli_is_folder(first))
		return open_folder(set, args, e);
	return is_npy(first) ? open_arrays(set, args, e) :
			       open_idx(set, args, e);
}

struct cli_testset *cli_testset_open(const struct cli_eval *args,
				     const struct cli_model *model,
				     struct enc_error *e)
{
	struct cli_testset *set = calloc(1, sizeof(*set));

	if (!set) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	set->model = model;
	set->name = enc_file_label(args->labels ? args->labels :
						  args->images.values[0]);
	if (open_set(set, args, e))
		return set;
	cli_testset_close(set);
	return NULL;
}

size_t cli_testset_count(const struct cli_testset *set)
{
	return set->count;
}

const char *cli_testset_unit(const struct cli_testset *set)
{
	return set->unit;
}

bool cli_testset_next(struct cli_testset *set, size_t n,
		      uint32_t labels[ENC_ROOM_MAX], struct enc_error *e)
{
	const uint32_t classes = set->model->net.classes;

	if (!set->read(set, n, labels, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (labels[i] >= classes)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: label %zu is %" PRIu32
					"; the network has %" PRIu32 " classes",
					set->name, set->done + i, labels[i],
					classes);
	}
	set->done += n;
	return true;
}

void cli_testset_close(struct cli_testset *set)
{
	if (!set)
		return;
	cli_folder_free(&set->folder);
	enc_labels_free(&set->names);
	cli_samples_free(&set->samples);
	free(set->labels.file);
	enc_idx_close(set->idx);
	free(set);
}
