/* SPDX-License-Identifier: Apache-2.0 */
/* A network that is not sealed: its file, and what is printed about it. */
#ifndef CLI_NETWORK_H
#define CLI_NETWORK_H

#include <stdio.h>

#include "host/import/cost.h"
#include "host/import/import.h"
#include "host/public/network.h"
#include "json.h"

/*
 * Reads the first bytes of a file, and gives their number: 0 if it cannot be
 * read, and for standard input and pipes, which cannot be read twice.
 */
size_t cli_network_peek(const char *path, uint8_t bytes[IMPORT_KIND_BYTES]);

/* Writes its record, which only the user may read. */
bool cli_network_write(const char *path, const struct lowered *net,
		       struct enc_error *e);

/* A network that gives all its outputs, batch by batch. */
bool cli_network_describe(const struct nn_net *net, struct enc_network *n,
			  struct enc_error *e);

/* Inputs and outputs, weights, work, memory: a line each. */
void cli_network_totals(const struct lowered *net);

/* The same as members of a JSON object that is open. */
void cli_network_json(yajl_gen gen, const struct lowered *net,
		      enum import_kind kind);

/* Draws layers and the arena as SVG. title: the file. */
void cli_network_plot(FILE *to, const struct lowered *net,
		      const struct cost *cost, const char *title);

#endif
