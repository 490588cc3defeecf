/* SPDX-License-Identifier: Apache-2.0 */
/* The passphrase of an encrypted private key, or the PIN of a token. */
#ifndef HOST_OWNER_PASSPHRASE_H
#define HOST_OWNER_PASSPHRASE_H

#include "host/base/error.h"

#define ENC_PASSPHRASE_MAX 1023 /* bytes */

/* Where it comes from. */
struct enc_passphrase {
	/*
	 * what: "passphrase" or "PIN"; of: what it opens, for messages; text: 1
	 * to ENC_PASSPHRASE_MAX bytes and a NUL
	 */
	bool (*ask)(void *ctx, const char *what, const char *of,
		    char text[ENC_PASSPHRASE_MAX + 1], struct enc_error *e);
	void *ctx;
};

/* Reads it from a file, one line. path: "-" is standard input. */
bool enc_passphrase_file(const char *path, const char *what,
			 char text[ENC_PASSPHRASE_MAX + 1],
			 struct enc_error *e);

#endif
