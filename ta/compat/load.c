/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "cipher.h"
#include "ta/load.h"

_Static_assert(sizeof(struct box_cbc) <= sizeof(((struct load *)0)->other),
	       "a load has room for the container's state");

static struct box_cbc *container(struct session *s)
{
	return (void *)s->load.other;
}

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

	return record_reader_push(&load->record, data, len);
}

static const struct box_cbc_ops ops = {
	.start = start,
	.crypt = decrypt,
	.sink = parse,
};

/* Errors of the container and the record as results of the TA. */
static TEE_Result to_result(enum box_error error)
{
	if (error == BOX_OK)
		return TEE_SUCCESS;
	if (error == BOX_TRAILING)
		return TEE_ERROR_EXCESS_DATA;
	return TEE_ERROR_BAD_FORMAT;
}

static TEE_Result push(struct session *s, const void *data, size_t size)
{
	return to_result(
		cipher_push(s, container(s), box_cbc_open_push, data, size));
}

static TEE_Result end(struct session *s)
{
	return to_result(box_cbc_open_end(container(s)));
}

static const struct load_source source = {
	.push = push,
	.end = end,
};

TEE_Result compat_load_begin(struct session *s)
{
	TEE_OperationHandle cipher = TEE_HANDLE_NULL;
	TEE_Result res = TEE_ERROR_GENERIC;

	load_drop(s);
	res = cipher_open(TEE_MODE_DECRYPT, &cipher);
	if (res != TEE_SUCCESS)
		return res;
	res = load_start(s, &source, NN_FORMAT_F32);
	if (res != TEE_SUCCESS) {
		TEE_FreeOperation(cipher);
		return res;
	}
	s->load.cipher = cipher;
	box_cbc_open_begin(container(s), &ops, &s->load,
			   record_burn_max_size(&nn_mnist));
	return TEE_SUCCESS;
}
