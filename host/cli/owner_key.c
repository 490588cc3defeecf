/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "host/owner/secret.h"
#include "passphrase.h"

static bool make(const struct cli_owner_key *args, struct enc_owner *owner,
		 struct enc_error *e)
{
	struct cli_passphrase from = { .file = args->owner.passphrase,
				       .is_new = true };
	const struct enc_passphrase passphrase = cli_passphrase(&from);
	const bool encrypts = args->encrypt || args->owner.passphrase;

	return enc_owner_make(args->output, args->public,
			      encrypts ? &passphrase : NULL, owner, e);
}

/* The public key of a private one that is there already. */
static bool publish(const struct cli_owner_key *args, struct enc_owner *owner,
		    struct enc_error *e)
{
	struct enc_signer signer = { 0 };
	const bool ok = cli_owner_open(&args->owner, &signer, e) &&
			enc_signer_publish(&signer, args->public, e);

	*owner = signer.owner;
	enc_signer_close(&signer);
	return ok;
}

int cli_owner_key_run(const void *data)
{
	const struct cli_owner_key *args = data;
	struct enc_owner owner = { 0 };
	char text[ENC_FINGERPRINT_TEXT] = "";
	struct enc_error e = { 0 };

	if (args->owner.key && args->encrypt)
		return cli_usage("owner-key", "--encrypt: goes with --output");
	if (!(args->owner.key ? publish : make)(args, &owner, &e))
		return cli_fail(&e);
	enc_owner_fingerprint(&owner, text);
	printf("owner:         %s\n", text);
	return 0;
}
