/* SPDX-License-Identifier: Apache-2.0 */
/* Read by the TA development kit. */
#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "bench_ta.h"

#define TA_UUID	      BENCH_TA_UUID
#define TA_FLAGS      0
#define TA_STACK_SIZE (8 * 1024)
#define TA_DATA_SIZE  (10 * 1024 * 1024) /* a SqueezeNet needs most of it */

#endif
