/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading a model: PUSH and FINALIZE of proto/enc_mnist_ta.h, for any source of
 * it. Sources are load_sealed.h and compat/load.h.
 */
#ifndef TA_LOAD_H
#define TA_LOAD_H

#include "session.h"

/*
 * For a source that begins, after load_drop(): memory for the parameters, and a
 * reader of their record.
 */
TEE_Result load_start(struct session *s, const struct load_source *source,
		      enum nn_format format);

TEE_Result load_push(struct session *s, const void *data, size_t size);
TEE_Result load_finalize(struct session *s);

/* Wipes what an unfinished load has left; nothing to do is fine. */
void load_drop(struct session *s);

#endif
