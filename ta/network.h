/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network in a session: the kind of model that a sealed model is.
 *
 * How much memory it takes follows from the head of the sealed model, so a
 * network that does not fit is refused before a byte of it is decrypted. What
 * the head says is compared with the record when its tables have come, before
 * a parameter is read.
 */
#ifndef TA_NETWORK_H
#define TA_NETWORK_H

#include "record/net.h"
#include "session.h"

struct network {
	struct box_head head; /* of the sealed model */
	struct record_net record;
	uint64_t sample_bytes;		/* of all inputs of a sample */
	uint64_t answer_bytes;		/* what RUN gives for a sample */
	uint16_t output[BOX_PORTS_MAX]; /* their tensors */
	/* behind it, each aligned: tables of the record, parameters */
};

/* Sizes of a network with this head, which has been read. */
void network_sizes(const struct box_head *head, struct model *model);

/* Starts the record of load.model, which has its memory. */
void network_begin(struct model *model, const struct box_head *head);

/* Takes the next bytes of the record; BAD_FORMAT: it is refused. */
TEE_Result network_push(struct model *model, const uint8_t *data, size_t len);

/* BAD_FORMAT: the record is incomplete. */
TEE_Result network_end(struct model *model);

#endif
