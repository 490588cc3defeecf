/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string_ext.h>

void session_free(void *memory, size_t size)
{
	if (memory)
		memzero_explicit(memory, size);
	TEE_Free(memory);
}

void session_free_params(float *params)
{
	session_free(params, nn_packed_count(&nn_mnist) * sizeof(*params));
}
