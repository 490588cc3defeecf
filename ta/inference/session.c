/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string_ext.h>

void session_free(void *memory, size_t size)
{
	if (memory)
		memzero_explicit(memory, size);
	TEE_Free(memory);
}

void session_free_model(struct model *model)
{
	session_free(model->packed, nn_model_size(&nn_mnist, model->format));
	model->packed = NULL;
}
