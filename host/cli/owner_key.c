/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "passphrase.h"

int cli_owner_key_run(const void *data)
{
	const struct cli_owner_key *args = data;
	struct cli_passphrase from = { .file = args->passphrase,
				       .of = args->output,
				       .is_new = true };
	const struct enc_passphrase passphrase = cli_passphrase(&from);
	const bool encrypts = args->encrypt || args->passphrase;
	struct enc_owner owner = { 0 };
	char text[ENC_FINGERPRINT_TEXT] = "";
	struct enc_error e = { 0 };

	if (!enc_owner_make(args->output, args->public,
			    encrypts ? &passphrase : NULL, &owner, &e))
		return cli_fail(&e);
	enc_owner_fingerprint(&owner, text);
	printf("owner:         %s\n", text);
	return 0;
}
