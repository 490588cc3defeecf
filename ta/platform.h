/* SPDX-License-Identifier: Apache-2.0 */
/* What this OP-TEE really protects: facts, where a TA can find them. */
#ifndef TA_PLATFORM_H
#define TA_PLATFORM_H

#include "kit.h"

/*
 * ENC_MNIST_STATUS_HUK_ZERO or _HUK_OTHER: whether the hardware key, from which
 * OP-TEE derives the keys of trusted storage, is 0, as it is on platforms
 * without a driver for it. 0: this OP-TEE does not tell.
 */
uint32_t platform_huk_flag(void);

/*
 * ENC_MNIST_STATUS_HAS_RPMB: OP-TEE says that it has one; it is then asked for
 * the device object by name, because what a property says of storage need not
 * be true of this object. ENC_MNIST_STATUS_IN_*: where the object lies, which
 * exists.
 */
uint32_t platform_storage_flags(void);

#endif
