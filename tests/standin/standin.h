/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for OP-TEE, for tests of the TA on the workstation. The TA's own
 * sources are linked against it in place of libutee, and clients call it in
 * place of libteec. It is test equipment and protects nothing: never run the
 * product with it.
 *
 * It implements the part of the TEE Internal Core API that the TA uses, and
 * behaves as OP-TEE 4.5 does where that matters:
 *
 * - each session has an instance of its own, with a heap of TA_DATA_SIZE;
 * - a panic ends the instance: its memory and handles are gone, and the session
 *   answers TEEC_ERROR_TARGET_DEAD from then on;
 * - it panics where libutee does: on handles in the wrong state, results that
 *   libutee does not pass on, parameters of its own that lie in shared memory;
 * - a persistent object is created with all of its data or not at all, and
 *   written likewise; finding a corrupt object deletes it; handles conflict as
 *   OP-TEE's do; an open object outlives its name;
 * - AES-GCM writes decrypted bytes before it checks the tag. Where OP-TEE would
 *   go wrong silently, this panics: source and destination that overlap, and a
 *   source in shared memory.
 *
 * It also panics on any feature of an implemented call that it does not
 * support.
 *
 * <tee_client_api.h> is the way in. This header adds what tests need to observe
 * or to provoke. Sessions may run in threads of their own; faults and hooks are
 * for a single thread.
 */
#ifndef STANDIN_H
#define STANDIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tee_client_api.h>

/* Back to a new device: nothing stored, no fault, no hook. */
void standin_reset(void);

/* What the TA has made of the session: struct session of ta/session.h. */
const void *standin_session(const TEEC_Session *session);

/* Bytes of heap in use by the session's instance. */
size_t standin_heap_used(const TEEC_Session *session);

/* The number of its objects and operations. */
size_t standin_handles(const TEEC_Session *session);

/* Whether its heap contains these bytes anywhere. */
bool standin_heap_holds(const TEEC_Session *session, const void *what,
			size_t size);

/*
 * The number of temporary memory references in all calls: for each, the driver
 * and OP-TEE would have shared the memory anew.
 */
size_t standin_temporary(void);

/*
 * Memory, objects and operations left behind by instances that ended normally.
 * OP-TEE would clean them up; there should be none.
 */
size_t standin_leaks(void);

/*
 * Makes the `call`-th call to the Internal Core API from now on (1: the next)
 * fail. `way` selects how: 0 is the first of the function's possible results,
 * the last is a panic. standin_fault_struck() returns the function that failed,
 * or NULL if there were fewer calls; *ways is the number of ways that function
 * has. standin_fault_result() returns the result: TEEC_ERROR_TARGET_DEAD for a
 * panic.
 */
void standin_fault(size_t call, size_t way);
const char *standin_fault_struck(size_t *ways);
TEEC_Result standin_fault_result(void);

/*
 * Called before each call to the Internal Core API, and may itself call the TA,
 * in another session: then it is not called. NULL: nothing is.
 */
void standin_on_call(void (*hook)(void));

/*
 * Corrupts an object: OP-TEE notices when it opens, reads or writes it. This
 * and the next two return false if there is no object of that name.
 */
bool standin_storage_corrupt(const char *id);

/* Truncates its data to this many bytes. */
bool standin_storage_cut(const char *id, size_t size);

/* Removes its file. */
bool standin_storage_remove(const char *id);

/*
 * A snapshot of all storage, for the caller to free(); and its restoration,
 * whole or for one object alone, which OP-TEE would notice. Open handles keep
 * what they have.
 */
struct standin_storage *standin_storage_save(void);
void standin_storage_restore(const struct standin_storage *saved);
bool standin_storage_restore_one(const struct standin_storage *saved,
				 const char *id);

/* Whether there is an object of that name. */
bool standin_storage_has(const char *id);

/*
 * Opens an object with TEE_DATA_FLAG_*, as another session would, and closes
 * it; one at a time. False: there is none, or it is open in a way that excludes
 * this.
 */
bool standin_storage_hold(const char *id, uint32_t flags);
void standin_storage_let_go(void);

/*
 * Where persistent objects lie. With an RPMB, OP-TEE says that storage is
 * protected against rollback (gpd.tee.trustedStorage.antiRollback.
 * protectionLevel), also where objects lie in files.
 */
enum standin_storage_place {
	STANDIN_FILES, /* on a new device, and on the board: no RPMB */
	STANDIN_FILES_BESIDE_RPMB,
	STANDIN_RPMB
};
void standin_storage_place(enum standin_storage_place where);

/*
 * The hardware key: 0 on a new device and on the board. NULL: OP-TEE has no
 * pseudo TA "system", which derives keys from it.
 */
#define STANDIN_HARDWARE_KEY_BYTES 16
void standin_hardware_key(const uint8_t *key);

/* Who opens sessions from now on: TEEC_LOGIN_PUBLIC and 0 on a new device. */
void standin_client(uint32_t login, const TEEC_UUID *uuid);

/*
 * How long the TA has waited, in all sessions, since the device is new. A hook
 * is called instead of waiting, and may itself call the TA, in another session.
 */
size_t standin_waited(void);
void standin_on_wait(void (*hook)(uint32_t milliseconds));

/* The next so many allocations of shared memory fail. */
void standin_unshared(size_t allocations);

/* Called with all memory that the TA frees, before it is freed. */
void standin_on_free(void (*hook)(const void *memory, size_t size));

/*
 * Makes valgrind treat secrets as undefined: data of objects without a key,
 * private attributes, MACs, and all decrypted data. The hook gets decrypted
 * data, `at` bytes after the IV, and makes defined what is not secret. NULL
 * switches this off.
 */
void standin_secrets(void (*hook)(size_t at, uint8_t *data, size_t size));

/*
 * Calls the TA without the client API's checks, as a normal world can that
 * talks to OP-TEE directly, with any parameter types. Each memory reference
 * refers to the `size` bytes at `memory`.
 */
TEEC_Result standin_invoke_types(TEEC_Session *session, uint32_t command,
				 uint32_t types, void *memory, size_t size);

/*
 * Runs `body` as if it were the TA, in its own instance, with the `size` bytes
 * at `shared` as memory shared with the normal world. False: it panicked before
 * its end.
 */
bool standin_run(void (*body)(void *context), void *context, void *shared,
		 size_t size);

#endif
