/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about sealed models and their keys, through the TEE Client API. */
#ifndef TESTKIT_SEALED_CLIENT_H
#define TESTKIT_SEALED_CLIENT_H

#include "client.h"
#include "host/device/status.h"
#include "sealed_maker.h"

/* Gets the device's public key. The TA makes one if there is none. */
TEEC_Result ta_device_key(TEEC_Session *session, uint8_t key[BOX_X25519_BYTES]);

TEEC_Result ta_provision(TEEC_Session *session,
			 const uint8_t envelope[BOX_ENVELOPE_BYTES]);

/*
 * Makes an envelope for this device as sealed_envelope() does, and provisions
 * it.
 */
TEEC_Result ta_provision_as(TEEC_Session *session,
			    const struct sealed_maker *maker, uint32_t epoch,
			    const struct box_envelope *template);

/* The same with the maker's key, which from then on is the device's only one.
 */
TEEC_Result ta_provision_epoch(TEEC_Session *session,
			       const struct sealed_maker *maker,
			       uint32_t epoch);

TEEC_Result ta_commit(TEEC_Session *session);

TEEC_Result ta_status(TEEC_Session *session, struct enc_status *status);

/* What a device knows of a model; all zero if it does not know it. */
const struct enc_status_model *ta_find_model(const struct enc_status *status,
					     const char *id);

/* Its lowest security version that may be loaded, as STATUS says; 0: any. */
uint32_t ta_lowest_version(TEEC_Session *session, const char *id);

bool ta_has_key(const struct enc_status *status,
		const uint8_t id[BOX_KEY_ID_BYTES]);

/* Chunks of a sealed model of `len` bytes: their number, offset and size. */
size_t sealed_chunks(size_t len);
size_t sealed_chunk_at(size_t chunk);
size_t sealed_chunk_size(size_t len, size_t chunk);

#endif
