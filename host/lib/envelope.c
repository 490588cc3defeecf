/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "proto/enc_mnist_ta.h"

const uint8_t enc_ta_uuid[BOX_UUID_BYTES] = ENC_MNIST_TA_UUID_OCTETS;

bool enc_envelope_is_for_ta(const struct box_envelope *envelope)
{
	return !memcmp(envelope->ta, enc_ta_uuid, BOX_UUID_BYTES);
}

static bool refuse(size_t number, enum box_error error, struct enc_error *e)
{
	if (error == BOX_VERSION) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "envelope %zu is of a version that this program does "
			 "not know",
			 number);
		return enc_hint(e, "a newer enc_mnist made it");
	}
	return enc_fail(e, ENC_ERR_FORMAT, "envelope %zu is %s", number,
			error == BOX_MAGIC ? "no envelope" : "damaged");
}

static bool grow(struct enc_envelopes *list)
{
	size_t room = 2 * list->room + 1;
	struct box_envelope *all = reallocarray(list->all, room, sizeof(*all));

	if (!all)
		return false;
	list->all = all;
	list->room = room;
	return true;
}

bool enc_envelopes_add(struct enc_envelopes *list,
		       const uint8_t bytes[BOX_ENVELOPE_BYTES],
		       struct enc_error *e)
{
	enum box_error error = BOX_OK;

	if (list->count == list->room && !grow(list))
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	error = box_envelope_read(bytes, &list->all[list->count]);
	if (error != BOX_OK)
		return refuse(list->count + 1, error, e);
	list->count++;
	return true;
}

bool enc_envelopes_read(int fd, struct enc_envelopes *list, struct enc_error *e)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	ssize_t n = 0;

	while ((n = enc_file_fill(fd, bytes, sizeof(bytes))) > 0) {
		if (n < BOX_ENVELOPE_BYTES)
			return enc_fail(e, ENC_ERR_FORMAT,
					"ends in the middle of envelope %zu",
					list->count + 1);
		if (!enc_envelopes_add(list, bytes, e))
			return false;
	}
	return !n ||
	       enc_fail(e, ENC_ERR_IO, "cannot read: %s", strerror(errno));
}

void enc_envelopes_free(struct enc_envelopes *list)
{
	free(list->all);
	*list = (struct enc_envelopes){ 0 };
}

const struct box_envelope *
enc_envelopes_find(const struct enc_envelopes *list,
		   const uint8_t device[BOX_X25519_BYTES],
		   const uint8_t sender[BOX_X25519_BYTES])
{
	const struct box_envelope *found = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct box_envelope *envelope = &list->all[i];

		if (enc_envelope_is_for_ta(envelope) &&
		    !memcmp(envelope->device, device, BOX_X25519_BYTES) &&
		    !memcmp(envelope->sender, sender, BOX_X25519_BYTES) &&
		    (!found || envelope->epoch > found->epoch))
			found = envelope;
	}
	return found;
}
