/* SPDX-License-Identifier: Apache-2.0 */
/* The TEE Client API in front of the TA: sessions, and their parameters. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"
#include "property.h"
#include "standin.h"
#include "system.h"
#include "ta/user_ta_header_defines.h"
#include "wait.h"

#define SESSIONS_MAX 64

static struct si_instance *sessions[SESSIONS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t leaks;
static _Atomic size_t temporary;
static _Atomic size_t unshared;

void standin_reset(void)
{
	leaks = 0;
	temporary = 0;
	unshared = 0;
	si_storage_reset();
	si_property_reset();
	si_system_reset();
	si_wait_reset();
	si_fault_reset();
	standin_on_free(NULL);
	standin_on_call(NULL);
	standin_secrets(NULL);
}

const void *standin_session(const TEEC_Session *session)
{
	return sessions[session->imp.session_id]->session;
}

size_t standin_heap_used(const TEEC_Session *session)
{
	return sessions[session->imp.session_id]->heap_used;
}

size_t standin_handles(const TEEC_Session *session)
{
	const struct si_instance *in = sessions[session->imp.session_id];

	return si_count_objects(in) + si_count_operations(in) + in->ta_sessions;
}

bool standin_heap_holds(const TEEC_Session *session, const void *what,
			size_t size)
{
	const struct si_block *b = sessions[session->imp.session_id]->blocks;

	while (b && !memmem(b->memory, b->size, what, size))
		b = b->next;
	return b;
}

size_t standin_temporary(void)
{
	return temporary;
}

size_t standin_leaks(void)
{
	return leaks;
}

/* Frees everything that the instance had; returns the number of things. */
static size_t clear(struct si_instance *of)
{
	const size_t ta_sessions = of->ta_sessions;

	of->ta_sessions = 0;
	return si_drop_objects(of) + si_drop_operations(of) +
	       si_drop_memory(of) + ta_sessions;
}

/* ---- parameters ---- */

/* Converts them as libteec and OP-TEE do. False where they refuse. */
static bool to_param(uint32_t type, const TEEC_Parameter *from,
		     uint32_t *ta_type, TEE_Param *to)
{
	const uint32_t inout = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
	const TEEC_SharedMemory *parent = NULL;

	switch (type) {
	case TEEC_NONE:
		*ta_type = TEE_PARAM_TYPE_NONE;
		return true;
	case TEEC_VALUE_INPUT:
	case TEEC_VALUE_OUTPUT:
	case TEEC_VALUE_INOUT:
		*ta_type = type;
		to->value.a = from->value.a;
		to->value.b = from->value.b;
		return true;
	case TEEC_MEMREF_TEMP_INPUT:
	case TEEC_MEMREF_TEMP_OUTPUT:
	case TEEC_MEMREF_TEMP_INOUT:
		*ta_type = type;
		to->memref.buffer = from->tmpref.buffer;
		to->memref.size = from->tmpref.size;
		temporary++;
		return from->tmpref.buffer || !from->tmpref.size;
	case TEEC_MEMREF_WHOLE:
		parent = from->memref.parent;
		*ta_type = TEE_PARAM_TYPE_MEMREF_INPUT - 1 +
			   (parent->flags & inout);
		to->memref.buffer = parent->buffer;
		to->memref.size = parent->size;
		return parent->flags & inout;
	case TEEC_MEMREF_PARTIAL_INPUT:
	case TEEC_MEMREF_PARTIAL_OUTPUT:
	case TEEC_MEMREF_PARTIAL_INOUT:
		parent = from->memref.parent;
		*ta_type = type - TEEC_MEMREF_PARTIAL_INPUT +
			   TEE_PARAM_TYPE_MEMREF_INPUT;
		to->memref.buffer =
			(uint8_t *)parent->buffer + from->memref.offset;
		to->memref.size = from->memref.size;
		type -= TEEC_MEMREF_PARTIAL_INPUT - 1;
		return (parent->flags & type) == type &&
		       from->memref.offset <= parent->size &&
		       from->memref.size <= parent->size - from->memref.offset;
	default:
		return false;
	}
}

static bool to_params(const TEEC_Operation *op, uint32_t *types,
		      TEE_Param params[TEE_NUM_PARAMS])
{
	uint32_t t[TEE_NUM_PARAMS] = { 0 };

	for (uint32_t i = 0; op && i < TEE_NUM_PARAMS; i++) {
		if (!to_param(TEEC_PARAM_TYPE_GET(op->paramTypes, i),
			      &op->params[i], &t[i], &params[i]))
			return false;
	}
	*types = TEE_PARAM_TYPES(t[0], t[1], t[2], t[3]);
	return true;
}

static void from_param(uint32_t type, const TEE_Param *from, TEEC_Parameter *to)
{
	switch (type) {
	case TEEC_VALUE_OUTPUT:
	case TEEC_VALUE_INOUT:
		to->value.a = from->value.a;
		to->value.b = from->value.b;
		break;
	case TEEC_MEMREF_TEMP_OUTPUT:
	case TEEC_MEMREF_TEMP_INOUT:
		to->tmpref.size = from->memref.size;
		break;
	case TEEC_MEMREF_WHOLE:
		if (to->memref.parent->flags & TEEC_MEM_OUTPUT)
			to->memref.size = from->memref.size;
		break;
	case TEEC_MEMREF_PARTIAL_OUTPUT:
	case TEEC_MEMREF_PARTIAL_INOUT:
		to->memref.size = from->memref.size;
		break;
	default:
		break;
	}
}

/* ---- sessions ---- */

/*
 * Enters the TA. The stand-in keeps its own copy of the shared ranges, so the
 * TA may change `params`. A hook that the TA has called may come here, too.
 */
static TEE_Result enter(struct si_instance *in, bool open, uint32_t command,
			uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	struct si_instance *before = si_current;
	TEE_Result res = TEE_SUCCESS;

	memset(in->shared, 0, sizeof(in->shared));
	for (uint32_t i = 0; i < TEE_NUM_PARAMS; i++) {
		if (TEE_PARAM_TYPE_GET(types, i) >= TEE_PARAM_TYPE_MEMREF_INPUT)
			in->shared[i] = params[i];
	}
	si_current = in;
	if (!setjmp(in->on_panic)) {
		if (open)
			res = TA_OpenSessionEntryPoint(types, params,
						       &in->session);
		else
			res = TA_InvokeCommandEntryPoint(in->session, command,
							 types, params);
	} else {
		clear(in);
		res = TEE_ERROR_TARGET_DEAD;
	}
	si_current = before;
	return res;
}

/* The session's number, or SESSIONS_MAX. */
static uint32_t add(struct si_instance *new)
{
	uint32_t id = 0;

	pthread_mutex_lock(&lock);
	while (id < SESSIONS_MAX && sessions[id])
		id++;
	if (id < SESSIONS_MAX)
		sessions[id] = new;
	pthread_mutex_unlock(&lock);
	return id;
}

static void end(struct si_instance *in)
{
	size_t left = clear(in);

	pthread_mutex_lock(&lock);
	leaks += left;
	pthread_mutex_unlock(&lock);
	free(in);
}

bool standin_run(void (*body)(void *context), void *context, void *shared,
		 size_t size)
{
	struct si_instance *in = calloc(1, sizeof(*in));
	bool panicked = false;

	in->shared[0].memref.buffer = shared;
	in->shared[0].memref.size = size;
	si_current = in;
	if (!setjmp(in->on_panic))
		body(context);
	si_current = NULL;
	panicked = in->panicked;
	if (panicked)
		clear(in);
	end(in);
	return !panicked;
}

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	memset(context, 0, sizeof(*context));
	return name ? TEEC_ERROR_ITEM_NOT_FOUND : TEEC_SUCCESS;
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	(void)context;
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session,
			     const TEEC_UUID *uuid, uint32_t login,
			     const void *login_data, TEEC_Operation *op,
			     uint32_t *origin)
{
	const TEEC_UUID ours = TA_UUID;
	TEE_Param params[TEE_NUM_PARAMS] = { 0 };
	struct si_instance *in = NULL;
	uint32_t types = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	(void)login;
	(void)login_data;
	if (origin)
		*origin = TEEC_ORIGIN_API;
	if (!to_params(op, &types, params))
		return TEEC_ERROR_BAD_PARAMETERS;
	if (origin)
		*origin = TEEC_ORIGIN_TRUSTED_APP;
	if (memcmp(uuid, &ours, sizeof(ours)) != 0)
		return TEEC_ERROR_ITEM_NOT_FOUND;
	in = calloc(1, sizeof(*in));
	in->client = si_client();
	res = TA_CreateEntryPoint();
	if (res == TEEC_SUCCESS)
		res = enter(in, true, 0, types, params);
	session->imp.ctx = context;
	session->imp.session_id = SESSIONS_MAX;
	if (res == TEEC_SUCCESS)
		session->imp.session_id = add(in);
	if (session->imp.session_id < SESSIONS_MAX)
		return TEEC_SUCCESS;
	if (!in->panicked)
		TA_DestroyEntryPoint();
	end(in);
	return res == TEEC_SUCCESS ? TEEC_ERROR_OUT_OF_MEMORY : res;
}

void TEEC_CloseSession(TEEC_Session *session)
{
	struct si_instance *before = si_current;
	struct si_instance *in = NULL;

	if (session->imp.session_id >= SESSIONS_MAX)
		return;
	pthread_mutex_lock(&lock);
	in = sessions[session->imp.session_id];
	sessions[session->imp.session_id] = NULL;
	pthread_mutex_unlock(&lock);
	session->imp.session_id = SESSIONS_MAX;
	if (!in->panicked) {
		si_current = in;
		if (!setjmp(in->on_panic)) {
			TA_CloseSessionEntryPoint(in->session);
			TA_DestroyEntryPoint();
		} else {
			clear(in);
		}
		si_current = before;
	}
	end(in);
}

TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t command,
			       TEEC_Operation *op, uint32_t *origin)
{
	struct si_instance *in = sessions[session->imp.session_id];
	TEE_Param params[TEE_NUM_PARAMS] = { 0 };
	uint32_t types = 0;
	TEEC_Result res = TEEC_ERROR_TARGET_DEAD;

	if (origin)
		*origin = TEEC_ORIGIN_API;
	if (!to_params(op, &types, params))
		return TEEC_ERROR_BAD_PARAMETERS;
	if (!in->panicked)
		res = enter(in, false, command, types, params);
	if (origin)
		*origin = in->panicked ? TEEC_ORIGIN_TEE :
					 TEEC_ORIGIN_TRUSTED_APP;
	for (uint32_t i = 0; op && i < TEE_NUM_PARAMS; i++)
		from_param(TEEC_PARAM_TYPE_GET(op->paramTypes, i), &params[i],
			   &op->params[i]);
	return res;
}

TEEC_Result standin_invoke_types(TEEC_Session *session, uint32_t command,
				 uint32_t types, void *memory, size_t size)
{
	struct si_instance *in = sessions[session->imp.session_id];
	TEE_Param params[TEE_NUM_PARAMS] = { 0 };

	if (in->panicked)
		return TEEC_ERROR_TARGET_DEAD;
	for (uint32_t i = 0; i < TEE_NUM_PARAMS; i++) {
		if (TEE_PARAM_TYPE_GET(types, i) <= TEE_PARAM_TYPE_VALUE_INOUT)
			continue;
		params[i].memref.buffer = memory;
		params[i].memref.size = size;
	}
	return enter(in, false, command, types, params);
}

/* ---- shared memory: the TA uses the caller's memory itself ---- */

void standin_unshared(size_t allocations)
{
	unshared = allocations;
}

TEEC_Result TEEC_RegisterSharedMemory(TEEC_Context *context,
				      TEEC_SharedMemory *memory)
{
	(void)context;
	memory->imp.alloced_size = 0;
	return memory->buffer ? TEEC_SUCCESS : TEEC_ERROR_BAD_PARAMETERS;
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context,
				      TEEC_SharedMemory *memory)
{
	(void)context;
	if (unshared) {
		unshared--;
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	memory->imp.alloced_size = memory->size ? memory->size : 1;
	memory->buffer = calloc(1, memory->imp.alloced_size);
	return memory->buffer ? TEEC_SUCCESS : TEEC_ERROR_OUT_OF_MEMORY;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *memory)
{
	if (memory->imp.alloced_size)
		free(memory->buffer);
	memory->buffer = NULL;
}
