/* SPDX-License-Identifier: Apache-2.0 */
/* Where the windows of a kernel lie in an axis of the input. Private to nn/. */
#ifndef NN_WINDOW_H
#define NN_WINDOW_H

#include "op.h"

/* Taps of a window that lie within the input: from `from` up to `to`. */
struct nn_taps {
	uint32_t from;
	uint32_t to;
};

/* Where the window of output `o` begins; negative: before the input. */
static inline int64_t nn_window_start(const struct nn_window *w, size_t axis,
				      uint32_t o)
{
	return (int64_t)o * w->stride[axis] - w->pad[axis];
}

static inline struct nn_taps
nn_taps_inside(const struct nn_window *w, size_t axis, uint32_t in, uint32_t o)
{
	const int64_t start = nn_window_start(w, axis, o);
	const int64_t step = w->dilation[axis];
	const int64_t from = start < 0 ? (step - 1 - start) / step : 0;
	const int64_t to = start < in ? (in - start + step - 1) / step : 0;

	return (struct nn_taps){
		.from = (uint32_t)from,
		.to = (uint32_t)(to < w->kernel[axis] ? to : w->kernel[axis])
	};
}

#endif
