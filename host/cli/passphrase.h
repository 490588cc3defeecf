/* SPDX-License-Identifier: Apache-2.0 */
/* What protects the owner's key: from a file, or asked on the terminal. */
#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include "failed.h"
#include "host/owner/passphrase.h"

struct cli_passphrase {
	const char *file;   /* its first line; NULL: ask */
	bool is_new;	    /* ask twice */
	struct enc_error e; /* why there is none; else all zero */
};

/* `p` has to live as long. */
struct enc_passphrase cli_passphrase(struct cli_passphrase *p);

/* For libencmnist-owner, with a struct cli_passphrase as context. */
bool cli_passphrase_ask(void *context, const char *what, const char *of,
			char *text, size_t room);

/* The reason if there was no passphrase, else the library's. Returns false. */
bool cli_passphrase_failed(const struct cli_passphrase *p,
			   encmnist_error *error, struct enc_error *e);

#endif
