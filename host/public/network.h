/* SPDX-License-Identifier: Apache-2.0 */
/* What a network takes and gives, and the heap of the TA that it needs. */
#ifndef HOST_PUBLIC_NETWORK_H
#define HOST_PUBLIC_NETWORK_H

#include "box/head.h"

#define ENC_ROOM_MAX 256 /* samples of a call */

struct enc_network {
	uint32_t policy; /* enum box_policy: what it gives */
	uint32_t amount; /* of BOX_TOP and BOX_SCORES */
	uint32_t batch;	 /* samples that it computes at once */
	uint32_t inputs;
	uint32_t outputs;
	uint64_t macs; /* of a sample */
	struct box_port input[BOX_PORTS_MAX];
	struct box_port output[BOX_PORTS_MAX];
	/* Of a sealed model; "" and 0 for others. */
	char model_id[BOX_MODEL_ID_BYTES + 1];
	uint32_t model_version;
	uint32_t security_version;
	/* From those above: enc_network_measure(). */
	uint32_t classes; /* values that have labels; 0: it has no classes */
	uint64_t sample_bytes; /* of all inputs */
	uint64_t answer_bytes; /* of what it gives of a sample */
	size_t room;	       /* samples of a call, 1 to ENC_ROOM_MAX */
};

/*
 * Completes a network whose ports are those of a head. A call takes no more
 * samples than fit in a MiB and can be computed in a moment, if more than one.
 */
void enc_network_measure(struct enc_network *n);

/* Bytes of a port; of what the network gives of output i. */
uint64_t enc_port_bytes(const struct box_port *port);
uint64_t enc_output_bytes(const struct enc_network *n, uint32_t i);

/* The scale of an int8 port. */
float enc_port_scale(const struct box_port *port);

/* Heap of the TA, in bytes, as ta/session.c gives it. */
struct enc_heap {
	uint64_t model; /* of each model: tables and parameters */
	uint64_t session;
};

/* head: length, params, arena and batch are used. */
struct enc_heap enc_heap_of(const struct box_head *head);

#endif
