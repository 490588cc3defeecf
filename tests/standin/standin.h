/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for OP-TEE, for tests of the TA on the workstation: its very
 * sources, linked against this in place of libutee, and called through this in
 * place of libteec. It is test equipment and no way to run the product: it
 * protects nothing.
 *
 * It has what the TA uses of the TEE Internal Core API, and behaves as OP-TEE
 * 4.5 does where that matters:
 *
 * - each session has an instance of its own, with a heap of TA_DATA_SIZE;
 * - a panic ends the instance: its memory and handles are gone, the session
 *   answers TEEC_ERROR_TARGET_DEAD from then on;
 * - what libutee panics over, this does: handles in the wrong state, results
 *   that it does not pass on, parameters of its own that lie in shared memory;
 * - a persistent object is created with its data or not at all, and written
 *   likewise; who comes across a corrupt one deletes it; handles conflict as
 *   OP-TEE's do; one that is open outlives its name;
 * - AES-GCM writes what it decrypts before it looks at the tag. Where OP-TEE
 *   would go wrong without a word, this panics: source and destination that
 *   overlap, and a source in shared memory.
 *
 * What it does not have of what it has a function for, it panics over too.
 *
 * <tee_client_api.h> is the way in. This header is for what a test wants to
 * know or to cause beyond that. Sessions may run in threads of their own;
 * faults and hooks are for a single thread.
 */
#ifndef STANDIN_H
#define STANDIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tee_client_api.h>

/* As of a new device: nothing stored, no fault, no hook, the usual heap. */
void standin_reset(void);

/* Bytes of heap for instances from now on. */
void standin_heap_limit(size_t bytes);

/* Bytes of heap that the session's instance uses, and the most it ever used. */
size_t standin_heap_used(const TEEC_Session *session);
size_t standin_heap_peak(const TEEC_Session *session);

/* Objects and operations that it has. */
size_t standin_handles(const TEEC_Session *session);

/* Bytes other than 0 in those blocks of its heap that are `least` to `most`. */
size_t standin_heap_dirt(const TEEC_Session *session, size_t least,
			 size_t most);

/* Whether these bytes are anywhere in its heap. */
bool standin_heap_holds(const TEEC_Session *session, const void *what,
			size_t size);

/*
 * References to temporary memory that calls have had: of each, the driver and
 * OP-TEE would have shared the memory anew.
 */
size_t standin_temporary(void);

/*
 * Memory, objects and operations that instances have left behind when they
 * ended in good order. OP-TEE would clear them away; there should be none.
 */
size_t standin_leaks(void);

/*
 * The `call`-th call to the Internal Core API from now on (1: the next) fails.
 * `way` selects how: 0 is the first of the results that the function may have,
 * the last is a panic. What it struck is told by standin_fault_struck(): NULL
 * if so many calls were not made; *ways is how many ways that function has.
 * With which result is told by standin_fault_result(): TEEC_ERROR_TARGET_DEAD
 * for a panic.
 */
void standin_fault(size_t call, size_t way);
const char *standin_fault_struck(size_t *ways);
TEEC_Result standin_fault_result(void);

/*
 * Each returns false if there is no object of that name.
 * Makes it corrupt: OP-TEE finds out when it opens, reads or writes it.
 */
bool standin_storage_corrupt(const char *id);

/* Leaves of its data so many bytes. */
bool standin_storage_cut(const char *id, size_t size);

/* Removes its file. */
bool standin_storage_remove(const char *id);

/*
 * All of storage as it is now, the caller's to free(); and back to that, or one
 * object alone, which OP-TEE would notice. What is open goes on with what it
 * has.
 */
struct standin_storage *standin_storage_save(void);
void standin_storage_restore(const struct standin_storage *saved);
bool standin_storage_restore_one(const struct standin_storage *saved,
				 const char *id);

/*
 * gpd.tee.trustedStorage.antiRollback.protectionLevel: 100 on a new device and
 * on the board; with RPMB it would be 1000.
 */
void standin_rollback_protection(uint32_t level);

/* Called with all memory that the TA frees, before it is gone. */
void standin_on_free(void (*hook)(const void *memory, size_t size));

/*
 * Switches on, for valgrind, that these are secrets: undefined. Data of objects
 * without a key, private attributes, MACs, and whatever is decrypted: the hook
 * gets that, `at` bytes after the IV, and makes defined what is none. NULL
 * switches it off.
 */
void standin_secrets(void (*hook)(size_t at, uint8_t *data, size_t size));

/*
 * Calls the TA past the client API's checks, as a normal world may that speaks
 * to OP-TEE directly: any parameter types. `size` bytes at `memory` are what
 * each memory reference refers to.
 */
TEEC_Result standin_invoke_types(TEEC_Session *session, uint32_t command,
				 uint32_t types, void *memory, size_t size);

/*
 * Runs `body` as if the TA did, in an instance of its own, with `size` bytes at
 * `shared` as the memory that the normal world shares. False: it panicked, and
 * was not run to its end.
 */
bool standin_run(void (*body)(void *context), void *context, void *shared,
		 size_t size);

#endif
