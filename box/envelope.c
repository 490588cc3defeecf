/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope.h"

#include <string.h>

#include "bytes.h"

#define VERSION 1
#define SUITE	1 /* DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM */

enum offset {
	AT_VERSION = 8,
	AT_SUITE = 10,
	AT_EPOCH = 12,
	AT_TA = 16,
	AT_KEY_ID = 32,
	AT_DEVICE = 48,
	AT_SENDER = 80,
	AT_ENCAPSULATED = BOX_ENVELOPE_BOUND_BYTES,
	AT_SEALED = 144
};

enum box_error box_envelope_read(const uint8_t bytes[BOX_ENVELOPE_BYTES],
				 struct box_envelope *envelope)
{
	if (memcmp(bytes, BOX_ENVELOPE_MAGIC, BOX_ENVELOPE_MAGIC_BYTES))
		return BOX_MAGIC;
	if (box_load16(bytes + AT_VERSION) != VERSION ||
	    box_load16(bytes + AT_SUITE) != SUITE)
		return BOX_VERSION;
	envelope->epoch = box_load32(bytes + AT_EPOCH);
	memcpy(envelope->ta, bytes + AT_TA, BOX_UUID_BYTES);
	memcpy(envelope->key_id, bytes + AT_KEY_ID, BOX_KEY_ID_BYTES);
	memcpy(envelope->device, bytes + AT_DEVICE, BOX_X25519_BYTES);
	memcpy(envelope->sender, bytes + AT_SENDER, BOX_X25519_BYTES);
	memcpy(envelope->encapsulated, bytes + AT_ENCAPSULATED,
	       BOX_X25519_BYTES);
	memcpy(envelope->sealed, bytes + AT_SEALED, sizeof(envelope->sealed));
	return envelope->epoch ? BOX_OK : BOX_FIELD;
}

void box_envelope_write(const struct box_envelope *envelope,
			uint8_t bytes[BOX_ENVELOPE_BYTES])
{
	memcpy(bytes, BOX_ENVELOPE_MAGIC, BOX_ENVELOPE_MAGIC_BYTES);
	box_store16(bytes + AT_VERSION, VERSION);
	box_store16(bytes + AT_SUITE, SUITE);
	box_store32(bytes + AT_EPOCH, envelope->epoch);
	memcpy(bytes + AT_TA, envelope->ta, BOX_UUID_BYTES);
	memcpy(bytes + AT_KEY_ID, envelope->key_id, BOX_KEY_ID_BYTES);
	memcpy(bytes + AT_DEVICE, envelope->device, BOX_X25519_BYTES);
	memcpy(bytes + AT_SENDER, envelope->sender, BOX_X25519_BYTES);
	memcpy(bytes + AT_ENCAPSULATED, envelope->encapsulated,
	       BOX_X25519_BYTES);
	memcpy(bytes + AT_SEALED, envelope->sealed, sizeof(envelope->sealed));
}
