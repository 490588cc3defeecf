/* SPDX-License-Identifier: Apache-2.0 */
#include "fits.h"

#include <stdio.h>
#include <string.h>

static void against(struct enc_fits *fits, bool is_so, enum enc_error_kind kind,
		    const char *reason)
{
	const size_t len = strlen(fits->why);

	if (!is_so)
		return;
	snprintf(fits->why + len, sizeof(fits->why) - len, "%s%s",
		 len ? ", and " : "", reason);
	if (kind > fits->kind)
		fits->kind = kind;
}

/* --- Models ------------------------------------------------------------ */

static const struct enc_status_key *find_key(const uint8_t id[BOX_KEY_ID_BYTES],
					     const struct enc_status *s)
{
	for (uint32_t i = 0; i < s->key_count; i++) {
		if (!memcmp(s->keys[i].id, id, BOX_KEY_ID_BYTES))
			return &s->keys[i];
	}
	return NULL;
}

static const struct enc_status_model *
find_model(const uint8_t id[BOX_MODEL_ID_BYTES], const struct enc_status *s)
{
	for (uint32_t i = 0; i < s->model_count; i++) {
		if (!strncmp(s->models[i].id, (const char *)id,
			     BOX_MODEL_ID_BYTES))
			return &s->models[i];
	}
	return NULL;
}

bool enc_fits_id(const uint8_t id[BOX_MODEL_ID_BYTES],
		 const struct enc_status *s)
{
	return s->model_count < ENC_MNIST_MODELS_MAX || find_model(id, s);
}

static void judge_answers(const struct box_head *head,
			  const struct enc_status *s, struct enc_fits *fits)
{
	const struct enc_status_model *model = find_model(head->model_id, s);

	against(fits, model && model->answers >= head->life_answers,
		ENC_NOT_FOR_DEVICE,
		"the device has given all answers that its owner allows");
	against(fits, !enc_fits_id(head->model_id, s), ENC_NOT_FOR_DEVICE,
		"the device cannot count the answers of another model id");
}

void enc_fits_model(const struct box_head *head, const struct enc_status *s,
		    struct enc_fits *fits)
{
	const struct enc_status_key *key = find_key(head->key_id, s);
	const struct enc_status_model *model = find_model(head->model_id, s);
	const struct enc_heap heap = enc_heap_of(head);

	*fits = (struct enc_fits){ 0 };
	against(fits, memcmp(head->owner, s->owner.key, BOX_OWNER_BYTES),
		ENC_REFUSED, "it is from another owner");
	if (fits->why[0])
		return; /* the rest compares what belongs to different owners */
	against(fits, !key, ENC_NOT_FOR_DEVICE,
		"the device does not have its key");
	against(fits, key && key->epoch < s->epoch_floor, ENC_NOT_FOR_DEVICE,
		"the epoch of its key is too low for the device's TA");
	against(fits, !model && (s->flags & ENC_MNIST_STATUS_LISTED),
		ENC_NOT_FOR_DEVICE, "the device may not load this model id");
	against(fits,
		head->security_version < s->version_floor ||
			(model &&
			 head->security_version < model->security_version),
		ENC_REFUSED, "its security version is too low for the device");
	if (head->life_answers)
		judge_answers(head, s, fits);
	against(fits, heap.model + heap.session > s->heap, ENC_NOT_FOR_DEVICE,
		"it needs more secure memory than the device's TA has");
}

/* --- Envelopes --------------------------------------------------------- */

/* Keys that the device keeps beside that of the envelope. */
static uint32_t keys_kept(const struct box_envelope *envelope,
			  const struct enc_status *s)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < s->key_count; i++)
		kept += s->keys[i].epoch > envelope->retired &&
			memcmp(s->keys[i].id, envelope->key_id,
			       BOX_KEY_ID_BYTES);
	return kept;
}

void enc_fits_envelope(const struct box_envelope *envelope,
		       const struct enc_status *s, struct enc_fits *fits)
{
	*fits = (struct enc_fits){ 0 };
	against(fits,
		envelope->epoch <= s->epoch || envelope->epoch < s->epoch_floor,
		ENC_REFUSED, "its epoch is too low for the device");
	against(fits,
		box_envelope_has_key(envelope) &&
			keys_kept(envelope, s) == ENC_MNIST_KEYS_MAX,
		ENC_NOT_FOR_DEVICE,
		"the device has as many keys as it can, and it retires none");
}

/* --- Files ------------------------------------------------------------- */

static void judge_envelopes(const struct enc_inspection *i,
			    const struct enc_status *s, struct enc_fits *fits)
{
	struct enc_error e = { 0 };
	const struct box_envelope *envelope = NULL;

	*fits = (struct enc_fits){ 0 };
	against(fits, !(s->flags & ENC_MNIST_STATUS_DEVICE), ENC_NOT_FOR_DEVICE,
		"the device has no key yet");
	if (fits->why[0])
		return;
	envelope = enc_envelopes_find(&i->envelopes, s, &e);
	if (envelope)
		enc_fits_envelope(envelope, s, fits);
	else
		against(fits, true, e.kind, e.what);
}

void enc_fits_file(const struct enc_inspection *i, const struct enc_status *s,
		   struct enc_fits *fits)
{
	const bool has_size = i->file_bytes == i->file_bytes_wanted;

	if (i->is_envelopes) {
		judge_envelopes(i, s, fits);
		return;
	}
	enc_fits_model(&i->head, s, fits);
	against(fits, !i->signature_ok || (has_size && !i->digest_ok),
		ENC_REFUSED, "it is not as its owner signed it");
	against(fits, i->signature_ok && !has_size, ENC_OTHER,
		"it is cut off, or goes on after its end");
}
