/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of an instance, panics, and faults on demand. */
#include "instance.h"

#include <stdlib.h>
#include <string.h>
#include <string_ext.h>
#include <tee_internal_api_extensions.h>

#include "standin.h"
#include "ta/user_ta_header_defines.h"

_Thread_local struct si_instance *si_current;

static void (*free_hook)(const void *memory, size_t size);
static void (*call_hook)(void);

static struct {
	size_t call;
	size_t way;
	const char *struck;
	size_t ways;
	TEE_Result result;
} fault;

void TEE_Panic(TEE_Result code)
{
	(void)code;
	si_current->panicked = true;
	longjmp(si_current->on_panic, 1);
}

void si_require(bool holds)
{
	if (!holds)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
}

/* ---- faults ---- */

void standin_fault(size_t call, size_t way)
{
	si_fault_reset();
	fault.call = call;
	fault.way = way;
}

void si_fault_reset(void)
{
	memset(&fault, 0, sizeof(fault));
}

const char *standin_fault_struck(size_t *ways)
{
	*ways = fault.ways;
	return fault.struck;
}

TEEC_Result standin_fault_result(void)
{
	return fault.result;
}

void standin_on_call(void (*hook)(void))
{
	call_hook = hook;
}

/* The hook may make calls itself. */
static void announce(void)
{
	void (*hook)(void) = call_hook;

	if (!hook)
		return;
	call_hook = NULL;
	hook();
	if (!call_hook)
		call_hook = hook;
}

TEE_Result si_fault(const char *function, const TEE_Result *results,
		    bool may_panic)
{
	size_t n = 0;

	announce();
	if (!fault.call || --fault.call)
		return TEE_SUCCESS;
	while (results[n] != TEE_SUCCESS)
		n++;
	fault.struck = function;
	fault.ways = n + may_panic;
	fault.result = TEE_ERROR_TARGET_DEAD;
	if (fault.way >= n && may_panic)
		TEE_Panic(0);
	fault.result = results[fault.way];
	return fault.result;
}

/* ---- memory ---- */

void standin_on_free(void (*hook)(const void *memory, size_t size))
{
	free_hook = hook;
}

void *TEE_Malloc(size_t size, uint32_t hint)
{
	struct si_block *block = NULL;

	if (hint != TEE_MALLOC_FILL_ZERO &&
	    hint != TEE_USER_MEM_HINT_NO_FILL_ZERO)
		TEE_Panic(TEE_ERROR_NOT_IMPLEMENTED);
	if (FAULT_MEMORY() != TEE_SUCCESS ||
	    size > TA_DATA_SIZE - si_current->heap_used)
		return NULL;
	block = calloc(1, sizeof(*block));
	block->memory = calloc(1, size);
	block->size = size;
	block->next = si_current->blocks;
	si_current->blocks = block;
	si_current->heap_used += size;
	return block->memory;
}

static void free_block(struct si_instance *of, struct si_block **link)
{
	struct si_block *block = *link;

	if (free_hook)
		free_hook(block->memory, block->size);
	*link = block->next;
	of->heap_used -= block->size;
	free(block->memory);
	free(block);
}

void TEE_Free(void *memory)
{
	struct si_block **link = &si_current->blocks;

	if (!memory)
		return;
	while (*link && (*link)->memory != memory)
		link = &(*link)->next;
	if (!*link)
		abort(); /* never allocated, or freed before */
	free_block(si_current, link);
}

size_t si_drop_memory(struct si_instance *of)
{
	size_t count = 0;

	for (; of->blocks; count++)
		free_block(of, &of->blocks);
	return count;
}

void memzero_explicit(void *memory, size_t size)
{
	explicit_bzero(memory, size);
}

bool si_overlap(const void *a, size_t a_size, const void *b, size_t b_size)
{
	const uintptr_t a_start = (uintptr_t)a;
	const uintptr_t b_start = (uintptr_t)b;

	return a_start < b_start + b_size && b_start < a_start + a_size;
}

void si_check_private(const void *memory, size_t size)
{
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		const TEE_Param *shared = &si_current->shared[i];

		if (shared->memref.buffer &&
		    si_overlap(memory, size, shared->memref.buffer,
			       shared->memref.size))
			TEE_Panic(TEE_ERROR_ACCESS_DENIED);
	}
}
