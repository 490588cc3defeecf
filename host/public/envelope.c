/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "host/base/hex.h"
#include "proto/enc_mnist_ta.h"

const uint8_t enc_ta_uuid[BOX_UUID_BYTES] = ENC_MNIST_TA_UUID_OCTETS;

static bool refuse(size_t number, enum box_error error, struct enc_error *e)
{
	if (error == BOX_VERSION) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "envelope %zu has a version that this "
			 "program does not know",
			 number);
		return enc_hint(e,
				"a newer enc_mnist made it: update this one");
	}
	if (error == BOX_MAGIC) {
		enc_fail(e, ENC_ERR_FORMAT, "envelope %zu is not an envelope",
			 number);
		return enc_hint(e, "give a file that `enc_mnist wrap` wrote");
	}
	if (error == BOX_SHORT)
		enc_fail(e, ENC_ERR_FORMAT,
			 "ends in the middle of envelope %zu", number);
	else
		enc_fail(e, ENC_ERR_FORMAT, "envelope %zu is damaged", number);
	return enc_hint(e, "get it again");
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
		       const uint8_t bytes[BOX_ENVELOPE_BYTES], size_t len,
		       struct enc_error *e)
{
	enum box_error error = BOX_SHORT;

	if (list->count == list->room && !grow(list))
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	if (len == BOX_ENVELOPE_BYTES)
		error = box_envelope_read(bytes, &list->all[list->count]);
	else if (len >= BOX_ENVELOPE_MAGIC_BYTES &&
		 memcmp(bytes, BOX_ENVELOPE_MAGIC, BOX_ENVELOPE_MAGIC_BYTES))
		error = BOX_MAGIC;
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
		if (!enc_envelopes_add(list, bytes, (size_t)n, e))
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

/* Says which of device, TA and owner differs. */
static void none(bool for_device, bool for_ta, bool from_owner,
		 const struct enc_status *device, struct enc_error *e)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	if (!for_device) {
		enc_fingerprint(device->device, BOX_X25519_BYTES, text);
		enc_fail(e, ENC_ERR_FORMAT,
			 "it has no envelope for this device, %s", text);
		enc_hint(e, "the owner must wrap the key for what `enc_mnist "
			    "device-key` prints here");
	} else if (!for_ta) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "the envelope for this device is for another TA");
		enc_uuid_text(device->ta, text);
		enc_hint(e, "the owner must wrap the key with --ta %s", text);
	} else if (from_owner) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "the envelope for this device is not as its owner "
			 "signed it");
		enc_hint(e, "get it again");
	} else {
		enc_owner_fingerprint(&device->owner, text);
		enc_fail(e, ENC_ERR_FORMAT,
			 "the envelope for this device is from another "
			 "owner, not the TA's, %s",
			 text);
		enc_hint(e,
			 "get one from that owner; `enc_mnist inspect` shows "
			 "who sent this one");
	}
	e->kind = for_device && for_ta ? ENC_REFUSED : ENC_NOT_FOR_DEVICE;
}

/* Anybody can write an owner's name and a higher epoch into an envelope. */
bool enc_envelope_is_signed(const struct box_envelope *envelope)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };

	box_envelope_write(envelope, bytes);
	return enc_ed25519_verify(envelope->owner, bytes,
				  BOX_ENVELOPE_SIGNED_BYTES,
				  envelope->signature);
}

const struct box_envelope *enc_envelopes_find(const struct enc_envelopes *list,
					      const struct enc_status *device,
					      struct enc_error *e)
{
	const struct box_envelope *found = NULL;
	bool for_device = false;
	bool for_ta = false;
	bool from_owner = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct box_envelope *envelope = &list->all[i];
		const bool has_ta =
			!memcmp(envelope->ta, device->ta, BOX_UUID_BYTES);
		const bool has_owner = !memcmp(
			envelope->owner, device->owner.key, BOX_OWNER_BYTES);

		if (memcmp(envelope->device, device->device, BOX_X25519_BYTES))
			continue;
		for_device = true;
		for_ta |= has_ta;
		from_owner |= has_ta && has_owner;
		if (has_ta && has_owner && enc_envelope_is_signed(envelope) &&
		    (!found || envelope->epoch > found->epoch))
			found = envelope;
	}
	if (!found)
		none(for_device, for_ta, from_owner, device, e);
	return found;
}
