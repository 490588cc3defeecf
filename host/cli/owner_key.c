/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "host/public/owner.h"
#include "owner.h"
#include "passphrase.h"

static bool make(const struct cli_owner_key *args, struct enc_error *e)
{
	struct cli_passphrase from = { .file = args->owner.passphrase,
				       .is_new = true };
	const bool encrypts = args->encrypt || args->owner.passphrase;
	encmnist_error *error = NULL;

	return encmnist_owner_make(args->output, args->public,
				   encrypts ? cli_passphrase_ask : NULL, &from,
				   &error) ||
	       cli_passphrase_failed(&from, error, e);
}

/* The public key of a private one that is there already. */
static bool publish(const struct cli_owner_key *args, struct enc_error *e)
{
	encmnist_owner *owner = cli_owner_open(&args->owner, e);
	encmnist_error *error = NULL;
	const bool ok =
		owner && (encmnist_owner_publish(owner, args->public, &error) ||
			  cli_failed(error, e));

	encmnist_owner_close(owner);
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
	if (!(args->owner.key ? publish : make)(args, &e) ||
	    !enc_owner_read(args->public, &owner, &e))
		return cli_fail(&e);
	enc_owner_fingerprint(&owner, text);
	printf("owner:         %s\n", text);
	return 0;
}
