/* SPDX-License-Identifier: Apache-2.0 */
#include "tee.h"

#include <unistd.h>

#include "cli.h"
#include "host/base/hex.h"

#define SECONDS 120 /* many times what a slow device takes */

static void read_error(const encmnist_error *from, struct enc_error *e)
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
}

bool cli_tee_failed(encmnist_error *from, struct enc_error *e)
{
	read_error(from, e);
	encmnist_error_free(from);
	return false;
}

static void late(void *context, const encmnist_error *why)
{
	struct enc_error e = { 0 };

	(void)context;
	read_error(why, &e);
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
	return encmnist_open(&options, session, &error) ||
	       cli_tee_failed(error, e);
}
