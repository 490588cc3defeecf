/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of the TEE Client API as the device's program uses, on Linux's
 * driver: Debian has libteec for glibc alone.
 */
#include <fcntl.h>
#include <linux/tee.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <tee_client_api.h>
#include <unistd.h>

#define PARAMS TEEC_CONFIG_PAYLOAD_REF_COUNT

static int control(const TEEC_Context *context, unsigned long what, void *data)
{
	return ioctl(context->imp.fd, (int)what, data);
}

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	(void)name;
	context->imp.fd = open("/dev/tee0", O_RDWR | O_CLOEXEC);
	return context->imp.fd < 0 ? TEEC_ERROR_ITEM_NOT_FOUND : TEEC_SUCCESS;
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	close(context->imp.fd);
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context,
				      TEEC_SharedMemory *memory)
{
	struct tee_ioctl_shm_alloc_data data = { .size = memory->size };
	int fd = control(context, TEE_IOC_SHM_ALLOC, &data);

	if (fd < 0)
		return TEEC_ERROR_OUT_OF_MEMORY;
	memory->imp.id = data.id;
	memory->buffer = mmap(NULL, memory->size, PROT_READ | PROT_WRITE,
			      MAP_SHARED, fd, 0);
	close(fd);
	if (memory->buffer != MAP_FAILED)
		return TEEC_SUCCESS;
	memory->buffer = NULL;
	return TEEC_ERROR_OUT_OF_MEMORY;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *memory)
{
	if (memory->buffer)
		munmap(memory->buffer, memory->size);
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session,
			     const TEEC_UUID *uuid, uint32_t login,
			     const void *data, TEEC_Operation *operation,
			     uint32_t *origin)
{
	struct tee_ioctl_open_session_arg arg = { .clnt_login = login };
	struct tee_ioctl_buf_data buf = { (uintptr_t)&arg, sizeof(arg) };
	const uint16_t middle[] = { uuid->timeMid, uuid->timeHiAndVersion };

	(void)data;
	(void)operation;
	for (size_t i = 0; i < 4; i++) {
		arg.uuid[i] = (uint8_t)(uuid->timeLow >> (24 - 8 * i));
		arg.uuid[4 + i] = (uint8_t)(middle[i / 2] >> (i % 2 ? 0 : 8));
	}
	memcpy(arg.uuid + 8, uuid->clockSeqAndNode, 8);
	*origin = TEEC_ORIGIN_COMMS;
	if (control(context, TEE_IOC_OPEN_SESSION, &buf))
		return TEEC_ERROR_COMMUNICATION;
	*origin = arg.ret_origin;
	session->imp.ctx = context;
	session->imp.session_id = arg.session;
	return arg.ret;
}

void TEEC_CloseSession(TEEC_Session *session)
{
	struct tee_ioctl_close_session_arg arg = { session->imp.session_id };

	control(session->imp.ctx, TEE_IOC_CLOSE_SESSION, &arg);
}

/* temporary: what a temporary reference is copied to. */
static bool give(TEEC_Context *context, const TEEC_Parameter *p, uint32_t type,
		 TEEC_SharedMemory *temporary, struct tee_ioctl_param *to)
{
	to->attr = type & 7;
	if (type < TEEC_MEMREF_TEMP_INPUT) {
		to->a = p->value.a;
		to->b = p->value.b;
	} else if (type < TEEC_MEMREF_WHOLE) {
		temporary->size = p->tmpref.size;
		if (TEEC_AllocateSharedMemory(context, temporary))
			return false;
		memcpy(temporary->buffer, p->tmpref.buffer, p->tmpref.size);
		to->b = p->tmpref.size;
		to->c = (uint32_t)temporary->imp.id;
	} else {
		to->a = p->memref.offset;
		to->b = p->memref.size;
		to->c = (uint32_t)p->memref.parent->imp.id;
	}
	return true;
}

static void take(TEEC_Parameter *p, uint32_t type,
		 const TEEC_SharedMemory *temporary,
		 const struct tee_ioctl_param *from)
{
	if (type < TEEC_MEMREF_TEMP_INPUT) {
		p->value.a = (uint32_t)from->a;
		p->value.b = (uint32_t)from->b;
	} else if (type < TEEC_MEMREF_WHOLE) {
		if (from->b <= temporary->size)
			memcpy(p->tmpref.buffer, temporary->buffer, from->b);
		p->tmpref.size = from->b;
	} else {
		p->memref.size = from->b;
	}
}

TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t command,
			       TEEC_Operation *operation, uint32_t *origin)
{
	struct {
		struct tee_ioctl_invoke_arg arg;
		struct tee_ioctl_param params[PARAMS];
	} call = { .arg = { .func = command,
			    .session = session->imp.session_id,
			    .num_params = PARAMS } };
	struct tee_ioctl_buf_data buf = { (uintptr_t)&call, sizeof(call) };
	TEEC_SharedMemory temporary[PARAMS] = { 0 };
	const uint32_t types = operation ? operation->paramTypes : 0;
	TEEC_Result res = TEEC_SUCCESS;

	*origin = TEEC_ORIGIN_API;
	for (uint32_t i = 0; i < PARAMS && types; i++) {
		if (!give(session->imp.ctx, &operation->params[i],
			  TEEC_PARAM_TYPE_GET(types, i), &temporary[i],
			  &call.params[i]))
			res = TEEC_ERROR_OUT_OF_MEMORY;
	}
	if (res == TEEC_SUCCESS) {
		*origin = TEEC_ORIGIN_COMMS;
		res = TEEC_ERROR_COMMUNICATION;
		if (!control(session->imp.ctx, TEE_IOC_INVOKE, &buf)) {
			*origin = call.arg.ret_origin;
			res = call.arg.ret;
		}
	}
	for (uint32_t i = 0; i < PARAMS && types; i++) {
		if (call.params[i].attr & 2) /* output */
			take(&operation->params[i],
			     TEEC_PARAM_TYPE_GET(types, i), &temporary[i],
			     &call.params[i]);
		TEEC_ReleaseSharedMemory(&temporary[i]);
	}
	return res;
}
