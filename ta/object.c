/* SPDX-License-Identifier: Apache-2.0 */
#include "object.h"

#include <string.h>

#define PATIENCE 1000u /* milliseconds */
#define PAUSE	 5u

TEE_Result object_open(const char *id, uint32_t flags, TEE_ObjectHandle *object)
{
	TEE_Result res = TEE_ERROR_GENERIC;
	uint32_t waited = 0;

	for (;;) {
		res = TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, id,
					       strlen(id), flags, object);
		if (res != TEE_ERROR_ACCESS_CONFLICT || waited >= PATIENCE)
			return res;
		TEE_Wait(PAUSE);
		waited += PAUSE;
	}
}

static TEE_Result forget_if_closed(TEE_ObjectHandle *object, TEE_Result res)
{
	if (res == TEE_ERROR_CORRUPT_OBJECT)
		*object = TEE_HANDLE_NULL;
	return res;
}

TEE_Result object_read(TEE_ObjectHandle *object, void *data, size_t size)
{
	TEE_ObjectInfo info = { 0 };
	uint32_t format = 0;
	size_t count = 0;
	TEE_Result res = TEE_GetObjectInfo1(*object, &info);

	if (res != TEE_SUCCESS)
		return res;
	res = forget_if_closed(object,
			       TEE_ReadObjectData(*object, data, size, &count));
	if (res != TEE_SUCCESS)
		return res;
	memcpy(&format, data, sizeof(format));
	if (count >= sizeof(format) && format != OBJECT_FORMAT)
		return TEE_ERROR_UNSUPPORTED_VERSION;
	if (info.dataSize != size || count != size)
		return TEE_ERROR_CORRUPT_OBJECT;
	return TEE_SUCCESS;
}

TEE_Result object_write(TEE_ObjectHandle *object, const void *data, size_t size)
{
	TEE_Result res = TEE_SeekObjectData(*object, 0, TEE_DATA_SEEK_SET);

	/* OP-TEE makes each write one transaction */
	if (res == TEE_SUCCESS)
		res = forget_if_closed(
			object, TEE_WriteObjectData(*object, data, size));
	return res;
}
