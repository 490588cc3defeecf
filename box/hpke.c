/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and numbers are those of RFC 9180: LabeledExtract and LabeledExpand are
 * in section 4, ExtractAndExpand in 4.1, KeySchedule in 5.1. No output is
 * longer than one block of HMAC-SHA256, so LabeledExtract and LabeledExpand are
 * one HMAC each. The salt "" is equivalent to a block of zeros (RFC 5869, 2.2).
 */
#include "hpke.h"

#include <string.h>

#define MODE_BASE 0x00
#define TEXT(s)                  \
	{                        \
		s, sizeof(s) - 1 \
	}

struct schedule {
	box_hmac hmac;
	void *ctx;
	struct box_part suite;
};

static const uint8_t kem[] = { 'K', 'E', 'M', 0x00, 0x20 };
static const uint8_t hpke[] = { 'H',  'P',  'K',  'E',	0x00,
				0x20, 0x00, 0x01, 0x00, 0x01 };
static const uint8_t no_salt[BOX_HMAC_BYTES];

static bool labeled_extract(const struct schedule *s, const uint8_t *salt,
			    struct box_part label, struct box_part ikm,
			    uint8_t prk[BOX_HMAC_BYTES])
{
	const struct box_part parts[] = { TEXT("HPKE-v1"), s->suite, label,
					  ikm };

	return s->hmac(s->ctx, salt, parts, 4, prk);
}

/* Gives a whole block; the caller uses its first `len` bytes. */
static bool labeled_expand(const struct schedule *s, const uint8_t *prk,
			   struct box_part label, struct box_part info,
			   uint8_t len, uint8_t block[BOX_HMAC_BYTES])
{
	const uint8_t length[] = { 0, len };
	const uint8_t counter[] = { 1 };
	const struct box_part parts[] = {
		{ length, sizeof(length) },
		TEXT("HPKE-v1"),
		s->suite,
		label,
		info,
		{ counter, sizeof(counter) },
	};

	return s->hmac(s->ctx, prk, parts, 6, block);
}

/* Computes the shared secret of the KEM. */
static bool extract_and_expand(struct schedule *s,
			       const struct box_hpke_input *in,
			       struct box_hpke *out)
{
	const struct box_part dh = { in->dh, sizeof(in->dh) };
	const struct box_part context = { out->context, 2 * BOX_X25519_BYTES };

	s->suite = (struct box_part){ kem, sizeof(kem) };
	memcpy(out->context, in->encapsulated, BOX_X25519_BYTES);
	memcpy(out->context + BOX_X25519_BYTES, in->recipient,
	       BOX_X25519_BYTES);
	return labeled_extract(s, no_salt, (struct box_part)TEXT("eae_prk"), dh,
			       out->secret) &&
	       labeled_expand(s, out->secret,
			      (struct box_part)TEXT("shared_secret"), context,
			      BOX_HMAC_BYTES, out->secret);
}

static bool key_schedule(struct schedule *s, const struct box_hpke_input *in,
			 struct box_hpke *out)
{
	const struct box_part none = { NULL, 0 };
	const struct box_part info = { in->info, in->info_len };
	const struct box_part context = { out->context,
					  1 + 2 * BOX_HMAC_BYTES };

	s->suite = (struct box_part){ hpke, sizeof(hpke) };
	out->context[0] = MODE_BASE;
	if (!labeled_extract(s, no_salt, (struct box_part)TEXT("psk_id_hash"),
			     none, out->context + 1) ||
	    !labeled_extract(s, no_salt, (struct box_part)TEXT("info_hash"),
			     info, out->context + 1 + BOX_HMAC_BYTES) ||
	    !labeled_extract(s, out->secret, (struct box_part)TEXT("secret"),
			     none, out->secret))
		return false;
	if (!labeled_expand(s, out->secret, (struct box_part)TEXT("key"),
			    context, BOX_HPKE_KEY_BYTES, out->block))
		return false;
	memcpy(out->key, out->block, BOX_HPKE_KEY_BYTES);
	if (!labeled_expand(s, out->secret, (struct box_part)TEXT("base_nonce"),
			    context, BOX_HPKE_NONCE_BYTES, out->block))
		return false;
	memcpy(out->nonce, out->block, BOX_HPKE_NONCE_BYTES);
	return true;
}

bool box_hpke_base(box_hmac hmac, void *ctx, const struct box_hpke_input *in,
		   struct box_hpke *out)
{
	struct schedule s = { .hmac = hmac, .ctx = ctx };

	return extract_and_expand(&s, in, out) && key_schedule(&s, in, out);
}
