/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>

#include "host/base/hex.h"
#include "lib/error.h"
#include "lib/options.h"

static void late(void *context, const struct enc_error *e)
{
	const encmnist_session *s = context;
	encmnist_error *why = NULL;

	lib_fail(&why, e);
	s->late(s->context, why);
	encmnist_error_free(why);
}

static bool open_session(encmnist_session *s,
			 const struct encmnist_options *options,
			 struct enc_error *e)
{
	struct encmnist_options given = { 0 };
	struct enc_tee_options to = { 0 };
	uint8_t uuid[ENC_UUID_BYTES] = { 0 };

	if (options &&
	    !lib_options(options, &given, sizeof(given), "ENCMNIST_OPTIONS", e))
		return false;
	if (given.ta && !enc_uuid_read(given.ta, uuid))
		return enc_fail(e, ENC_ERR_FORMAT, "`%.100s' is no UUID",
				given.ta);
	to.ta = given.ta ? uuid : NULL;
	to.wait = given.wait;
	to.late = given.late ? late : NULL;
	to.context = s;
	s->late = given.late;
	s->context = given.context;
	return enc_tee_open(&s->tee, &to, e);
}

bool encmnist_open(const struct encmnist_options *options,
		   encmnist_session **session, encmnist_error **error)
{
	encmnist_session *s = calloc(1, sizeof(*s));
	struct enc_error e = { 0 };

	*session = NULL;
	if (!s)
		return lib_no_memory(error);
	if (!open_session(s, options, &e)) {
		free(s);
		return lib_fail(error, &e);
	}
	*session = s;
	return true;
}

void encmnist_close(encmnist_session *session)
{
	if (!session)
		return;
	enc_tee_close(session->tee);
	enc_labels_free(&session->names);
	free(session);
}
