/* SPDX-License-Identifier: Apache-2.0 */
/* A model's key from a file of envelopes to this device's TA. */
#ifndef HOST_DEVICE_PROVISION_H
#define HOST_DEVICE_PROVISION_H

#include "box/envelope.h"
#include "host/base/error.h"
#include "session.h"

/*
 * Finds the envelope for this device from the TA's owner in a file ("-":
 * standard input), of several the one with the highest epoch, and hands it to
 * the TA. *taken: which it was. On error there is the key of before, or, where
 * trusted storage failed, this one.
 */
bool enc_provision(struct enc_tee *tee, const char *path,
		   struct box_envelope *taken, struct enc_error *e);

#endif
