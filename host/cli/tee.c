/* SPDX-License-Identifier: Apache-2.0 */
#include "tee.h"

#include <unistd.h>

#include "cli.h"
#include "host/base/hex.h"

#define SECONDS 120 /* many times what a slow device takes */

/* Another client's call that was cut short may hold what this one waits for. */
static void late(void *context)
{
	const unsigned int *seconds = context;
	struct enc_error e = { 0 };

	enc_fail(&e, ENC_ERR_TEE, "the TEE has not answered for %u second%s",
		 *seconds, enc_s(*seconds));
	enc_hint(&e, "tee-supplicant is stopped or busy, or a client was "
		     "killed or stopped while the TEE worked for it (`ps -eo "
		     "pid,stat,comm'; dmesg): restart tee-supplicant, and if "
		     "that does not help, the device; --wait for more time");
	e.kind = ENC_TRY_AGAIN;
	_exit(cli_fail(&e));
}

bool cli_tee_failed(encmnist_error *from, struct enc_error *e)
{
	static const enum enc_error_kind kinds[] = {
		[ENCMNIST_OTHER] = ENC_OTHER,
		[ENCMNIST_TRY_AGAIN] = ENC_TRY_AGAIN,
		[ENCMNIST_REFUSED] = ENC_REFUSED,
		[ENCMNIST_NOT_FOR_DEVICE] = ENC_NOT_FOR_DEVICE,
		[ENCMNIST_STORAGE] = ENC_STORAGE,
	};

	enc_fail(e, ENC_ERR_TEE, "%s", encmnist_error_what(from));
	enc_hint(e, "%s", encmnist_error_hint(from));
	e->kind = kinds[encmnist_error_kind(from)];
	encmnist_error_free(from);
	return false;
}

bool cli_tee_open(const struct cli_tee *args, encmnist_session **session,
		  struct enc_error *e)
{
	static unsigned int seconds; /* for late(), whenever it is called */
	struct encmnist_options options = ENCMNIST_OPTIONS;
	char ta[ENC_UUID_TEXT] = "";
	encmnist_error *error = NULL;

	seconds = args->wait.is_given ? args->wait.seconds : SECONDS;
	options.wait = seconds;
	options.late = late;
	options.context = &seconds;
	if (args->ta.is_given) {
		enc_uuid_text(args->ta.bytes, ta);
		options.ta = ta;
	}
	return encmnist_open(&options, session, &error) ||
	       cli_tee_failed(error, e);
}
