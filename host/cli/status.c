/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "host/base/hex.h"
#include "host/device/session.h"
#include "host/public/fingerprint.h"
#include "json.h"
#include "tee.h"

static bool has(const struct enc_status *s, uint32_t flag)
{
	return s->flags & flag;
}

/* --- In words ---------------------------------------------------------- */

/* One line each: what protects, what does not, what nobody can tell. */
static void print_protection(const struct enc_status *s)
{
	printf("build:           %s\n",
	       has(s, ENC_MNIST_STATUS_COMPAT) ?
		       "not for production: it also takes keys and models "
		       "from anybody (feature compat)" :
		       "production: it takes keys and models from its "
		       "owner only");
	printf("TA signing key:  %s\n",
	       has(s, ENC_MNIST_STATUS_TEST_KEY) ?
		       "not protected: the public one of OP-TEE; anybody can "
		       "put another TA in its place" :
	       has(s, ENC_MNIST_STATUS_KIT_KEY) ?
		       "not protected: the one of the development kit, which "
		       "whoever has the kit has" :
		       "protected: its own");
	if (s->ta_version)
		printf("TA version:      protected: OP-TEE refuses versions "
		       "below %u, for as long as trusted storage is kept\n",
		       (unsigned int)s->ta_version);
	else
		puts("TA version:      not protected: an older TA can be put "
		     "in its place (no TA_VERSION)");
	printf("hardware key:    %s\n",
	       has(s, ENC_MNIST_STATUS_HUK_ZERO) ?
		       "not protected: it is 0, so whoever copies the files of "
		       "trusted storage can read them" :
	       has(s, ENC_MNIST_STATUS_HUK_OTHER) ?
		       "protected: it is not 0" :
		       "cannot tell: this OP-TEE does not say");
}

static void print_rollback(const struct enc_status *s)
{
	printf("rollback:        %s\n",
	       !has(s, ENC_MNIST_STATUS_DEVICE) ?
		       "cannot tell: there is no device key yet" :
	       has(s, ENC_MNIST_STATUS_IN_RPMB) ?
		       "protected: the device's state is in an RPMB" :
	       has(s, ENC_MNIST_STATUS_HAS_RPMB) ?
		       "cannot tell: the device's state is in files, which an "
		       "RPMB may or may not protect "
		       "(CFG_REE_FS_INTEGRITY_RPMB)" :
		       "not protected: the device's state is in files, which "
		       "whoever controls the disk can put back");
}

static void print_keys(const struct enc_status *s)
{
	char text[ENC_FINGERPRINT_TEXT] = "";
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";

	enc_uuid_text(s->ta, text);
	printf("TA:              %s\n", text);
	enc_owner_fingerprint(&s->owner, text);
	printf("owner:           %s\n", text);
	enc_fingerprint(s->device, sizeof(s->device), text);
	printf("device:          %s\n",
	       has(s, ENC_MNIST_STATUS_DEVICE) ?
		       text :
		       "no key yet: `enc_mnist device-key` makes it");
	if (!s->key_count)
		puts("model keys:      none yet: `enc_mnist provision` stores "
		     "one");
	for (uint32_t i = 0; i < s->key_count; i++) {
		enc_hex_text(s->keys[i].id, sizeof(s->keys[i].id), id);
		printf("%-16s %s, epoch %u\n", i ? "" : "model keys:", id,
		       (unsigned int)s->keys[i].epoch);
	}
}

static void print_model(const struct enc_status_model *model)
{
	printf("                 %s: security version %u or higher", model->id,
	       (unsigned int)model->security_version);
	if (model->answers)
		printf(", %" PRIu64 " answers", model->answers);
	puts("");
}

static void print_versions(const struct enc_status *s)
{
	const uint64_t next = (uint64_t)s->epoch + 1;

	printf("next envelope:   epoch %" PRIu64 " or higher\n",
	       next > s->epoch_floor ? next : s->epoch_floor);
	printf("models:          %s, security version %u or higher\n",
	       has(s, ENC_MNIST_STATUS_LISTED) ? "only these" :
						 "any of the owner",
	       (unsigned int)s->version_floor);
	for (uint32_t i = 0; i < s->model_count; i++)
		print_model(&s->models[i]);
}

static void print_memory(const struct enc_status *s)
{
	printf("memory:          %u bytes for a session and its models\n",
	       (unsigned int)s->heap);
}

/* --- In JSON ----------------------------------------------------------- */

/* true, false, or null where nobody can tell */
static void json_known(yajl_gen gen, const char *name, bool yes, bool no)
{
	if (yes || no) {
		cli_json_bool(gen, name, yes);
	} else {
		cli_json_text(gen, name);
		yajl_gen_null(gen);
	}
}

static void json_protection(yajl_gen gen, const struct enc_status *s)
{
	const bool in_files = has(s, ENC_MNIST_STATUS_IN_FILES) &&
			      !has(s, ENC_MNIST_STATUS_HAS_RPMB);

	cli_json_bool(gen, "production", !has(s, ENC_MNIST_STATUS_COMPAT));
	cli_json_bool(gen, "own_signing_key",
		      !has(s, ENC_MNIST_STATUS_TEST_KEY) &&
			      !has(s, ENC_MNIST_STATUS_KIT_KEY));
	cli_json_number(gen, "ta_version", s->ta_version);
	json_known(gen, "own_hardware_key", has(s, ENC_MNIST_STATUS_HUK_OTHER),
		   has(s, ENC_MNIST_STATUS_HUK_ZERO));
	json_known(gen, "rollback_protected", has(s, ENC_MNIST_STATUS_IN_RPMB),
		   in_files);
}

static void json_key(yajl_gen gen, const char *name, const uint8_t *bytes,
		     size_t len)
{
	char digits[2 * BOX_OWNER_BYTES + 1] = "";

	enc_hex_text(bytes, len, digits);
	cli_json_string(gen, name, digits);
}

/* Keys that do not exist are left out. */
static void json_keys(yajl_gen gen, const struct enc_status *s)
{
	char text[ENC_FINGERPRINT_TEXT] = "";
	char uuid[ENC_UUID_TEXT] = "";

	enc_uuid_text(s->ta, uuid);
	cli_json_string(gen, "ta", uuid);
	enc_owner_fingerprint(&s->owner, text);
	cli_json_string(gen, "owner", text);
	json_key(gen, "owner_key", s->owner.key, sizeof(s->owner.key));
	if (has(s, ENC_MNIST_STATUS_DEVICE)) {
		enc_fingerprint(s->device, sizeof(s->device), text);
		cli_json_string(gen, "device", text);
		json_key(gen, "device_key", s->device, sizeof(s->device));
	}
	cli_json_text(gen, "keys");
	yajl_gen_array_open(gen);
	for (uint32_t i = 0; i < s->key_count; i++) {
		yajl_gen_map_open(gen);
		json_key(gen, "key_id", s->keys[i].id, sizeof(s->keys[i].id));
		cli_json_number(gen, "epoch", s->keys[i].epoch);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static void json_versions(yajl_gen gen, const struct enc_status *s)
{
	cli_json_number(gen, "epoch", s->epoch);
	cli_json_number(gen, "epoch_floor", s->epoch_floor);
	cli_json_number(gen, "security_version_floor", s->version_floor);
	cli_json_number(gen, "secure_memory", s->heap);
	cli_json_bool(gen, "only_listed_models",
		      has(s, ENC_MNIST_STATUS_LISTED));
	cli_json_text(gen, "models");
	yajl_gen_array_open(gen);
	for (uint32_t i = 0; i < s->model_count; i++) {
		yajl_gen_map_open(gen);
		cli_json_string(gen, "model_id", s->models[i].id);
		cli_json_number(gen, "security_version",
				s->models[i].security_version);
		cli_json_number(gen, "answers", s->models[i].answers);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static bool print_json(const struct enc_status *s, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	json_protection(gen, s);
	json_keys(gen, s);
	json_versions(gen, s);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

int cli_status_run(const void *data)
{
	const struct cli_status *args = data;
	struct enc_status status = { 0 };
	struct enc_tee *tee = NULL;
	struct enc_error e = { 0 };
	bool ok = false;

	cli_tee(&args->tee);
	ok = enc_tee_open(&tee, &e) && enc_tee_status(tee, &status, &e);
	enc_tee_close(tee);
	if (ok && args->json)
		ok = print_json(&status, &e);
	if (!ok)
		return cli_fail(&e);
	if (!args->json) {
		print_protection(&status);
		print_rollback(&status);
		print_keys(&status);
		print_versions(&status);
		print_memory(&status);
	}
	return 0;
}
