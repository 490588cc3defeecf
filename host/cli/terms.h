/* SPDX-License-Identifier: Apache-2.0 */
/* The words in which commands speak of networks. */
#ifndef CLI_TERMS_H
#define CLI_TERMS_H

#include <stdint.h>

#include "host/public/network.h"
#include "json.h"

#define CLI_SHAPE_TEXT	64
#define CLI_POLICY_TEXT 64

/* "32 x 32 x 3" */
void cli_shape(const uint32_t *dims, uint32_t rank, char text[CLI_SHAPE_TEXT]);

/* "int8" and the like */
const char *cli_type(uint32_t type);

/* What an input, an output or a node gives. */
struct cli_tensor {
	const uint32_t *dims;
	uint32_t rank;
	uint32_t type; /* as for cli_type() */
	float scale;   /* of int8: number = scale * (byte - zero point) */
	int32_t zero_point;
};

struct cli_tensor cli_port(const struct box_port *port);

/* A line that begins with `what`; members of an open JSON object. */
void cli_tensor(const char *what, const struct cli_tensor *t);
void cli_tensor_json(yajl_gen gen, const struct cli_tensor *t);

/* What may leave the TEE: "the label" and the like. */
const char *cli_policy(uint32_t policy, uint32_t amount,
		       char text[CLI_POLICY_TEXT]);

/* The login that a client must have: "any", "user", "group", "application" */
const char *cli_login(uint32_t login);

/* The heap that a model needs: a line, and members of an open JSON object. */
void cli_heap(const struct enc_heap *heap);
void cli_heap_json(yajl_gen gen, const struct enc_heap *heap);

#endif
