/* SPDX-License-Identifier: Apache-2.0 */
#include "result.h"

#include "session.h"
#include "supplicant.h"

static const char *origin_name(uint32_t origin)
{
	switch (origin) {
	case TEEC_ORIGIN_API:
		return "TEE client library";
	case TEEC_ORIGIN_COMMS:
		return "TEE driver";
	case TEEC_ORIGIN_TEE:
		return "TEE";
	case TEEC_ORIGIN_TRUSTED_APP:
		return "TA";
	default:
		return "unknown origin";
	}
}

static const char *result_name(TEEC_Result res)
{
	switch (res) {
	case TEEC_ERROR_GENERIC:
		return "generic error";
	case TEEC_ERROR_ACCESS_DENIED:
		return "access denied";
	case TEEC_ERROR_ACCESS_CONFLICT:
		return "access conflict";
	case TEEC_ERROR_EXCESS_DATA:
		return "excess data";
	case TEEC_ERROR_BAD_FORMAT:
		return "bad format";
	case TEEC_ERROR_BAD_PARAMETERS:
		return "bad parameters";
	case TEEC_ERROR_BAD_STATE:
		return "bad state";
	case TEEC_ERROR_ITEM_NOT_FOUND:
		return "item not found";
	case TEEC_ERROR_NOT_SUPPORTED:
		return "not supported";
	case TEEC_ERROR_OUT_OF_MEMORY:
		return "out of memory";
	case TEEC_ERROR_BUSY:
		return "busy";
	case TEEC_ERROR_COMMUNICATION:
		return "communication failed";
	case TEEC_ERROR_SECURITY:
		return "security error";
	case TEEC_ERROR_SHORT_BUFFER:
		return "short buffer";
	case TEEC_ERROR_TARGET_DEAD:
		return "the TA has died";
	case ENC_TEE_CORRUPT_OBJECT:
		return "corrupt object in trusted storage";
	case ENC_TEE_STORAGE_NOT_AVAILABLE:
		return "trusted storage not available";
	case ENC_TEE_STORAGE_NO_SPACE:
		return "trusted storage is full";
	case ENC_TEE_OVERFLOW:
		return "overflow";
	case ENC_TEE_MAC_INVALID:
		return "not authentic";
	case ENC_TEE_SIGNATURE_INVALID:
		return "signature invalid";
	case ENC_TEE_UNSUPPORTED_VERSION:
		return "unsupported version";
	default:
		return "error";
	}
}

/*
 * What the TA answers is about a file or the device. OP-TEE itself answers with
 * the same results where it means the TA: those that are listed first say the
 * same of both. OP-TEE looks for the TA's version in trusted storage. Where
 * tee-supplicant may not write there, it says GENERIC.
 */
static enum enc_error_kind kind_of(TEEC_Result res, uint32_t origin)
{
	switch (res) {
	case TEEC_ERROR_OUT_OF_MEMORY:
	case TEEC_ERROR_BUSY:
		return ENC_TRY_AGAIN;
	case ENC_TEE_CORRUPT_OBJECT:
	case ENC_TEE_STORAGE_NOT_AVAILABLE:
	case ENC_TEE_STORAGE_NO_SPACE:
	case TEEC_ERROR_TARGET_DEAD: /* libutee panics if its storage fails */
		return ENC_STORAGE;
	default:
		break;
	}
	if (res == TEEC_ERROR_GENERIC && origin == TEEC_ORIGIN_TEE)
		return ENC_STORAGE;
	if (origin != TEEC_ORIGIN_TRUSTED_APP)
		return ENC_OTHER;
	switch (res) {
	case TEEC_ERROR_ACCESS_CONFLICT:
		return ENC_TRY_AGAIN;
	case ENC_TEE_UNSUPPORTED_VERSION:
		return ENC_STORAGE;
	case TEEC_ERROR_ITEM_NOT_FOUND:
	case TEEC_ERROR_ACCESS_DENIED:
		return ENC_NOT_FOR_DEVICE;
	case TEEC_ERROR_SECURITY:
	case ENC_TEE_MAC_INVALID:
	case ENC_TEE_SIGNATURE_INVALID:
		return ENC_REFUSED;
	default:
		return ENC_OTHER;
	}
}

bool enc_tee_fail(struct enc_error *e, const char *doing, TEEC_Result res,
		  uint32_t origin)
{
	enc_fail(e, ENC_ERR_TEE, "cannot %s: %s (0x%08x from the %s)", doing,
		 result_name(res), (unsigned int)res, origin_name(origin));
	e->kind = kind_of(res, origin);
	return false;
}

bool enc_tee_lacks_supplicant(const char *doing, struct enc_error *e)
{
	if (enc_tee_supplicant() == ENC_TEE_SUPPLICANT_RUNS)
		return false;
	enc_fail(e, ENC_ERR_TEE, "cannot %s: tee-supplicant is not running",
		 doing);
	enc_hint(e, "start it (systemctl start tee-supplicant, or "
		    "tee-supplicant -d)");
	e->kind = ENC_TRY_AGAIN;
	return true;
}

#define STORAGE_FAILED ENC_TEE_CHECK_STORAGE "; what was stored before is kept"

static const struct enc_tee_hint general[] = {
	{ TEEC_ERROR_ACCESS_CONFLICT,
	  "another program is using trusted storage: try again" },
	{ ENC_TEE_CORRUPT_OBJECT,
	  "the files of trusted storage are damaged: remove those that "
	  "tee-supplicant keeps, and give this device its keys again" },
	{ TEEC_ERROR_TARGET_DEAD,
	  "trusted storage failed: " ENC_TEE_CHECK_STORAGE
	  "; the log of the TEE says more" },
	{ ENC_TEE_STORAGE_NOT_AVAILABLE, STORAGE_FAILED },
	{ ENC_TEE_STORAGE_NO_SPACE, STORAGE_FAILED },
	{ ENC_TEE_UNSUPPORTED_VERSION,
	  "a newer TA has written trusted storage: install that TA again" },
	{ TEEC_ERROR_NOT_SUPPORTED,
	  "this TA does not have the command: use a TA of this version" },
};

static const char *find(TEEC_Result res, const struct enc_tee_hint *hints,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (hints[i].res == res)
			return hints[i].hint;
	}
	return NULL;
}

bool enc_tee_advise(struct enc_error *e, TEEC_Result res,
		    const struct enc_tee_hint *hints, size_t count)
{
	const char *hint = find(res, hints, count);

	if (!hint && enc_tee_supplicant() != ENC_TEE_SUPPLICANT_RUNS) {
		hint = "trusted storage needs tee-supplicant, which is not "
		       "running";
		e->kind = ENC_TRY_AGAIN;
	}
	if (!hint)
		hint = find(res, general, sizeof(general) / sizeof(*general));
	return hint && enc_hint(e, "%s", hint);
}
