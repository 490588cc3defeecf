/* SPDX-License-Identifier: Apache-2.0 */
/* Seals a model, on the workstation: doc/FORMAT.md, section 1. */
#ifndef HOST_OWNER_SEAL_H
#define HOST_OWNER_SEAL_H

#include <stdint.h>

#include "box/head.h"
#include "host/base/error.h"
#include "nn/model.h"
#include "secret.h"

struct enc_sealed {
	const struct nn_arch *arch;
	const uint8_t *key; /* model key, 32 bytes */
	const struct enc_owner_secret *owner;
	uint8_t model_id[BOX_MODEL_ID_BYTES];
	uint32_t model_version; /* at least 1 */
	/* Called about once a MiB, with bytes of the record; or NULL. */
	void (*progress)(uint64_t done, uint64_t total);
};

/* Makes a model id of text. False if that is not 1 to 32 of a-z 0-9 . _ - */
bool enc_model_id(const char *text, uint8_t id[BOX_MODEL_ID_BYTES]);

/*
 * Seals the record in file `input` ("-": standard input) to file `output`, in
 * one pass. Memory does not grow with the file. The input must be a regular
 * file, because its length is needed first. Fails, without output, if the TA
 * would refuse the record (host/record/check.h). *format: of the record.
 */
bool enc_seal_model(const struct enc_sealed *sealed, const char *input,
		    const char *output, enum nn_format *format,
		    struct enc_error *e);

/* Describes a network in a head that is all zero. */
void enc_head_describe(const struct nn_arch *arch, struct box_head *head);

#endif
