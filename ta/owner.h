/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of this TA: the public key, which the build takes from OWNER_KEY,
 * and the lowest security version and key epoch that the TA accepts.
 */
#ifndef TA_OWNER_H
#define TA_OWNER_H

#include "box/envelope.h"

extern const uint8_t owner_key[BOX_OWNER_BYTES]; /* Ed25519 */

#ifndef ENC_MNIST_VERSION_FLOOR
#define ENC_MNIST_VERSION_FLOOR 1
#endif
#ifndef ENC_MNIST_EPOCH_FLOOR
#define ENC_MNIST_EPOCH_FLOOR 1
#endif

#endif
