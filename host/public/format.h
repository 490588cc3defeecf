/* SPDX-License-Identifier: Apache-2.0 */
/* What kinds of records are called. */
#ifndef HOST_PUBLIC_FORMAT_H
#define HOST_PUBLIC_FORMAT_H

#include "nn/model.h"

/* For people: "Burn record", "record of 8-bit weights". */
const char *enc_format_name(enum nn_format format);

/* For machines: "f32", "int8". */
const char *enc_format_word(enum nn_format format);

#endif
