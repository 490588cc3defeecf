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

/* Makes an envelope with the maker's key for this device, and provisions it. */
TEEC_Result ta_provision_epoch(TEEC_Session *session,
			       const struct sealed_maker *maker,
			       uint32_t epoch);

TEEC_Result ta_status(TEEC_Session *session, struct enc_status *status);

/* The highest version of a model that a device has seen; 0: none. */
uint32_t ta_seen_version(const struct enc_status *status, const char *id);

/* Chunks of a sealed model of `len` bytes: their number, offset and size. */
size_t sealed_chunks(size_t len);
size_t sealed_chunk_at(size_t chunk);
size_t sealed_chunk_size(size_t len, size_t chunk);

#endif
