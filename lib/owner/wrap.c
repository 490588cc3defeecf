/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/wrap.h"

#include <stdlib.h>
#include <string.h>

#include "host/owner/seal.h"
#include "host/public/envelope.h"
#include "lib/error.h"
#include "lib/options.h"
#include "owner.h"

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct box_envelope_model *)a)->id,
		      ((const struct box_envelope_model *)b)->id,
		      BOX_MODEL_ID_BYTES);
}

static bool read_models(const struct encmnist_allowed *from, size_t count,
			struct enc_wrap *to, struct enc_error *e)
{
	if (count > BOX_ENVELOPE_MODELS_MAX)
		return enc_fail(e, ENC_ERR_LIMIT,
				"an envelope names at most %d models",
				BOX_ENVELOPE_MODELS_MAX);
	for (size_t i = 0; i < count; i++) {
		to->model[i].security_version = from[i].security_version;
		if (!enc_model_id(from[i].model_id, to->model[i].id))
			return enc_fail(e, ENC_ERR_FORMAT,
					"a model id is 1 to 32 of a-z 0-9 . _ "
					"-, not `%.100s'",
					from[i].model_id);
	}
	to->models = (uint32_t)count;
	qsort(to->model, count, sizeof(*to->model), compare);
	for (size_t i = 1; i < count; i++) {
		if (!compare(&to->model[i - 1], &to->model[i]))
			return enc_fail(e, ENC_ERR_FORMAT,
					"model %.*s is named twice",
					BOX_MODEL_ID_BYTES,
					(const char *)to->model[i].id);
	}
	return true;
}

static bool is_rising(uint32_t number)
{
	return number && number != UINT32_MAX;
}

static bool read_options(const struct encmnist_wrap *given,
			 struct enc_wrap *wrap, uint8_t ta[ENC_UUID_BYTES],
			 struct enc_error *e)
{
	bool ok = is_rising(given->epoch) && given->retired < given->epoch;

	if (!given->device_files)
		return enc_fail(e, ENC_ERR_FORMAT, "no device is given");
	for (size_t i = 0; i < given->model_count; i++)
		ok = ok && is_rising(given->models[i].security_version);
	if (!ok)
		return enc_fail(e, ENC_ERR_LIMIT,
				"epochs and versions are from 1 to %u, and an "
				"epoch is above those that it retires",
				UINT32_MAX - 1);
	wrap->epoch = given->epoch;
	wrap->retired = given->retired;
	if (given->ta) {
		if (!enc_uuid_read(given->ta, ta))
			return enc_fail(e, ENC_ERR_FORMAT,
					"a UUID is 8-4-4-4-12 hexadecimal "
					"digits, not `%.100s'",
					given->ta);
		wrap->ta = ta;
	}
	if (!wrap->key && !given->retired && !given->model_count)
		return enc_fail(e, ENC_ERR_FORMAT,
				"without a key, models or epochs to retire, "
				"the envelopes would say nothing");
	return read_models(given->models, given->model_count, wrap, e);
}

/* Of `count` devices, for the caller to free. */
struct fingerprints {
	uint8_t (*all)[BOX_DIGEST_BYTES];
	size_t count;
};

static bool read_fingerprints(const struct encmnist_wrap *given,
			      struct fingerprints *f, struct enc_error *e)
{
	f->all = calloc(given->fingerprint_count + 1, sizeof(*f->all));
	if (!f->all)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	for (; f->count < given->fingerprint_count; f->count++) {
		const char *text = given->fingerprints[f->count];

		if (!enc_fingerprint_parse(text, strlen(text),
					   f->all[f->count]))
			return enc_fail(e, ENC_ERR_FORMAT,
					"a fingerprint is 64 hexadecimal "
					"digits and spaces, not `%.100s'",
					text);
	}
	return true;
}

bool encmnist_wrap_file(const encmnist_owner *owner,
			const encmnist_model_key *key,
			const struct encmnist_wrap *options, const char *output,
			encmnist_error **error)
{
	struct encmnist_wrap given = { 0 };
	struct enc_wrap wrap = { .owner = &owner->signer,
				 .key = key ? key->bytes : NULL,
				 .ta = enc_ta_uuid };
	uint8_t ta[ENC_UUID_BYTES] = { 0 };
	struct fingerprints f = { 0 };
	struct enc_devices devices = { 0 };
	struct enc_error e = { 0 };
	const bool ok =
		lib_options(options, &given, sizeof(given), "ENCMNIST_WRAP",
			    &e) &&
		read_options(&given, &wrap, ta, &e) &&
		read_fingerprints(&given, &f, &e) &&
		enc_devices_read(given.devices, given.device_files,
				 given.device_count, &devices, &e) &&
		(!f.count || enc_devices_match(&devices, f.all, f.count, &e)) &&
		enc_wrap_devices(&wrap, &devices, output, &e);

	enc_devices_free(&devices);
	free(f.all);
	return ok || lib_fail(error, &e);
}
