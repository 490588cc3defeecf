/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a device takes a file, judged from its status: beforehand, for update
 * agents, and after the TA has refused it with a result of several causes.
 */
#ifndef HOST_PUBLIC_FITS_H
#define HOST_PUBLIC_FITS_H

#include "box/envelope.h"
#include "box/head.h"
#include "host/base/error.h"
#include "inspect.h"
#include "status.h"

#define ENC_FITS_TEXT 512

struct enc_fits {
	enum enc_error_kind kind; /* of the weightiest reason */
	char why[ENC_FITS_TEXT];  /* all reasons; empty: the device takes it */
};

/* Everything that a device compares with a head, but the caller's login. */
void enc_fits_model(const struct box_head *head, const struct enc_status *s,
		    struct enc_fits *fits);

/* Epoch and key of an envelope that is for this device. */
void enc_fits_envelope(const struct box_envelope *envelope,
		       const struct enc_status *s, struct enc_fits *fits);

/* A whole file, with its authenticity. */
void enc_fits_file(const struct enc_inspection *i, const struct enc_status *s,
		   struct enc_fits *fits);

/* Whether a device keeps numbers of this model id, or could. */
bool enc_fits_id(const uint8_t id[BOX_MODEL_ID_BYTES],
		 const struct enc_status *s);

#endif
