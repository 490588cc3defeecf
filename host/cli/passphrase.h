/* SPDX-License-Identifier: Apache-2.0 */
/* The passphrase of an owner's key: from a file, or asked on the terminal. */
#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include "host/owner/secret.h"

struct cli_passphrase {
	const char *file; /* its first line; NULL: ask */
	const char *of;	  /* what it opens, for messages */
	bool is_new;	  /* ask twice */
};

/* `p` has to live as long. */
struct enc_passphrase cli_passphrase(struct cli_passphrase *p);

#endif
