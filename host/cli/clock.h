/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

/* Seconds on a monotonic clock. */
double cli_now(void);

#endif
