/* SPDX-License-Identifier: Apache-2.0 */
#include "head.h"

#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "stream.h"

#define VERSION 1
#define SUITE	1 /* AES-256-GCM, HKDF-SHA256, SHA-256, Ed25519 */

enum offset {
	AT_VERSION = 8,
	AT_SUITE = 10,
	AT_FORMAT = 12,
	AT_LAYERS = 14,
	AT_SIZES = 16,
	AT_RELU = 52,
	AT_LENGTH = 56,
	AT_CHUNK = 64,
	AT_MODEL_VERSION = 68,
	AT_MODEL_ID = 72,
	AT_KEY_ID = 104,
	AT_OWNER = 120,
	AT_DIGEST = BOX_HEAD_BOUND_BYTES,
	AT_SIGNATURE = BOX_HEAD_SIGNED_BYTES
};

static bool is_network(const struct box_head *head)
{
	if (!head->layers || head->layers > BOX_HEAD_LAYERS_MAX ||
	    head->relu >> head->layers)
		return false;
	for (uint32_t i = 0; i <= BOX_HEAD_LAYERS_MAX; i++) {
		if (head->sizes[i] > BOX_HEAD_SIZE_MAX ||
		    !head->sizes[i] != (i > head->layers))
			return false;
	}
	return true;
}

static bool is_id_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
	       c == '_' || c == '-';
}

static bool is_model_id(const uint8_t id[BOX_MODEL_ID_BYTES])
{
	size_t n = 0;

	while (n < BOX_MODEL_ID_BYTES && is_id_letter(id[n]))
		n++;
	if (!n)
		return false;
	while (n < BOX_MODEL_ID_BYTES && !id[n])
		n++;
	return n == BOX_MODEL_ID_BYTES;
}

/*
 * Whether S, the second half of a signature, is below the order L of the group
 * (RFC 8032, 5.1.7). Otherwise S + L would be another signature of the same
 * head, and libraries differ in whether they check.
 */
static bool is_reduced(const uint8_t s[BOX_SIGNATURE_BYTES / 2])
{
	static const uint8_t order[BOX_SIGNATURE_BYTES / 2] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0,    0,    0,	  0,	0,    0,    0,	  0,
		0,    0,    0,	  0,	0,    0,    0,	  0x10,
	};
	size_t i = sizeof(order) - 1;

	while (i && s[i] == order[i])
		i--;
	return s[i] < order[i];
}

enum box_error box_head_read(const uint8_t bytes[BOX_HEAD_BYTES],
			     struct box_head *head)
{
	if (memcmp(bytes, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES))
		return BOX_MAGIC;
	head->format = box_load16(bytes + AT_FORMAT);
	if (box_load16(bytes + AT_VERSION) != VERSION ||
	    box_load16(bytes + AT_SUITE) != SUITE ||
	    (head->format != BOX_HEAD_FORMAT_F32 &&
	     head->format != BOX_HEAD_FORMAT_INT8))
		return BOX_VERSION;

	head->layers = box_load16(bytes + AT_LAYERS);
	for (size_t i = 0; i <= BOX_HEAD_LAYERS_MAX; i++)
		head->sizes[i] = box_load32(bytes + AT_SIZES + 4 * i);
	head->relu = box_load32(bytes + AT_RELU);
	head->length = box_load64(bytes + AT_LENGTH);
	head->model_version = box_load32(bytes + AT_MODEL_VERSION);
	memcpy(head->model_id, bytes + AT_MODEL_ID, BOX_MODEL_ID_BYTES);
	memcpy(head->key_id, bytes + AT_KEY_ID, BOX_KEY_ID_BYTES);
	memcpy(head->owner, bytes + AT_OWNER, BOX_OWNER_BYTES);
	memcpy(head->digest, bytes + AT_DIGEST, BOX_DIGEST_BYTES);
	memcpy(head->signature, bytes + AT_SIGNATURE, BOX_SIGNATURE_BYTES);

	if (head->length > BOX_STREAM_LENGTH_MAX)
		return BOX_LENGTH;
	if (!is_network(head) || !head->length || !head->model_version ||
	    !is_model_id(head->model_id) ||
	    !is_reduced(head->signature + BOX_SIGNATURE_BYTES / 2) ||
	    box_load32(bytes + AT_CHUNK) != BOX_HEAD_CHUNK_BYTES)
		return BOX_FIELD;
	return BOX_OK;
}

/*
 * Values that do not fit in 16 bits are written as 0xffff, which every reader
 * refuses.
 */
static void store16(uint8_t *p, uint32_t value)
{
	box_store16(p, value < UINT16_MAX ? value : UINT16_MAX);
}

void box_head_write(const struct box_head *head, uint8_t bytes[BOX_HEAD_BYTES])
{
	memcpy(bytes, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES);
	box_store16(bytes + AT_VERSION, VERSION);
	box_store16(bytes + AT_SUITE, SUITE);
	store16(bytes + AT_FORMAT, head->format);
	store16(bytes + AT_LAYERS, head->layers);
	for (size_t i = 0; i <= BOX_HEAD_LAYERS_MAX; i++)
		box_store32(bytes + AT_SIZES + 4 * i, head->sizes[i]);
	box_store32(bytes + AT_RELU, head->relu);
	box_store64(bytes + AT_LENGTH, head->length);
	box_store32(bytes + AT_CHUNK, BOX_HEAD_CHUNK_BYTES);
	box_store32(bytes + AT_MODEL_VERSION, head->model_version);
	memcpy(bytes + AT_MODEL_ID, head->model_id, BOX_MODEL_ID_BYTES);
	memcpy(bytes + AT_KEY_ID, head->key_id, BOX_KEY_ID_BYTES);
	memcpy(bytes + AT_OWNER, head->owner, BOX_OWNER_BYTES);
	memcpy(bytes + AT_DIGEST, head->digest, BOX_DIGEST_BYTES);
	memcpy(bytes + AT_SIGNATURE, head->signature, BOX_SIGNATURE_BYTES);
}
