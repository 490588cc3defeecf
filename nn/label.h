/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the logits of a network of arch.h to a label. No branch and no address
 * depends on a logit. Freestanding.
 */
#ifndef NN_LABEL_H
#define NN_LABEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The class of one row of logits: the first largest softmax probability, as
 * with Burn's softmax and argmax. classes: 1 to 256. False, with *label
 * unchanged, if a logit is not finite.
 */
bool nn_label(const float *logits, uint32_t classes, uint8_t *label);

#endif
