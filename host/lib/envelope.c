/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope.h"

#include "hex.h"
#include "proto/enc_mnist_ta.h"

void enc_ta_uuid(uint8_t uuid[BOX_UUID_BYTES])
{
	const char *at = ENC_MNIST_TA_UUID_TEXT;

	for (size_t i = 0; i < BOX_UUID_BYTES; i++, at += 2) {
		at += *at == '-';
		uuid[i] = (uint8_t)(enc_hex_digit(at[0]) << 4 |
				    enc_hex_digit(at[1]));
	}
}
