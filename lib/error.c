/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/enc_mnist_ta.h"

struct encmnist_error {
	enum encmnist_kind kind;
	const char *what;
	const char *hint;
	char text[]; /* both */
};

/* There is no memory for one that says so. */
static encmnist_error no_memory = { ENCMNIST_TRY_AGAIN, "out of memory", "" };

static enum encmnist_kind kind_of(enum enc_error_kind kind)
{
	switch (kind) {
	case ENC_TRY_AGAIN:
		return ENCMNIST_TRY_AGAIN;
	case ENC_STORAGE:
		return ENCMNIST_STORAGE;
	case ENC_NOT_FOR_DEVICE:
		return ENCMNIST_NOT_FOR_DEVICE;
	case ENC_REFUSED:
		return ENCMNIST_REFUSED;
	default:
		return ENCMNIST_OTHER;
	}
}

bool lib_fail(encmnist_error **to, const struct enc_error *e)
{
	const size_t what = strlen(e->what) + 1;
	const size_t hint = strlen(e->hint) + 1;
	encmnist_error *made = NULL;

	if (!to)
		return false;
	made = malloc(sizeof(*made) + what + hint);
	if (!made)
		return lib_no_memory(to);
	made->kind = kind_of(e->kind);
	made->what = memcpy(made->text, e->what, what);
	made->hint = memcpy(made->text + what, e->hint, hint);
	*to = made;
	return false;
}

bool lib_no_memory(encmnist_error **to)
{
	if (to)
		*to = &no_memory;
	return false;
}

enum encmnist_kind encmnist_error_kind(const encmnist_error *e)
{
	return e->kind;
}

const char *encmnist_error_what(const encmnist_error *e)
{
	return e->what;
}

const char *encmnist_error_hint(const encmnist_error *e)
{
	return e->hint;
}

void encmnist_error_free(encmnist_error *e)
{
	if (e != &no_memory)
		free(e);
}

void encmnist_free(char *text)
{
	free(text);
}

const char *encmnist_version(void)
{
	return ENC_MNIST_VERSION;
}
