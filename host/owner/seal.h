/* SPDX-License-Identifier: Apache-2.0 */
/* Seals a model on the owner's machine: doc/FORMAT.md, section 1. */
#ifndef HOST_OWNER_SEAL_H
#define HOST_OWNER_SEAL_H

#include <stdint.h>

#include "box/head.h"
#include "host/base/error.h"
#include "nn/model.h"
#include "secret.h"

struct enc_sealed {
	const struct nn_arch *arch;
	const uint8_t *key; /* 32 bytes */
	const struct enc_owner_secret *owner;
	uint8_t model_id[BOX_MODEL_ID_BYTES];
	uint32_t model_version; /* from 1 */
	/* Called now and then, with bytes of the record; or NULL. */
	void (*progress)(uint64_t done, uint64_t total);
};

/* A model's id from text; false: not 1 to 32 of a-z 0-9 . _ - */
bool enc_model_id(const char *text, uint8_t id[BOX_MODEL_ID_BYTES]);

/*
 * Seals the record in file `input` ("-": standard input) to file `output`, in
 * one pass and in memory that does not depend on its size. It must be a regular
 * file: its length comes before it. A record that the TA would refuse is
 * refused (record.h), and then there is no output. *format: what it is.
 */
bool enc_seal_model(const struct enc_sealed *sealed, const char *input,
		    const char *output, enum nn_format *format,
		    struct enc_error *e);

/* Describes a network in a head that has been filled with 0. */
void enc_head_describe(const struct nn_arch *arch, struct box_head *head);

#endif
