/* SPDX-License-Identifier: Apache-2.0 */
#include "provision.h"

#include <unistd.h>

#include "host/base/file.h"
#include "host/public/envelope.h"

static bool find(struct enc_tee *tee, const struct enc_envelopes *list,
		 struct box_envelope *taken, struct enc_error *e)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	struct enc_status status = { 0 };
	const struct box_envelope *found = NULL;

	if (!list->count) {
		enc_fail(e, ENC_ERR_FORMAT, "the file is empty");
		return enc_hint(e, "give a file that `enc_mnist wrap` wrote");
	}
	if (!enc_tee_device_key(tee, device, e) ||
	    !enc_tee_status(tee, &status, e))
		return false;
	found = enc_envelopes_find(list, &status, e);
	if (found)
		*taken = *found;
	return found;
}

bool enc_provision(struct enc_tee *tee, const struct enc_envelopes *list,
		   struct box_envelope *taken, struct enc_error *e)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };

	if (!find(tee, list, taken, e))
		return false;
	box_envelope_write(taken, bytes);
	return enc_tee_provision(tee, bytes, e);
}

bool enc_provision_file(struct enc_tee *tee, const char *path,
			struct box_envelope *taken, struct enc_error *e)
{
	struct enc_envelopes list = { 0 };
	int fd = enc_file_open(path, e);
	bool ok = false;

	if (fd < 0)
		return false;
	ok = enc_envelopes_read(fd, &list, e) &&
	     enc_provision(tee, &list, taken, e);
	enc_envelopes_free(&list);
	close(fd);
	return ok || enc_about(e, enc_file_label(path));
}
