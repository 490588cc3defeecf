/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string.h>
#include <string_ext.h>

void session_free_params(float *params)
{
	if (params)
		memzero_explicit(params,
				 nn_param_count(&nn_mnist) * sizeof(*params));
	TEE_Free(params);
}

enum box_error session_push(struct session *s, struct box_cbc *box,
			    box_push push, const void *in, size_t size)
{
	const size_t piece = size < s->work_size ? size : s->work_size;
	const uint8_t *from = in;
	enum box_error error = BOX_OK;

	while (size && error == BOX_OK) {
		size_t n = size < piece ? size : piece;

		memcpy(s->work, from, n);
		error = push(box, s->work, n);
		from += n;
		size -= n;
	}
	memzero_explicit(s->work, piece);
	return error;
}
