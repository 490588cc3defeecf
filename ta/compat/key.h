/* SPDX-License-Identifier: Apache-2.0 */
/* The key of STORE_KEY: one AES-256 key in the trusted storage of this TA. */
#ifndef TA_COMPAT_KEY_H
#define TA_COMPAT_KEY_H

#include "proto/enc_mnist_ta.h"
#include "ta/kit.h"

/* Replaces the key; a power cut leaves the old one or the new one. */
TEE_Result key_store(const uint8_t key[ENC_MNIST_KEY_BYTES]);

/*
 * Reads the key; the caller wipes it. TEE_ERROR_ITEM_NOT_FOUND: none is stored.
 */
TEE_Result key_read(uint8_t key[ENC_MNIST_KEY_BYTES]);

#endif
