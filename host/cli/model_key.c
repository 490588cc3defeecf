/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "owner.h"

int cli_model_key_run(const void *data)
{
	const struct cli_model_key *args = data;
	encmnist_error *error = NULL;
	encmnist_model_key *key = encmnist_model_key_make(args->output, &error);
	struct enc_error e = { 0 };

	if (!key) {
		cli_failed(error, &e);
		return cli_fail(&e);
	}
	printf("key id:        %s\n", encmnist_model_key_id(key));
	encmnist_model_key_close(key);
	return 0;
}
