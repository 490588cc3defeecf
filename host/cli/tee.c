/* SPDX-License-Identifier: Apache-2.0 */
#include "tee.h"

#include <unistd.h>

#include "cli.h"
#include "host/base/hex.h"

#define SECONDS 120 /* many times what a slow device takes */

static void late(void *context, const encmnist_error *why)
{
	struct enc_error e = { 0 };

	(void)context;
	cli_error_of(why, &e);
	_exit(cli_fail(&e));
}

bool cli_tee_open(const struct cli_tee *args, encmnist_session **session,
		  struct enc_error *e)
{
	struct encmnist_options options = ENCMNIST_OPTIONS;
	char ta[ENC_UUID_TEXT] = "";
	encmnist_error *error = NULL;

	options.wait = args->wait.is_given ? args->wait.seconds : SECONDS;
	options.late = late;
	if (args->ta.is_given) {
		enc_uuid_text(args->ta.bytes, ta);
		options.ta = ta;
	}
	return encmnist_open(&options, session, &error) || cli_failed(error, e);
}
