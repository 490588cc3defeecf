/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of the TEE: only the one that the TA reads. */
#include "property.h"

#include <string.h>

#include "instance.h"
#include "standin.h"

#define NAME	"gpd.tee.trustedStorage.antiRollback.protectionLevel"
#define BY_REE	100 /* the normal world can bring old storage back */
#define UNKNOWN TEE_ERROR_NOT_IMPLEMENTED

static uint32_t rollback_protection = BY_REE;

void standin_rollback_protection(uint32_t level)
{
	rollback_protection = level;
}

void si_property_reset(void)
{
	rollback_protection = BY_REE;
}

TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle set, const char *name,
				uint32_t *value)
{
	TEE_Result res = FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT,
			       TEE_SUCCESS);

	si_check_private(value, sizeof(*value));
	si_check_private(name, strlen(name) + 1);
	/* OP-TEE has others, and returns an error for unknown ones */
	if (set != TEE_PROPSET_TEE_IMPLEMENTATION || strcmp(name, NAME) != 0)
		TEE_Panic(UNKNOWN);
	if (res == TEE_SUCCESS)
		*value = rollback_protection;
	return res;
}
