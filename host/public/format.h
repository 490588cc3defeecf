/* SPDX-License-Identifier: Apache-2.0 */
/* Names of record formats. */
#ifndef HOST_PUBLIC_FORMAT_H
#define HOST_PUBLIC_FORMAT_H

#include "nn/model.h"

/* In messages: "Burn record", "record of 8-bit weights". */
const char *enc_format_name(enum nn_format format);

/* In JSON: "f32", "int8". */
const char *enc_format_word(enum nn_format format);

#endif
