/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed models and envelopes, good ones and such as an owner would not make.
 * Whatever cannot be made ends the test.
 */
#ifndef TESTKIT_SEALED_MAKER_H
#define TESTKIT_SEALED_MAKER_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "box/head.h"
#include "host/owner/secret.h"

/* Who seals, and with what. */
struct sealed_maker {
	struct enc_owner_secret owner;
	uint8_t key[BOX_MODEL_KEY_BYTES];
	struct box_head
		head; /* a template: what a test does not set is right */
};

/*
 * The owner that the TA was built for, whose private keys are in the file that
 * ENC_MNIST_OWNER names (out/owner/owner.pem if it names none), or another one,
 * made up; a random key; model "test", version 1, of nn_mnist.
 */
void sealed_owner(struct sealed_maker *maker);
void sealed_stranger(struct sealed_maker *maker);
void sealed_free(struct sealed_maker *maker);

/* The model's id, 1 to 32 characters. */
void sealed_set_id(struct sealed_maker *maker, const char *id);

/* A sealed model of the template's head; the caller frees it. */
uint8_t *sealed_make(const struct sealed_maker *maker, const uint8_t *record,
		     size_t len, size_t *sealed_len);

/*
 * Puts a stream of another record behind the bound part of a sealed model's
 * head, under the maker's key, in place; of as many bytes.
 */
void sealed_replace_stream(const struct sealed_maker *maker, uint8_t *sealed,
			   size_t sealed_len, const uint8_t *record);

/* Signs a sealed model's head again, as it is. */
void sealed_sign(const struct sealed_maker *maker, uint8_t *sealed);

/*
 * An envelope for a device with the maker's key. `template`: if not NULL, what
 * it says of TA, key id, device and sender stays as it is, and is bound.
 */
void sealed_envelope(const struct sealed_maker *maker,
		     const uint8_t device[BOX_X25519_BYTES], uint32_t epoch,
		     const struct box_envelope *template,
		     uint8_t bytes[BOX_ENVELOPE_BYTES]);

/* The same with an ephemeral key that is not made for it. */
void sealed_envelope_from(const struct sealed_maker *maker,
			  const uint8_t device[BOX_X25519_BYTES],
			  uint32_t epoch, const struct box_envelope *template,
			  EVP_PKEY *ephemeral,
			  uint8_t bytes[BOX_ENVELOPE_BYTES]);

#endif
