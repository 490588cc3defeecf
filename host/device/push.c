/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that load a model. */
#include <inttypes.h>

#include "box/head.h"
#include "call.h"
#include "proto/enc_mnist_ta.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct enc_tee_hint sealed[] = {
	{ TEEC_ERROR_ITEM_NOT_FOUND,
	  "this device does not have its key: bring it there with `enc_mnist "
	  "wrap` and `enc_mnist provision`" },
	{ TEEC_ERROR_OUT_OF_MEMORY, ENC_TEE_HEAP_TOO_SMALL },
	{ TEEC_ERROR_BAD_FORMAT,
	  "it is damaged, or for another network: `enc_mnist inspect` shows "
	  "what it is" },
	{ TEEC_ERROR_EXCESS_DATA,
	  "the file goes on after the end of its model: get it again" },
	{ TEEC_ERROR_ACCESS_DENIED,
	  "it is from another owner, not the TA's, or for other users of this "
	  "device: compare `enc_mnist inspect` and `enc_mnist status`" },
	{ ENC_TEE_SIGNATURE_INVALID,
	  "the file is not as its owner signed it: get it again" },
	{ ENC_TEE_MAC_INVALID,
	  "the file is not as it was sealed: get it again" },
	{ ENC_TEE_UNSUPPORTED_VERSION,
	  "a newer enc_mnist sealed it: update the TA" },
	{ TEEC_ERROR_SECURITY,
	  "its security version, or the epoch of its key, is too low for this "
	  "device, or the device may not load this model id (`enc_mnist "
	  "status`)" },
	{ TEEC_ERROR_NOT_SUPPORTED, "this TA does not accept sealed models" },
};

bool enc_tee_load_step(struct enc_tee *tee, uint32_t command,
		       TEEC_Operation *op, struct enc_error *e)
{
	uint32_t origin = 0;
	TEEC_Result res = enc_tee_invoke(tee, command, op, &origin);

	if (res == TEEC_SUCCESS)
		return true;
	enc_tee_fail(e, "load the model", res, origin);
	enc_tee_advise(e, res, tee->load_hints, tee->load_hint_count);
	if (!tee->is_sealed && res == TEEC_ERROR_OUT_OF_MEMORY)
		e->kind = ENC_NOT_FOR_DEVICE; /* they are all of one size */
	enc_tee_judge_model(tee, res, e);
	return false;
}

/*
 * The head is one that the TA has accepted. A model that has room without the
 * active one has none beside it.
 */
static bool hint_heap(struct enc_tee *tee, struct enc_error *e)
{
	const struct enc_heap heap = enc_heap_of(&tee->head);
	const uint64_t need = heap.model + heap.session;
	struct enc_status status = { 0 };
	struct enc_error unused = { 0 };

	if (!tee->has_head || !enc_tee_status(tee, &status, &unused))
		return false;
	return enc_hint(e,
			"it needs %" PRIu64 " bytes%s and the TA's heap has "
			"%" PRIu32 ": build the TA with `make ta MODEL=file', "
			"or a higher TA_DATA_SIZE",
			need,
			need <= status.heap ? " beside the active model" : "",
			status.heap);
}

bool enc_tee_load_begin_sealed(struct enc_tee *tee, const uint8_t *head,
			       struct enc_error *e)
{
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	tee->load_hints = sealed;
	tee->load_hint_count = COUNT(sealed);
	tee->is_sealed = true;
	tee->has_head = box_head_read(head, &tee->head) == BOX_OK;
	enc_tee_lend(&op, 0, TEEC_MEM_INPUT, head, BOX_HEAD_BYTES);
	res = enc_tee_invoke(tee, ENC_MNIST_CMD_BEGIN_SEALED, &op, &origin);
	if (res == TEEC_SUCCESS)
		return true;
	enc_tee_fail(e, "load the model", res, origin);
	if (res == TEEC_ERROR_OUT_OF_MEMORY)
		hint_heap(tee, e);
	else
		enc_tee_advise(e, res, sealed, COUNT(sealed));
	if (enc_tee_judge_model(tee, res, e) && res == TEEC_ERROR_ACCESS_DENIED)
		enc_hint(e, "only clients with the login that `enc_mnist "
			    "inspect` shows may use it");
	return false;
}

bool enc_tee_load_push(struct enc_tee *tee, size_t len, struct enc_error *e)
{
	TEEC_Operation op = { 0 };

	enc_tee_refer(&tee->chunk, &op, 0, TEEC_MEM_INPUT, 0, len);
	return enc_tee_load_step(tee, ENC_MNIST_CMD_PUSH, &op, e);
}

bool enc_tee_load_finalize(struct enc_tee *tee, struct enc_error *e)
{
	TEEC_Operation op = { 0 };

	return enc_tee_load_step(tee, ENC_MNIST_CMD_FINALIZE, &op, e);
}
