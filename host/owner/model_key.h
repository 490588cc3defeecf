/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the key that models are sealed under. */
#ifndef HOST_OWNER_MODEL_KEY_H
#define HOST_OWNER_MODEL_KEY_H

#include "host/base/error.h"
#include "host/base/hex.h"

/*
 * Writes 64 hexadecimal digits and a line end to a file with mode 0600. Fails
 * if it exists, even as a dangling symbolic link. key: the same, for the caller
 * to wipe.
 */
bool enc_model_key_make(const char *path, uint8_t key[ENC_KEY_BYTES],
			struct enc_error *e);

#endif
