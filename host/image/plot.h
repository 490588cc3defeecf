/* SPDX-License-Identifier: Apache-2.0 */
/* The result of a test set as a picture: its confusion matrix. */
#ifndef HOST_IMAGE_PLOT_H
#define HOST_IMAGE_PLOT_H

#include <stdint.h>

#include "host/base/error.h"

#define ENC_PLOT_CLASSES 10u

/*
 * Checks that a picture can be written there: the name ends in .png or .svg, in
 * any case of letters, and a file can be created. Leaves nothing behind. Call
 * it before hours of work, not after.
 */
bool enc_plot_check(const char *path, struct enc_error *e);

/*
 * Draws counts[true digit][predicted digit] with the accuracy as its title,
 * as PNG or SVG by the name's ending, and replaces `path` atomically.
 *
 * Cells are shaded by the logarithm of their share of the row, so that one
 * error in a thousand still shows; right answers are blue, wrong ones orange,
 * which colour-blind people tell apart, and each cell has its count.
 */
bool enc_plot_confusion(
	const char *path,
	const uint32_t counts[ENC_PLOT_CLASSES][ENC_PLOT_CLASSES],
	struct enc_error *e);

#endif
