/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An int8 network from an f32 one, in the arithmetic of TensorFlow Lite: one
 * scale and zero point for each tensor, from the range that calibrate.h has
 * found; one scale for each output channel of weights; int32 biases.
 *
 * Layers with weights compute int8 wherever the engine has them for int8; so
 * does what only moves numbers to them, and every other operator whose inputs
 * are int8. The rest stays f32: softmax, norms, products of two activations,
 * and all that the engine has for f32 alone. QUANTIZE and DEQUANTIZE stand in
 * between. Inputs and outputs of the network keep their types, so it is used
 * like the f32 one.
 */
#ifndef HOST_IMPORT_QUANTIZE_H
#define HOST_IMPORT_QUANTIZE_H

#include "calibrate.h"

/*
 * net: one that calibrate_open() takes; ranges: those of its tensors. NULL with
 * *e set if the engine has none of its layers in int8, or if a scale is out of
 * range. lower_free() frees the result.
 */
struct lowered *quantize_network(const struct lowered *net,
				 const struct range *ranges,
				 struct enc_error *e);

#endif
