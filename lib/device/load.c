/* SPDX-License-Identifier: Apache-2.0 */
#include "host/device/load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/base/file.h"
#include "host/compat/device/source.h"
#include "lib/error.h"
#include "session.h"

static const struct enc_source *const sources[] = {
	&enc_source_sealed,
#ifdef ENC_MNIST_COMPAT
	&enc_source_json,
#endif
	NULL,
};

/* The TA has the new model from here on, whatever happens. */
static bool accept(encmnist_session *s, struct enc_labels *names,
		   struct enc_error *e)
{
	const struct enc_network *network = enc_tee_network(s->tee, e);

	enc_labels_free(&s->names);
	s->network = network ? *network : (struct enc_network){ 0 };
	if (network)
		s->names = *names;
	else
		enc_labels_free(names);
	return network;
}

bool encmnist_load_file(encmnist_session *session, const char *path,
			encmnist_error **error)
{
	struct enc_labels names = { 0 };
	struct enc_error e = { 0 };

	return (enc_load_model(session->tee, sources, path, &names, &e) &&
		accept(session, &names, &e)) ||
	       lib_fail(error, &e);
}

struct reader {
	ptrdiff_t (*read)(void *context, void *buffer, size_t len);
	void *context;
};

static ssize_t read_cookie(void *cookie, char *buffer, size_t len)
{
	const struct reader *from = cookie;
	const ptrdiff_t n = from->read(from->context, buffer, len);

	if (n <= (ptrdiff_t)len)
		return n;
	errno = EOVERFLOW; /* it has written behind the buffer */
	return -1;
}

bool encmnist_load(encmnist_session *session,
		   ptrdiff_t (*read)(void *context, void *buffer, size_t len),
		   void *context, const char *name, encmnist_error **error)
{
	struct reader from = { read, context };
	struct enc_labels names = { 0 };
	struct enc_error e = { 0 };
	FILE *f = fopencookie(&from, "r",
			      (cookie_io_functions_t){ .read = read_cookie });
	bool ok = false;

	if (!f)
		return lib_no_memory(error);
	ok = enc_load_stream(session->tee, sources, f, name, &names, &e) &&
	     accept(session, &names, &e);
	fclose(f);
	return ok || lib_fail(error, &e);
}

struct memory {
	const uint8_t *at;
	size_t left;
};

static ptrdiff_t read_memory(void *context, void *buffer, size_t len)
{
	struct memory *from = context;
	const size_t n = len < from->left ? len : from->left;

	memcpy(buffer, from->at, n);
	from->at += n;
	from->left -= n;
	return (ptrdiff_t)n;
}

bool encmnist_load_memory(encmnist_session *session, const void *data,
			  size_t len, encmnist_error **error)
{
	struct memory from = { data, len };

	return encmnist_load(session, read_memory, &from, "the model", error);
}
