/* SPDX-License-Identifier: Apache-2.0 */
/* Which token a URI means. */
#ifndef HOST_TOKEN_PLACE_H
#define HOST_TOKEN_PLACE_H

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "host/base/error.h"

struct place {
	CK_FUNCTION_LIST **modules; /* all that were loaded */
	CK_FUNCTION_LIST *module;
	CK_SLOT_ID slot;
	CK_FLAGS flags; /* of the token */
	char name[64];	/* for messages */
};

/*
 * text: a pkcs11: URI. Leave *place and free *uri, also after a failure.
 */
bool place_find(const char *text, P11KitUri **uri, struct place *place,
		struct enc_error *e);

void place_leave(struct place *place);

#endif
