/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that an owner makes envelopes for. Whoever can change a file of
 * public keys on its way can put his own into it, and would get the model key.
 * So the owner says how many devices there are, and which.
 */
#ifndef HOST_OWNER_DEVICES_H
#define HOST_OWNER_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "host/base/error.h"

#define ENC_GIVE_DEVICE_KEY \
	"give what `enc_mnist device-key` printed on the device"

struct enc_device {
	uint8_t key[BOX_X25519_BYTES];
	uint8_t digest[BOX_DIGEST_BYTES]; /* the bytes of its fingerprint */
	const char *file;
};

struct enc_devices {
	struct enc_device *all; /* sorted by key */
	size_t count;
};

/*
 * Reads the devices whose public keys are in the `count` files. Fails if two
 * keys are the same. expected: their number; 0: one in each file. Free
 * *devices, also after a failure.
 */
bool enc_devices_read(const char *const *files, size_t count, size_t expected,
		      struct enc_devices *devices, struct enc_error *e);

/*
 * Fails if a device has another fingerprint than these `count`, or if none has
 * one of them.
 */
bool enc_devices_match(const struct enc_devices *devices,
		       const uint8_t (*digests)[BOX_DIGEST_BYTES], size_t count,
		       struct enc_error *e);

void enc_devices_free(struct enc_devices *devices);

#endif
