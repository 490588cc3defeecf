/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string.h>
#include <string_ext.h>
#include <tee_internal_api_extensions.h>

_Static_assert(sizeof(struct session) + SESSION_ALIGN <=
		       ENC_MNIST_TA_OTHER_BYTES / 2,
	       "the rest is for handles of libutee, and the allocator");

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

/* What the models leave in between is session.work. */
static void place_work(struct session *s)
{
	const struct model *models[] = { &s->model, &s->load.model };
	size_t begin = 0;
	size_t end = SESSION_BYTES;

	for (size_t i = 0; i < 2; i++) {
		if (models[i]->memory == s->memory)
			begin = models[i]->size;
		else if (models[i]->memory)
			end -= models[i]->size;
	}
	s->work = s->memory + begin;
	s->work_size = end - begin;
}

/* The heap of a new TA is 0: OP-TEE clears memory before it gives it to a TA.
 */
struct session *session_open(void)
{
	struct session *s =
		TEE_Malloc(sizeof(*s) + SESSION_ALIGN + SESSION_BYTES,
			   TEE_USER_MEM_HINT_NO_FILL_ZERO);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->memory = (uint8_t *)session_round((uintptr_t)(s + 1));
	place_work(s);
	return s;
}

void session_close(struct session *s)
{
	session_drop(s, &s->model);
	memzero_explicit(s, sizeof(*s));
	TEE_Free(s);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

TEE_Result session_place(struct session *s, size_t work)
{
	struct model *model = &s->load.model;

	work = larger(work, larger(model->work_size, s->model.work_size));
	if (work > s->work_size || model->size > s->work_size - work)
		return TEE_ERROR_OUT_OF_MEMORY;
	model->memory = s->memory;
	if (s->model.memory == s->memory)
		model->memory = s->memory + SESSION_BYTES - model->size;
	place_work(s);
	return TEE_SUCCESS;
}

void session_drop(struct session *s, struct model *model)
{
	if (model->memory)
		session_wipe(model->memory, model->size);
	memset(model, 0, sizeof(*model));
	place_work(s);
}

void session_switch(struct session *s)
{
	session_drop(s, &s->model);
	s->model = s->load.model;
	memset(&s->answers, 0, sizeof(s->answers));
	memset(&s->load.model, 0, sizeof(s->load.model));
	place_work(s);
}
