/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wraps the entry point of the TA: the linker redirects calls of it to this
 * file. Before each command the stack is painted; words that have lost the
 * paint afterwards were used.
 */
#include "memory.h"

#include <tee_internal_api.h>

#include "ta/session.h"

#define PAGE_BYTES  4096
#define STACK_WORDS (TA_STACK_SIZE / sizeof(uint64_t))
#define PAINT	    0x5ca1ab1e0ddba11du

TEE_Result __real_TA_InvokeCommandEntryPoint(void *session, uint32_t command,
					     uint32_t types,
					     TEE_Param params[TEE_NUM_PARAMS]);
TEE_Result __wrap_TA_InvokeCommandEntryPoint(void *session, uint32_t command,
					     uint32_t types,
					     TEE_Param params[TEE_NUM_PARAMS]);

static uint32_t most; /* bytes of stack */
static uint32_t heap; /* the most that a session needed of it */

/* A function of its own: all that is in use lies above its frame. */
static __attribute__((noinline)) void paint(volatile uint64_t *bottom)
{
	volatile uint64_t *end = __builtin_frame_address(0);

	while (bottom < end)
		*bottom++ = PAINT;
}

static TEE_Result answer(TEE_Param *out)
{
	out->value.a = heap;
	out->value.b = most;
	return TEE_SUCCESS;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void look(const struct session *s)
{
	const struct load *load = &s->load;
	size_t work = larger(s->model.work_size, load->model.work_size);

	if (load->source)
		work = larger(work, load->source->work_size);
	work += s->model.size + load->model.size + ENC_MNIST_TA_OTHER_BYTES;
	heap = (uint32_t)larger(heap, work);
}

TEE_Result __wrap_TA_InvokeCommandEntryPoint(void *session, uint32_t command,
					     uint32_t types,
					     TEE_Param params[TEE_NUM_PARAMS])
{
	/* the stack is still in its first page */
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t top = (here + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
	volatile uint64_t *bottom = (uint64_t *)top - STACK_WORDS;
	TEE_Result res = TEE_SUCCESS;
	size_t unused = 0;

	if (command == BENCH_CMD_MEMORY)
		return answer(&params[0]);
	paint(bottom);
	res = __real_TA_InvokeCommandEntryPoint(session, command, types,
						params);
	look(session);
	while (bottom[unused] == PAINT)
		unused++;
	if (TA_STACK_SIZE - unused * sizeof(*bottom) > most)
		most = (uint32_t)(TA_STACK_SIZE - unused * sizeof(*bottom));
	return res;
}
