/* SPDX-License-Identifier: Apache-2.0 */
/* What a device says of itself: keys, versions, protection. */
#ifndef HOST_PUBLIC_STATUS_H
#define HOST_PUBLIC_STATUS_H

#include <stdint.h>

#include "box/envelope.h"
#include "owner.h"
#include "proto/enc_mnist_ta.h"

struct enc_status_key {
	uint8_t id[BOX_KEY_ID_BYTES];
	uint32_t epoch;
};

struct enc_status_model {
	char id[BOX_MODEL_ID_BYTES + 1];
	uint32_t security_version; /* the lowest one that is loaded */
	uint64_t answers;	   /* where they are counted */
};

struct enc_status {
	uint32_t flags;	     /* ENC_MNIST_STATUS_* */
	uint32_t ta_version; /* 0: none was given */
	uint32_t epoch_floor;
	uint32_t version_floor;
	uint32_t heap; /* of the TA, for a session and its models, bytes */
	uint8_t ta[BOX_UUID_BYTES]; /* in the order of its text form */
	struct enc_owner owner;
	uint8_t device[BOX_X25519_BYTES];
	uint32_t epoch; /* 0: no envelope yet */
	uint32_t key_count;
	struct enc_status_key keys[ENC_MNIST_KEYS_MAX];
	uint32_t model_count;
	struct enc_status_model models[ENC_MNIST_MODELS_MAX];
};

#endif
