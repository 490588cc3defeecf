/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each piece that comes in is copied to the session's working memory,
 * decrypted there in place, and parsed from there straight into the new
 * parameters. So the model is never here twice, and no byte of shared memory
 * is read twice. s->params changes in one place: the end of load_finalize().
 */
#include "load.h"

#include <string.h>
#include <string_ext.h>

#include "cipher.h"

static bool start(void *ctx, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	struct load *load = ctx;

	cipher_start(load->cipher, iv);
	return true;
}

static bool decrypt(void *ctx, uint8_t *data, size_t len)
{
	struct load *load = ctx;

	return cipher_blocks(load->cipher, data, len);
}

static bool parse(void *ctx, const uint8_t *data, size_t len)
{
	struct load *load = ctx;

	return nn_record_push(&load->record, data, len) == NN_RECORD_OK;
}

static const struct box_cbc_ops ops = {
	.start = start,
	.crypt = decrypt,
	.sink = parse,
};

void load_drop(struct session *s)
{
	session_free_params(s->load.params);
	if (s->load.cipher != TEE_HANDLE_NULL)
		TEE_FreeOperation(s->load.cipher);
	memzero_explicit(&s->load, sizeof(s->load));
	s->load.cipher = TEE_HANDLE_NULL;
}

TEE_Result load_begin(struct session *s)
{
	TEE_Result res = TEE_ERROR_GENERIC;

	load_drop(s);
	res = cipher_open(TEE_MODE_DECRYPT, &s->load.cipher);
	if (res != TEE_SUCCESS)
		return res;
	s->load.params = TEE_Malloc(nn_param_count(&nn_mnist) * sizeof(float),
				    TEE_MALLOC_FILL_ZERO);
	if (!s->load.params) {
		load_drop(s);
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	nn_record_begin(&s->load.record, &nn_mnist, s->load.params);
	box_cbc_open_begin(&s->load.box, &ops, &s->load,
			   nn_record_max_size(&nn_mnist));
	return TEE_SUCCESS;
}

/* What the box says, and behind it the record, in words of the TA. */
static TEE_Result to_result(enum box_error error)
{
	if (error == BOX_OK)
		return TEE_SUCCESS;
	if (error == BOX_TRAILING)
		return TEE_ERROR_EXCESS_DATA;
	return TEE_ERROR_BAD_FORMAT;
}

TEE_Result load_push(struct session *s, const void *data, size_t size)
{
	TEE_Result res = TEE_ERROR_BAD_STATE;

	if (!s->load.params)
		return res;
	res = to_result(
		session_push(s, &s->load.box, box_cbc_open_push, data, size));
	if (res != TEE_SUCCESS)
		load_drop(s);
	return res;
}

TEE_Result load_finalize(struct session *s)
{
	if (!s->load.params)
		return TEE_ERROR_BAD_STATE;
	if (box_cbc_open_end(&s->load.box) != BOX_OK ||
	    nn_record_end(&s->load.record) != NN_RECORD_OK) {
		load_drop(s);
		return TEE_ERROR_BAD_FORMAT;
	}
	session_free_params(s->params);
	s->params = s->load.params;
	s->load.params = NULL;
	load_drop(s);
	return TEE_SUCCESS;
}
