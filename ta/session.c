/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

void session_wipe(void *memory, size_t size)
{
	volatile uint64_t *words = memory;
	volatile uint8_t *rest = memory;
	size_t i = 0;

	for (; i < size / sizeof(*words); i++)
		words[i] = 0;
	for (i *= sizeof(*words); i < size; i++)
		rest[i] = 0;
}

void session_free(void *memory, size_t size)
{
	if (memory)
		session_wipe(memory, size);
	TEE_Free(memory);
}

void session_free_model(struct model *model)
{
	session_free(model->packed, nn_model_size(&nn_mnist, model->format));
	model->packed = NULL;
}
