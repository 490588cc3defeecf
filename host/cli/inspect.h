/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what `enc_mnist inspect` found, as JSON. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "fits.h"
#include "host/public/inspect.h"

/* owner, fits: NULL if no owner, no device was given. */
bool cli_inspect_json(const struct enc_inspection *i,
		      const struct enc_owner *owner,
		      const struct cli_fits *fits, struct enc_error *e);

#endif
