/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The names in a directory, in order. */
struct listing {
	struct dirent **entries;
	int count;
};

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool list(const char *path, struct listing *l, struct enc_error *e)
{
	l->entries = NULL;
	l->count = scandir(path, &l->entries, is_visible, alphasort);
	return l->count >= 0 || enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s",
					 path, strerror(errno));
}

static void free_listing(struct listing *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->entries[i]);
	free(l->entries);
}

bool cli_is_folder(const char *path)
{
	struct stat st = { 0 };

	return strcmp(path, "-") && !stat(path, &st) && S_ISDIR(st.st_mode);
}

static bool no_memory(struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
}

static bool join(const char *folder, const char *name, char **path,
		 struct enc_error *e)
{
	if (asprintf(path, "%s/%s", folder, name) < 0) {
		*path = NULL;
		no_memory(e);
	}
	return *path != NULL;
}

/* Takes the path. */
static bool add(struct cli_folder *f, char *path, size_t place, uint32_t label,
		struct enc_error *e)
{
	struct cli_folder_file *files = f->files;

	if (f->count == f->room) {
		f->room = f->room ? 2 * f->room : 256;
		files = reallocarray(f->files, f->room, sizeof(*files));
	}
	if (!files) {
		free(path);
		return no_memory(e);
	}
	f->files = files;
	f->files[f->count++] = (struct cli_folder_file){ path, place, label };
	return true;
}

static bool add_class(struct cli_folder *f, const char *path, uint32_t label,
		      struct enc_error *e)
{
	struct listing l = { 0 };
	bool ok = list(path, &l, e);

	if (ok && !l.count)
		ok = enc_fail(e, ENC_ERR_FORMAT, "%s: no pictures in it", path);
	for (int i = 0; ok && i < l.count; i++) {
		char *file = NULL;

		ok = join(path, l.entries[i]->d_name, &file, e) &&
		     add(f, file, (size_t)i, label, e);
	}
	free_listing(&l);
	return ok;
}

/* The label of the folder `name`, which is the n-th. */
static bool find_label(const char *path, const char *name, uint32_t n,
		       const struct enc_labels *names, uint32_t *label,
		       struct enc_error *e)
{
	*label = n;
	if (!names->count)
		return true;
	for (*label = 0; *label < names->count; ++*label) {
		if (!strcmp(names->names[*label], name))
			return true;
	}
	enc_fail(e, ENC_ERR_FORMAT, "%s: no class of the model has this name",
		 path);
	return enc_hint(e, "name each folder as a class");
}

static bool add_classes(struct cli_folder *f, const char *path,
			const struct listing *l, const struct enc_labels *names,
			uint32_t *found, struct enc_error *e)
{
	bool ok = true;

	for (int i = 0; ok && i < l->count; i++) {
		const char *name = l->entries[i]->d_name;
		char *folder = NULL;
		uint32_t label = 0;

		ok = join(path, name, &folder, e);
		if (ok && cli_is_folder(folder))
			ok = find_label(folder, name, (*found)++, names, &label,
					e) &&
			     add_class(f, folder, label, e);
		free(folder);
	}
	return ok;
}

/* One of each class in turn, so that the first N are of all classes. */
static int by_place(const void *a, const void *b)
{
	const struct cli_folder_file *x = a;
	const struct cli_folder_file *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->label < y->label ? -1 : x->label > y->label;
}

bool cli_folder_read(struct cli_folder *folder, const char *path,
		     uint32_t classes, const struct enc_labels *names,
		     struct enc_error *e)
{
	struct listing l = { 0 };
	uint32_t found = 0;
	bool ok = list(path, &l, e) &&
		  add_classes(folder, path, &l, names, &found, e);

	free_listing(&l);
	if (ok && (!found || (!names->count && found != classes))) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: %" PRIu32
			 " folder%s, and the network has %" PRIu32 " classes",
			 path, found, enc_s(found), classes);
		return enc_hint(e, "make a folder of pictures for each class");
	}
	if (ok)
		qsort(folder->files, folder->count, sizeof(*folder->files),
		      by_place);
	return ok;
}

bool cli_folder_pictures(struct cli_folder *folder, const char *path,
			 struct enc_error *e)
{
	const struct enc_labels none = { 0 };
	struct listing l = { 0 };
	uint32_t found = 0;
	bool ok = list(path, &l, e) &&
		  add_classes(folder, path, &l, &none, &found, e);

	free_listing(&l);
	return ok && (found || add_class(folder, path, 0, e));
}

void cli_folder_free(struct cli_folder *folder)
{
	for (size_t i = 0; i < folder->count; i++)
		free(folder->files[i].path);
	free(folder->files);
}
