/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts a model key into envelopes for devices, on the workstation:
 * doc/FORMAT.md, section 2.
 */
#ifndef HOST_OWNER_WRAP_H
#define HOST_OWNER_WRAP_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "secret.h"

struct enc_wrap {
	const uint8_t *key; /* model key, 32 bytes */
	const struct enc_owner_secret *owner;
	uint32_t epoch; /* at least 1 */
};

/* Makes one envelope. Fails if the device's key is of low order. */
bool enc_wrap_key(const struct enc_wrap *wrap,
		  const uint8_t device[BOX_X25519_BYTES],
		  uint8_t envelope[BOX_ENVELOPE_BYTES], struct enc_error *e);

/*
 * Writes to file `output` an envelope for each device whose public key is in
 * one of the `count` files. A file may have several keys. Fails if two keys are
 * the same. *devices: number of keys.
 */
bool enc_wrap_files(const struct enc_wrap *wrap, const char *const *files,
		    size_t count, const char *output, size_t *devices,
		    struct enc_error *e);

#endif
