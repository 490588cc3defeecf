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
 * sizes in load.model: allocates all memory of the model, and working memory
 * for it. load.model.kind is left to the source.
 */
TEE_Result load_start(struct session *s, const struct load_source *source);

TEE_Result load_push(struct session *s, const void *data, size_t size);
TEE_Result load_finalize(struct session *s);

/* Wipes and frees an unfinished load, and working memory that nothing needs. */
void load_drop(struct session *s);

#endif
