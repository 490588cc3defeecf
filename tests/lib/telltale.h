/* SPDX-License-Identifier: Apache-2.0 */
/* Models with labels known beforehand: they look at the first pixel. */
#ifndef TEST_TELLTALE_H
#define TEST_TELLTALE_H

#include <stdint.h>

/*
 * The record of a model that answers `dark` when the first pixel is 0, `bright`
 * when it is 255, and `mixed` when the 512 neurons that look at it see
 * different values. The three labels differ. The caller frees
 * FORMULA_RECORD_BYTES.
 */
uint8_t *telltale_record(uint8_t dark, uint8_t bright, uint8_t mixed);

#endif
