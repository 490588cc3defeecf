/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what `enc_mnist inspect` found, as JSON. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "host/public/fits.h"

/*
 * owner, fits: NULL if no owner, no device was given. verdict: what is wrong,
 * or NULL.
 */
bool cli_inspect_json(const struct enc_inspection *i,
		      const struct enc_owner *owner,
		      const struct enc_fits *fits,
		      const struct enc_error *verdict, struct enc_error *e);

/* What a device's status cannot tell about a file that it takes, or NULL. */
const char *cli_inspect_unknown(const struct enc_inspection *i);

#endif
