/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a model: BEGIN, PUSH, FINALIZE of proto/enc_mnist_ta.h. */
#ifndef LOAD_H
#define LOAD_H

#include "session.h"

TEE_Result load_begin(struct session *s);
TEE_Result load_push(struct session *s, const void *data, size_t size);
TEE_Result load_finalize(struct session *s);

/* Wipes what an unfinished load has left; nothing to do is fine. */
void load_drop(struct session *s);

#endif
