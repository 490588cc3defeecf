/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of pictures, with a folder for each class or without. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"
#include "host/public/labels.h"

struct cli_folder_file {
	char *path;
	size_t place; /* in its folder */
	uint32_t label;
};

struct cli_folder {
	struct cli_folder_file *files;
	size_t count;
	size_t room;
};

/*
 * Lists the pictures of a folder that has a folder for each class, as testset.h
 * says: one of each class in turn. names: of the classes, if they have any.
 * *folder is to be freed in any case.
 */
bool cli_folder_read(struct cli_folder *folder, const char *path,
		     uint32_t classes, const struct enc_labels *names,
		     struct enc_error *e);

/*
 * Lists pictures whose labels do not matter: those of the folders in a folder,
 * or its own if there is none. *folder is to be freed in any case.
 */
bool cli_folder_pictures(struct cli_folder *folder, const char *path,
			 struct enc_error *e);

bool cli_is_folder(const char *path);

void cli_folder_free(struct cli_folder *folder);

#endif
