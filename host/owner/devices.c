/* SPDX-License-Identifier: Apache-2.0 */
#include "devices.h"

#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "host/public/fingerprint.h"
#include "host/public/public_key.h"

/* --- Files ------------------------------------------------------------- */

static bool set_device(struct enc_device *device,
		       const struct enc_public_key *key, const char *file,
		       struct enc_error *e)
{
	memcpy(device->key, key->bytes, sizeof(device->key));
	device->file = file;
	return enc_fingerprint_bytes(device->key, sizeof(device->key),
				     device->digest) ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not hash");
}

static bool add_file(struct enc_devices *d, const char *file,
		     const struct enc_public_key *keys, size_t count,
		     struct enc_error *e)
{
	struct enc_device *all =
		reallocarray(d->all, d->count + count, sizeof(*all));

	if (!all)
		return enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", file);
	d->all = all;
	for (size_t i = 0; i < count; i++) {
		if (keys[i].type != ENC_X25519) {
			enc_fail(e, ENC_ERR_FORMAT,
				 "%s: key %zu is not a device's: "
				 "it is not X25519",
				 file, i + 1);
			return enc_hint(e, ENC_GIVE_DEVICE_KEY);
		}
		if (!set_device(&all[d->count], &keys[i], file, e))
			return false;
		d->count++;
	}
	return true;
}

static bool is_one(const char *file, size_t count, struct enc_error *e)
{
	if (count == 1)
		return true;
	enc_fail(e, ENC_ERR_FORMAT, "%s: the keys of %zu devices", file, count);
	return enc_hint(e, "say how many devices you mean in all: --devices N");
}

static bool read_files(const char *const *files, size_t count, bool has_number,
		       struct enc_devices *d, struct enc_error *e)
{
	for (size_t i = 0; i < count; i++) {
		const char *label = enc_file_label(files[i]);
		struct enc_public_key *keys = NULL;
		size_t n = 0;
		bool ok = enc_public_keys_read(files[i], &keys, &n, e) &&
			  add_file(d, label, keys, n, e) &&
			  (has_number || is_one(label, n, e));

		free(keys);
		if (!ok)
			return false;
	}
	return true;
}

static bool is_number(const struct enc_devices *d, size_t expected,
		      struct enc_error *e)
{
	if (!expected || d->count == expected)
		return true;
	enc_fail(e, ENC_ERR_FORMAT, "%zu device%s in the files, not %zu",
		 d->count, enc_s(d->count), expected);
	return enc_hint(e, "find out whose keys they are: each would get the "
			   "model key");
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct enc_device *)a)->key,
		      ((const struct enc_device *)b)->key, BOX_X25519_BYTES);
}

/* Sorts the devices, so that equal ones are neighbours. */
static bool are_different(struct enc_devices *d, struct enc_error *e)
{
	if (d->count)
		qsort(d->all, d->count, sizeof(*d->all), compare);
	for (size_t i = 1; i < d->count; i++) {
		const struct enc_device *device = &d->all[i];
		char text[ENC_FINGERPRINT_TEXT] = "";

		if (compare(device - 1, device))
			continue;
		enc_fingerprint(device->key, sizeof(device->key), text);
		enc_fail(e, ENC_ERR_FORMAT,
			 "%.2000s and %.2000s: the same device twice, %s",
			 device[-1].file, device->file, text);
		return enc_hint(e, "leave one of the two out");
	}
	return true;
}

bool enc_devices_read(const char *const *files, size_t count, size_t expected,
		      struct enc_devices *devices, struct enc_error *e)
{
	return read_files(files, count, expected != 0, devices, e) &&
	       are_different(devices, e) && is_number(devices, expected, e);
}

void enc_devices_free(struct enc_devices *devices)
{
	free(devices->all);
	*devices = (struct enc_devices){ 0 };
}

/* --- Fingerprints ------------------------------------------------------ */

static bool is_among(const uint8_t *digest,
		     const uint8_t (*digests)[BOX_DIGEST_BYTES], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!memcmp(digest, digests[i], BOX_DIGEST_BYTES))
			return true;
	}
	return false;
}

static bool has(const struct enc_devices *d, const uint8_t *digest)
{
	for (size_t i = 0; i < d->count; i++) {
		if (!memcmp(d->all[i].digest, digest, BOX_DIGEST_BYTES))
			return true;
	}
	return false;
}

bool enc_devices_match(const struct enc_devices *devices,
		       const uint8_t (*digests)[BOX_DIGEST_BYTES], size_t count,
		       struct enc_error *e)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	for (size_t i = 0; i < devices->count; i++) {
		const struct enc_device *device = &devices->all[i];

		if (is_among(device->digest, digests, count))
			continue;
		enc_fingerprint(device->key, sizeof(device->key), text);
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: a device with another fingerprint, %s",
			 device->file, text);
		return enc_hint(e, "find out whose key it is: it would get the "
				   "model key");
	}
	for (size_t i = 0; i < count; i++) {
		if (has(devices, digests[i]))
			continue;
		enc_fingerprint_text(digests[i], text);
		return enc_fail(e, ENC_ERR_FORMAT,
				"no device has the fingerprint %s", text);
	}
	return true;
}
