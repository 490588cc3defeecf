/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/model_key.h"

#include <stdio.h>

#include "cli.h"
#include "host/base/hex.h"

int cli_model_key_run(const void *data)
{
	const struct cli_model_key *args = data;
	uint8_t id[BOX_KEY_ID_BYTES] = { 0 };
	char text[2 * BOX_KEY_ID_BYTES + 1] = "";
	struct enc_error e = { 0 };

	if (!enc_model_key_make(args->output, id, &e))
		return cli_fail(&e);
	enc_hex_text(id, sizeof(id), text);
	printf("key id:        %s\n", text);
	return 0;
}
