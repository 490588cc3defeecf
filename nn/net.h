/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network: nodes that compute tensors from tensors, in order.
 *
 * Each tensor is an input of the network or the output of one node, and each
 * node has one output: so tensor t is input t, or the output of node t -
 * inputs. A node reads tensors with lower numbers only. All shapes are fixed;
 * they are those of one sample, without the batch. Activations are stored row
 * by row, the last dimension side by side, channels last (height, width,
 * channels).
 *
 * Activations lie in an arena, each tensor at an offset that whoever made the
 * network has planned. Parameters of a node lie behind those of the nodes
 * before it, packed as its operator reads them (params.h). Both structures
 * below are stored in a record byte for byte: doc/FORMAT.md, section 7. Nothing
 * in them is trusted before nn_net_check().
 *
 * Freestanding; no state; every function may be called from any thread.
 */
#ifndef NN_NET_H
#define NN_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NN_NODES_MAX	512u
#define NN_INPUTS_MAX	4u
#define NN_RANK_MAX	6u
#define NN_DIM_MAX	65536u
#define NN_ELEMENTS_MAX (1u << 28) /* of a tensor */
#define NN_SOURCES_MAX	6u	   /* tensors that a node reads */
#define NN_ALIGN	64u	   /* of tensors in the arena, bytes */
#define NN_BATCH_MAX	64u
/* Behind the arena and each node's parameters: vectors may be read whole. */
#define NN_SLACK 64u

enum nn_type {
	NN_F32 = 1,
	NN_INT8,  /* (q - zero) * scale */
	NN_UINT8, /* pixels: inputs only */
	NN_INT32  /* indices */
};

struct nn_tensor {    /* 40 bytes */
	uint8_t type; /* enum nn_type */
	uint8_t rank; /* 1 to NN_RANK_MAX */
	int8_t zero;  /* of NN_INT8; else 0 */
	uint8_t is_output;
	uint32_t dims[NN_RANK_MAX]; /* 1 to NN_DIM_MAX; from rank on: 1 */
	uint32_t offset;	    /* in the arena; a multiple of NN_ALIGN */
	float scale;	   /* of NN_INT8, positive and normal; else 0 */
	uint32_t reserved; /* 0 */
};

enum nn_op {
	NN_IMAGE = 1,  /* pixels to f32 or int8 */
	NN_QUANTIZE,   /* f32 or int8 of another scale to int8 */
	NN_DEQUANTIZE, /* int8 to f32 */
	NN_CONV,       /* also dense layers: a kernel of 1 x 1 */
	NN_DEPTHWISE,
	NN_MATMUL, /* of two activations */
	NN_POOL_MAX,
	NN_POOL_AVERAGE,
	NN_BINARY,
	NN_UNARY,
	NN_SOFTMAX,
	NN_NORM,
	NN_REDUCE,
	NN_RESHAPE,
	NN_TRANSPOSE,
	NN_SLICE,
	NN_PAD,
	NN_CONCAT,
	NN_EXPAND,
	NN_GATHER,
	NN_RESIZE,
	NN_CONSTANT,
	NN_OPS
};

/* Where the windows of a convolution or a pool lie. Height, then width. */
struct nn_window {
	uint16_t kernel[2];
	uint16_t stride[2];
	uint16_t dilation[2];
	uint16_t pad[2]; /* above, to the left; below and right follow */
};

/* What an activation function leaves: ReLU is 0 to infinity. */
union nn_clamp {
	float f32[2];
	int32_t int8[2]; /* -128 to 127 */
};

/* value * multiplier / 2^31 * 2^shift, rounded as TFLite rounds. */
struct nn_scale {
	int32_t multiplier; /* 2^30 to 2^31 - 1; 0: the result is 0 */
	int32_t shift;	    /* -31 to 30 */
};

enum nn_binary {
	NN_ADD = 1,
	NN_SUB,
	NN_MUL,
	NN_DIV,
	NN_MIN,
	NN_MAX,
	NN_POW,
	NN_SUB_FROM,
	NN_DIV_INTO,
	NN_BINARIES
};

enum nn_unary {
	NN_CLAMP = 1,
	NN_LEAKY_RELU,
	NN_ELU,
	NN_SIGMOID,
	NN_HARD_SIGMOID,
	NN_HARD_SWISH,
	NN_TANH,
	NN_GELU,
	NN_GELU_TANH,
	NN_ERF,
	NN_EXP,
	NN_LOG,
	NN_SQRT,
	NN_RECIPROCAL,
	NN_NEGATE,
	NN_ABS,
	NN_SOFTPLUS,
	NN_UNARIES
};

enum nn_reduce {
	NN_MEAN = 1,
	NN_SUM,
	NN_REDUCE_MAX,
	NN_REDUCE_MIN,
	NN_REDUCES
};
enum nn_norm {
	NN_LAYER_NORM = 1,
	NN_RMS_NORM,
	NN_NORMS
};
enum nn_pad {
	NN_PAD_CONSTANT = 1,
	NN_PAD_REFLECT,
	NN_PAD_EDGE,
	NN_PADS
};
enum nn_resize {
	NN_NEAREST = 1,
	NN_LINEAR,
	NN_RESIZES
};

struct nn_node {	 /* 64 bytes */
	uint8_t op;	 /* enum nn_op */
	uint8_t variant; /* of the operator: one of the enums above; else 0 */
	uint8_t sources;
	uint8_t reserved;		 /* 0 */
	uint16_t source[NN_SOURCES_MAX]; /* tensors; behind `sources`: 0 */
	union {				 /* unused bytes are 0 */
		uint8_t bytes[48];
		struct {
			float divisor; /* (pixel / divisor - mean) / deviation
					*/
			float mean[4]; /* of each channel, 1 to 4 of them */
			float deviation[4];
		} image;
		struct nn_scale requantize; /* NN_QUANTIZE of NN_INT8 */
		struct {
			struct nn_window window;
			union nn_clamp clamp;
			uint32_t groups; /* of NN_CONV; else 0 */
		} conv;			 /* also NN_DEPTHWISE and pools */
		struct {
			/* bit a: the constant operand has all of dimension a */
			uint32_t axes; /* 0: both operands are tensors */
			uint32_t has_constant;
			union nn_clamp clamp;
			struct nn_scale
				scale[3]; /* of NN_INT8: left, right, sum */
		} binary;
		struct {
			float alpha; /* of NN_CLAMP: the lower limit */
			float beta;  /* of NN_CLAMP: the upper limit */
		} unary;
		struct {
			float epsilon;
			uint32_t constants; /* bit 0: a gain, bit 1: an offset
					     */
		} norm;
		struct {
			uint32_t axes; /* bit a: dimension a becomes 1 */
			struct nn_scale scale; /* of NN_INT8 */
		} reduce;
		struct {
			uint8_t from[NN_RANK_MAX]; /* of each output dimension
						    */
		} transpose;
		struct {
			uint32_t begin[NN_RANK_MAX];
			uint16_t step[NN_RANK_MAX];
		} slice;
		struct {
			uint32_t before[NN_RANK_MAX];
			float f32; /* the value around it */
			int32_t int8;
		} pad;
		struct {
			uint32_t axis;
		} concat;
		struct {
			uint32_t rows; /* of the table */
		} gather;
		struct {
			float scale[2]; /* of an input coordinate */
			/* input = output * scale + offset; nearest: floor */
			float offset[2];
		} resize;
		struct {
			uint32_t transposed; /* bit 0: the left one, bit 1 */
			float scale;	     /* of the product */
		} matmul;
	};
};

/* Bytes of a record before its parameters. */
struct nn_head {       /* 64 bytes */
	char magic[8]; /* NN_MAGIC */
	uint16_t version;
	uint16_t nodes; /* 1 to NN_NODES_MAX */
	uint8_t inputs; /* 1 to NN_INPUTS_MAX */
	uint8_t reserved;
	uint16_t batch;	 /* samples at once, 1 to NN_BATCH_MAX */
	uint64_t params; /* bytes of all parameters */
	uint64_t macs;	 /* multiply-accumulates of a sample; a batch: 2^40 */
	uint32_t arena;	 /* bytes for a sample, a multiple of NN_ALIGN */
	uint32_t reserved2[7];
};
#define NN_MAGIC   "ENC-NETW"
#define NN_VERSION 1

struct nn_net {
	const struct nn_head *head;
	const struct nn_tensor *tensors; /* inputs + nodes */
	const struct nn_node *nodes;
};

/* Why a network is refused; `at` is the tensor or the node, where one is named.
 */
enum nn_error {
	NN_OK = 0,
	NN_ERROR_HEAD,	  /* magic, version, a count or a reserved byte */
	NN_ERROR_TENSOR,  /* type, rank, dimension, scale, a reserved byte */
	NN_ERROR_OUTPUT,  /* no output, or a tensor that nothing reads */
	NN_ERROR_NODE,	  /* operator, sources, parameters, or output shape */
	NN_ERROR_ARENA,	  /* a tensor outside of the arena, or not aligned */
	NN_ERROR_OVERLAP, /* two tensors in use at once share memory */
	NN_ERROR_PARAMS,  /* other bytes of parameters than the head says */
	NN_ERROR_MACS,	  /* other work than the head says, or too much */
	NN_ERROR_VALUE	  /* a parameter that is not allowed */
};

/* Bytes of the two tables behind the head. */
size_t nn_tables_size(const struct nn_head *head);

/*
 * Checks a head by itself: NN_OK or NN_ERROR_HEAD. After that, the counts in it
 * may be used to read the tables.
 */
enum nn_error nn_head_check(const struct nn_head *head);

/*
 * Checks everything but the values of parameters. After NN_OK, any parameters
 * that nn_values_check() accepts can be run: nothing outside of the arena, the
 * scratch memory and the parameters is read or written, in a bounded time.
 */
enum nn_error nn_net_check(const struct nn_net *net, uint32_t *at);

/* Offset of a node's parameters behind those before it; bytes of them. */
uint64_t nn_params_size(const struct nn_net *net, uint32_t node);

/* True if the values are allowed. params: of this node, complete. */
bool nn_values_check(const struct nn_net *net, uint32_t node,
		     const void *params);

/* Bytes of memory for `batch` samples: arena, scratch, slack. */
size_t nn_work_bytes(const struct nn_net *net, size_t batch);

/* Where a tensor lies in that memory: (batch, elements). */
void *nn_tensor_at(const struct nn_net *net, void *work, uint32_t tensor,
		   size_t batch);

/*
 * Computes a batch: the caller has written the inputs to their places and finds
 * the outputs in theirs. params: of all nodes, followed by NN_SLACK bytes.
 * work: nn_work_bytes(), aligned to NN_ALIGN, initialised; it holds activations
 * afterwards: wipe it where they are secret.
 */
void nn_net_run(const struct nn_net *net, const void *params, void *work,
		size_t batch);

#endif
