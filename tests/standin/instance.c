/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of an instance, panics, and faults on demand. */
#include "instance.h"

#include <stdlib.h>
#include <string.h>
#include <string_ext.h>

#include "standin.h"

_Thread_local struct instance *instance;

static void (*free_hook)(const void *memory, size_t size);

static struct {
	size_t call;
	size_t way;
	const char *struck;
	size_t ways;
} fault;

void TEE_Panic(TEE_Result code)
{
	(void)code;
	instance->panicked = true;
	longjmp(instance->on_panic, 1);
}

/* ---- faults ---- */

void standin_fault(size_t call, size_t way)
{
	fault_reset();
	fault.call = call;
	fault.way = way;
}

void fault_reset(void)
{
	memset(&fault, 0, sizeof(fault));
}

const char *standin_fault_struck(size_t *ways)
{
	*ways = fault.ways;
	return fault.struck;
}

TEE_Result fault_next(const char *function, const TEE_Result *results,
		      bool may_panic)
{
	size_t n = 0;

	if (!fault.call || --fault.call)
		return TEE_SUCCESS;
	while (results[n] != TEE_SUCCESS)
		n++;
	fault.struck = function;
	fault.ways = n + may_panic;
	if (fault.way >= n && may_panic)
		TEE_Panic(0);
	return results[fault.way];
}

/* ---- memory ---- */

void standin_on_free(void (*hook)(const void *memory, size_t size))
{
	free_hook = hook;
}

void *TEE_Malloc(size_t size, uint32_t hint)
{
	struct block *block = NULL;

	if (hint != TEE_MALLOC_FILL_ZERO)
		TEE_Panic(TEE_ERROR_NOT_IMPLEMENTED);
	if (FAULT_MEMORY() != TEE_SUCCESS ||
	    size > instance->heap_limit - instance->heap_used)
		return NULL;
	block = calloc(1, sizeof(*block));
	block->memory = calloc(1, size);
	block->size = size;
	block->next = instance->blocks;
	instance->blocks = block;
	instance->heap_used += size;
	return block->memory;
}

static void free_block(struct instance *of, struct block **link)
{
	struct block *block = *link;

	if (free_hook)
		free_hook(block->memory, block->size);
	*link = block->next;
	of->heap_used -= block->size;
	free(block->memory);
	free(block);
}

void TEE_Free(void *memory)
{
	struct block **link = &instance->blocks;

	if (!memory)
		return;
	while (*link && (*link)->memory != memory)
		link = &(*link)->next;
	if (!*link)
		abort(); /* never allocated, or freed before */
	free_block(instance, link);
}

size_t instance_drop_memory(struct instance *of)
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

void check_private(const void *memory, size_t size)
{
	const uint8_t *start = memory;

	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		const uint8_t *shared = instance->shared[i].memref.buffer;

		if (shared &&
		    start < shared + instance->shared[i].memref.size &&
		    shared < start + size)
			TEE_Panic(TEE_ERROR_ACCESS_DENIED);
	}
}
