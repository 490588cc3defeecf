/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box/: any bytes as the head of a sealed model and as an envelope. Accepted
 * input is written back to the same bytes. The same bytes are also used as the
 * values of a struct, most of them out of range: a written head can be read
 * exactly when doc/FORMAT.md allows all of its fields, and is then the same.
 */
#include "box/head.h"

#include "box/envelope.h"
#include "tests/lib/fuzz.h"

/* A copy of the exact size, padded with zeros; to be freed. */
static uint8_t *take(const uint8_t *data, size_t len, size_t size)
{
	uint8_t *bytes = fuzz_alloc(size);

	memset(bytes, 0, size);
	if (len)
		memcpy(bytes, data, len < size ? len : size);
	return bytes;
}

static bool is_network(const struct box_head *head)
{
	uint32_t given = 0;
	uint32_t sum = 0;

	while (given <= BOX_HEAD_LAYERS_MAX && head->sizes[given] >= 1 &&
	       head->sizes[given] <= 65535)
		given++;
	for (uint32_t i = given; i <= BOX_HEAD_LAYERS_MAX; i++)
		sum |= head->sizes[i];
	return given >= 2 && head->layers == given - 1 && !sum &&
	       head->relu < 1u << head->layers;
}

static bool is_id(const uint8_t *id)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	char text[BOX_MODEL_ID_BYTES + 1] = { 0 };
	size_t len = 0;

	memcpy(text, id, BOX_MODEL_ID_BYTES);
	len = strlen(text);
	for (size_t i = len; i < BOX_MODEL_ID_BYTES; i++)
		if (id[i])
			return false;
	return len && strspn(text, letters) == len;
}

static bool is_head(const struct box_head *head)
{
	return head->format == 1 && is_network(head) && head->length &&
	       head->length <= (uint64_t)1 << 32 && head->model_version &&
	       is_id(head->model_id);
}

static void check_head(const uint8_t *data, size_t len)
{
	uint8_t *bytes = take(data, len, BOX_HEAD_BYTES);
	uint8_t again[BOX_HEAD_BYTES] = { 0 };
	struct box_head head = { 0 };

	if (box_head_read(bytes, &head) == BOX_OK) {
		FUZZ_ASSERT(is_head(&head));
		box_head_write(&head, again);
		FUZZ_ASSERT(!memcmp(again, bytes, BOX_HEAD_BYTES));
	}
	free(bytes);
}

static void check_envelope(const uint8_t *data, size_t len)
{
	uint8_t *bytes = take(data, len, BOX_ENVELOPE_BYTES);
	uint8_t again[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope envelope = { 0 };

	if (box_envelope_read(bytes, &envelope) == BOX_OK) {
		FUZZ_ASSERT(envelope.epoch);
		box_envelope_write(&envelope, again);
		FUZZ_ASSERT(!memcmp(again, bytes, BOX_ENVELOPE_BYTES));
	}
	free(bytes);
}

/* The bytes become a struct; the padding between its fields is left out. */
static void check_values(const uint8_t *data, size_t len)
{
	struct box_head *values =
		(struct box_head *)take(data, len, sizeof(*values));
	struct box_head head;
	struct box_head back;
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };

	memset(&head, 0, sizeof(head));
	memset(&back, 0, sizeof(back));
	head.format = values->format;
	head.layers = values->layers;
	memcpy(head.sizes, values->sizes, sizeof(head.sizes));
	head.relu = values->relu;
	head.length = values->length;
	head.model_version = values->model_version;
	memcpy(head.model_id, values->model_id, BOX_MODEL_ID_BYTES);
	box_head_write(&head, bytes);
	FUZZ_ASSERT((box_head_read(bytes, &back) == BOX_OK) == is_head(&head));
	FUZZ_ASSERT(!is_head(&head) || !memcmp(&head, &back, sizeof(head)));
	free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	check_head(data, len);
	check_envelope(data, len);
	check_values(data, len);
	return 0;
}
