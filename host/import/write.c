/* SPDX-License-Identifier: Apache-2.0 */
#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/net.h"

bool write_network(const struct lowered *net, record_sink sink, void *ctx)
{
	const struct nn_head *head = &net->head;
	size_t tensors = (size_t)head->inputs + head->nodes;

	return sink(ctx, head, sizeof(*head)) &&
	       sink(ctx, net->tensors, tensors * sizeof(*net->tensors)) &&
	       sink(ctx, net->nodes, head->nodes * sizeof(*net->nodes)) &&
	       sink(ctx, net->params, (size_t)head->params);
}

bool write_to_file(void *ctx, const void *data, size_t len)
{
	return fwrite(data, 1, len, ctx) == len;
}

static bool append(void *ctx, const void *data, size_t len)
{
	uint8_t **end = ctx;

	if (len)
		memcpy(*end, data, len);
	*end += len;
	return true;
}

uint8_t *write_to_memory(const struct lowered *net, size_t *len)
{
	uint8_t *record = NULL;
	uint8_t *end = NULL;

	*len = (size_t)record_net_size(&net->head);
	record = end = malloc(*len);
	if (record)
		write_network(net, append, &end);
	return record;
}
