/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <string.h>

#include "box/bytes.h"

/* GlobalPlatform's protection level for "by hardware of the TEE". */
#define ROLLBACK_HARDWARE 1000

static void read_model(const uint8_t *entry, struct enc_status_model *model)
{
	memcpy(model->id, entry, BOX_MODEL_ID_BYTES);
	enc_printable(model->id);
	model->version = box_load32(entry + BOX_MODEL_ID_BYTES);
}

bool enc_status_read(const uint8_t bytes[ENC_MNIST_STATUS_BYTES],
		     struct enc_status *status, struct enc_error *e)
{
	struct enc_status s = {
		.flags = box_load32(bytes),
		.rollback = box_load32(bytes + ENC_MNIST_STATUS_AT_ROLLBACK),
		.epoch_floor =
			box_load32(bytes + ENC_MNIST_STATUS_AT_EPOCH_FLOOR),
		.version_floor =
			box_load32(bytes + ENC_MNIST_STATUS_AT_VERSION_FLOOR),
		.heap = box_load32(bytes + ENC_MNIST_STATUS_AT_HEAP),
		.epoch = box_load32(bytes + ENC_MNIST_STATUS_AT_EPOCH),
		.model_count = box_load32(bytes + ENC_MNIST_STATUS_AT_MODELS),
	};
	const uint8_t *entry = bytes + ENC_MNIST_STATUS_AT_ENTRIES;

	if (s.model_count > ENC_MNIST_MODELS_MAX)
		return enc_fail(e, ENC_ERR_TEE, "the TA returned %u model ids",
				(unsigned int)s.model_count);
	memcpy(s.owner.sign, bytes + ENC_MNIST_STATUS_AT_OWNER_SIGN,
	       sizeof(s.owner.sign));
	memcpy(s.owner.wrap, bytes + ENC_MNIST_STATUS_AT_OWNER_WRAP,
	       sizeof(s.owner.wrap));
	memcpy(s.device, bytes + ENC_MNIST_STATUS_AT_DEVICE, sizeof(s.device));
	memcpy(s.key_id, bytes + ENC_MNIST_STATUS_AT_KEY_ID, sizeof(s.key_id));
	for (uint32_t i = 0; i < s.model_count; i++)
		read_model(entry + i * ENC_MNIST_STATUS_ENTRY_BYTES,
			   &s.models[i]);
	*status = s;
	return true;
}

bool enc_status_rollback_proof(const struct enc_status *status)
{
	return status->rollback >= ROLLBACK_HARDWARE;
}
