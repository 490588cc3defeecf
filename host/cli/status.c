/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "host/base/hex.h"
#include "host/device/session.h"
#include "host/public/fingerprint.h"
#include "json.h"

static bool has(const struct enc_status *s, uint32_t flag)
{
	return s->flags & flag;
}

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
		       "the public one of OP-TEE's kit: anybody can put "
		       "another TA in its place" :
		       "its own");
	printf("rollback:        %s (anti-rollback level %u)\n",
	       enc_status_rollback_proof(s) ?
		       "hardware keeps trusted storage from going back" :
		       "trusted storage can be rolled back by whoever controls "
		       "the disk",
	       (unsigned int)s->rollback);
}

static void print_keys(const struct enc_status *s)
{
	char text[ENC_FINGERPRINT_TEXT] = "";
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";

	enc_owner_fingerprint(&s->owner, text);
	printf("owner:           %s\n", text);
	enc_fingerprint(s->device, sizeof(s->device), text);
	printf("device:          %s\n",
	       has(s, ENC_MNIST_STATUS_DEVICE) ?
		       text :
		       "no key yet: `enc_mnist device-key` makes it");
	enc_hex_text(s->key_id, sizeof(s->key_id), id);
	if (has(s, ENC_MNIST_STATUS_KEY))
		printf("model key:       %s, epoch %u\n", id,
		       (unsigned int)s->epoch);
	else
		puts("model key:       none yet: `enc_mnist provision` stores "
		     "it");
}

static void print_versions(const struct enc_status *s)
{
	const uint64_t next = (uint64_t)s->epoch + 1;

	printf("next envelope:   epoch %" PRIu64 " or higher\n",
	       next > s->epoch_floor ? next : s->epoch_floor);
	printf("models:          version %u or higher\n",
	       (unsigned int)s->version_floor);
	for (uint32_t i = 0; i < s->model_count; i++)
		printf("                 %s: version %u was loaded, older ones "
		       "are refused\n",
		       s->models[i].id, s->models[i].version);
}

static void print_memory(const struct enc_status *s)
{
	printf("memory:          %u bytes for a session and its models\n",
	       (unsigned int)s->heap);
}

static void json_protection(yajl_gen gen, const struct enc_status *s)
{
	cli_json_bool(gen, "production", !has(s, ENC_MNIST_STATUS_COMPAT));
	cli_json_bool(gen, "own_signing_key",
		      !has(s, ENC_MNIST_STATUS_TEST_KEY));
	cli_json_bool(gen, "rollback_protected", enc_status_rollback_proof(s));
	cli_json_number(gen, "rollback_level", s->rollback);
}

/* Keys that do not exist are left out. */
static void json_keys(yajl_gen gen, const struct enc_status *s)
{
	char text[ENC_FINGERPRINT_TEXT] = "";
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";

	enc_owner_fingerprint(&s->owner, text);
	cli_json_string(gen, "owner", text);
	if (has(s, ENC_MNIST_STATUS_DEVICE)) {
		enc_fingerprint(s->device, sizeof(s->device), text);
		cli_json_string(gen, "device", text);
	}
	if (has(s, ENC_MNIST_STATUS_KEY)) {
		enc_hex_text(s->key_id, sizeof(s->key_id), id);
		cli_json_string(gen, "key_id", id);
	}
}

static void json_versions(yajl_gen gen, const struct enc_status *s)
{
	cli_json_number(gen, "epoch", s->epoch);
	cli_json_number(gen, "epoch_floor", s->epoch_floor);
	cli_json_number(gen, "version_floor", s->version_floor);
	cli_json_number(gen, "secure_memory", s->heap);
	cli_json_text(gen, "models");
	yajl_gen_array_open(gen);
	for (uint32_t i = 0; i < s->model_count; i++) {
		yajl_gen_map_open(gen);
		cli_json_string(gen, "model_id", s->models[i].id);
		cli_json_number(gen, "version", s->models[i].version);
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

	ok = enc_tee_open(&tee, &e) && enc_tee_status(tee, &status, &e);
	enc_tee_close(tee);
	if (ok && args->json)
		ok = print_json(&status, &e);
	if (!ok)
		return cli_fail(&e);
	if (!args->json) {
		print_protection(&status);
		print_keys(&status);
		print_versions(&status);
		print_memory(&status);
	}
	return 0;
}
