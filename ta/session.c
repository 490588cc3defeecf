/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string.h>

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
	session_free(model->network, model->network_size);
	session_free(model->params, model->params_size);
	memset(model, 0, sizeof(*model));
}

void *session_align(void *memory)
{
	const uintptr_t at = (uintptr_t)memory + SESSION_ALIGN - 1;

	return (void *)(at - at % SESSION_ALIGN);
}

static bool allocate_work(struct session *s, size_t size)
{
	s->work_size = size;
	s->work_memory = TEE_Malloc(size + SESSION_ALIGN, TEE_MALLOC_FILL_ZERO);
	if (!s->work_memory)
		s->work_size = 0;
	s->work = s->work_memory ? session_align(s->work_memory) : NULL;
	return s->work_memory;
}

void session_free_work(struct session *s)
{
	TEE_Free(s->work_memory);
	s->work_memory = NULL;
	s->work = NULL;
	s->work_size = 0;
}

TEE_Result session_work(struct session *s, size_t size)
{
	const size_t before = s->work_size;

	if (size < s->model.work_size)
		size = s->model.work_size;
	if (size == before)
		return TEE_SUCCESS;
	/* first, to need no room for both */
	session_free_work(s);
	if (allocate_work(s, size))
		return TEE_SUCCESS;
	if (before)
		allocate_work(s, before);
	return TEE_ERROR_OUT_OF_MEMORY;
}
