/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope.h"

#include <string.h>

#include "bytes.h"
#include "field.h"

#define VERSION 2
/* DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; Ed25519 */
#define SUITE	    2
#define MODEL_BYTES (BOX_MODEL_ID_BYTES + 4)

enum offset {
	AT_VERSION = 8,
	AT_SUITE = 10,
	AT_EPOCH = 12,
	AT_TA = 16,
	AT_KEY_ID = 32,
	AT_DEVICE = 48,
	AT_OWNER = 80,
	AT_RETIRED = 112,
	AT_MODELS = 116,
	AT_MODEL = 120,
	AT_ENCAPSULATED = BOX_ENVELOPE_BOUND_BYTES,
	AT_SEALED = 440,
	AT_SIGNATURE = BOX_ENVELOPE_SIGNED_BYTES
};

_Static_assert(AT_MODEL + BOX_ENVELOPE_MODELS_MAX * MODEL_BYTES ==
		       AT_ENCAPSULATED,
	       "the models are the last field that is bound");

bool box_envelope_has_key(const struct box_envelope *envelope)
{
	return !box_is_zero(envelope->key_id, sizeof(envelope->key_id));
}

/* Each once, in ascending order: there is one way to write a list. */
static bool are_models(const struct box_envelope *envelope)
{
	const struct box_envelope_model *m = envelope->model;
	const uint32_t count = envelope->models;

	if (count > BOX_ENVELOPE_MODELS_MAX)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!box_is_model_id(m[i].id) || !m[i].security_version ||
		    (i && memcmp(m[i - 1].id, m[i].id, sizeof(m[i].id)) >= 0))
			return false;
	}
	return box_is_zero(m + count,
			   (BOX_ENVELOPE_MODELS_MAX - count) * sizeof(*m));
}

static bool is_key(const struct box_envelope *envelope)
{
	return box_envelope_has_key(envelope) ||
	       (box_is_zero(envelope->encapsulated,
			    sizeof(envelope->encapsulated)) &&
		box_is_zero(envelope->sealed, sizeof(envelope->sealed)));
}

static void read_fields(const uint8_t *bytes, struct box_envelope *envelope)
{
	envelope->epoch = box_load32(bytes + AT_EPOCH);
	memcpy(envelope->ta, bytes + AT_TA, BOX_UUID_BYTES);
	memcpy(envelope->key_id, bytes + AT_KEY_ID, BOX_KEY_ID_BYTES);
	memcpy(envelope->device, bytes + AT_DEVICE, BOX_X25519_BYTES);
	memcpy(envelope->owner, bytes + AT_OWNER, BOX_OWNER_BYTES);
	envelope->retired = box_load32(bytes + AT_RETIRED);
	envelope->models = box_load32(bytes + AT_MODELS);
	for (size_t i = 0; i < BOX_ENVELOPE_MODELS_MAX; i++) {
		const uint8_t *at = bytes + AT_MODEL + i * MODEL_BYTES;

		memcpy(envelope->model[i].id, at, BOX_MODEL_ID_BYTES);
		envelope->model[i].security_version =
			box_load32(at + BOX_MODEL_ID_BYTES);
	}
	memcpy(envelope->encapsulated, bytes + AT_ENCAPSULATED,
	       BOX_X25519_BYTES);
	memcpy(envelope->sealed, bytes + AT_SEALED, sizeof(envelope->sealed));
	memcpy(envelope->signature, bytes + AT_SIGNATURE, BOX_SIGNATURE_BYTES);
}

enum box_error box_envelope_read(const uint8_t bytes[BOX_ENVELOPE_BYTES],
				 struct box_envelope *envelope)
{
	if (memcmp(bytes, BOX_ENVELOPE_MAGIC, BOX_ENVELOPE_MAGIC_BYTES))
		return BOX_MAGIC;
	if (box_load16(bytes + AT_VERSION) != VERSION ||
	    box_load16(bytes + AT_SUITE) != SUITE)
		return BOX_VERSION;
	read_fields(bytes, envelope);
	if (!envelope->epoch || envelope->retired >= envelope->epoch ||
	    !are_models(envelope) || !is_key(envelope) ||
	    !box_is_signature(envelope->signature))
		return BOX_FIELD;
	return BOX_OK;
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
	memcpy(bytes + AT_OWNER, envelope->owner, BOX_OWNER_BYTES);
	box_store32(bytes + AT_RETIRED, envelope->retired);
	box_store32(bytes + AT_MODELS, envelope->models);
	for (size_t i = 0; i < BOX_ENVELOPE_MODELS_MAX; i++) {
		uint8_t *at = bytes + AT_MODEL + i * MODEL_BYTES;

		memcpy(at, envelope->model[i].id, BOX_MODEL_ID_BYTES);
		box_store32(at + BOX_MODEL_ID_BYTES,
			    envelope->model[i].security_version);
	}
	memcpy(bytes + AT_ENCAPSULATED, envelope->encapsulated,
	       BOX_X25519_BYTES);
	memcpy(bytes + AT_SEALED, envelope->sealed, sizeof(envelope->sealed));
	memcpy(bytes + AT_SIGNATURE, envelope->signature, BOX_SIGNATURE_BYTES);
}
