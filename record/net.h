/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of records of networks, of the same kind as burn.h; doc/FORMAT.md,
 * section 7, gives every byte: the head, the tables of tensors and nodes, the
 * parameters of each node.
 *
 * The caller gives memory twice, each time when the reader knows how much:
 *
 *	record_net_begin(&r);
 *	while (len && r.error == RECORD_NET_OK) {
 *		size_t n = record_net_push(&r, data, len);
 *
 *		data += n, len -= n;
 *		if (r.need)
 *			record_net_give(&r, memory of r.need bytes);
 *	}
 *	record_net_end(&r);
 *
 * Any split of the record gives the same result. The head may be looked at as
 * soon as the reader needs memory for the tables, and the network as soon as it
 * needs memory for the parameters: both have been checked then.
 *
 * Freestanding: no allocation, no I/O. A refusal depends on values once for
 * each node: on whether nn_values_check() allows all of them.
 */
#ifndef RECORD_NET_H
#define RECORD_NET_H

#include "nn/net.h"

enum record_net_error {
	RECORD_NET_OK = 0,
	RECORD_NET_HEAD,    /* nn_head_check() refuses it */
	RECORD_NET_NETWORK, /* nn_net_check() refuses it: `why` and `at` */
	RECORD_NET_VALUE,   /* a parameter of node `at` is not allowed */
	RECORD_NET_SHORT,   /* ends too early */
	RECORD_NET_TRAILING /* goes on after its end */
};

/* State of a reader; not moved while it or the network is in use. */
struct record_net {
	/* For the caller. */
	enum record_net_error error;
	enum nn_error why; /* of HEAD, NETWORK and VALUE */
	uint32_t at;	   /* tensor or node */
	uint64_t offset;   /* bytes taken so far; of what was refused */
	size_t need;	   /* bytes of memory to give now; 0: none */
	struct nn_head head;
	struct nn_net net; /* lies in `head` and the memory for tables */
	uint8_t *params;   /* as nn_net_run() takes them */
	/* Private. */
	uint8_t *tables;
	uint64_t start; /* in the parameters: of the node that is next */
	uint64_t end;
};

/* Bytes of the only record with this head, which nn_head_check() accepts. */
uint64_t record_net_size(const struct nn_head *head);

void record_net_begin(struct record_net *r);

/*
 * Takes up to `len` bytes and gives their number. It stops early where it needs
 * memory; until it has it, and after an error, it takes nothing.
 */
size_t record_net_push(struct record_net *r, const uint8_t *data, size_t len);

/*
 * memory: r->need bytes, aligned to NN_ALIGN and filled with 0, owned by the
 * caller; not moved while the network is in use.
 */
void record_net_give(struct record_net *r, void *memory);

/* RECORD_NET_OK if the record, and so the network, is complete. */
enum record_net_error record_net_end(struct record_net *r);

#endif
