/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box/: any bytes as the head of a sealed model and as an envelope. Accepted
 * input is written back to the same bytes. The same bytes are also used as the
 * values of structs, most of them out of range: a written head or envelope can
 * be read exactly when doc/FORMAT.md allows all of its fields, and is then the
 * same.
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

static bool is_port(const struct box_port *port, bool is_input)
{
	const bool has_scale = port->type == 2;
	uint64_t elements = 1;

	for (uint32_t d = 0; d < BOX_RANK_MAX; d++) {
		if (!port->dims[d] || port->dims[d] > 65536 ||
		    (port->dims[d] > 1 && d >= port->rank) ||
		    elements > (uint64_t)1 << 28)
			return false;
		elements *= port->dims[d];
	}
	return port->type >= 1 && port->type <= 4 &&
	       (is_input || port->type != 3) && port->rank >= 1 &&
	       port->rank <= 6 && elements <= (uint64_t)1 << 28 &&
	       (has_scale ? port->scale >> 23 >= 1 && port->scale >> 23 < 255 :
			    !port->scale && !port->zero);
}

static bool are_ports(const struct box_port *ports, uint32_t count,
		      bool are_inputs)
{
	static const struct box_port none;

	for (uint32_t i = 0; i < BOX_PORTS_MAX; i++) {
		if (i < count ? !is_port(&ports[i], are_inputs) :
				memcmp(&ports[i], &none, sizeof(none)) != 0)
			return false;
	}
	return count >= 1 && count <= BOX_PORTS_MAX;
}

static bool gives(const struct box_head *head)
{
	const uint32_t values = box_port_elements(&head->output[0]);
	bool are_numbers = true;

	for (uint32_t i = 0; i < head->outputs; i++)
		are_numbers &= head->output[i].type <= 2;
	if (head->policy == BOX_RAW)
		return !head->amount;
	if (head->policy == BOX_SCORES)
		return are_numbers && head->amount >= 1 && head->amount <= 16;
	return are_numbers && head->outputs == 1 && values >= 2 &&
	       values <= 65536 &&
	       (head->policy == BOX_LABEL ?
			!head->amount :
			head->policy == BOX_TOP && head->amount >= 1 &&
				head->amount <= 32 && head->amount <= values);
}

static bool is_network(const struct box_head *head)
{
	return head->number_type >= 1 && head->number_type <= 2 &&
	       head->batch >= 1 && head->batch <= 64 && head->macs >= 1 &&
	       head->macs <= (uint64_t)1 << 36 && head->arena >= 64 &&
	       head->arena % 64 == 0 &&
	       (uint64_t)head->arena * head->batch <= (uint64_t)1 << 30 &&
	       head->params <= (uint64_t)1 << 31 &&
	       head->length >= head->params + 64 + 144 &&
	       head->length <= head->params + 64 + 53408 &&
	       are_ports(head->input, head->inputs, true) &&
	       are_ports(head->output, head->outputs, false) && gives(head);
}

static bool has_bytes(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i])
			return true;
	}
	return false;
}

static bool are_names(const struct box_head *head)
{
	return head->names <= 65536 &&
	       !head->names != has_bytes(head->names_digest, BOX_DIGEST_BYTES);
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

static bool is_login(const struct box_head *head)
{
	return head->login <= 4 && head->login != 3 &&
	       !head->login != has_bytes(head->client, BOX_CLIENT_BYTES);
}

static bool is_head(const struct box_head *head)
{
	return is_network(head) && are_names(head) && is_login(head) &&
	       head->model_version && head->security_version &&
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

static bool are_models(const struct box_envelope *envelope)
{
	const struct box_envelope_model *m = envelope->model;

	for (uint32_t i = 0; i < 8; i++) {
		if (i >= envelope->models) {
			if (has_bytes((const uint8_t *)&m[i], sizeof(m[i])))
				return false;
		} else if (!is_id(m[i].id) || !m[i].security_version ||
			   (i && memcmp(m[i - 1].id, m[i].id, 32) >= 0)) {
			return false;
		}
	}
	return envelope->models <= 8;
}

static bool is_envelope(const struct box_envelope *envelope)
{
	return envelope->epoch && envelope->retired < envelope->epoch &&
	       are_models(envelope) &&
	       (has_bytes(envelope->key_id, sizeof(envelope->key_id)) ||
		!(has_bytes(envelope->encapsulated,
			    sizeof(envelope->encapsulated)) ||
		  has_bytes(envelope->sealed, sizeof(envelope->sealed))));
}

static void check_envelope(const uint8_t *data, size_t len)
{
	uint8_t *bytes = take(data, len, BOX_ENVELOPE_BYTES);
	uint8_t again[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope envelope = { 0 };

	if (box_envelope_read(bytes, &envelope) == BOX_OK) {
		FUZZ_ASSERT(is_envelope(&envelope));
		box_envelope_write(&envelope, again);
		FUZZ_ASSERT(!memcmp(again, bytes, BOX_ENVELOPE_BYTES));
	}
	free(bytes);
}

/* The same as for heads, below. */
static void check_envelope_values(const uint8_t *data, size_t len)
{
	struct box_envelope *envelope =
		(struct box_envelope *)take(data, len, sizeof(*envelope));
	struct box_envelope back;
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };

	memset(envelope->signature, 0, sizeof(envelope->signature));
	box_envelope_write(envelope, bytes);
	memset(&back, 0, sizeof(back));
	FUZZ_ASSERT((box_envelope_read(bytes, &back) == BOX_OK) ==
		    is_envelope(envelope));
	FUZZ_ASSERT(!is_envelope(envelope) ||
		    !memcmp(&back, envelope, sizeof(back)));
	free(envelope);
}

/*
 * The bytes become a struct, and what it writes is read again: as a head where
 * its fields are in range, and only there.
 */
static void check_head_values(const uint8_t *data, size_t len)
{
	struct box_head *head =
		(struct box_head *)take(data, len, sizeof(*head));
	struct box_head back;
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };

	for (size_t i = 0; i < BOX_PORTS_MAX; i++) {
		head->input[i].zero = (int8_t)head->input[i].zero;
		head->output[i].zero = (int8_t)head->output[i].zero;
	}
	memset(head->signature, 0, sizeof(head->signature));
	box_head_write(head, bytes);
	memset(&back, 0, sizeof(back));
	FUZZ_ASSERT((box_head_read(bytes, &back) == BOX_OK) == is_head(head));
	FUZZ_ASSERT(!is_head(head) || back.length == head->length);
	free(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	check_head(data, len);
	check_envelope(data, len);
	check_head_values(data, len);
	check_envelope_values(data, len);
	return 0;
}
