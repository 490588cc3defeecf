/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the answer of ENC_MNIST_CMD_STATUS. */
#ifndef HOST_DEVICE_STATUS_H
#define HOST_DEVICE_STATUS_H

#include "host/base/error.h"
#include "host/public/status.h"

/* Fails if the answer has more keys or models than a TA has. */
bool enc_status_read(const uint8_t bytes[ENC_MNIST_STATUS_BYTES],
		     struct enc_status *status, struct enc_error *e);

#endif
