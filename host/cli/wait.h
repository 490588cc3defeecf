/* SPDX-License-Identifier: Apache-2.0 */
/* How long a command waits for the TEE. */
#ifndef CLI_WAIT_H
#define CLI_WAIT_H

#include "options.h"

/*
 * To be called before the TEE is: from now on, a call that takes too long ends
 * the program, with CLI_NO_ANSWER.
 */
void cli_wait(const struct cli_wait *wait);

#endif
