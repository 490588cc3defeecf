/* SPDX-License-Identifier: Apache-2.0 */
#include "tee.h"

#include <unistd.h>

#include "cli.h"
#include "host/device/session.h"

#define SECONDS 120 /* many times what a slow device takes */

static unsigned int seconds;

/* Another client's call that was cut short may hold what this one waits for. */
static void late(void)
{
	struct enc_error e = { 0 };

	enc_fail(&e, ENC_ERR_TEE, "the TEE has not answered for %u second%s",
		 seconds, enc_s(seconds));
	enc_hint(&e, "tee-supplicant is stopped or busy, or a client was "
		     "killed or stopped while the TEE worked for it (`ps -eo "
		     "pid,stat,comm'; dmesg): restart tee-supplicant, and if "
		     "that does not help, the device; --wait for more time");
	e.kind = ENC_TRY_AGAIN;
	_exit(cli_fail(&e));
}

void cli_tee(const struct cli_tee *tee)
{
	if (tee->ta.is_given)
		enc_tee_choose(tee->ta.bytes);
	seconds = tee->wait.is_given ? tee->wait.seconds : SECONDS;
	enc_tee_wait(seconds, late);
}
