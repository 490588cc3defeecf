/* SPDX-License-Identifier: Apache-2.0 */
/* Errors of the libraries, from those of their parts. */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

#include "encmnist-error.h"
#include "host/base/error.h"

/* Sets *to, unless `to` is NULL. Always returns false. */
bool lib_fail(encmnist_error **to, const struct enc_error *e);

/* The same for want of memory. */
bool lib_no_memory(encmnist_error **to);

#endif
