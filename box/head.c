/* SPDX-License-Identifier: Apache-2.0 */
#include "head.h"

#include <string.h>

#include "bytes.h"
#include "field.h"

#define VERSION 3
#define SUITE	1 /* AES-256-GCM, HKDF-SHA256, SHA-256, Ed25519 */

enum offset {
	AT_VERSION = 8,
	AT_SUITE = 10,
	AT_NUMBER_TYPE = 12,
	AT_POLICY = 14,
	AT_AMOUNT = 16,
	AT_BATCH = 20,
	AT_INPUTS = 22,
	AT_OUTPUTS = 23,
	AT_LENGTH = 24,
	AT_PARAMS = 32,
	AT_MACS = 40,
	AT_ARENA = 48,
	AT_CHUNK = 52,
	AT_MODEL_VERSION = 56,
	AT_NAMES = 60,
	AT_MODEL_ID = 64,
	AT_KEY_ID = 96,
	AT_OWNER = 112,
	AT_NAMES_DIGEST = 144,
	AT_SECURITY_VERSION = 176,
	AT_LOGIN = 180,
	AT_CLIENT = 184,
	AT_LOAD_ANSWERS = 200,
	AT_LIFE_ANSWERS = 208,
	AT_INPUT = 216,
	AT_OUTPUT = AT_INPUT + BOX_PORTS_MAX * BOX_PORT_BYTES,
	AT_DIGEST = BOX_HEAD_BOUND_BYTES,
	AT_SIGNATURE = BOX_HEAD_SIGNED_BYTES
};

/* Of a port. */
enum port_offset {
	AT_TYPE = 0,
	AT_RANK = 1,
	AT_ZERO = 2,
	AT_FLAGS = 3, /* none so far: 0 */
	AT_SCALE = 4,
	AT_DIMS = 8
};

/* --- ports --- */

/*
 * Values that do not fit are written as the largest that fits, which every
 * reader refuses.
 */
static void store16(uint8_t *p, uint32_t value)
{
	box_store16(p, value < UINT16_MAX ? value : UINT16_MAX);
}

static void store8(uint8_t *p, uint32_t value)
{
	*p = (uint8_t)(value < UINT8_MAX ? value : UINT8_MAX);
}

static bool are_dims(const struct box_port *port)
{
	uint64_t elements = 1;

	if (port->rank < 1 || port->rank > BOX_RANK_MAX)
		return false;
	for (size_t d = 0; d < BOX_RANK_MAX; d++) {
		if (port->dims[d] < 1 || port->dims[d] > BOX_DIM_MAX ||
		    (d >= port->rank && port->dims[d] != 1))
			return false;
		elements *= port->dims[d];
		if (elements > BOX_ELEMENTS_MAX)
			return false;
	}
	return true;
}

static bool is_port(const struct box_port *port, bool is_input)
{
	if (port->type < BOX_F32 || port->type > BOX_INT32 ||
	    (port->type == BOX_UINT8 && !is_input) || !are_dims(port))
		return false;
	if (port->type == BOX_INT8)
		return port->scale >= 0x00800000 && port->scale < 0x7f800000;
	return !port->scale && !port->zero;
}

bool box_are_ports(const struct box_port *ports, uint32_t count,
		   bool are_inputs)
{
	if (count < 1 || count > BOX_PORTS_MAX)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!is_port(&ports[i], are_inputs))
			return false;
	}
	return box_is_zero(ports + count,
			   (BOX_PORTS_MAX - count) * sizeof(*ports));
}

uint32_t box_port_elements(const struct box_port *port)
{
	uint32_t elements = 1;

	for (size_t d = 0; d < BOX_RANK_MAX; d++)
		elements *= port->dims[d];
	return elements;
}

void box_port_write(const struct box_port *port, uint8_t bytes[BOX_PORT_BYTES])
{
	store8(bytes + AT_TYPE, port->type);
	store8(bytes + AT_RANK, port->rank);
	bytes[AT_ZERO] = (uint8_t)port->zero;
	bytes[AT_FLAGS] = 0;
	box_store32(bytes + AT_SCALE, port->scale);
	for (size_t d = 0; d < BOX_RANK_MAX; d++)
		box_store32(bytes + AT_DIMS + 4 * d, port->dims[d]);
}

void box_port_read(const uint8_t bytes[BOX_PORT_BYTES], struct box_port *port)
{
	port->type = bytes[AT_TYPE];
	port->rank = bytes[AT_RANK];
	port->zero = (int32_t)(int8_t)bytes[AT_ZERO];
	port->scale = box_load32(bytes + AT_SCALE);
	for (size_t d = 0; d < BOX_RANK_MAX; d++)
		port->dims[d] = box_load32(bytes + AT_DIMS + 4 * d);
}

/* --- what may leave --- */

/* Numbers that can be compared with one another. */
static bool are_values(const struct box_head *head)
{
	bool ok = true;

	for (uint32_t i = 0; i < head->outputs; i++)
		ok &= head->output[i].type != BOX_INT32;
	return ok;
}

static bool are_classes(const struct box_head *head)
{
	const uint32_t classes = box_port_elements(&head->output[0]);

	return head->outputs == 1 && are_values(head) &&
	       classes >= BOX_CLASSES_MIN && classes <= BOX_CLASSES_MAX;
}

static bool is_policy(const struct box_head *head)
{
	switch (head->policy) {
	case BOX_LABEL:
		return !head->amount && are_classes(head);
	case BOX_TOP:
		return head->amount >= 1 && head->amount <= BOX_TOP_MAX &&
		       are_classes(head) &&
		       head->amount <= box_port_elements(&head->output[0]);
	case BOX_SCORES:
		return head->amount >= 1 &&
		       head->amount <= BOX_SCORE_BITS_MAX && are_values(head);
	case BOX_RAW:
		return !head->amount;
	default:
		return false;
	}
}

/* --- the head --- */

static bool is_network(const struct box_head *head)
{
	const uint64_t tables = head->length - head->params - BOX_RECORD_HEAD;

	return (head->number_type == BOX_F32 ||
		head->number_type == BOX_INT8) &&
	       head->batch >= 1 && head->batch <= BOX_BATCH_MAX &&
	       head->params <= BOX_PARAMS_MAX && head->macs >= 1 &&
	       head->macs <= BOX_MACS_MAX && head->arena >= 1 &&
	       head->arena % BOX_ARENA_ALIGN == 0 &&
	       (uint64_t)head->arena * head->batch <= BOX_ARENA_MAX &&
	       tables >= BOX_TABLES_MIN && tables <= BOX_TABLES_MAX &&
	       box_are_ports(head->input, head->inputs, true) &&
	       box_are_ports(head->output, head->outputs, false);
}

static bool are_names(const struct box_head *head)
{
	return head->names <= BOX_NAMES_MAX &&
	       !head->names == box_is_zero(head->names_digest,
					   sizeof(head->names_digest));
}

static void read_network(const uint8_t *bytes, struct box_head *head)
{
	head->number_type = box_load16(bytes + AT_NUMBER_TYPE);
	head->policy = box_load16(bytes + AT_POLICY);
	head->amount = box_load32(bytes + AT_AMOUNT);
	head->batch = box_load16(bytes + AT_BATCH);
	head->inputs = bytes[AT_INPUTS];
	head->outputs = bytes[AT_OUTPUTS];
	head->length = box_load64(bytes + AT_LENGTH);
	head->params = box_load64(bytes + AT_PARAMS);
	head->macs = box_load64(bytes + AT_MACS);
	head->arena = box_load32(bytes + AT_ARENA);
	for (size_t i = 0; i < BOX_PORTS_MAX; i++) {
		box_port_read(bytes + AT_INPUT + i * BOX_PORT_BYTES,
			      &head->input[i]);
		box_port_read(bytes + AT_OUTPUT + i * BOX_PORT_BYTES,
			      &head->output[i]);
	}
}

/* Logins that have no identity of their own have no client's. */
static bool is_login(const struct box_head *head)
{
	const bool is_named = !box_is_zero(head->client, sizeof(head->client));

	switch (head->login) {
	case BOX_LOGIN_ANY:
		return !is_named;
	case BOX_LOGIN_USER:
	case BOX_LOGIN_GROUP:
	case BOX_LOGIN_APPLICATION:
		return is_named;
	default:
		return false;
	}
}

static void read_policy(const uint8_t *bytes, struct box_head *head)
{
	head->security_version = box_load32(bytes + AT_SECURITY_VERSION);
	head->login = box_load32(bytes + AT_LOGIN);
	memcpy(head->client, bytes + AT_CLIENT, BOX_CLIENT_BYTES);
	head->load_answers = box_load64(bytes + AT_LOAD_ANSWERS);
	head->life_answers = box_load64(bytes + AT_LIFE_ANSWERS);
}

static void read_names(const uint8_t *bytes, struct box_head *head)
{
	head->model_version = box_load32(bytes + AT_MODEL_VERSION);
	head->names = box_load32(bytes + AT_NAMES);
	memcpy(head->model_id, bytes + AT_MODEL_ID, BOX_MODEL_ID_BYTES);
	memcpy(head->key_id, bytes + AT_KEY_ID, BOX_KEY_ID_BYTES);
	memcpy(head->owner, bytes + AT_OWNER, BOX_OWNER_BYTES);
	memcpy(head->names_digest, bytes + AT_NAMES_DIGEST, BOX_DIGEST_BYTES);
	memcpy(head->digest, bytes + AT_DIGEST, BOX_DIGEST_BYTES);
	memcpy(head->signature, bytes + AT_SIGNATURE, BOX_SIGNATURE_BYTES);
}

static bool are_flags(const uint8_t *bytes)
{
	uint8_t any = 0;

	for (size_t i = 0; i < (size_t)2 * BOX_PORTS_MAX; i++)
		any |= bytes[AT_INPUT + i * BOX_PORT_BYTES + AT_FLAGS];
	return !any;
}

enum box_error box_head_read(const uint8_t bytes[BOX_HEAD_BYTES],
			     struct box_head *head)
{
	if (memcmp(bytes, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES))
		return BOX_MAGIC;
	if (box_load16(bytes + AT_VERSION) != VERSION ||
	    box_load16(bytes + AT_SUITE) != SUITE)
		return BOX_VERSION;
	read_network(bytes, head);
	read_policy(bytes, head);
	read_names(bytes, head);
	if (!is_network(head) || !is_policy(head) || !are_names(head) ||
	    !are_flags(bytes) || !is_login(head) || !head->model_version ||
	    !head->security_version || !box_is_model_id(head->model_id) ||
	    !box_is_signature(head->signature) ||
	    box_load32(bytes + AT_CHUNK) != BOX_HEAD_CHUNK_BYTES)
		return BOX_FIELD;
	return BOX_OK;
}

static void write_network(const struct box_head *head, uint8_t *bytes)
{
	store16(bytes + AT_NUMBER_TYPE, head->number_type);
	store16(bytes + AT_POLICY, head->policy);
	box_store32(bytes + AT_AMOUNT, head->amount);
	store16(bytes + AT_BATCH, head->batch);
	store8(bytes + AT_INPUTS, head->inputs);
	store8(bytes + AT_OUTPUTS, head->outputs);
	box_store64(bytes + AT_LENGTH, head->length);
	box_store64(bytes + AT_PARAMS, head->params);
	box_store64(bytes + AT_MACS, head->macs);
	box_store32(bytes + AT_ARENA, head->arena);
	for (size_t i = 0; i < BOX_PORTS_MAX; i++) {
		box_port_write(&head->input[i],
			       bytes + AT_INPUT + i * BOX_PORT_BYTES);
		box_port_write(&head->output[i],
			       bytes + AT_OUTPUT + i * BOX_PORT_BYTES);
	}
}

void box_head_write(const struct box_head *head, uint8_t bytes[BOX_HEAD_BYTES])
{
	memcpy(bytes, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES);
	box_store16(bytes + AT_VERSION, VERSION);
	box_store16(bytes + AT_SUITE, SUITE);
	write_network(head, bytes);
	box_store32(bytes + AT_CHUNK, BOX_HEAD_CHUNK_BYTES);
	box_store32(bytes + AT_MODEL_VERSION, head->model_version);
	box_store32(bytes + AT_NAMES, head->names);
	memcpy(bytes + AT_MODEL_ID, head->model_id, BOX_MODEL_ID_BYTES);
	memcpy(bytes + AT_KEY_ID, head->key_id, BOX_KEY_ID_BYTES);
	memcpy(bytes + AT_OWNER, head->owner, BOX_OWNER_BYTES);
	memcpy(bytes + AT_NAMES_DIGEST, head->names_digest, BOX_DIGEST_BYTES);
	box_store32(bytes + AT_SECURITY_VERSION, head->security_version);
	box_store32(bytes + AT_LOGIN, head->login);
	memcpy(bytes + AT_CLIENT, head->client, BOX_CLIENT_BYTES);
	box_store64(bytes + AT_LOAD_ANSWERS, head->load_answers);
	box_store64(bytes + AT_LIFE_ANSWERS, head->life_answers);
	memcpy(bytes + AT_DIGEST, head->digest, BOX_DIGEST_BYTES);
	memcpy(bytes + AT_SIGNATURE, head->signature, BOX_SIGNATURE_BYTES);
}
