/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: only those that the TA reads. */
#include "property.h"

#include <string.h>

#include "instance.h"
#include "object.h"
#include "standin.h"
#include "ta/user_ta_header_defines.h"

#define ROLLBACK "gpd.tee.trustedStorage.antiRollback.protectionLevel"
#define CLIENT	 "gpd.client.identity"
#define APP_ID	 "gpd.ta.appID"
#define BY_REE	 100  /* the normal world can bring old storage back */
#define BY_TEE	 1000 /* OP-TEE says so if it was built for an RPMB */
#define UNKNOWN	 TEE_ERROR_NOT_IMPLEMENTED

static TEE_Identity client = { .login = TEE_LOGIN_PUBLIC };

void standin_client(uint32_t login, const TEEC_UUID *uuid)
{
	client.login = login;
	memcpy(&client.uuid, uuid, sizeof(client.uuid));
}

TEE_Identity si_client(void)
{
	return client;
}

void si_property_reset(void)
{
	memset(&client, 0, sizeof(client));
	client.login = TEE_LOGIN_PUBLIC;
}

/* OP-TEE has others, and returns an error for unknown ones. */
static void check_name(const char *name, bool is_known)
{
	si_check_private(name, strlen(name) + 1);
	if (!is_known)
		TEE_Panic(UNKNOWN);
}

TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle set, const char *name,
				uint32_t *value)
{
	TEE_Result res = FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT,
			       TEE_SUCCESS);

	si_check_private(value, sizeof(*value));
	check_name(name, set == TEE_PROPSET_TEE_IMPLEMENTATION &&
				 !strcmp(name, ROLLBACK));
	if (res == TEE_SUCCESS)
		*value = si_storage_has_rpmb() ? BY_TEE : BY_REE;
	return res;
}

TEE_Result TEE_GetPropertyAsUUID(TEE_PropSetHandle set, const char *name,
				 TEE_UUID *value)
{
	TEE_Result res = FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT,
			       TEE_SUCCESS);

	si_check_private(value, sizeof(*value));
	check_name(name,
		   set == TEE_PROPSET_CURRENT_TA && !strcmp(name, APP_ID));
	if (res == TEE_SUCCESS)
		*value = (TEE_UUID)TA_UUID;
	return res;
}

TEE_Result TEE_GetPropertyAsIdentity(TEE_PropSetHandle set, const char *name,
				     TEE_Identity *value)
{
	TEE_Result res = FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_BAD_FORMAT,
			       TEE_SUCCESS);

	si_check_private(value, sizeof(*value));
	check_name(name,
		   set == TEE_PROPSET_CURRENT_CLIENT && !strcmp(name, CLIENT));
	if (res == TEE_SUCCESS)
		*value = si_current->client;
	return res;
}
