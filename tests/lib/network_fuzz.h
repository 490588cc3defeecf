/* SPDX-License-Identifier: Apache-2.0 */
/* For fuzz targets that read records of networks. */
#ifndef TEST_NETWORK_FUZZ_H
#define TEST_NETWORK_FUZZ_H

#include "fuzz.h"
#include "network.h"

#define NETWORK_NODES_MAX 16u /* of tables that are repaired */

static inline bool network_has_tables(const uint8_t *data, size_t len,
				      struct nn_head *head)
{
	if (len < sizeof(*head))
		return false;
	memcpy(head, data, sizeof(*head));
	head->arena = 0;
	head->params = head->macs = 0;
	return nn_head_check(head) == NN_OK &&
	       head->nodes <= NETWORK_NODES_MAX &&
	       len - sizeof(*head) >= nn_tables_size(head);
}

/*
 * The record of these tables with the sizes that they need, which no bytes have
 * by chance; the parameters are those that follow, or else 0. NULL: the tables
 * are refused. The caller frees it.
 */
static inline uint8_t *network_repaired(const uint8_t *data, size_t len,
					size_t *record_len)
{
	struct nn_head head = { 0 };
	uint8_t *record = NULL;
	uint8_t *nodes = NULL;
	size_t tables = 0;
	size_t given = 0;

	if (!network_has_tables(data, len, &head))
		return NULL;
	tables = sizeof(head) + nn_tables_size(&head);
	record = fuzz_alloc(tables + NETWORK_BYTES_MAX);
	memcpy(record, data, tables);
	nodes = record + tables - head.nodes * sizeof(struct nn_node);
	if (!network_repair(&head, (void *)(record + sizeof(head)),
			    (void *)nodes) ||
	    head.params > NETWORK_BYTES_MAX) {
		free(record);
		return NULL;
	}
	given = len - tables;
	given = given < head.params ? given : (size_t)head.params;
	memcpy(record, &head, sizeof(head));
	memset(record + tables, 0, (size_t)head.params);
	memcpy(record + tables, data + tables, given);
	*record_len = tables + (size_t)head.params;
	return record;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t len, size_t max);

/* Most changes are to a number of the tables. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t len, size_t max,
			       unsigned int seed)
{
	uint32_t state = seed;
	struct nn_head head = { 0 };
	size_t tables = 0;

	if (len < sizeof(head) || !network_draw(&state, 16))
		return LLVMFuzzerMutate(data, len, max);
	memcpy(&head, data, sizeof(head));
	tables = nn_tables_size(&head);
	if (tables > len - sizeof(head))
		tables = len - sizeof(head);
	network_change(&state, data + sizeof(head), tables);
	return len;
}

#endif
