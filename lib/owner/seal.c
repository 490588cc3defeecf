/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/seal.h"

#include <stdlib.h>
#include <string.h>

#include "host/public/labels.h"
#include "lib/encmnist-leaves.h"
#include "lib/error.h"
#include "lib/options.h"
#include "owner.h"

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

static bool check_leaves(const struct encmnist_seal *given, struct enc_error *e)
{
	static const struct {
		const char *name;
		uint32_t max;
	} amounts[ENCMNIST_RAW + 1] = {
		[ENCMNIST_TOP] = { "ENCMNIST_TOP", BOX_TOP_MAX },
		[ENCMNIST_SCORES] = { "ENCMNIST_SCORES", BOX_SCORE_BITS_MAX },
	};

	if (given->leaves > ENCMNIST_RAW)
		return enc_fail(e, ENC_ERR_LIMIT,
				"leaves: %u is not in enum encmnist_leaves",
				given->leaves);
	if (!amounts[given->leaves].max)
		return !given->amount ||
		       enc_fail(e, ENC_ERR_LIMIT,
				"amount is for ENCMNIST_TOP and "
				"ENCMNIST_SCORES only");
	return (given->amount && given->amount <= amounts[given->leaves].max) ||
	       enc_fail(e, ENC_ERR_LIMIT, "amount of %s is 1 to %u, not %u",
			amounts[given->leaves].name, amounts[given->leaves].max,
			given->amount);
}

static bool read_options(const struct encmnist_seal *given,
			 struct enc_sealed *sealed, struct enc_error *e)
{
	if (!given->model_id)
		return enc_fail(e, ENC_ERR_FORMAT, "no model id is given");
	if (!enc_model_id(given->model_id, sealed->model_id))
		return enc_fail(e, ENC_ERR_FORMAT,
				"a model id is 1 to 32 of a-z 0-9 . _ -, not "
				"`%.100s'",
				given->model_id);
	if (!given->model_version || given->model_version == UINT32_MAX ||
	    given->security_version == UINT32_MAX)
		return enc_fail(e, ENC_ERR_LIMIT, "versions are from 1 to %u",
				UINT32_MAX - 1);
	if (!check_leaves(given, e))
		return false;
	sealed->model_version = given->model_version;
	sealed->security_version = given->security_version ?
					   given->security_version :
					   given->model_version;
	sealed->load_answers = given->answers_per_load;
	sealed->life_answers = given->answers_in_life;
	sealed->policy = given->leaves;
	sealed->amount = given->amount;
	sealed->progress = given->progress;
	sealed->context = given->context;
	return !given->login ||
	       enc_login_read(given->login, &sealed->login, sealed->client) ||
	       enc_fail(e, ENC_ERR_FORMAT,
			"a login is user:UID, group:GID or application:UUID, "
			"with numbers and not names, not `%.100s'",
			given->login);
}

bool encmnist_seal_file(const encmnist_network *net,
			const encmnist_owner *owner,
			const encmnist_model_key *key,
			const struct encmnist_seal *options, const char *output,
			encmnist_error **error)
{
	struct encmnist_seal given = { 0 };
	struct enc_sealed sealed = { .owner = &owner->signer,
				     .key = key->bytes };
	struct box_head head = { 0 };
	struct enc_error e = { 0 };
	char *names = NULL;
	const bool ok = lib_options(options, &given, sizeof(given),
				    "ENCMNIST_SEAL", &e) &&
			read_options(&given, &sealed, &e) &&
			(!given.labels || name_classes(net, given.labels,
						       &sealed, &names, &e)) &&
			enc_seal_network(&sealed, net->record, net->len, output,
					 &head, &e);

	free(names);
	return ok || lib_fail(error, &e);
}
