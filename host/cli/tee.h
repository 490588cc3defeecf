/* SPDX-License-Identifier: Apache-2.0 */
/* Which TA a command calls, and how long it waits for it. */
#ifndef CLI_TEE_H
#define CLI_TEE_H

#include "options.h"

/*
 * To be called before the TEE is: from now on, a call that takes too long ends
 * the program, with CLI_TRY_AGAIN.
 */
void cli_tee(const struct cli_tee *tee);

#endif
