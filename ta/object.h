/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data of an object in trusted storage. OP-TEE closes one whose data it finds
 * to be corrupt: its handle is then gone, *object becomes TEE_HANDLE_NULL, and
 * TEE_CloseObject() of that does nothing. To close it once more would panic.
 */
#ifndef TA_OBJECT_H
#define TA_OBJECT_H

#include <tee_internal_api.h>

/* All of its data; CORRUPT_OBJECT if they are not `size` bytes. */
TEE_Result object_read(TEE_ObjectHandle *object, void *data, size_t size);

/* In place of its data from the first byte on, in one transaction. */
TEE_Result object_write(TEE_ObjectHandle *object, const void *data,
			size_t size);

#endif
