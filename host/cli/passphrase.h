/* SPDX-License-Identifier: Apache-2.0 */
/* What protects the owner's key: from a file, or asked on the terminal. */
#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include "host/owner/passphrase.h"

struct cli_passphrase {
	const char *file; /* its first line; NULL: ask */
	bool is_new;	  /* ask twice */
};

/* `p` has to live as long. */
struct enc_passphrase cli_passphrase(struct cli_passphrase *p);

#endif
