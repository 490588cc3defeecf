/* SPDX-License-Identifier: Apache-2.0 */
#include "owner.h"

#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "public_key.h"

bool enc_owner_read(const char *path, struct enc_owner *owner,
		    struct enc_error *e)
{
	struct enc_public_key *keys = NULL;
	size_t count = 0;
	bool ok = false;

	if (!enc_public_keys_read(path, &keys, &count, e))
		return false;
	ok = count == 2 && keys[0].type == ENC_ED25519 &&
	     keys[1].type == ENC_X25519;
	if (ok) {
		memcpy(owner->sign, keys[0].bytes, sizeof(owner->sign));
		memcpy(owner->wrap, keys[1].bytes, sizeof(owner->wrap));
	} else {
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: not an owner's public keys, which are two: "
			 "Ed25519, then X25519",
			 enc_file_label(path));
		enc_hint(e, "give the file that `enc_mnist owner-key` "
			    "wrote to --public");
	}
	free(keys);
	return ok;
}

void enc_owner_fingerprint(const struct enc_owner *owner,
			   char text[ENC_FINGERPRINT_TEXT])
{
	uint8_t keys[BOX_OWNER_BYTES + BOX_X25519_BYTES] = { 0 };

	memcpy(keys, owner->sign, BOX_OWNER_BYTES);
	memcpy(keys + BOX_OWNER_BYTES, owner->wrap, BOX_X25519_BYTES);
	enc_fingerprint(keys, sizeof(keys), text);
}
