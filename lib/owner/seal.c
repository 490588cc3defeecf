/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/seal.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/hex.h"
#include "host/owner/wrap.h"
#include "host/public/envelope.h"
#include "host/public/labels.h"
#include "lib/error.h"
#include "owner.h"

/* Wiped, and not in a core dump, if the program has made OpenSSL's heap so. */
static uint8_t *read_key(const char *path, struct enc_error *e)
{
	uint8_t *key = OPENSSL_secure_zalloc(ENC_KEY_BYTES);

	if (!key) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	if (enc_hex_key_file(path, key, e))
		return key;
	OPENSSL_secure_clear_free(key, ENC_KEY_BYTES);
	return NULL;
}

static bool read_seal(const struct encmnist_seal *from,
		      struct encmnist_seal *to, struct enc_error *e)
{
	const uint8_t *bytes = (const uint8_t *)from;

	if (from->size < sizeof(from->size))
		return enc_fail(e, ENC_ERR_LIMIT,
				"the options begin with no ENCMNIST_SEAL");
	for (size_t i = sizeof(*to); i < from->size; i++) {
		if (bytes[i])
			return enc_fail(e, ENC_ERR_UNSUPPORTED,
					"the program uses an option that this "
					"library does not have");
	}
	memcpy(to, from, from->size < sizeof(*to) ? from->size : sizeof(*to));
	if (!to->model_id)
		return enc_fail(e, ENC_ERR_LIMIT, "no model id is given");
	return true;
}

static bool name_classes(const encmnist_network *net, const char *path,
			 struct enc_sealed *sealed, char **text,
			 struct enc_error *e)
{
	struct enc_labels labels = { 0 };
	bool ok = false;

	if (!net->classes)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"names are for the values of one output, and "
				"this network has more than one");
	ok = enc_labels_read(path, net->classes, &labels, e);
	if (ok) {
		*text = enc_labels_text(&labels, &sealed->names_len);
		sealed->names = *text;
		ok = *text || enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	}
	enc_labels_free(&labels);
	return ok;
}

static bool seal(const encmnist_network *net, const struct encmnist_seal *given,
		 struct enc_sealed *sealed, const char *output,
		 struct enc_error *e)
{
	struct box_head head = { 0 };
	char *names = NULL;
	bool ok = false;

	if (!enc_model_id(given->model_id, sealed->model_id))
		return enc_fail(e, ENC_ERR_FORMAT,
				"a model id is 1 to 32 of a-z 0-9 . _ -, not "
				"`%.100s'",
				given->model_id);
	if (!given->model_version || given->model_version == UINT32_MAX ||
	    given->security_version == UINT32_MAX)
		return enc_fail(e, ENC_ERR_LIMIT, "versions are from 1 to %u",
				UINT32_MAX - 1);
	ok = (!given->labels ||
	      name_classes(net, given->labels, sealed, &names, e)) &&
	     enc_seal_network(sealed, net->record, net->len, output, &head, e);
	free(names);
	return ok;
}

bool encmnist_seal_file(const encmnist_network *net,
			const encmnist_owner *owner, const char *model_key,
			const struct encmnist_seal *options, const char *output,
			encmnist_error **error)
{
	struct encmnist_seal given = { 0 };
	struct enc_sealed sealed = { .owner = &owner->signer };
	struct enc_error e = { 0 };
	uint8_t *key = NULL;
	bool ok = false;

	if (!read_seal(options, &given, &e))
		return lib_fail(error, &e);
	key = read_key(model_key, &e);
	if (!key)
		return lib_fail(error, &e);
	sealed.key = key;
	sealed.model_version = given.model_version;
	sealed.security_version = given.security_version ?
					  given.security_version :
					  given.model_version;
	sealed.load_answers = given.answers_per_load;
	sealed.life_answers = given.answers_in_life;
	sealed.policy = given.leaves;
	sealed.amount = given.amount;
	ok = seal(net, &given, &sealed, output, &e);
	OPENSSL_secure_clear_free(key, ENC_KEY_BYTES);
	return ok || lib_fail(error, &e);
}

bool encmnist_wrap_file(const encmnist_owner *owner, const char *model_key,
			const char *path, size_t count, uint32_t epoch,
			uint32_t retired, const char *output,
			encmnist_error **error)
{
	struct enc_wrap wrap = { .owner = &owner->signer,
				 .ta = enc_ta_uuid,
				 .epoch = epoch,
				 .retired = retired };
	struct enc_devices devices = { 0 };
	struct enc_error e = { 0 };
	uint8_t *key = NULL;
	bool ok = false;

	if (!epoch || epoch == UINT32_MAX || retired >= epoch) {
		enc_fail(&e, ENC_ERR_LIMIT,
			 "an epoch is from 1 to %u, and above those that it "
			 "retires",
			 UINT32_MAX - 1);
		return lib_fail(error, &e);
	}
	key = read_key(model_key, &e);
	if (!key)
		return lib_fail(error, &e);
	wrap.key = key;
	ok = enc_devices_read(&path, 1, count, &devices, &e) &&
	     enc_wrap_devices(&wrap, &devices, output, &e);
	enc_devices_free(&devices);
	OPENSSL_secure_clear_free(key, ENC_KEY_BYTES);
	return ok || lib_fail(error, &e);
}
