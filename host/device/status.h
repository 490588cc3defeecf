/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the answer of ENC_MNIST_CMD_STATUS: keys, versions, protection. */
#ifndef HOST_DEVICE_STATUS_H
#define HOST_DEVICE_STATUS_H

#include <stdint.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "host/public/owner.h"
#include "proto/enc_mnist_ta.h"

struct enc_status_model {
	char id[BOX_MODEL_ID_BYTES + 1];
	uint32_t version; /* highest that was loaded */
};

struct enc_status {
	uint32_t flags;	   /* ENC_MNIST_STATUS_* */
	uint32_t rollback; /* protection level, GlobalPlatform's */
	uint32_t epoch_floor;
	uint32_t version_floor;
	uint32_t heap; /* of the TA, for a session and its models, bytes */
	struct enc_owner owner;
	uint8_t device[BOX_X25519_BYTES];
	uint32_t epoch; /* 0: no envelope yet */
	uint8_t key_id[BOX_KEY_ID_BYTES];
	uint32_t model_count;
	struct enc_status_model models[ENC_MNIST_MODELS_MAX];
};

/* Fails if the answer has more models than a TA tracks. */
bool enc_status_read(const uint8_t bytes[ENC_MNIST_STATUS_BYTES],
		     struct enc_status *status, struct enc_error *e);

/* Whether hardware protects trusted storage from rollback. */
bool enc_status_rollback_proof(const struct enc_status *status);

#endif
