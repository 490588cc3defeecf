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
	ok = count == 1 && keys[0].type == ENC_ED25519;
	if (ok) {
		memcpy(owner->key, keys[0].bytes, sizeof(owner->key));
	} else {
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: not an owner's public key, which is one of "
			 "Ed25519",
			 enc_file_label(path));
		enc_hint(e, "give the file that `enc_mnist owner-key` "
			    "wrote to --public");
	}
	free(keys);
	return ok;
}

void enc_owner_write(FILE *f, const struct enc_owner *owner)
{
	struct enc_public_key key = { .type = ENC_ED25519 };

	memcpy(key.bytes, owner->key, sizeof(key.bytes));
	enc_public_key_write(f, &key);
}

void enc_owner_fingerprint(const struct enc_owner *owner,
			   char text[ENC_FINGERPRINT_TEXT])
{
	enc_fingerprint(owner->key, sizeof(owner->key), text);
}
