/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module: SoftHSM's, but for what ODD_TOKEN names, with which tokens
 * of other makers differ or fail.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static CK_FUNCTION_LIST *soft;
static CK_FUNCTION_LIST odd;

static bool is(const char *name)
{
	const char *wanted = getenv("ODD_TOKEN");

	return wanted && !strcmp(wanted, name);
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	const CK_RV status = soft->C_GetTokenInfo(slot, info);

	if (is("pin-pad"))
		info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	if (is("no-login"))
		info->flags &= ~(CK_FLAGS)CKF_LOGIN_REQUIRED;
	return status;
}

/* Notes who logs in, and with what. */
static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user,
		   CK_UTF8CHAR *pin, CK_ULONG len)
{
	static CK_UTF8CHAR own[] = "1234";

	FILE *log = fopen("logins", "a");

	if (log) {
		fprintf(log, "%lu %.*s\n", user, pin ? (int)len : 4,
			pin ? (const char *)pin : "none");
		fclose(log);
	}
	if (is("locked"))
		return CKR_PIN_LOCKED;
	return pin ? soft->C_Login(session, user, pin, len) :
		     soft->C_Login(session, user, own, 4);
}

/* Without a login, SoftHSM shows no private key. */
static CK_RV find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *wanted,
		  CK_ULONG count)
{
	static CK_UTF8CHAR own[] = "1234";

	if (is("no-login"))
		soft->C_Login(session, CKU_USER, own, 4);
	return soft->C_FindObjectsInit(session, wanted, count);
}

/* As it is without the header of an OCTET STRING, or in a BIT STRING. */
static CK_RV attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
		       CK_ATTRIBUTE *a, CK_ULONG count)
{
	const CK_RV status =
		soft->C_GetAttributeValue(session, object, a, count);
	unsigned char *value = a->pValue;

	if (status != CKR_OK || a->type != CKA_EC_POINT)
		return status;
	if (is("raw-point")) {
		memmove(value, value + 2, 32);
		a->ulValueLen = 32;
	}
	if (is("bit-string")) {
		memmove(value + 3, value + 2, 32);
		memcpy(value, "\x03\x21", 3);
		a->ulValueLen = 35;
	}
	if (is("long-point"))
		a->ulValueLen = 57; /* of Ed448 */
	if (is("odd-point"))
		value[0] = 5;
	return status;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len,
		  CK_BYTE *signature, CK_ULONG *written)
{
	const CK_RV status =
		soft->C_Sign(session, data, len, signature, written);

	if (is("removed"))
		return CKR_DEVICE_REMOVED;
	if (is("faulty"))
		signature[9] ^= 4;
	if (is("short"))
		--*written;
	return status;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	void *module = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW);
	CK_C_GetFunctionList get = NULL;
	CK_RV status = CKR_GENERAL_ERROR;

	if (module)
		*(void **)&get = dlsym(module, "C_GetFunctionList");
	if (get)
		status = get(&soft);
	if (status != CKR_OK)
		return status;
	odd = *soft;
	odd.C_GetTokenInfo = token_info;
	odd.C_Login = login;
	odd.C_FindObjectsInit = find;
	odd.C_GetAttributeValue = attribute;
	odd.C_Sign = sign;
	*list = &odd;
	return CKR_OK;
}
