/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli.h"
#include "host/owner/secret.h"
#include "host/token/token.h"
#include "passphrase.h"

/* Others could see it in the list of processes for as long as this runs. */
static void hide_pin(const char *uri)
{
	char *pin = strstr(uri, "pin-value=");

	if (!pin)
		return;
	pin += strlen("pin-value=");
	memset(pin, 'x', strcspn(pin, "&"));
}

bool cli_owner_open(const struct cli_owner *owner, struct enc_signer *signer,
		    struct enc_error *e)
{
	struct cli_passphrase from = { .file = owner->passphrase };
	const struct enc_passphrase passphrase = cli_passphrase(&from);
	bool ok = false;

	if (!enc_is_token(owner->key))
		return enc_owner_secret_read(owner->key, &passphrase, signer,
					     e);
	ok = enc_token_open(owner->key, &passphrase, signer, e);
	hide_pin(owner->key);
	return ok;
}
