/* SPDX-License-Identifier: Apache-2.0 */
/* Models of enc_mnist-rs: host/compat/json.h. */
#ifndef HOST_COMPAT_DEVICE_SOURCE_H
#define HOST_COMPAT_DEVICE_SOURCE_H

#include "host/device/load.h"

extern const struct enc_source enc_source_json;

#endif
