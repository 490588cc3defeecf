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
#include "devices.h"
#include "host/base/error.h"
#include "signer.h"

struct enc_wrap {
	const uint8_t *key; /* model key, 32 bytes; NULL: none */
	const struct enc_signer *owner;
	const uint8_t *ta; /* UUID of the devices' TA, 16 bytes */
	uint32_t epoch;	   /* at least 1 */
	uint32_t retired;  /* keys up to this epoch are removed; below epoch */
	/* What devices may load, in ascending order of ids; none: any model. */
	uint32_t models;
	struct box_envelope_model model[BOX_ENVELOPE_MODELS_MAX];
};

/* Makes one envelope. Fails if the device's key is of low order. */
bool enc_wrap_key(const struct enc_wrap *wrap,
		  const uint8_t device[BOX_X25519_BYTES],
		  uint8_t envelope[BOX_ENVELOPE_BYTES], struct enc_error *e);

/* Writes to file `output` an envelope for each device. */
bool enc_wrap_devices(const struct enc_wrap *wrap,
		      const struct enc_devices *devices, const char *output,
		      struct enc_error *e);

#endif
