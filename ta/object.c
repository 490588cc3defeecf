/* SPDX-License-Identifier: Apache-2.0 */
#include "object.h"

static TEE_Result forget_if_closed(TEE_ObjectHandle *object, TEE_Result res)
{
	if (res == TEE_ERROR_CORRUPT_OBJECT)
		*object = TEE_HANDLE_NULL;
	return res;
}

TEE_Result object_read(TEE_ObjectHandle *object, void *data, size_t size)
{
	TEE_ObjectInfo info = { 0 };
	size_t count = 0;
	TEE_Result res = TEE_GetObjectInfo1(*object, &info);

	if (res != TEE_SUCCESS)
		return res;
	res = forget_if_closed(object,
			       TEE_ReadObjectData(*object, data, size, &count));
	if (res == TEE_SUCCESS && (info.dataSize != size || count != size))
		res = TEE_ERROR_CORRUPT_OBJECT;
	return res;
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
