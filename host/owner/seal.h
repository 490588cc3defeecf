/* SPDX-License-Identifier: Apache-2.0 */
/* Seals a network, on the workstation: doc/FORMAT.md, section 1. */
#ifndef HOST_OWNER_SEAL_H
#define HOST_OWNER_SEAL_H

#include <stdint.h>

#include "box/head.h"
#include "host/base/error.h"
#include "nn/net.h"
#include "signer.h"

struct enc_sealed {
	const uint8_t *key; /* model key, 32 bytes */
	const struct enc_signer *owner;
	uint8_t model_id[BOX_MODEL_ID_BYTES];
	uint32_t model_version;	   /* at least 1; so is the next one */
	uint32_t security_version; /* what devices do not go back behind */
	uint64_t load_answers;	   /* after each load; 0: any number */
	uint64_t life_answers;	   /* in the life of a device; 0: any number */
	enum box_login login;
	uint8_t client[BOX_CLIENT_BYTES]; /* 0 for BOX_LOGIN_ANY */
	/*
	 * What may leave the TEE. 0: the label, if the only output is a vector
	 * of 2 to 4,096 values, fewer than the inputs have; else everything.
	 */
	enum box_policy policy;
	uint32_t amount; /* of BOX_TOP and BOX_SCORES; else 0 */
	/* Class names, public, UTF-8, each with a line end; or NULL. */
	const char *names;
	size_t names_len;
	/* Called about once a MiB, with bytes of the record; or NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

/* Makes a model id of text. False if that is not 1 to 32 of a-z 0-9 . _ - */
bool enc_model_id(const char *text, uint8_t id[BOX_MODEL_ID_BYTES]);

/*
 * The identity of a client, as OP-TEE learns it: of a user or a group, its
 * number in decimal, as Linux makes it (RFC 4122, version 5, of "uid=" or
 * "gid=" and the number in hexadecimal); of an application, a UUID as text.
 * False: `text` is none.
 */
bool enc_client_id(enum box_login login, const char *text,
		   uint8_t client[BOX_CLIENT_BYTES]);

/*
 * Reads who may use a model: "user:" or "group:" or "application:", and what
 * enc_client_id() reads. False: `text` is none.
 */
bool enc_login_read(const char *text, enum box_login *login,
		    uint8_t client[BOX_CLIENT_BYTES]);

/*
 * Seals a record (record/net.h) to file `output`. Fails, without output, if the
 * TA would refuse the record, or if the network cannot give what the policy
 * names. *head: what was written.
 */
bool enc_seal_network(const struct enc_sealed *sealed, const uint8_t *record,
		      size_t len, const char *output, struct box_head *head,
		      struct enc_error *e);

/*
 * Describes a network, whose record has been accepted, in a head that is all
 * zero: ports, sizes, work and the default policy. False if it has more outputs
 * than a head.
 */
bool enc_head_describe(const struct nn_net *net, struct box_head *head);

#endif
