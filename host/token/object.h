/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects of a token are the owner's keys. */
#ifndef HOST_TOKEN_OBJECT_H
#define HOST_TOKEN_OBJECT_H

#include "host/public/owner.h"
#include "place.h"

struct objects {
	CK_OBJECT_HANDLE private;
	bool asks_always; /* for the PIN, before each signature */
	struct enc_owner owner;
};

/* The private key that the URI names, and its public key. */
bool objects_find(const struct place *place, CK_SESSION_HANDLE session,
		  P11KitUri *uri, struct objects *objects, struct enc_error *e);

#endif
