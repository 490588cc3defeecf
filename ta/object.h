/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects in trusted storage. The data of each begin with a format number: a
 * later TA can tell an older format from a damaged one.
 *
 * If OP-TEE finds the data corrupt, it closes the object, and closing the same
 * handle again would panic. So *object then becomes TEE_HANDLE_NULL, for which
 * TEE_CloseObject() does nothing.
 */
#ifndef TA_OBJECT_H
#define TA_OBJECT_H

#include "kit.h"

/* Of what this TA stores. */
#define OBJECT_FORMAT 1u

/*
 * Opens an object; the caller closes it. While another session has it open in a
 * way that excludes this one, waits for up to a second, and then gives
 * TEE_ERROR_ACCESS_CONFLICT: whoever asks for the status of a device, however
 * often, keeps nobody from changing it.
 */
TEE_Result object_open(const char *id, uint32_t flags,
		       TEE_ObjectHandle *object);

/*
 * Reads all data, a structure whose first member is the format.
 * UNSUPPORTED_VERSION: another format. CORRUPT_OBJECT: not `size` bytes.
 */
TEE_Result object_read(TEE_ObjectHandle *object, void *data, size_t size);

/* Overwrites the data from the first byte on, in one transaction. */
TEE_Result object_write(TEE_ObjectHandle *object, const void *data,
			size_t size);

#endif
