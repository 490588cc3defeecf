/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what `enc_mnist inspect` found, as JSON. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "host/public/inspect.h"

/* owner: NULL if none was given. */
bool cli_inspect_json(const struct enc_inspection *i,
		      const struct enc_owner *owner, struct enc_error *e);

#endif
