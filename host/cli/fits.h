/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a device will take a file, judged beforehand from what `status
 * --json` printed there: for update agents, which have no device at hand.
 */
#ifndef CLI_FITS_H
#define CLI_FITS_H

#include "host/public/inspect.h"

#define CLI_FITS_MAX 8 /* reasons */

struct cli_fits {
	const char *reasons[CLI_FITS_MAX]; /* against it */
	size_t count;			   /* 0: the device takes it */
};

/*
 * path: a file of `status --json`. Judges all that a device compares but the
 * file's own authenticity, which enc_inspect_verdict() judges.
 */
bool cli_fits(const struct enc_inspection *i, const char *path,
	      struct cli_fits *fits, struct enc_error *e);

#endif
