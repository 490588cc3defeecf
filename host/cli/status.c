/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "json.h"
#include "tee.h"

static bool is(const encmnist_status *s, enum encmnist_fact fact)
{
	return encmnist_status_fact(s, fact) > 0;
}

static uint64_t number(const encmnist_status *s, enum encmnist_number which)
{
	return encmnist_status_number(s, which);
}

static const char *text(const encmnist_status *s, enum encmnist_text which)
{
	return encmnist_status_text(s, which);
}

/* --- In words ---------------------------------------------------------- */

/* One line each: what protects, what does not, what nobody can tell. */
static void print_protection(const encmnist_status *s)
{
	const int hardware_key =
		encmnist_status_fact(s, ENCMNIST_OWN_HARDWARE_KEY);
	const uint64_t version = number(s, ENCMNIST_TA_VERSION);

	printf("build:           %s\n",
	       is(s, ENCMNIST_PRODUCTION) ?
		       "production: it takes keys and models from its "
		       "owner only" :
		       "not for production: it also takes keys and models "
		       "from anybody (feature compat)");
	printf("TA signing key:  %s\n",
	       is(s, ENCMNIST_OWN_SIGNING_KEY) ?
		       "protected: its own" :
	       is(s, ENCMNIST_KIT_SIGNING_KEY) ?
		       "not protected: the one of the development kit, which "
		       "whoever has the kit has" :
		       "not protected: the public one of OP-TEE; anybody can "
		       "put another TA in its place");
	if (version)
		printf("TA version:      protected: OP-TEE refuses versions "
		       "below %" PRIu64
		       ", for as long as trusted storage is kept\n",
		       version);
	else
		puts("TA version:      not protected: an older TA can be put "
		     "in its place (no TA_VERSION)");
	printf("hardware key:    %s\n",
	       hardware_key < 0 ? "cannot tell: this OP-TEE does not say" :
	       hardware_key	? "protected: it is not 0" :
				  "not protected: it is 0, so whoever copies the "
				  "files of trusted storage can read them");
}

static void print_rollback(const encmnist_status *s)
{
	const int fact = encmnist_status_fact(s, ENCMNIST_ROLLBACK_PROTECTED);

	printf("rollback:        %s\n",
	       !is(s, ENCMNIST_HAS_DEVICE_KEY) ?
		       "cannot tell: there is no device key yet" :
	       fact > 0 ?
		       "protected: the device's state is in an RPMB" :
	       is(s, ENCMNIST_HAS_RPMB) ?
		       "cannot tell: the device's state is in files, which an "
		       "RPMB may or may not protect "
		       "(CFG_REE_FS_INTEGRITY_RPMB)" :
		       "not protected: the device's state is in files, which "
		       "whoever controls the disk can put back");
}

static void print_keys(const encmnist_status *s)
{
	const char *device = text(s, ENCMNIST_DEVICE);
	const uint64_t count = number(s, ENCMNIST_KEYS);
	uint32_t epoch = 0;

	printf("TA:              %s\n", text(s, ENCMNIST_TA));
	printf("owner:           %s\n", text(s, ENCMNIST_OWNER));
	printf("device:          %s\n",
	       device ? device : "no key yet: `enc_mnist device-key` makes it");
	if (!count)
		puts("model keys:      none yet: `enc_mnist provision` stores "
		     "one");
	for (size_t i = 0; i < count; i++) {
		const char *id = encmnist_status_key(s, i, &epoch);

		printf("%-16s %s, epoch %u\n", i ? "" : "model keys:", id,
		       (unsigned int)epoch);
	}
}

static void print_model(const encmnist_status *s, size_t i)
{
	uint32_t version = 0;
	uint64_t answers = 0;
	const char *id = encmnist_status_model(s, i, &version, &answers);

	printf("                 %s: security version %u or higher", id,
	       (unsigned int)version);
	if (answers)
		printf(", %" PRIu64 " answers", answers);
	puts("");
}

static void print_versions(const encmnist_status *s)
{
	const uint64_t next = number(s, ENCMNIST_EPOCH) + 1;
	const uint64_t floor = number(s, ENCMNIST_EPOCH_FLOOR);

	printf("next envelope:   epoch %" PRIu64 " or higher\n",
	       next > floor ? next : floor);
	printf("models:          %s, security version %" PRIu64 " or higher\n",
	       is(s, ENCMNIST_ONLY_LISTED_MODELS) ? "only these" :
						    "any of the owner",
	       number(s, ENCMNIST_SECURITY_VERSION_FLOOR));
	for (size_t i = 0; i < number(s, ENCMNIST_MODELS); i++)
		print_model(s, i);
}

static void print_memory(const encmnist_status *s)
{
	printf("memory:          %" PRIu64
	       " bytes for a session and its models\n",
	       number(s, ENCMNIST_SECURE_MEMORY));
}

/* --- In JSON ----------------------------------------------------------- */

/* true, false, or null where nobody can tell */
static void json_fact(yajl_gen gen, const char *name, const encmnist_status *s,
		      enum encmnist_fact which)
{
	const int fact = encmnist_status_fact(s, which);

	if (fact >= 0) {
		cli_json_bool(gen, name, fact);
	} else {
		cli_json_text(gen, name);
		yajl_gen_null(gen);
	}
}

static void json_protection(yajl_gen gen, const encmnist_status *s)
{
	json_fact(gen, "production", s, ENCMNIST_PRODUCTION);
	json_fact(gen, "own_signing_key", s, ENCMNIST_OWN_SIGNING_KEY);
	cli_json_number(gen, "ta_version", number(s, ENCMNIST_TA_VERSION));
	json_fact(gen, "own_hardware_key", s, ENCMNIST_OWN_HARDWARE_KEY);
	json_fact(gen, "rollback_protected", s, ENCMNIST_ROLLBACK_PROTECTED);
}

/* Keys that do not exist are left out. */
static void json_keys(yajl_gen gen, const encmnist_status *s)
{
	uint32_t epoch = 0;

	cli_json_string(gen, "ta", text(s, ENCMNIST_TA));
	cli_json_string(gen, "owner", text(s, ENCMNIST_OWNER));
	cli_json_string(gen, "owner_key", text(s, ENCMNIST_OWNER_KEY));
	if (text(s, ENCMNIST_DEVICE)) {
		cli_json_string(gen, "device", text(s, ENCMNIST_DEVICE));
		cli_json_string(gen, "device_key",
				text(s, ENCMNIST_DEVICE_KEY));
	}
	cli_json_text(gen, "keys");
	yajl_gen_array_open(gen);
	for (size_t i = 0; i < number(s, ENCMNIST_KEYS); i++) {
		yajl_gen_map_open(gen);
		cli_json_string(gen, "key_id",
				encmnist_status_key(s, i, &epoch));
		cli_json_number(gen, "epoch", epoch);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static void json_models(yajl_gen gen, const encmnist_status *s)
{
	uint32_t version = 0;
	uint64_t answers = 0;

	cli_json_text(gen, "models");
	yajl_gen_array_open(gen);
	for (size_t i = 0; i < number(s, ENCMNIST_MODELS); i++) {
		yajl_gen_map_open(gen);
		cli_json_string(
			gen, "model_id",
			encmnist_status_model(s, i, &version, &answers));
		cli_json_number(gen, "security_version", version);
		cli_json_number(gen, "answers", answers);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static bool print_json(const encmnist_status *s, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	json_protection(gen, s);
	json_keys(gen, s);
	cli_json_number(gen, "epoch", number(s, ENCMNIST_EPOCH));
	cli_json_number(gen, "epoch_floor", number(s, ENCMNIST_EPOCH_FLOOR));
	cli_json_number(gen, "security_version_floor",
			number(s, ENCMNIST_SECURITY_VERSION_FLOOR));
	cli_json_number(gen, "secure_memory",
			number(s, ENCMNIST_SECURE_MEMORY));
	json_fact(gen, "only_listed_models", s, ENCMNIST_ONLY_LISTED_MODELS);
	json_models(gen, s);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

static bool print(const struct cli_status *args, const encmnist_status *s,
		  struct enc_error *e)
{
	if (args->json)
		return print_json(s, e);
	print_protection(s);
	print_rollback(s);
	print_keys(s);
	print_versions(s);
	print_memory(s);
	return true;
}

int cli_status_run(const void *data)
{
	const struct cli_status *args = data;
	encmnist_status *status = NULL;
	encmnist_session *s = NULL;
	encmnist_error *error = NULL;
	struct enc_error e = { 0 };
	bool ok = cli_tee_open(&args->tee, &s, &e);

	if (ok)
		ok = encmnist_get_status(s, &status, &error) ||
		     cli_failed(error, &e);
	encmnist_close(s);
	ok = ok && print(args, status, &e);
	encmnist_status_free(status);
	return ok ? 0 : cli_fail(&e);
}
