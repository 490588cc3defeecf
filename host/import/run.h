/* SPDX-License-Identifier: Apache-2.0 */
/* A network with memory of its own, to compute one sample after the other. */
#ifndef HOST_IMPORT_RUN_H
#define HOST_IMPORT_RUN_H

#include "host/base/error.h"
#include "nn/net.h"

struct run {
	const struct nn_net *net;
	const void *params;
	void *work;
};

/*
 * net, params: as nn_net_run() takes them; they stay the caller's. False if
 * memory runs out. *r is to be closed in any case.
 */
bool run_open(struct run *r, const struct nn_net *net, const void *params,
	      struct enc_error *e);

/* Where a tensor of the sample lies: to write inputs, and to read outputs. */
void *run_tensor(const struct run *r, uint32_t tensor);

void run_sample(const struct run *r);

void run_close(struct run *r);

#endif
