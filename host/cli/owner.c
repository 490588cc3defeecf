/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "host/owner/secret.h"
#include "passphrase.h"

bool cli_owner_open(const struct cli_owner *owner, struct enc_signer *signer,
		    struct enc_error *e)
{
	struct cli_passphrase from = { .file = owner->passphrase };
	const struct enc_passphrase passphrase = cli_passphrase(&from);

	return enc_owner_secret_read(owner->key, &passphrase, signer, e);
}
