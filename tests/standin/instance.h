/* SPDX-License-Identifier: Apache-2.0 */
/* One instance of the TA: private to the stand-in. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <setjmp.h>
#include <tee_internal_api.h>

struct block {
	struct block *next;
	void *memory;
	size_t size;
};

struct instance {
	void *session; /* the TA's */
	bool panicked;
	jmp_buf on_panic;
	TEE_Param shared[TEE_NUM_PARAMS]; /* memory of the call under way */
	size_t heap_limit;
	size_t heap_used;
	struct block *blocks;
	TEE_ObjectHandle objects;
	TEE_OperationHandle operations;
};

/* The one that this thread is in. */
extern _Thread_local struct instance *instance;

/* Each forgets what the instance still has of its kind, and counts it. */
size_t instance_drop_memory(struct instance *of);
size_t instance_drop_objects(struct instance *of);
size_t instance_drop_operations(struct instance *of);

/* The key of an initialised object, for TEE_SetOperationKey(). */
const uint8_t *object_key(TEE_ObjectHandle object, size_t *size);

void storage_reset(void);

/* Panics where a pointer that has to be to the TA's own memory is not. */
void check_private(const void *memory, size_t size);

/*
 * The place where a function of the API may fail: its results other than
 * success, in the order of standin_fault()'s ways, TEE_SUCCESS last.
 */
#define FAULT(...) \
	fault_next(__func__, (const TEE_Result[]){ __VA_ARGS__ }, true)

/* The same where all it can do is panic, and where it never does. */
#define FAULT_PANIC() FAULT(TEE_SUCCESS)
#define FAULT_MEMORY()                                                        \
	fault_next(                                                           \
		__func__,                                                     \
		(const TEE_Result[]){ TEE_ERROR_OUT_OF_MEMORY, TEE_SUCCESS }, \
		false)

TEE_Result fault_next(const char *function, const TEE_Result *results,
		      bool may_panic);
void fault_reset(void);

/* The hook of standin_secrets(). */
extern void (*secrets_hook)(size_t at, uint8_t *data, size_t size);

#endif
