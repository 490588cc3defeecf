/* SPDX-License-Identifier: Apache-2.0 */
/* What the libraries report, as errors of commands. */
#ifndef CLI_FAILED_H
#define CLI_FAILED_H

#include "host/base/error.h"
#include "lib/encmnist-error.h"

void cli_error_of(const encmnist_error *from, struct enc_error *e);

/* The same, and frees it. Always returns false. */
bool cli_failed(encmnist_error *from, struct enc_error *e);

#endif
