/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file may be anybody's. Each member must be there once as a device prints
 * it; members of other names are ignored.
 */
#include "device_status.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_tree.h>

#include "host/base/file.h"
#include "host/base/hex.h"

/* Several times what a device prints; yajl frees a tree by recursion. */
#define STATUS_MAX 16384u

#define GIVE "give what `enc_mnist status --json` printed on the device"

/* The only member of this name, or NULL. */
static yajl_val member(yajl_val v, const char *name)
{
	yajl_val found = NULL;

	for (size_t i = 0; YAJL_IS_OBJECT(v) && i < v->u.object.len; i++) {
		if (strcmp(v->u.object.keys[i], name) != 0)
			continue;
		if (found)
			return NULL;
		found = v->u.object.values[i];
	}
	return found;
}

static bool read_number(yajl_val v, const char *name, uint64_t max,
			uint64_t *number)
{
	yajl_val m = member(v, name);

	/* as it is unsigned, one below 0 is too large */
	if (!YAJL_IS_INTEGER(m) || (uint64_t)YAJL_GET_INTEGER(m) > max)
		return false;
	*number = (uint64_t)YAJL_GET_INTEGER(m);
	return true;
}

static bool read_number32(yajl_val v, const char *name, uint32_t *number)
{
	uint64_t wide = 0;
	const bool ok = read_number(v, name, UINT32_MAX, &wide);

	*number = (uint32_t)wide;
	return ok;
}

static bool read_bytes(yajl_val v, const char *name, uint8_t *bytes,
		       size_t size)
{
	const char *text = YAJL_GET_STRING(member(v, name));
	size_t n = 0;

	return text &&
	       OPENSSL_hexstr2buf_ex(bytes, size, &n, text, '\0') == 1 &&
	       n == size;
}

static bool read_uuid(yajl_val v, const char *name,
		      uint8_t uuid[ENC_UUID_BYTES])
{
	const char *text = YAJL_GET_STRING(member(v, name));

	return text && enc_uuid_read(text, uuid);
}

static bool read_flag(yajl_val v, const char *name, uint32_t flag,
		      uint32_t *flags)
{
	yajl_val m = member(v, name);

	if (YAJL_IS_TRUE(m))
		*flags |= flag;
	return YAJL_IS_TRUE(m) || YAJL_IS_FALSE(m);
}

/* --- Lists ------------------------------------------------------------- */

static bool read_key(yajl_val v, struct enc_status *s)
{
	struct enc_status_key *key = &s->keys[s->key_count];

	return s->key_count++ < ENC_MNIST_KEYS_MAX &&
	       read_bytes(v, "key_id", key->id, sizeof(key->id)) &&
	       read_number32(v, "epoch", &key->epoch);
}

static bool read_model(yajl_val v, struct enc_status *s)
{
	struct enc_status_model *model = &s->models[s->model_count];
	const char *id = YAJL_GET_STRING(member(v, "model_id"));

	if (s->model_count++ == ENC_MNIST_MODELS_MAX || !id ||
	    strlen(id) >= sizeof(model->id))
		return false;
	memcpy(model->id, id, strlen(id));
	return read_number32(v, "security_version", &model->security_version) &&
	       read_number(v, "answers", INT64_MAX, &model->answers);
}

static bool read_list(yajl_val v, const char *name,
		      bool (*read)(yajl_val v, struct enc_status *s),
		      struct enc_status *s)
{
	yajl_val list = member(v, name);

	for (size_t i = 0; YAJL_IS_ARRAY(list) && i < list->u.array.len; i++) {
		if (!read(list->u.array.values[i], s))
			return false;
	}
	return YAJL_IS_ARRAY(list);
}

/* --- All of it --------------------------------------------------------- */

/* A device that has no key yet prints none. */
static bool read_device(yajl_val v, struct enc_status *s)
{
	if (!member(v, "device_key"))
		return true;
	s->flags |= ENC_MNIST_STATUS_DEVICE;
	return read_bytes(v, "device_key", s->device, sizeof(s->device));
}

static bool read_status(yajl_val v, struct enc_status *s)
{
	return read_uuid(v, "ta", s->ta) &&
	       read_bytes(v, "owner_key", s->owner.key, sizeof(s->owner.key)) &&
	       read_device(v, s) && read_list(v, "keys", read_key, s) &&
	       read_number32(v, "epoch", &s->epoch) &&
	       read_number32(v, "epoch_floor", &s->epoch_floor) &&
	       read_number32(v, "security_version_floor", &s->version_floor) &&
	       read_number32(v, "secure_memory", &s->heap) &&
	       read_flag(v, "only_listed_models", ENC_MNIST_STATUS_LISTED,
			 &s->flags) &&
	       read_list(v, "models", read_model, s);
}

bool cli_device_status(const char *path, struct enc_status *status,
		       struct enc_error *e)
{
	char why[256] = "";
	uint8_t *bytes = NULL;
	char *text = NULL;
	size_t len = 0;
	yajl_val v = NULL;
	bool ok = false;

	*status = (struct enc_status){ 0 };
	if (!enc_file_read(path, STATUS_MAX, &bytes, &len, e))
		return enc_hint(e, GIVE);
	text = strndup((const char *)bytes, len);
	free(bytes);
	if (text && strlen(text) == len)
		v = yajl_tree_parse(text, why, sizeof(why));
	free(text);
	ok = v && read_status(v, status);
	yajl_tree_free(v);
	if (ok)
		return true;
	enc_fail(e, ENC_ERR_FORMAT, "%s: not the status of a device",
		 enc_file_label(path));
	return enc_hint(e, GIVE);
}
