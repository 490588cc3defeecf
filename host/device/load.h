/* SPDX-License-Identifier: Apache-2.0 */
/* From a model's file to a model that answers in the TEE. */
#ifndef HOST_DEVICE_LOAD_H
#define HOST_DEVICE_LOAD_H

#include <stdio.h>

#include "host/base/error.h"
#include "session.h"

/* A kind of model file, told by its first byte. */
struct enc_source {
	bool (*is)(int first);
	/* f: from its first byte on; label: its name, for *e */
	bool (*load)(struct enc_tee *tee, FILE *f, const char *label,
		     struct enc_error *e);
};

extern const struct enc_source enc_source_sealed;

/*
 * path: "-" for standard input. sources: the kinds of files that are loaded,
 * up to a NULL. On error the previous model still answers.
 */
bool enc_load_model(struct enc_tee *tee,
		    const struct enc_source *const *sources, const char *path,
		    struct enc_error *e);

#endif
