/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operators of a .tflite file share while they are read. Private to
 * tflite*.c.
 *
 * tflite.c reads tensors and calls the function of one operator after the
 * other (tflite_ops.c, tflite_move.c), each of which adds nodes to the graph.
 * These functions see checked numbers of tensors; every other number of the
 * file is theirs to check. Functions that return bool or a value set *e when
 * they return false or -1.
 */
#ifndef HOST_IMPORT_TFLITE_READ_H
#define HOST_IMPORT_TFLITE_READ_H

#include "flat.h"
#include "graph.h"

#define TFLITE_NAME_MAX 95u /* characters of a name that are kept */

enum tflite_type { /* as in the file */
	TFLITE_FLOAT32 = 0,
	TFLITE_FLOAT16 = 1,
	TFLITE_INT32 = 2,
	TFLITE_UINT8 = 3,
	TFLITE_INT64 = 4,
	TFLITE_BOOL = 6,
	TFLITE_INT16 = 7,
	TFLITE_INT8 = 9
};

struct tflite_shape {
	uint32_t rank;
	uint32_t dims[GRAPH_RANK_MAX];
};

/* A tensor of the file, which is read when an operator uses it. */
struct tflite_tensor {
	char name[TFLITE_NAME_MAX + 1]; /* printable */
	uint8_t type;
	struct tflite_shape shape; /* with the batch; dimensions: 1 or more */
	const char *wrong; /* why no operator may use it; NULL: it may */
	/* Of a constant: its bytes, and how they are stored. */
	struct flat_vector data;
	uint8_t stored;
	struct flat_vector scale;
	struct flat_vector zero;
	int32_t axis;  /* of scales, if there are several */
	int32_t value; /* once it is an input or computed, else GRAPH_NONE */
};

struct tflite_reader {
	struct flat flat;
	struct graph *g;
	struct enc_error *e;
	struct tflite_tensor *tensors;
	uint32_t tensor_count;
	uint64_t room; /* bytes of constants and scales that may be copied */
	/* The operator that is being read. */
	uint32_t index;
	const struct tflite_kind *kind; /* NULL: none */
	struct flat_vector inputs;
	struct flat_vector outputs;
	struct flat_table options;
};

/* A kind of operator. */
struct tflite_kind {
	const char *name;
	bool (*read)(struct tflite_reader *r); /* NULL: not accepted */
	uint8_t options; /* their type in the file; 0: it reads none */
	uint8_t inputs_min;
	uint8_t inputs_max;
	uint8_t outputs_max;
	uint8_t variant; /* of the node */
};

extern const struct tflite_kind tflite_kinds[];
extern const uint32_t tflite_kind_count;

/* Errors of the operator: "operator 3 (ADD, output "sum"): ...". False. */
bool tflite_refuse(struct tflite_reader *r, const char *what, ...)
	__attribute__((format(printf, 2, 3)));
bool tflite_damaged(struct tflite_reader *r, const char *what, ...)
	__attribute__((format(printf, 2, 3)));

/* Tensor of an input or output of the operator; NULL: it is left out. */
struct tflite_tensor *tflite_in(struct tflite_reader *r, uint32_t k);
struct tflite_tensor *tflite_out(struct tflite_reader *r, uint32_t k);
bool tflite_is_constant(const struct tflite_tensor *t);

/* Shape of a sample: without the batch, which must be 1. */
bool tflite_sample(struct tflite_reader *r, const struct tflite_tensor *t,
		   struct tflite_shape *s);
/* Elements; 0 if there are more than NN_ELEMENTS_MAX. */
size_t tflite_elements(const struct tflite_shape *s);
struct tflite_shape tflite_shape_of(const struct tflite_reader *r, int32_t v);
/*
 * An axis as the file counts it, with the batch, of a tensor of `rank` without
 * it: as the graph counts it. From the end if negative.
 */
bool tflite_axis(struct tflite_reader *r, int64_t axis, uint32_t rank,
		 uint32_t *sample_axis);

/* An input that is no constant: of any type, or of the type of output 0. */
int32_t tflite_computed(struct tflite_reader *r, uint32_t k);
int32_t tflite_source(struct tflite_reader *r, uint32_t k);
/* As tflite_source(), or a constant, which is copied. */
int32_t tflite_operand(struct tflite_reader *r, uint32_t k);
/*
 * A constant as a value of a type and shape, with as many elements. NN_F32: the
 * real numbers that it stands for. NN_INT8: with its scales, along `axis` of
 * the value, if there are several.
 */
int32_t tflite_constant(struct tflite_reader *r, const struct tflite_tensor *t,
			enum nn_type type, const struct tflite_shape *s,
			uint32_t axis);
/* Integers of a constant input; at most `max`, counted in *count. */
bool tflite_integers(struct tflite_reader *r, uint32_t k, int64_t *v,
		     uint32_t max, uint32_t *count);
/*
 * A constant input and output 0 have the same numbers; `scaled`: those that
 * they stand for. The output becomes a constant.
 */
bool tflite_fold(struct tflite_reader *r, bool scaled);

/* The type of output 0 as one of the engine. */
bool tflite_type(struct tflite_reader *r, enum nn_type *type);
/* Output k as a value, whose shape in the file must be this one. */
int32_t tflite_result(struct tflite_reader *r, uint32_t k,
		      const struct tflite_shape *s);
/* A value between the nodes of an operator: type and scale as `like`. */
int32_t tflite_between(struct tflite_reader *r, int32_t like,
		       const struct tflite_shape *s);
/* A node of the operator, with one source; NULL with *e set. */
struct graph_node *tflite_node(struct tflite_reader *r, enum nn_op op,
			       int32_t source);
/* Int8 values that are only moved must have the scale of the output. */
bool tflite_same_scale(struct tflite_reader *r, int32_t a, int32_t b);
/* A value as one of another shape: itself, or reshaped into a new one. */
int32_t tflite_reshaped(struct tflite_reader *r, int32_t v,
			const struct tflite_shape *s);
/*
 * Ends an operator whose last node may have another shape than the file says:
 * with dimensions of 1 that the file leaves out, or a flat one. `last` gets the
 * output, or a value and a RESHAPE to the output.
 */
bool tflite_finish(struct tflite_reader *r, uint32_t k, struct graph_node *last,
		   const struct tflite_shape *made);

#endif
