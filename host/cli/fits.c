/* SPDX-License-Identifier: Apache-2.0 */
#include "fits.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_tree.h>

#include "host/base/file.h"
#include "host/base/hex.h"

#define STATUS_MAX (1u << 20)

/* --- What a status says ------------------------------------------------ */

static const char *text_of(yajl_val v, const char *name)
{
	const char *path[] = { name, NULL };
	const char *text =
		YAJL_GET_STRING(yajl_tree_get(v, path, yajl_t_string));

	return text ? text : "";
}

static long long number_of(yajl_val v, const char *name)
{
	const char *path[] = { name, NULL };
	yajl_val number = yajl_tree_get(v, path, yajl_t_number);

	return YAJL_IS_INTEGER(number) ? YAJL_GET_INTEGER(number) : 0;
}

/* The object in an array whose member has this text. NULL: there is none. */
static yajl_val find(yajl_val v, const char *array, const char *name,
		     const char *text)
{
	const char *path[] = { array, NULL };
	yajl_val all = yajl_tree_get(v, path, yajl_t_array);

	for (size_t i = 0; all && i < all->u.array.len; i++) {
		if (!strcmp(text_of(all->u.array.values[i], name), text))
			return all->u.array.values[i];
	}
	return NULL;
}

static bool is_true(yajl_val v, const char *name)
{
	const char *path[] = { name, NULL };

	return YAJL_IS_TRUE(yajl_tree_get(v, path, yajl_t_any));
}

/* --- Judgements -------------------------------------------------------- */

static void against(struct cli_fits *fits, bool is_so, const char *reason)
{
	if (is_so && fits->count < CLI_FITS_MAX)
		fits->reasons[fits->count++] = reason;
}

static void judge_model(const struct enc_inspection *i, yajl_val status,
			struct cli_fits *fits)
{
	const struct box_head *head = &i->head;
	char id[BOX_MODEL_ID_BYTES + 1] = "";
	char key[2 * BOX_KEY_ID_BYTES + 1] = "";
	yajl_val known = NULL;
	yajl_val model = NULL;

	memcpy(id, head->model_id, BOX_MODEL_ID_BYTES);
	enc_hex_text(head->key_id, BOX_KEY_ID_BYTES, key);
	known = find(status, "keys", "key_id", key);
	model = find(status, "models", "model_id", id);
	against(fits, !known, "the device does not have its key");
	against(fits,
		known && number_of(known, "epoch") <
				 number_of(status, "epoch_floor"),
		"its key is older than the device's TA accepts");
	against(fits, !model && is_true(status, "only_listed_models"),
		"the device may not load this model id");
	against(fits,
		head->security_version <
				number_of(status, "security_version_floor") ||
			(model && head->security_version <
					  number_of(model, "security_version")),
		"its security version is too low for the device");
	against(fits,
		model && head->life_answers &&
			number_of(model, "answers") >=
				(long long)head->life_answers,
		"the device has given all answers that its owner allows");
	against(fits,
		(long long)(i->heap.model + i->heap.session) >
			number_of(status, "secure_memory"),
		"it needs more secure memory than the device's TA has");
}

static void judge_envelopes(const struct enc_inspection *i, yajl_val status,
			    struct cli_fits *fits)
{
	const char *device = text_of(status, "device");
	long long epoch = 0;
	bool for_device = false;
	bool for_ta = false;

	for (size_t n = 0; n < i->envelopes.count; n++) {
		const struct box_envelope *envelope = &i->envelopes.all[n];
		char text[ENC_FINGERPRINT_TEXT] = "";
		char ta[ENC_UUID_TEXT] = "";

		enc_fingerprint(envelope->device, sizeof(envelope->device),
				text);
		if (strcmp(text, device) != 0)
			continue;
		for_device = true;
		enc_uuid_text(envelope->ta, ta);
		if (strcmp(ta, text_of(status, "ta")) != 0)
			continue;
		for_ta = true;
		if (envelope->epoch > epoch)
			epoch = envelope->epoch;
	}
	against(fits, !for_device, "it has no envelope for the device");
	against(fits, for_device && !for_ta,
		"its envelope for the device is for another TA");
	against(fits,
		for_ta && (epoch <= number_of(status, "epoch") ||
			   epoch < number_of(status, "epoch_floor")),
		"its epoch is too low for the device");
}

static bool is_owner(const struct enc_inspection *i, yajl_val status)
{
	char text[ENC_FINGERPRINT_TEXT] = "";
	const uint8_t *owner = i->head.owner;

	if (i->is_envelopes)
		owner = i->envelopes.all[0].owner;
	enc_fingerprint(owner, BOX_OWNER_BYTES, text);
	return !strcmp(text, text_of(status, "owner"));
}

bool cli_fits(const struct enc_inspection *i, const char *path,
	      struct cli_fits *fits, struct enc_error *e)
{
	char why[256] = "";
	uint8_t *bytes = NULL;
	char *text = NULL;
	size_t len = 0;
	yajl_val status = NULL;

	*fits = (struct cli_fits){ 0 };
	if (!enc_file_read(path, STATUS_MAX, &bytes, &len, e))
		return false;
	text = strndup((const char *)bytes, len);
	free(bytes);
	if (text)
		status = yajl_tree_parse(text, why, sizeof(why));
	free(text);
	if (!status || !*text_of(status, "owner")) {
		yajl_tree_free(status);
		enc_fail(e, ENC_ERR_FORMAT, "%s: not the status of a device",
			 enc_file_label(path));
		return enc_hint(e, "give what `enc_mnist status --json` "
				   "printed there");
	}
	against(fits, !is_owner(i, status), "it is from another owner");
	if (i->is_envelopes)
		judge_envelopes(i, status, fits);
	else
		judge_model(i, status, fits);
	yajl_tree_free(status);
	return true;
}
