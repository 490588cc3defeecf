/* SPDX-License-Identifier: Apache-2.0 */
/* The key and the models of enc_mnist-rs: feature compat. */
#include "host/device/call.h"
#include "proto/enc_mnist_ta.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct enc_tee_hint store_key[] = {
	{ TEEC_ERROR_NOT_SUPPORTED,
	  "this TA accepts keys from its owner only: see `enc_mnist wrap` and "
	  "`enc_mnist provision`" },
};

static const struct enc_tee_hint load[] = {
	{ TEEC_ERROR_ITEM_NOT_FOUND,
	  "the TA has no key yet: store one with `enc_mnist store-key`" },
	{ TEEC_ERROR_OUT_OF_MEMORY, ENC_TEE_HEAP_TOO_SMALL },
	{ TEEC_ERROR_BAD_FORMAT,
	  "it does not decrypt to a record of this network: was it encrypted "
	  "under the key that was stored last? `enc_mnist verify-model` checks "
	  "the plain record" },
	{ TEEC_ERROR_EXCESS_DATA,
	  "the file goes on after the end of its model: was it encrypted under "
	  "the key that was stored last?" },
	{ TEEC_ERROR_NOT_SUPPORTED,
	  "this TA accepts sealed models only: make one with "
	  "`enc_mnist seal`" },
};

bool enc_tee_store_key(struct enc_tee *tee, const uint8_t *key,
		       struct enc_error *e)
{
	TEEC_Operation op = { 0 };
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_lend(&op, 0, TEEC_MEM_INPUT, key, ENC_MNIST_KEY_BYTES);
	res = enc_tee_invoke(tee, ENC_MNIST_CMD_STORE_KEY, &op, &origin);
	if (res == TEEC_SUCCESS)
		return true;
	enc_tee_fail(e, "store the key", res, origin);
	return enc_tee_advise(e, res, store_key, COUNT(store_key));
}

bool enc_tee_load_begin(struct enc_tee *tee, struct enc_error *e)
{
	TEEC_Operation op = { 0 };

	tee->load_hints = load;
	tee->load_hint_count = COUNT(load);
	tee->is_sealed = false;
	return enc_tee_load_step(tee, ENC_MNIST_CMD_BEGIN, &op, e);
}
