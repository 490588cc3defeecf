/* SPDX-License-Identifier: Apache-2.0 */
#include "failed.h"

void cli_error_of(const encmnist_error *from, struct enc_error *e)
{
	static const enum enc_error_kind kinds[] = {
		[ENCMNIST_OTHER] = ENC_OTHER,
		[ENCMNIST_TRY_AGAIN] = ENC_TRY_AGAIN,
		[ENCMNIST_REFUSED] = ENC_REFUSED,
		[ENCMNIST_NOT_FOR_DEVICE] = ENC_NOT_FOR_DEVICE,
		[ENCMNIST_STORAGE] = ENC_STORAGE,
	};

	enc_fail(e, ENC_ERR_LIBRARY, "%s", encmnist_error_what(from));
	enc_hint(e, "%s", encmnist_error_hint(from));
	e->kind = kinds[encmnist_error_kind(from)];
}

bool cli_failed(encmnist_error *from, struct enc_error *e)
{
	cli_error_of(from, e);
	encmnist_error_free(from);
	return false;
}
