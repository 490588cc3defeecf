/* SPDX-License-Identifier: Apache-2.0 */
/* BEGIN of proto/enc_mnist_ta.h: a model in the container of enc_mnist-rs. */
#ifndef TA_COMPAT_LOAD_H
#define TA_COMPAT_LOAD_H

#include "ta/session.h"

TEE_Result compat_load_begin(struct session *s);

#endif
