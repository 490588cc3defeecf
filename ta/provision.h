/* SPDX-License-Identifier: Apache-2.0 */
/* PROVISION of proto/enc_mnist_ta.h. */
#ifndef TA_PROVISION_H
#define TA_PROVISION_H

#include "kit.h"

/* envelope: `size` bytes of shared memory. */
TEE_Result provision(const void *envelope, size_t size);

#endif
