/* SPDX-License-Identifier: Apache-2.0 */
/* Inspects a sealed model or a file of envelopes, without a secret key. */
#ifndef HOST_PUBLIC_INSPECT_H
#define HOST_PUBLIC_INSPECT_H

#include <stdint.h>

#include "box/head.h"
#include "envelope.h"
#include "host/base/error.h"
#include "network.h"
#include "owner.h"

struct enc_inspection {
	bool is_envelopes;
	struct enc_envelopes envelopes;
	bool signature_ok; /* of the head, or of every envelope */
	/* of a sealed model */
	struct box_head head;
	uint64_t file_bytes;
	uint64_t file_bytes_wanted; /* according to the head */
	uint64_t chunks;
	struct enc_heap heap;
	bool digest_ok; /* of the chunks, and of class names */
};

/*
 * Reads a file ("-": standard input) to its end. Memory does not grow with a
 * model, only with the number of envelopes. Fails if the file is neither, or
 * if its head or an envelope cannot be parsed; enc_inspect_verdict() judges the
 * rest. Free *i, also after a failure.
 */
bool enc_inspect(const char *path, struct enc_inspection *i,
		 struct enc_error *e);

/*
 * Checks that a model is intact and, if owner is not NULL, that the file names
 * this owner. *e lists everything that is wrong.
 */
bool enc_inspect_verdict(const struct enc_inspection *i,
			 const struct enc_owner *owner, struct enc_error *e);

/* Whether the model, or every envelope, names this owner. */
bool enc_inspect_names(const struct enc_inspection *i,
		       const struct enc_owner *owner);

void enc_inspect_free(struct enc_inspection *i);

#endif
