/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device: its key pair, which model keys it has, which models it may load,
 * and the numbers that must never go back. All of it is one persistent object,
 * so each change is one transaction, and deleting a part deletes the rest: the
 * next key pair cannot open earlier envelopes.
 */
#ifndef TA_DEVICE_H
#define TA_DEVICE_H

#include "box/envelope.h"
#include "kit.h"
#include "proto/enc_mnist_ta.h"

/* A model key that counts: model_key.h. */
struct device_key {
	uint8_t id[BOX_KEY_ID_BYTES];
	uint32_t epoch; /* of its envelope */
	uint32_t slot;	/* where it is stored */
};

struct device_model {
	uint8_t id[BOX_MODEL_ID_BYTES];
	uint32_t security_version; /* the lowest one that may be loaded */
	uint32_t since;		   /* the epoch in which it became known */
	uint64_t answers; /* given or promised, where they are counted */
};

struct device_state {
	uint32_t format;
	uint32_t epoch;	    /* of the last accepted envelope; 0: none */
	uint32_t is_listed; /* 1: only the models below may be loaded */
	uint32_t keys;
	struct device_key key[ENC_MNIST_KEYS_MAX];
	uint32_t models;
	uint32_t reserved;
	struct device_model model[ENC_MNIST_MODELS_MAX];
};

struct device {
	TEE_ObjectHandle object; /* the key pair, X25519 */
	uint8_t public_key[BOX_X25519_BYTES];
	struct device_state state;
};

extern const char device_object[]; /* its id in trusted storage */

/*
 * Opens the device object; the caller closes it. TEE_ERROR_ITEM_NOT_FOUND:
 * there is no device key. `write`: exclusively.
 */
TEE_Result device_open(struct device *device, bool write);
void device_close(struct device *device);

/* Stores device->state. A power cut leaves the old state or the new one. */
TEE_Result device_write(struct device *device);

/* NULL: there is none. */
const struct device_key *device_find_key(const struct device_state *state,
					 const uint8_t id[BOX_KEY_ID_BYTES]);
struct device_model *device_find_model(struct device_state *state,
				       const uint8_t id[BOX_MODEL_ID_BYTES]);

/*
 * A model's entry, a new one if there is none. NULL: no room, or the owner has
 * listed others.
 */
struct device_model *device_add_model(struct device_state *state,
				      const uint8_t id[BOX_MODEL_ID_BYTES]);

/*
 * Whether the device may load this model, and *key, which opens it.
 * TEE_ERROR_ITEM_NOT_FOUND: it has no such key. TEE_ERROR_SECURITY: the key or
 * the model is of the past, or the owner does not allow it here.
 */
TEE_Result device_admits(struct device_state *state,
			 const struct box_head *head,
			 const struct device_key **key);

/* DEVICE_KEY of proto/enc_mnist_ta.h. */
TEE_Result device_public_key(uint8_t public_key[BOX_X25519_BYTES]);

#endif
