/* SPDX-License-Identifier: Apache-2.0 */
/* Read by the TA development kit. */
#ifndef TA_USER_TA_HEADER_DEFINES_H
#define TA_USER_TA_HEADER_DEFINES_H

#include "proto/enc_mnist_ta.h"

#define TA_UUID ENC_MNIST_TA_UUID

/*
 * Neither single instance nor keep alive: each session has its own instance.
 * Nor TA_FLAG_DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT: with it, opening a corrupt
 * object leaves a handle that nobody has, and the object stays in use until the
 * session ends.
 */
#define TA_FLAGS 0

/*
 * The highest use measured is 4,592 bytes, during the load of a sealed model
 * (doc/PERFORMANCE.md). The engine keeps its tiles in registers and
 * everything else in session.work.
 */
#define TA_STACK_SIZE (8 * 1024)

/*
 * What `enc_mnist inspect` says of the MNIST network: room for two of it, the
 * active one and the one being loaded. `make ta MODEL=...` and TA_DATA_SIZE
 * override it.
 */
#ifndef TA_DATA_SIZE
#define TA_DATA_SIZE \
	(2 * 2275672 + ENC_MNIST_TA_LOAD_BYTES + ENC_MNIST_TA_OTHER_BYTES)
#endif

#define TA_DESCRIPTION "Sealed neural networks"
#define TA_VERSION     ENC_MNIST_VERSION

#endif
