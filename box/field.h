/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of fields that heads and envelopes have in common: private to box/. */
#ifndef BOX_FIELD_H
#define BOX_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "head.h"

bool box_is_zero(const void *bytes, size_t size);

/* 1 to 32 characters a-z 0-9 . _ -, then zeros. */
bool box_is_model_id(const uint8_t id[BOX_MODEL_ID_BYTES]);

/*
 * Whether S, the second half of a signature, is below the order L of the group
 * (RFC 8032, 5.1.7). Otherwise S + L would be another signature of the same
 * bytes, and libraries differ in whether they check.
 */
bool box_is_signature(const uint8_t signature[BOX_SIGNATURE_BYTES]);

#endif
