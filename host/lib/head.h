/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of sealed models, as the owner of a network fills them in. */
#ifndef HOST_LIB_HEAD_H
#define HOST_LIB_HEAD_H

#include "box/head.h"
#include "nn/arch.h"

/* Says in a head, zeroed before, which network it is for. */
void enc_head_describe(const struct nn_arch *arch, struct box_head *head);

#endif
