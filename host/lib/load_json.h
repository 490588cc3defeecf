/* SPDX-License-Identifier: Apache-2.0 */
/* Models of enc_mnist-rs: feature original; without it, none is loaded. */
#ifndef HOST_LIB_LOAD_JSON_H
#define HOST_LIB_LOAD_JSON_H

#include <stdio.h>

#include "error.h"
#include "tee.h"

/* f: what comes after nothing has been read of it; label: its name, for *e */
bool enc_load_json(struct enc_tee *tee, FILE *f, const char *label,
		   struct enc_error *e);

#endif
