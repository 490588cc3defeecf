/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt.h"

#include <string.h>
#include <string_ext.h>

#include "cipher.h"
#include "proto/enc_mnist_ta.h"

/* The result: shared memory, written front to back, never read. */
struct output {
	TEE_OperationHandle cipher;
	uint8_t *data;
	size_t size;
	size_t used;
};

static bool start(void *ctx, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	struct output *out = ctx;

	cipher_start(out->cipher, iv);
	return true;
}

static bool crypt(void *ctx, uint8_t *data, size_t len)
{
	struct output *out = ctx;

	return cipher_blocks(out->cipher, data, len);
}

static bool write(void *ctx, const uint8_t *data, size_t len)
{
	struct output *out = ctx;

	if (len > out->size - out->used)
		return false;
	memcpy(out->data + out->used, data, len);
	out->used += len;
	return true;
}

static const struct box_cbc_ops ops = {
	.start = start,
	.crypt = crypt,
	.sink = write,
};

/* Models may leave too little to work in. */
static TEE_Result open_cipher(const struct session *s, uint32_t mode,
			      TEE_OperationHandle *op)
{
	return s->work_size < CIPHER_WORK_BYTES ? TEE_ERROR_OUT_OF_MEMORY :
						  cipher_open(mode, op);
}

TEE_Result compat_encrypt(struct session *s, const void *in, size_t in_size,
			  void *out, size_t *out_size)
{
	struct output output = { .data = out };
	struct box_cbc box = { 0 };
	uint8_t iv[BOX_CBC_BLOCK_BYTES] = { 0 };
	enum box_error error = BOX_OK;
	TEE_Result res = TEE_ERROR_GENERIC;

	if (!in_size)
		return TEE_ERROR_BAD_PARAMETERS;
	if (in_size > ENC_MNIST_RECORD_MAX)
		return TEE_ERROR_EXCESS_DATA;
	output.size = (size_t)box_cbc_sealed_size((uint32_t)in_size);
	if (*out_size < output.size) {
		*out_size = output.size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	res = open_cipher(s, TEE_MODE_ENCRYPT, &output.cipher);
	if (res != TEE_SUCCESS)
		return res;

	TEE_GenerateRandom(iv, sizeof(iv));
	error = box_cbc_seal_begin(&box, &ops, &output, iv, (uint32_t)in_size);
	if (error == BOX_OK)
		error = cipher_push(s, &box, box_cbc_seal_push, in, in_size);
	if (error == BOX_OK)
		error = box_cbc_seal_end(&box);
	if (error == BOX_OK)
		*out_size = output.used;
	TEE_FreeOperation(output.cipher);
	memzero_explicit(&box, sizeof(box));
	return error == BOX_OK ? TEE_SUCCESS : TEE_ERROR_GENERIC;
}

TEE_Result compat_decrypt(struct session *s, const void *in, size_t in_size,
			  void *out, size_t *out_size)
{
	struct output output = { .data = out, .size = *out_size };
	struct box_cbc box = { 0 };
	enum box_error error = BOX_OK;
	TEE_Result res = TEE_ERROR_GENERIC;

	if (!in_size)
		return TEE_ERROR_BAD_PARAMETERS;
	if (in_size > box_cbc_sealed_size(ENC_MNIST_RECORD_MAX))
		return TEE_ERROR_EXCESS_DATA;
	if (*out_size < in_size) {
		*out_size = in_size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	res = open_cipher(s, TEE_MODE_DECRYPT, &output.cipher);
	if (res != TEE_SUCCESS)
		return res;

	box_cbc_open_begin(&box, &ops, &output, ENC_MNIST_RECORD_MAX);
	error = cipher_push(s, &box, box_cbc_open_push, in, in_size);
	if (error == BOX_OK)
		error = box_cbc_open_end(&box);
	if (error == BOX_OK)
		*out_size = output.used;
	else
		memset(out, 0, output.used);
	TEE_FreeOperation(output.cipher);
	memzero_explicit(&box, sizeof(box));
	if (error == BOX_TRAILING)
		return TEE_ERROR_EXCESS_DATA;
	return error == BOX_OK ? TEE_SUCCESS : TEE_ERROR_BAD_FORMAT;
}
