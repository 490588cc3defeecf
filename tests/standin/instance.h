/* SPDX-License-Identifier: Apache-2.0 */
/* One instance of the TA: its memory, panics and faults. Private. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <setjmp.h>
#include <tee_internal_api.h>

struct si_block {
	struct si_block *next;
	void *memory;
	size_t size;
};

struct si_instance {
	void *session; /* the TA's */
	bool panicked;
	jmp_buf on_panic;
	TEE_Param shared[TEE_NUM_PARAMS]; /* memory of the call under way */
	size_t heap_used;
	struct si_block *blocks;
	TEE_ObjectHandle objects;
	TEE_OperationHandle operations;
	size_t ta_sessions;  /* open ones, with other TAs */
	TEE_Identity client; /* who has opened the session */
};

/* The instance that this thread is in. */
extern _Thread_local struct si_instance *si_current;

/* Each drops what the instance still has of its kind, and counts it. */
size_t si_drop_memory(struct si_instance *of);
size_t si_drop_objects(struct si_instance *of);
size_t si_drop_operations(struct si_instance *of);

/* The number of open ones. */
size_t si_count_objects(const struct si_instance *of);
size_t si_count_operations(const struct si_instance *of);

/* Panics unless `holds`, for the conditions that libutee insists on. */
void si_require(bool holds);

/* Whether two ranges have a byte in common. */
bool si_overlap(const void *a, size_t a_size, const void *b, size_t b_size);

/* Panics unless the memory is the TA's own, where it has to be. */
void si_check_private(const void *memory, size_t size);

/*
 * A place where a function of the API may fail: its results other than success,
 * in the order of standin_fault()'s ways, TEE_SUCCESS last. Results that follow
 * from its arguments alone are left out.
 */
#define FAULT(...) si_fault(__func__, (const TEE_Result[]){ __VA_ARGS__ }, true)

/* The same for functions that can only panic, and for those that never do. */
#define FAULT_PANIC() FAULT(TEE_SUCCESS)
#define FAULT_MEMORY()                                                         \
	si_fault(__func__,                                                     \
		 (const TEE_Result[]){ TEE_ERROR_OUT_OF_MEMORY, TEE_SUCCESS }, \
		 false)

TEE_Result si_fault(const char *function, const TEE_Result *results,
		    bool may_panic);
void si_fault_reset(void);

#endif
