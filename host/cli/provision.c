/* SPDX-License-Identifier: Apache-2.0 */
#include "host/device/provision.h"

#include <stdio.h>

#include "cli.h"
#include "host/base/hex.h"
#include "tee.h"

int cli_provision_run(const void *data)
{
	const struct cli_provision *args = data;
	struct enc_tee *tee = NULL;
	struct box_envelope taken = { 0 };
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";
	struct enc_error e = { 0 };
	bool ok = false;

	cli_tee(&args->tee);
	ok = enc_tee_open(&tee, &e) &&
	     enc_provision(tee, args->input, &taken, &e);
	enc_tee_close(tee);
	if (!ok)
		return cli_fail(&e);
	if (!box_envelope_has_key(&taken)) {
		printf("Envelope of epoch %u taken.\n",
		       (unsigned int)taken.epoch);
		return 0;
	}
	enc_hex_text(taken.key_id, sizeof(taken.key_id), id);
	printf("Key %s stored in the TEE, epoch %u.\n", id,
	       (unsigned int)taken.epoch);
	return 0;
}
