/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operators of a .tflite file: each function reads the one that *r is at.
 * Private to tflite*.c.
 */
#ifndef HOST_IMPORT_TFLITE_OPS_H
#define HOST_IMPORT_TFLITE_OPS_H

#include "tflite_read.h"

/* tflite_ops.c */
bool tflite_read_conv(struct tflite_reader *r);
bool tflite_read_depthwise(struct tflite_reader *r);
bool tflite_read_dense(struct tflite_reader *r);
bool tflite_read_matmul(struct tflite_reader *r);
bool tflite_read_pool(struct tflite_reader *r);
bool tflite_read_binary(struct tflite_reader *r);
bool tflite_read_extreme(struct tflite_reader *r);
bool tflite_read_square(struct tflite_reader *r);
bool tflite_read_squared_difference(struct tflite_reader *r);
bool tflite_read_unary(struct tflite_reader *r);
bool tflite_read_relu(struct tflite_reader *r);
bool tflite_read_relu6(struct tflite_reader *r);
bool tflite_read_relu_n1_to_1(struct tflite_reader *r);
bool tflite_read_relu_0_to_1(struct tflite_reader *r);
bool tflite_read_leaky_relu(struct tflite_reader *r);
bool tflite_read_gelu(struct tflite_reader *r);
bool tflite_read_rsqrt(struct tflite_reader *r);
bool tflite_read_softmax(struct tflite_reader *r);
bool tflite_read_reduce(struct tflite_reader *r);
bool tflite_read_quantize(struct tflite_reader *r);
bool tflite_read_dequantize(struct tflite_reader *r);
bool tflite_read_cast(struct tflite_reader *r);

/* tflite_move.c */
bool tflite_read_reshape(struct tflite_reader *r);
bool tflite_read_transpose(struct tflite_reader *r);
bool tflite_read_pad(struct tflite_reader *r);
bool tflite_read_mirror_pad(struct tflite_reader *r);
bool tflite_read_slice(struct tflite_reader *r);
bool tflite_read_strided_slice(struct tflite_reader *r);
bool tflite_read_split(struct tflite_reader *r);
bool tflite_read_split_v(struct tflite_reader *r);
bool tflite_read_unpack(struct tflite_reader *r);
bool tflite_read_concat(struct tflite_reader *r);
bool tflite_read_pack(struct tflite_reader *r);
bool tflite_read_gather(struct tflite_reader *r);
bool tflite_read_resize(struct tflite_reader *r);

#endif
