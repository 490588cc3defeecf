/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the record of a network: head, tables, parameters. */
#ifndef HOST_IMPORT_WRITE_H
#define HOST_IMPORT_WRITE_H

#include "lower.h"
#include "record/write/sink.h"

/* False if the sink stopped it. */
bool write_network(const struct lowered *net, record_sink sink, void *ctx);

/* A sink. ctx: a FILE open for writing. */
bool write_to_file(void *ctx, const void *data, size_t len);

/*
 * The record in memory from malloc(): the caller wipes and frees it. NULL if
 * there is not enough memory.
 */
uint8_t *write_to_memory(const struct lowered *net, size_t *len);

#endif
