/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a model file into the TEE. */
#ifndef HOST_DEVICE_LOAD_H
#define HOST_DEVICE_LOAD_H

#include <stdio.h>

#include "host/base/error.h"
#include "host/public/labels.h"
#include "session.h"

/* A kind of model file, recognised by its first byte. */
struct enc_source {
	bool (*is)(int first);
	/* f: at its first byte; label: its name in messages */
	bool (*load)(struct enc_tee *tee, FILE *f, const char *label,
		     struct enc_labels *names, struct enc_error *e);
};

extern const struct enc_source enc_source_sealed;

/*
 * f: at the first byte of a model; label: what messages call it. sources: the
 * kinds of files to recognise, up to a NULL. *names: the classes' names, if the
 * file has them; enc_labels_free() frees them. After any error the previous
 * model stays active.
 */
bool enc_load_stream(struct enc_tee *tee,
		     const struct enc_source *const *sources, FILE *f,
		     const char *label, struct enc_labels *names,
		     struct enc_error *e);

/* The same of a file; "-" is standard input. */
bool enc_load_model(struct enc_tee *tee,
		    const struct enc_source *const *sources, const char *path,
		    struct enc_labels *names, struct enc_error *e);

#endif
