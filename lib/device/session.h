/* SPDX-License-Identifier: Apache-2.0 */
/* A session of libencmnist: private to lib/device. */
#ifndef LIB_DEVICE_SESSION_H
#define LIB_DEVICE_SESSION_H

#include "host/device/session.h"
#include "host/public/labels.h"
#include "lib/encmnist.h"

struct encmnist_session {
	struct enc_tee *tee;
	struct enc_network network; /* of the model; 0 without one */
	struct enc_labels names;
	void (*late)(void *context, const encmnist_error *why);
	void *context;
};

#endif
