/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes sealed models and envelopes: valid ones, and others that no owner would
 * make. Aborts the test if that fails.
 */
#ifndef TESTKIT_SEALED_MAKER_H
#define TESTKIT_SEALED_MAKER_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "box/head.h"
#include "host/owner/signer.h"

/* An owner, a model key, and a head. */
struct sealed_maker {
	struct enc_signer owner;
	uint8_t key[BOX_MODEL_KEY_BYTES];
	/*
	 * Template. sealed_make() describes the network in it; of that, only a
	 * policy other than 0 is taken from here.
	 */
	struct box_head head;
};

/*
 * sealed_owner(): the owner that the TA was built for, with private keys from
 * the file ENC_MNIST_OWNER, or out/owner/owner.pem if that is not set.
 * sealed_stranger(): another owner, with new keys. Both have a random model
 * key, and the model "test", version 1.
 */
void sealed_owner(struct sealed_maker *maker);
void sealed_stranger(struct sealed_maker *maker);
void sealed_free(struct sealed_maker *maker);

/* Sets the model's id, 1 to 32 characters. */
void sealed_set_id(struct sealed_maker *maker, const char *id);

/*
 * The template's head for the record of a network. Of any other plaintext, of
 * at least BOX_RECORD_HEAD + BOX_TABLES_MIN bytes, it says that it were one.
 */
void sealed_describe(const struct sealed_maker *maker, const uint8_t *record,
		     size_t len, struct box_head *head);

/* Seals a plaintext with this head. The caller frees the model. */
uint8_t *sealed_make_as(const struct sealed_maker *maker,
			const struct box_head *head, const uint8_t *record,
			size_t len, size_t *sealed_len);

/* The same with the head of sealed_describe(). */
uint8_t *sealed_make(const struct sealed_maker *maker, const uint8_t *record,
		     size_t len, size_t *sealed_len);

/*
 * Replaces a sealed model's stream, in place, by that of another record of the
 * same length, under the maker's key. It is bound to the head, which stays.
 */
void sealed_replace_stream(const struct sealed_maker *maker, uint8_t *sealed,
			   size_t sealed_len, const uint8_t *record);

/* Signs a sealed model's head again, as it is; and an envelope. */
void sealed_sign(const struct sealed_maker *maker, uint8_t *sealed);
void sealed_sign_envelope(const struct sealed_maker *maker,
			  uint8_t bytes[BOX_ENVELOPE_BYTES]);

/*
 * What an envelope of the maker says, in a template for the next two: its key,
 * that it retires none, and any model. The epoch and the device are missing.
 */
struct box_envelope sealed_claim(const struct sealed_maker *maker);

/*
 * Makes an envelope for a device with the maker's key, and signs it. template:
 * if not NULL, its fields up to the models are written as they are; without a
 * key id, the envelope has no key.
 */
void sealed_envelope(const struct sealed_maker *maker,
		     const uint8_t device[BOX_X25519_BYTES], uint32_t epoch,
		     const struct box_envelope *template,
		     uint8_t bytes[BOX_ENVELOPE_BYTES]);

/* As sealed_envelope(), with the caller's ephemeral key. */
void sealed_envelope_from(const struct sealed_maker *maker,
			  const uint8_t device[BOX_X25519_BYTES],
			  uint32_t epoch, const struct box_envelope *template,
			  EVP_PKEY *ephemeral,
			  uint8_t bytes[BOX_ENVELOPE_BYTES]);

#endif
