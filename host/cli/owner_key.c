/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "host/owner/secret.h"

int cli_owner_key_run(const void *data)
{
	const struct cli_owner_key *args = data;
	struct enc_owner owner = { 0 };
	char text[ENC_FINGERPRINT_TEXT] = "";
	struct enc_error e = { 0 };

	if (!enc_owner_make(args->output, args->public, &owner, &e))
		return cli_fail(&e);
	enc_owner_fingerprint(&owner, text);
	printf("owner:         %s\n", text);
	enc_fingerprint(owner.sign, sizeof(owner.sign), text);
	printf("signing key:   %s\n", text);
	enc_fingerprint(owner.wrap, sizeof(owner.wrap), text);
	printf("sending key:   %s\n", text);
	return 0;
}
