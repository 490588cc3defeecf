/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about the keys and versions in the TA's trusted storage. */
#include "box/envelope.h"
#include "call.h"
#include "proto/enc_mnist_ta.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct enc_tee_hint provision[] = {
	{ TEEC_ERROR_BAD_FORMAT, "it is damaged: get it again" },
	{ ENC_TEE_UNSUPPORTED_VERSION,
	  "a newer enc_mnist made it: update the TA" },
	{ TEEC_ERROR_ACCESS_DENIED,
	  "it is from another owner, not the TA's: compare "
	  "`enc_mnist inspect` and `enc_mnist status`" },
	{ TEEC_ERROR_ITEM_NOT_FOUND,
	  "it is for another TA, or another device" },
	{ ENC_TEE_SIGNATURE_INVALID,
	  "it is not as its owner signed it: get it again" },
	{ ENC_TEE_MAC_INVALID,
	  "its key was not sealed for this device: the owner must wrap it "
	  "again" },
	{ TEEC_ERROR_SECURITY,
	  "its epoch is not higher than that of the last envelope, or lower "
	  "than the TA accepts: wrap again, with an --epoch from `next envelope' "
	  "of `enc_mnist status` on" },
	{ ENC_TEE_STORAGE_NO_SPACE,
	  "if the device has as many keys as it can (`enc_mnist status`), wrap "
	  "again with --retire; if not, its storage is full: make room" },
};

bool enc_tee_provision(struct enc_tee *tee, const uint8_t *envelope,
		       struct enc_error *e)
{
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_lend(&op, 0, TEEC_MEM_INPUT, envelope, BOX_ENVELOPE_BYTES);
	res = enc_tee_invoke(tee, ENC_MNIST_CMD_PROVISION, &op, &origin);
	if (res == TEEC_SUCCESS)
		return true;
	enc_tee_fail(e, "take the envelope", res, origin);
	enc_tee_advise(e, res, provision, COUNT(provision));
	enc_tee_judge_envelope(tee, res, envelope, e);
	return false;
}

/* Invokes a command that returns exactly `size` bytes. */
static bool ask(struct enc_tee *tee, uint32_t command, const char *doing,
		uint8_t *answer, size_t size, struct enc_error *e)
{
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	size_t len = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_lend(&op, 0, TEEC_MEM_OUTPUT, answer, size);
	res = enc_tee_invoke(tee, command, &op, &origin);
	len = op.params[0].tmpref.size;
	if (res != TEEC_SUCCESS) {
		enc_tee_fail(e, doing, res, origin);
		return enc_tee_advise(e, res, NULL, 0);
	}
	return len == size ||
	       enc_fail(e, ENC_ERR_TEE,
			"the TA returned %zu byte%s, expected %zu", len,
			enc_s(len), size);
}

bool enc_tee_device_key(struct enc_tee *tee, uint8_t *key, struct enc_error *e)
{
	return ask(tee, ENC_MNIST_CMD_DEVICE_KEY, "get the device's key", key,
		   BOX_X25519_BYTES, e);
}

bool enc_tee_status(struct enc_tee *tee, struct enc_status *status,
		    struct enc_error *e)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };

	return ask(tee, ENC_MNIST_CMD_STATUS, "get the TA's status", bytes,
		   sizeof(bytes), e) &&
	       enc_status_read(bytes, status, e);
}
