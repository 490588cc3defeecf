/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and writes the data of an object in trusted storage. If OP-TEE finds
 * the data corrupt, it closes the object, and closing the same handle again
 * would panic. So *object then becomes TEE_HANDLE_NULL, for which
 * TEE_CloseObject() does nothing.
 */
#ifndef TA_OBJECT_H
#define TA_OBJECT_H

#include <tee_internal_api.h>

/* Reads all data; CORRUPT_OBJECT if there are not exactly `size` bytes. */
TEE_Result object_read(TEE_ObjectHandle *object, void *data, size_t size);

/* Overwrites the data from the first byte on, in one transaction. */
TEE_Result object_write(TEE_ObjectHandle *object, const void *data,
			size_t size);

#endif
