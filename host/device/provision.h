/* SPDX-License-Identifier: Apache-2.0 */
/* Hands a model key from a file of envelopes to this device's TA. */
#ifndef HOST_DEVICE_PROVISION_H
#define HOST_DEVICE_PROVISION_H

#include "box/envelope.h"
#include "host/base/error.h"
#include "host/public/envelope.h"
#include "session.h"

/*
 * Finds the envelope for this device from the TA's owner and hands it to the
 * TA; if there are several, the one with the highest epoch. *taken: that
 * envelope. After an error the TA has the previous keys or, if trusted storage
 * failed, possibly the new one.
 */
bool enc_provision(struct enc_tee *tee, const struct enc_envelopes *list,
		   struct box_envelope *taken, struct enc_error *e);

/* The same of a file ("-": standard input). */
bool enc_provision_file(struct enc_tee *tee, const char *path,
			struct box_envelope *taken, struct enc_error *e);

#endif
