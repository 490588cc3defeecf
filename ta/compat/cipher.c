/* SPDX-License-Identifier: Apache-2.0 */
#include "cipher.h"

#include <string.h>
#include <string_ext.h>

#include "key.h"
#include "ta/crypto.h"

_Static_assert(ENC_MNIST_KEY_BYTES == BOX_CBC_KEY_BYTES, "one key length");

TEE_Result cipher_open(uint32_t mode, TEE_OperationHandle *op)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };
	TEE_Result res = key_read(key);

	*op = TEE_HANDLE_NULL;
	if (res == TEE_SUCCESS)
		res = crypto_operation_raw(TEE_ALG_AES_CBC_NOPAD, mode,
					   TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE,
					   key, sizeof(key), op);
	memzero_explicit(key, sizeof(key));
	return res;
}

void cipher_start(TEE_OperationHandle op, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	TEE_CipherInit(op, iv, BOX_CBC_BLOCK_BYTES);
}

bool cipher_blocks(TEE_OperationHandle op, uint8_t *data, size_t len)
{
	size_t out = len;

	return TEE_CipherUpdate(op, data, len, data, &out) == TEE_SUCCESS &&
	       out == len;
}

enum box_error cipher_push(struct session *s, struct box_cbc *box,
			   cipher_box_push push, const void *in, size_t size)
{
	const size_t piece =
		size < CIPHER_WORK_BYTES ? size : CIPHER_WORK_BYTES;
	const uint8_t *from = in;
	enum box_error error = BOX_OK;

	while (size && error == BOX_OK) {
		size_t n = size < piece ? size : piece;

		memcpy(s->work, from, n);
		error = push(box, s->work, n);
		from += n;
		size -= n;
	}
	session_wipe(s->work, piece);
	return error;
}
