/* SPDX-License-Identifier: Apache-2.0 */
/* Read by the TA development kit. */
#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "proto/enc_mnist_ta.h"

#define TA_UUID ENC_MNIST_TA_UUID

/* Single instance, keep alive: neither. Each session has its own instance. */
#define TA_FLAGS 0

/*
 * The deepest call is the engine's, whose tiles live in registers; the rest is
 * what libutee and the entry from the core take.
 */
#define TA_STACK_SIZE (8 * 1024)

/*
 * Two models of 2,269,736 bytes, the one that answers and the one that is
 * being loaded; 64 KiB for working memory and session; the rest is for the
 * allocator and the handles of libutee. `make TA_DATA_SIZE=...` overrides it.
 */
#ifndef TA_DATA_SIZE
#define TA_DATA_SIZE (2 * 2269736 + 64 * 1024 + 16 * 1024)
#endif

#define TA_DESCRIPTION "Encrypted MNIST inference"
#define TA_VERSION     "1.0"

#endif
