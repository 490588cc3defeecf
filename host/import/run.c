/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

bool run_open(struct run *r, const struct nn_net *net, const void *params,
	      struct enc_error *e)
{
	const size_t room =
		(nn_work_bytes(net, 1) + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;

	*r = (struct run){ net, params, aligned_alloc(NN_ALIGN, room) };
	if (!r->work)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	memset(r->work, 0, room);
	return true;
}

void *run_tensor(const struct run *r, uint32_t tensor)
{
	return nn_tensor_at(r->net, r->work, tensor, 1);
}

void run_sample(const struct run *r)
{
	nn_net_run(r->net, r->params, r->work, 1);
}

void run_close(struct run *r)
{
	free(r->work);
}
