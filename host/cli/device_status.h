/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what `status --json` printed on a device, for those who have none. */
#ifndef CLI_DEVICE_STATUS_H
#define CLI_DEVICE_STATUS_H

#include "host/base/error.h"
#include "host/public/status.h"

/*
 * path: "-" is standard input. Reads what a device compares with a file; the
 * rest of *status is 0.
 */
bool cli_device_status(const char *path, struct enc_status *status,
		       struct enc_error *e);

#endif
