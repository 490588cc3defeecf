/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Envelopes, written on the owner's machine: a model's key for devices
 * (doc/FORMAT.md, section 2).
 */
#ifndef HOST_OWNER_WRAP_H
#define HOST_OWNER_WRAP_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "secret.h"

struct enc_wrap {
	const uint8_t *key; /* of the model, 32 bytes */
	const struct enc_owner_secret *owner;
	uint32_t epoch; /* from 1 */
};

/* One envelope. A device's key of low order is refused. */
bool enc_wrap_key(const struct enc_wrap *wrap,
		  const uint8_t device[BOX_X25519_BYTES],
		  uint8_t envelope[BOX_ENVELOPE_BYTES], struct enc_error *e);

/*
 * Writes to file `output` an envelope for each device whose public key is in
 * one of the `count` files, which may have several each. A device that is there
 * twice is refused. *devices: how many there were.
 */
bool enc_wrap_files(const struct enc_wrap *wrap, const char *const *files,
		    size_t count, const char *output, size_t *devices,
		    struct enc_error *e);

#endif
