/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of this TA, and the lowest security version and key epoch that the
 * TA accepts.
 */
#ifndef TA_OWNER_H
#define TA_OWNER_H

#include "proto/owner_block.h"

extern const struct owner_block owner_block;

#endif
