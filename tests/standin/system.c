/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with other TAs. There is only OP-TEE's pseudo TA "system", with the
 * one command that derives a key from the hardware key. And TEE_MemCompare(),
 * with which such a key is compared.
 */
#include "system.h"

#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "instance.h"
#include "secrets.h"
#include "standin.h"
#include "ta/user_ta_header_defines.h"

#define DERIVE_TA_UNIQUE_KEY 1
#define UNIQUE_TA	     3 /* HUK_SUBKEY_UNIQUE_TA, in front */
#define KEY_BYTES_MIN	     16
#define EXTRA_BYTES_MAX	     1024

static const TEE_UUID system_uuid = { 0x3a2f8978,
				      0x5dc0,
				      0x11e8,
				      { 0x9c, 0x2d, 0xfa, 0x7a, 0xe0, 0x1b,
					0xbe, 0xbc } };

static uint8_t hardware_key[STANDIN_HARDWARE_KEY_BYTES];
static bool is_there = true;

void standin_hardware_key(const uint8_t *key)
{
	is_there = key;
	if (key)
		memcpy(hardware_key, key, sizeof(hardware_key));
}

void si_system_reset(void)
{
	memset(hardware_key, 0, sizeof(hardware_key));
	is_there = true;
}

/* Sessions are not told apart. */
TEE_Result TEE_OpenTASession(const TEE_UUID *destination, uint32_t timeout,
			     uint32_t types, TEE_Param params[TEE_NUM_PARAMS],
			     TEE_TASessionHandle *session, uint32_t *origin)
{
	TEE_Result res = FAULT(TEE_ERROR_ITEM_NOT_FOUND,
			       TEE_ERROR_OUT_OF_MEMORY, TEE_SUCCESS);

	(void)timeout;
	(void)params;
	si_check_private(session, sizeof(*session));
	*session = TEE_HANDLE_NULL;
	*origin = TEE_ORIGIN_TEE;
	si_require(!types);
	if (res != TEE_SUCCESS)
		return res;
	if (!is_there ||
	    memcmp(destination, &system_uuid, sizeof(*destination)) != 0)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*session = (TEE_TASessionHandle)(uintptr_t)1;
	si_current->ta_sessions++;
	return TEE_SUCCESS;
}

void TEE_CloseTASession(TEE_TASessionHandle session)
{
	if (session == TEE_HANDLE_NULL)
		return;
	FAULT_PANIC();
	si_require(si_current->ta_sessions);
	si_current->ta_sessions--;
}

/* HMAC-SHA256 with the hardware key of usage, UUID of the TA, and `extra`. */
static TEE_Result derive(const TEE_Param *extra, TEE_Param *out)
{
	const uint32_t usage = UNIQUE_TA;
	const TEE_UUID uuid = TA_UUID;
	const size_t before = sizeof(usage) + sizeof(uuid);
	const size_t size = extra->memref.size;
	uint8_t key[SI_SHA256_BYTES] = { 0 };
	uint8_t *plain = NULL;
	uint8_t *message = NULL;

	if (size > EXTRA_BYTES_MAX || out->memref.size < KEY_BYTES_MIN ||
	    out->memref.size > sizeof(key))
		return TEE_ERROR_BAD_PARAMETERS;
	plain = si_plain_copy(extra->memref.buffer, size);
	message = malloc(before + size);
	memcpy(message, &usage, sizeof(usage));
	memcpy(message + sizeof(usage), &uuid, sizeof(uuid));
	memcpy(message + before, plain, size);
	si_hmac(hardware_key, sizeof(hardware_key), message, before + size,
		key);
	memcpy(out->memref.buffer, key, out->memref.size);
	si_secret(out->memref.buffer, out->memref.size);
	free(message);
	free(plain);
	return TEE_SUCCESS;
}

/* Results of the TA are passed on; of others, libutee has few. */
TEE_Result TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t timeout,
			       uint32_t command, uint32_t types,
			       TEE_Param params[TEE_NUM_PARAMS],
			       uint32_t *origin)
{
	const uint32_t in_out = TEE_PARAM_TYPES(
		TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,
		TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
	TEE_Result res = FAULT(TEE_ERROR_NOT_SUPPORTED, TEE_ERROR_OUT_OF_MEMORY,
			       TEE_SUCCESS);

	(void)timeout;
	si_check_private(params, TEE_NUM_PARAMS * sizeof(*params));
	si_check_private(origin, sizeof(*origin));
	si_require(session != TEE_HANDLE_NULL && si_current->ta_sessions);
	*origin = TEE_ORIGIN_TRUSTED_APP;
	if (res != TEE_SUCCESS)
		return res;
	if (command != DERIVE_TA_UNIQUE_KEY)
		return TEE_ERROR_NOT_SUPPORTED;
	if (types != in_out)
		return TEE_ERROR_BAD_PARAMETERS;
	/* to memory of the normal world, the key does not go */
	for (size_t i = 0; i < TEE_NUM_PARAMS; i++) {
		const TEE_Param *shared = &si_current->shared[i];

		if (shared->memref.buffer &&
		    si_overlap(params[1].memref.buffer, params[1].memref.size,
			       shared->memref.buffer, shared->memref.size))
			return TEE_ERROR_SECURITY;
	}
	return derive(&params[0], &params[1]);
}

/* In constant time; the result is no secret. */
int32_t TEE_MemCompare(const void *a, const void *b, size_t size)
{
	const uint8_t *left = a;
	const uint8_t *right = b;
	int32_t differ = 0;

	for (size_t i = 0; i < size; i++)
		differ |= left[i] ^ right[i];
	si_public(&differ, sizeof(differ));
	return differ;
}
