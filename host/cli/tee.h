/* SPDX-License-Identifier: Apache-2.0 */
/* Which TA a command calls, and how long it waits for it. */
#ifndef CLI_TEE_H
#define CLI_TEE_H

#include "failed.h"
#include "lib/encmnist.h"
#include "options.h"

/*
 * Opens a session. A call that takes too long ends the program, with
 * CLI_TRY_AGAIN.
 */
bool cli_tee_open(const struct cli_tee *args, encmnist_session **session,
		  struct enc_error *e);

#endif
