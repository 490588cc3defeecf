/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"

const char *enc_format_name(enum nn_format format)
{
	return format == NN_FORMAT_INT8 ? "record of 8-bit weights" :
					  "Burn record";
}

const char *enc_format_word(enum nn_format format)
{
	return format == NN_FORMAT_INT8 ? "int8" : "f32";
}
