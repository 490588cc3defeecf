/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a refusal says about the device. A result of the TA may have several
 * causes; what was refused and the device's status tell which.
 */
#include <string.h>

#include "call.h"
#include "host/public/fits.h"

static bool has_several_causes(TEEC_Result res)
{
	switch (res) {
	case TEEC_ERROR_ACCESS_DENIED: /* another owner, or the policy */
	case TEEC_ERROR_ITEM_NOT_FOUND:
	case TEEC_ERROR_OUT_OF_MEMORY: /* of this TA, or just now */
	case TEEC_ERROR_SECURITY:
	case ENC_TEE_STORAGE_NO_SPACE:	  /* of keys or ids, or of the disk */
	case ENC_TEE_UNSUPPORTED_VERSION: /* of the file, or what is stored */
		return true;
	default:
		return false;
	}
}

/*
 * Asks the device. Where that fails for the same reason, the reason is not the
 * file: *e has the hint for it then.
 */
static bool ask(struct enc_tee *tee, TEEC_Result res, struct enc_status *status,
		struct enc_error *e)
{
	struct enc_error why = { 0 };

	if (!has_several_causes(res))
		return false;
	if (enc_tee_status(tee, status, &why))
		return true;
	if (res == ENC_TEE_UNSUPPORTED_VERSION)
		enc_hint(e, "%s", why.hint);
	return false;
}

static void conclude(TEEC_Result res, const struct enc_fits *fits,
		     struct enc_error *e)
{
	if (fits->why[0])
		e->kind = fits->kind;
	else if (res == ENC_TEE_UNSUPPORTED_VERSION)
		e->kind = ENC_NOT_FOR_DEVICE;
}

bool enc_tee_judge_model(struct enc_tee *tee, TEEC_Result res,
			 struct enc_error *e)
{
	struct enc_status status = { 0 };
	struct enc_fits fits = { 0 };

	if (!tee->is_sealed || !ask(tee, res, &status, e))
		return false;
	if (tee->has_head)
		enc_fits_model(&tee->head, &status, &fits);
	conclude(res, &fits, e);
	if (res == ENC_TEE_STORAGE_NO_SPACE && tee->has_head &&
	    !enc_fits_id(tee->head.model_id, &status))
		e->kind = ENC_NOT_FOR_DEVICE;
	if (res == TEEC_ERROR_SECURITY && fits.why[0])
		enc_hint(e, "%s (`enc_mnist status`)", fits.why);
	return tee->has_head &&
	       !memcmp(tee->head.owner, status.owner.key, BOX_OWNER_BYTES);
}

void enc_tee_judge_envelope(struct enc_tee *tee, TEEC_Result res,
			    const uint8_t *bytes, struct enc_error *e)
{
	struct box_envelope envelope = { 0 };
	struct enc_status status = { 0 };
	struct enc_fits fits = { 0 };

	if (!ask(tee, res, &status, e))
		return;
	if (box_envelope_read(bytes, &envelope) == BOX_OK)
		enc_fits_envelope(&envelope, &status, &fits);
	conclude(res, &fits, e);
}
