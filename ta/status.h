/* SPDX-License-Identifier: Apache-2.0 */
/* STATUS of proto/enc_mnist_ta.h. */
#ifndef TA_STATUS_H
#define TA_STATUS_H

#include "kit.h"
#include "proto/enc_mnist_ta.h"

TEE_Result status(uint8_t answer[ENC_MNIST_STATUS_BYTES]);

#endif
