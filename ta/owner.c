/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In a file of its own: where its values are used, the compiler must not know
 * them, for they may change after it.
 */
#include "owner.h"

#include "owner_key.h" /* generated from OWNER_KEY: ta/ta.mk */
#include "proto/enc_mnist_ta.h"

const struct owner_block owner_block = {
	.magic = OWNER_BLOCK_MAGIC,
	.format = OWNER_BLOCK_FORMAT,
	.uuid = ENC_MNIST_TA_UUID_OCTETS,
#ifdef OWNER_KEY
	.is_owned = 1,
	.sign_key = ENC_MNIST_SIGN_KEY == 1 ? ENC_MNIST_STATUS_TEST_KEY :
		    ENC_MNIST_SIGN_KEY == 2 ? ENC_MNIST_STATUS_KIT_KEY :
					      0,
	.ta_version = ENC_MNIST_TA_VERSION,
	.version_floor = ENC_MNIST_VERSION_FLOOR,
	.epoch_floor = ENC_MNIST_EPOCH_FLOOR,
	.key = OWNER_KEY,
#else
	.key = KIT_KEY,
#endif
};
