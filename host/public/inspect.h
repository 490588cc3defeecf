/* SPDX-License-Identifier: Apache-2.0 */
/* What a sealed model or a file of envelopes says of itself, without any key.
 */
#ifndef HOST_PUBLIC_INSPECT_H
#define HOST_PUBLIC_INSPECT_H

#include <stdint.h>

#include "box/head.h"
#include "envelope.h"
#include "host/base/error.h"
#include "owner.h"

struct enc_inspection {
	bool is_envelopes;
	struct enc_envelopes envelopes;
	/* of a sealed model */
	struct box_head head;
	uint64_t file_bytes;
	uint64_t file_bytes_wanted; /* as the head implies */
	uint64_t chunks;
	uint64_t params;       /* of the network in the head */
	uint64_t params_bytes; /* of secure memory that they will take */
	bool signature_ok;     /* by the key in the head */
	bool digest_ok;
};

/*
 * Reads a file ("-": standard input) to its end, in memory that does not depend
 * on its size, but for 192 bytes an envelope. Fails if it is neither of the
 * two; what is wrong with one is for enc_inspect_verdict(). To be freed, also
 * after a failure.
 */
bool enc_inspect(const char *path, struct enc_inspection *i,
		 struct enc_error *e);

/*
 * Whether a model is intact, and whether what is read says, unless owner is
 * NULL, that it is from this owner. If not, *e says all that is wrong. Without
 * a key nothing tells whether an envelope is intact.
 */
bool enc_inspect_verdict(const struct enc_inspection *i,
			 const struct enc_owner *owner, struct enc_error *e);

/* Whether it says, in all of its parts, that it is from this owner. */
bool enc_inspect_names(const struct enc_inspection *i,
		       const struct enc_owner *owner);

void enc_inspect_free(struct enc_inspection *i);

#endif
