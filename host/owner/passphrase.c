/* SPDX-License-Identifier: Apache-2.0 */
#include "passphrase.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"

bool enc_passphrase_file(const char *path, const char *what,
			 char text[ENC_PASSPHRASE_MAX + 1], struct enc_error *e)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	size_t len = 0;
	bool ok = false;

	if (!enc_file_read(path, ENC_PASSPHRASE_MAX + 2, &bytes, &size, e))
		return false;
	len = size;
	if (len && bytes[len - 1] == '\n')
		len--;
	if (len < size && len && bytes[len - 1] == '\r')
		len--;
	ok = len && len <= ENC_PASSPHRASE_MAX && !memchr(bytes, '\n', len) &&
	     !memchr(bytes, '\0', len);
	if (ok) {
		memcpy(text, bytes, len);
		text[len] = '\0';
	}
	OPENSSL_cleanse(bytes, size);
	free(bytes);
	return ok || enc_fail(e, ENC_ERR_FORMAT,
			      "%s: not a %s: one line of 1 to %d bytes",
			      enc_file_label(path), what, ENC_PASSPHRASE_MAX);
}
