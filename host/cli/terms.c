/* SPDX-License-Identifier: Apache-2.0 */
#include "terms.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/base/error.h"

void cli_shape(const uint32_t *dims, uint32_t rank, char text[CLI_SHAPE_TEXT])
{
	size_t len = 0;

	for (uint32_t d = 0; d < rank; d++)
		len += (size_t)snprintf(text + len, CLI_SHAPE_TEXT - len,
					"%s%" PRIu32, d ? " x " : "", dims[d]);
}

const char *cli_type(uint32_t type)
{
	static const char *const names[] = { "?", "f32", "int8", "uint8",
					     "int32" };

	return names[type];
}

struct cli_tensor cli_port(const struct box_port *port)
{
	return (struct cli_tensor){ port->dims, port->rank, port->type,
				    enc_port_scale(port), port->zero };
}

void cli_tensor(const char *what, const struct cli_tensor *t)
{
	char shape[CLI_SHAPE_TEXT] = "";

	cli_shape(t->dims, t->rank, shape);
	printf("%-14s %s %s", what, shape, cli_type(t->type));
	if (t->type == BOX_INT8)
		printf(", scale %.9g, zero point %" PRId32, (double)t->scale,
		       t->zero_point);
	putchar('\n');
}

void cli_tensor_json(yajl_gen gen, const struct cli_tensor *t)
{
	cli_json_text(gen, "shape");
	yajl_gen_array_open(gen);
	for (uint32_t d = 0; d < t->rank; d++)
		yajl_gen_integer(gen, t->dims[d]);
	yajl_gen_array_close(gen);
	cli_json_string(gen, "type", cli_type(t->type));
	if (t->type != BOX_INT8)
		return;
	cli_json_float(gen, "scale", t->scale);
	cli_json_text(gen, "zero_point");
	yajl_gen_integer(gen, t->zero_point);
}

const char *cli_policy(uint32_t policy, uint32_t amount,
		       char text[CLI_POLICY_TEXT])
{
	switch (policy) {
	case BOX_LABEL:
		return "the label";
	case BOX_TOP:
		snprintf(text, CLI_POLICY_TEXT,
			 "the %" PRIu32 " likeliest label%s", amount,
			 enc_s(amount));
		return text;
	case BOX_SCORES:
		snprintf(text, CLI_POLICY_TEXT, "scores of %" PRIu32 " bit%s",
			 amount, enc_s(amount));
		return text;
	default:
		return "all outputs";
	}
}

const char *cli_login(uint32_t login)
{
	switch (login) {
	case BOX_LOGIN_ANY:
		return "any";
	case BOX_LOGIN_USER:
		return "user";
	case BOX_LOGIN_GROUP:
		return "group";
	default:
		return "application";
	}
}

void cli_heap(const struct enc_heap *heap)
{
	printf("secure memory: %" PRIu64 " bytes to load it, %" PRIu64
	       " more while it replaces one\n",
	       heap->model + heap->session, heap->model);
}

void cli_heap_json(yajl_gen gen, const struct enc_heap *heap)
{
	cli_json_number(gen, "secure_memory_to_load",
			heap->model + heap->session);
	cli_json_number(gen, "secure_memory_to_replace",
			2 * heap->model + heap->session);
}
