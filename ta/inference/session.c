/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string_ext.h>

void session_free_params(float *params)
{
	if (params)
		memzero_explicit(params,
				 nn_param_count(&nn_mnist) * sizeof(*params));
	TEE_Free(params);
}
