/* SPDX-License-Identifier: Apache-2.0 */
#include "owner.h"

#include <string.h>

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

encmnist_owner *cli_owner_open(const struct cli_owner *owner,
			       struct enc_error *e)
{
	struct cli_passphrase from = { .file = owner->passphrase };
	encmnist_error *error = NULL;
	encmnist_owner *opened = encmnist_owner_open(
		owner->key, cli_passphrase_ask, &from, &error);

	hide_pin(owner->key);
	if (!opened)
		cli_passphrase_failed(&from, error, e);
	return opened;
}

encmnist_model_key *cli_model_key_open(const struct cli_key *key,
				       struct enc_error *e)
{
	encmnist_error *error = NULL;
	encmnist_model_key *opened =
		key->file ? encmnist_model_key_open(key->file, &error) :
			    encmnist_model_key_of(key->hex, &error);

	if (key->hex)
		memset(key->hex, 'x', strlen(key->hex));
	if (!opened)
		cli_failed(error, e);
	return opened;
}
