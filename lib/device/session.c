/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "host/base/hex.h"
#include "lib/error.h"

/* A program may know fewer members, but not more of them that are not 0. */
static bool read_options(const struct encmnist_options *from,
			 struct encmnist_options *to, struct enc_error *e)
{
	const uint8_t *bytes = (const uint8_t *)from;

	if (!from)
		return true;
	if (from->size < sizeof(from->size))
		return enc_fail(e, ENC_ERR_LIMIT,
				"the options begin with no ENCMNIST_OPTIONS");
	for (size_t i = sizeof(*to); i < from->size; i++) {
		if (bytes[i])
			return enc_fail(e, ENC_ERR_UNSUPPORTED,
					"the program uses an option that this "
					"library does not have");
	}
	memcpy(to, from, from->size < sizeof(*to) ? from->size : sizeof(*to));
	return true;
}

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

	if (!read_options(options, &given, e))
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
