/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <string.h>

#include "box/bytes.h"

static void read_key(const uint8_t *entry, struct enc_status_key *key)
{
	memcpy(key->id, entry, BOX_KEY_ID_BYTES);
	key->epoch = box_load32(entry + BOX_KEY_ID_BYTES);
}

static void read_model(const uint8_t *entry, struct enc_status_model *model)
{
	memcpy(model->id, entry, BOX_MODEL_ID_BYTES);
	enc_printable(model->id);
	model->security_version = box_load32(entry + BOX_MODEL_ID_BYTES);
	model->answers = box_load64(entry + BOX_MODEL_ID_BYTES + 8);
}

bool enc_status_read(const uint8_t bytes[ENC_MNIST_STATUS_BYTES],
		     struct enc_status *status, struct enc_error *e)
{
	struct enc_status s = {
		.flags = box_load32(bytes),
		.ta_version =
			box_load32(bytes + ENC_MNIST_STATUS_AT_TA_VERSION),
		.epoch_floor =
			box_load32(bytes + ENC_MNIST_STATUS_AT_EPOCH_FLOOR),
		.version_floor =
			box_load32(bytes + ENC_MNIST_STATUS_AT_VERSION_FLOOR),
		.heap = box_load32(bytes + ENC_MNIST_STATUS_AT_HEAP),
		.epoch = box_load32(bytes + ENC_MNIST_STATUS_AT_EPOCH),
		.key_count = box_load32(bytes + ENC_MNIST_STATUS_AT_KEYS),
		.model_count = box_load32(bytes + ENC_MNIST_STATUS_AT_MODELS),
	};

	if (s.key_count > ENC_MNIST_KEYS_MAX ||
	    s.model_count > ENC_MNIST_MODELS_MAX)
		return enc_fail(e, ENC_ERR_TEE,
				"the TA returned %u keys and %u model ids",
				(unsigned int)s.key_count,
				(unsigned int)s.model_count);
	memcpy(s.ta, bytes + ENC_MNIST_STATUS_AT_UUID, sizeof(s.ta));
	memcpy(s.owner.key, bytes + ENC_MNIST_STATUS_AT_OWNER,
	       sizeof(s.owner.key));
	memcpy(s.device, bytes + ENC_MNIST_STATUS_AT_DEVICE, sizeof(s.device));
	for (uint32_t i = 0; i < s.key_count; i++)
		read_key(bytes + ENC_MNIST_STATUS_AT_KEY +
				 i * ENC_MNIST_STATUS_KEY_BYTES,
			 &s.keys[i]);
	for (uint32_t i = 0; i < s.model_count; i++)
		read_model(bytes + ENC_MNIST_STATUS_AT_MODEL +
				   i * ENC_MNIST_STATUS_MODEL_BYTES,
			   &s.models[i]);
	*status = s;
	return true;
}
