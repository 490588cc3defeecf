/* SPDX-License-Identifier: Apache-2.0 */
/* BEGIN of proto/enc_mnist_ta.h: a model in the container of enc_mnist-rs. */
#ifndef LOAD_CBC_H
#define LOAD_CBC_H

#include "session.h"

TEE_Result load_cbc_begin(struct session *s);

#endif
