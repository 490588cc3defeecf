/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "host/base/hex.h"
#include "host/public/fingerprint.h"
#include "lib/error.h"
#include "session.h"

#define HEX(bytes) (2 * (bytes) + 1)

struct encmnist_status {
	struct enc_status is;
	char ta[ENC_UUID_TEXT];
	char owner[ENC_FINGERPRINT_TEXT];
	char owner_key[HEX(BOX_OWNER_BYTES)];
	char device[ENC_FINGERPRINT_TEXT];
	char device_key[HEX(BOX_X25519_BYTES)];
	char key[ENC_MNIST_KEYS_MAX][HEX(BOX_KEY_ID_BYTES)];
};

static void write_texts(encmnist_status *s)
{
	const struct enc_status *is = &s->is;

	enc_uuid_text(is->ta, s->ta);
	enc_owner_fingerprint(&is->owner, s->owner);
	enc_hex_text(is->owner.key, sizeof(is->owner.key), s->owner_key);
	enc_fingerprint(is->device, sizeof(is->device), s->device);
	enc_hex_text(is->device, sizeof(is->device), s->device_key);
	for (uint32_t i = 0; i < is->key_count; i++)
		enc_hex_text(is->keys[i].id, BOX_KEY_ID_BYTES, s->key[i]);
}

bool encmnist_get_status(encmnist_session *session, encmnist_status **status,
			 encmnist_error **error)
{
	encmnist_status *s = calloc(1, sizeof(*s));
	struct enc_error e = { 0 };

	*status = NULL;
	if (!s)
		return lib_no_memory(error);
	if (!enc_tee_status(session->tee, &s->is, &e)) {
		free(s);
		return lib_fail(error, &e);
	}
	write_texts(s);
	*status = s;
	return true;
}

void encmnist_status_free(encmnist_status *status)
{
	free(status);
}

/* Two flags say that it is so, or is not; or neither says anything. */
static int known(bool yes, bool no)
{
	return yes ? 1 : no ? 0 : -1;
}

int encmnist_status_fact(const encmnist_status *status, enum encmnist_fact fact)
{
	const uint32_t flags = status->is.flags;
	const uint32_t known_keys =
		ENC_MNIST_STATUS_TEST_KEY | ENC_MNIST_STATUS_KIT_KEY;

	switch (fact) {
	case ENCMNIST_PRODUCTION:
		return !(flags & ENC_MNIST_STATUS_COMPAT);
	case ENCMNIST_OWN_SIGNING_KEY:
		return !(flags & known_keys);
	case ENCMNIST_KIT_SIGNING_KEY:
		return !!(flags & ENC_MNIST_STATUS_KIT_KEY);
	case ENCMNIST_OWN_HARDWARE_KEY:
		return known(flags & ENC_MNIST_STATUS_HUK_OTHER,
			     flags & ENC_MNIST_STATUS_HUK_ZERO);
	case ENCMNIST_ROLLBACK_PROTECTED:
		return known(flags & ENC_MNIST_STATUS_IN_RPMB,
			     flags & ENC_MNIST_STATUS_IN_FILES &&
				     !(flags & ENC_MNIST_STATUS_HAS_RPMB));
	case ENCMNIST_HAS_RPMB:
		return !!(flags & ENC_MNIST_STATUS_HAS_RPMB);
	case ENCMNIST_HAS_DEVICE_KEY:
		return !!(flags & ENC_MNIST_STATUS_DEVICE);
	case ENCMNIST_ONLY_LISTED_MODELS:
		return !!(flags & ENC_MNIST_STATUS_LISTED);
	default:
		return -1;
	}
}

uint64_t encmnist_status_number(const encmnist_status *status,
				enum encmnist_number number)
{
	const struct enc_status *is = &status->is;

	switch (number) {
	case ENCMNIST_TA_VERSION:
		return is->ta_version;
	case ENCMNIST_EPOCH:
		return is->epoch;
	case ENCMNIST_EPOCH_FLOOR:
		return is->epoch_floor;
	case ENCMNIST_SECURITY_VERSION_FLOOR:
		return is->version_floor;
	case ENCMNIST_SECURE_MEMORY:
		return is->heap;
	case ENCMNIST_KEYS:
		return is->key_count;
	case ENCMNIST_MODELS:
		return is->model_count;
	default:
		return 0;
	}
}

const char *encmnist_status_text(const encmnist_status *status,
				 enum encmnist_text text)
{
	const bool has_key = status->is.flags & ENC_MNIST_STATUS_DEVICE;

	switch (text) {
	case ENCMNIST_TA:
		return status->ta;
	case ENCMNIST_OWNER:
		return status->owner;
	case ENCMNIST_OWNER_KEY:
		return status->owner_key;
	case ENCMNIST_DEVICE:
		return has_key ? status->device : NULL;
	case ENCMNIST_DEVICE_KEY:
		return has_key ? status->device_key : NULL;
	default:
		return NULL;
	}
}

const char *encmnist_status_key(const encmnist_status *status, size_t i,
				uint32_t *epoch)
{
	if (i >= status->is.key_count)
		return NULL;
	if (epoch)
		*epoch = status->is.keys[i].epoch;
	return status->key[i];
}

const char *encmnist_status_model(const encmnist_status *status, size_t i,
				  uint32_t *security_version, uint64_t *answers)
{
	const struct enc_status_model *model = NULL;

	if (i >= status->is.model_count)
		return NULL;
	model = &status->is.models[i];
	if (security_version)
		*security_version = model->security_version;
	if (answers)
		*answers = model->answers;
	return model->id;
}
