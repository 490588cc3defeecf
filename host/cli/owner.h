/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of commands that seal and wrap. */
#ifndef CLI_OWNER_H
#define CLI_OWNER_H

#include "commands.h"
#include "failed.h"
#include "lib/encmnist-owner.h"

/*
 * Opens the owner's private key, and asks for what protects it. Overwrites a
 * PIN in argv, as cli_key_read() does with a key. NULL after an error.
 */
encmnist_owner *cli_owner_open(const struct cli_owner *owner,
			       struct enc_error *e);

/* Opens a model key as cli_key_read() does. NULL after an error. */
encmnist_model_key *cli_model_key_open(const struct cli_key *key,
				       struct enc_error *e);

/* What a model id is, for messages of --model-id and --model. */
#define CLI_MODEL_ID "1 to 32 of a-z 0-9 . _ -"

#endif
