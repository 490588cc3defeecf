/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading a model: PUSH and FINALIZE of proto/enc_mnist_ta.h, for any source.
 * The sources, load_sealed.h and compat/load.h, implement the two BEGIN
 * commands.
 */
#ifndef TA_LOAD_H
#define TA_LOAD_H

#include "session.h"

/*
 * Starts a load for a source, which has called load_drop() and then set the
 * sizes in load.model: gives it memory. The rest of load.model is left to the
 * source. OUT_OF_MEMORY: the model and its work do not fit.
 */
TEE_Result load_start(struct session *s, const struct load_source *source);

TEE_Result load_push(struct session *s, const void *data, size_t size);
TEE_Result load_finalize(struct session *s);

/* Wipes an unfinished load, and frees its handles. */
void load_drop(struct session *s);

#endif
