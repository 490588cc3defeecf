/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two models with different labels, each in both containers, and two small
 * networks, for tests that switch between models.
 */
#ifndef TEST_MODELS_H
#define TEST_MODELS_H

#include <tee_client_api.h>

#include "proto/enc_mnist_ta.h"
#include "testkit/sealed_maker.h"

#define MODELS	      2
#define MODELS_IMAGES 16

struct model {
	uint8_t *record; /* Burn's */
	uint8_t *network;
	size_t network_len;
	uint8_t *container; /* under models_key */
	size_t container_len;
	uint8_t *sealed; /* model "test", version 1, under models_owner.key */
	size_t sealed_len;
	uint8_t labels[MODELS_IMAGES];
	/* the same id and version, with another record: one layer */
	uint8_t *small;
	size_t small_len;
	uint8_t small_labels[MODELS_IMAGES];
};

extern const uint8_t models_key[ENC_MNIST_KEY_BYTES];
extern struct sealed_maker models_owner; /* the TA's owner */
extern struct model models[MODELS];
extern uint8_t models_images[MODELS_IMAGES * ENC_MNIST_IMAGE_BYTES];

void models_make(void);
void models_free(void);

/*
 * A model under another id and security version; the caller frees
 * models[].sealed_len.
 */
uint8_t *models_seal(const struct model *model, const char *id,
		     uint32_t security_version);

/*
 * Gives the TA models_key, and the owner's key in an envelope, as the only key.
 */
void models_store_keys(TEEC_Session *session, uint32_t epoch);

/* ENCRYPT of part of an image and DECRYPT of a container; drops the answer. */
TEEC_Result models_encrypt(TEEC_Session *session);
TEEC_Result models_decrypt(TEEC_Session *session);

#endif
