/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the ONNX reader share. Every function that returns a bool
 * or a pointer answers false or NULL with c->e set.
 *
 * Constants are computed while the file is read. A computed tensor is a value
 * of the graph with a layout: Transpose and Reshape change names and layouts
 * only, and an operator that needs another order asks for it (onnx_layout.c).
 */
#ifndef HOST_IMPORT_ONNX_READ_H
#define HOST_IMPORT_ONNX_READ_H

#include "onnx.h"
#include "onnx_model.h"

struct onnx_ctx {
	struct onnx_model m;
	const struct onnx_options *options;
	struct graph *g;
	struct enc_error *e;
	struct onnx_node *node; /* NULL: none, about an input or output */
};

/* An operator by its name. `arg`: which of those that share a function. */
struct onnx_op {
	const char *name;
	bool (*run)(struct onnx_ctx *c, int arg);
	int arg;
};

/* Each ends with a name of NULL. */
extern const struct onnx_op onnx_ops_math[], onnx_ops_window[];
extern const struct onnx_op onnx_ops_dense[], onnx_ops_move[];
extern const struct onnx_op onnx_ops_norm[], onnx_ops_resize[];
extern const struct onnx_op onnx_ops_recurrent[];
extern const struct onnx_op onnx_ops_shape[], onnx_ops_quant[];

/* ---- onnx.c */

/* "node 'name' (Op): ..." */
void onnx_explain(struct onnx_ctx *c, const char *what, ...)
	__attribute__((format(printf, 2, 3)));
/* The same. Always false, and compilers see it. */
#define onnx_refuse(c, ...) (onnx_explain(c, __VA_ARGS__), false)
/* Refuses the shapes of the node's inputs, and says them. */
bool onnx_misfit(struct onnx_ctx *c);

/* The node's input or output; NULL: left out. */
struct onnx_value *onnx_in(const struct onnx_ctx *c, size_t i);
struct onnx_value *onnx_out(const struct onnx_ctx *c, size_t i);

/* The same, which must be there (and constant); NULL with an error. */
struct onnx_value *onnx_need(struct onnx_ctx *c, size_t i);
struct onnx_value *onnx_need_const(struct onnx_ctx *c, size_t i,
				   const char *what);

/* The node's attributes; the number or text given if there is none. */
const struct onnx_attr *onnx_attr(const struct onnx_ctx *c, const char *name);
int64_t onnx_attr_int(const struct onnx_ctx *c, const char *name, int64_t none);
float onnx_attr_float(const struct onnx_ctx *c, const char *name, float none);
bool onnx_attr_is(const struct onnx_ctx *c, const char *name, const char *text,
		  bool none);

/* True if the node's operator is one of ONNX itself. */
bool onnx_default_domain(const struct onnx_node *n);

/* A list of integers from an attribute, or else from constant input i. */
bool onnx_list(struct onnx_ctx *c, const char *attr, size_t input,
	       int64_t *list, size_t max, size_t *count);

/* An axis as a dimension below `rank`. */
bool onnx_axis(struct onnx_ctx *c, int64_t axis, uint32_t rank, uint32_t *d);

/* ---- onnx_layout.c */

/* Puts a factor behind the others. */
void onnx_layout_add(struct onnx_layout *l, uint32_t size, uint32_t stride);

/* Distance of a step along dimension d. */
uint32_t onnx_stride(const struct onnx_shape *s, uint32_t d);

/* Elements of a shape that has been checked. */
uint32_t onnx_total(const struct onnx_shape *s);

/* The layout of n dimensions in this order; those left out have size 1. */
struct onnx_layout onnx_layout_of(const struct onnx_shape *s,
				  const uint8_t *order, uint32_t n);

/* The layout of ONNX itself. */
struct onnx_layout onnx_layout_plain(const struct onnx_shape *s);

/*
 * An order of dimensions in which x, seen as shape s, lies or may be put with
 * little work. Dimension 0 is left out if it is 1 here and in `out`.
 */
void onnx_order(const struct onnx_value *x, const struct onnx_shape *s,
		const struct onnx_shape *out, uint8_t *order, uint32_t *n);

/* x in a layout, as a graph value of these dimensions. */
bool onnx_take(struct onnx_ctx *c, struct onnx_value *x,
	       const struct onnx_layout *want, const uint32_t *dims,
	       uint32_t rank, int32_t *place);

/* x seen as s, in an order: the value has the dimensions of that order. */
bool onnx_take_order(struct onnx_ctx *c, struct onnx_value *x,
		     const struct onnx_shape *s, const uint8_t *order,
		     uint32_t n, int32_t *place);

/*
 * x with the K elements at distance `inner` last. *rows and *last: the layout's
 * parts before and in those K; the K may lie in any order.
 */
bool onnx_take_last(struct onnx_ctx *c, struct onnx_value *x, uint32_t k,
		    uint32_t inner, int32_t *place, struct onnx_layout *rows,
		    struct onnx_layout *last);

/* x's new layout after its dimensions are permuted: y has from[i] at i. */
bool onnx_permute(struct onnx_ctx *c, struct onnx_value *x, const uint8_t *from,
		  struct onnx_layout *out);

/* A graph value with other dimensions. */
bool onnx_reshape(struct onnx_ctx *c, int32_t in, const uint32_t *dims,
		  uint32_t rank, int32_t *out);

/*
 * A constant in the graph: seen as s, in an order. Quantised integers stay
 * integers with their numbers; everything else becomes f32.
 */
bool onnx_constant(struct onnx_ctx *c, const struct onnx_value *v,
		   const struct onnx_shape *s, const uint8_t *order, uint32_t n,
		   int32_t *place);

/* ---- onnx_emit.c */

/* A node whose output has these dimensions and the type of input 0. */
struct graph_node *onnx_emit(struct onnx_ctx *c, enum nn_op op,
			     const int32_t *in, uint32_t count,
			     const uint32_t *dims, uint32_t rank);

/* A tensor between the nodes that an operator becomes. */
struct onnx_value onnx_temp(void);

/* y is a value of the graph. */
bool onnx_bind(struct onnx_ctx *c, struct onnx_value *y, int32_t place,
	       const struct onnx_layout *l, const struct onnx_shape *s);

/* y is x under another name or shape. */
bool onnx_alias(struct onnx_ctx *c, const struct onnx_value *x,
		struct onnx_value *y, const struct onnx_shape *s);

/* Nodes of more than one operator's making. */
bool onnx_unary(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		enum nn_unary variant, float alpha, float beta);
bool onnx_clamp(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		float low, float high);
bool onnx_binary(struct onnx_ctx *c, struct onnx_value *a, struct onnx_value *b,
		 struct onnx_value *y, enum nn_binary variant);

/* A number as a constant of rank 0. */
bool onnx_scalar(struct onnx_ctx *c, float f, struct onnx_value *v);

/* True if x is a computed f32 tensor. */
bool onnx_float(struct onnx_ctx *c, struct onnx_value *x);

/* ---- onnx_shape.c */

bool onnx_broadcast(struct onnx_ctx *c, const struct onnx_shape *a,
		    const struct onnx_shape *b, struct onnx_shape *out);
/* s with ones before it. */
struct onnx_shape onnx_pad_rank(const struct onnx_shape *s, uint32_t rank);

/* ---- onnx_fold.c */

/* Memory for a constant of this type, FLOAT for halves, and shape. */
uint8_t *onnx_make(struct onnx_ctx *c, struct onnx_value *y,
		   enum onnx_type type, const struct onnx_shape *s);
/* Element i of a constant being made; reals are rounded towards 0. */
void onnx_set(struct onnx_value *y, size_t i, double real, int64_t integer);

/* y[i0, i1, ...] = x[offset + i0 * step[0] + i1 * step[1] + ...] */
bool onnx_fold_copy(struct onnx_ctx *c, const struct onnx_value *x,
		    struct onnx_value *y, const struct onnx_shape *s,
		    int64_t offset, const int64_t *step);

/* y = x with another shape that it is repeated to; y is made anew. */
bool onnx_fold_expand(struct onnx_ctx *c, const struct onnx_value *x,
		      struct onnx_value *y, const struct onnx_shape *s);

/* The node is arithmetic of constants: computes it. *done: it was. */
bool onnx_fold(struct onnx_ctx *c, bool *done);

/* ---- onnx_math.c, onnx_dense.c, onnx_window.c, onnx_move.c */

/* y = x along the dimensions in `set`, which stay with size 1, or go. */
bool onnx_reduce(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		 enum nn_reduce variant, uint32_t set, bool keep);

/* y = x * w + bias, w constant: (k, m), or (m, k) if `turned`. */
bool onnx_dense(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *w,
		struct onnx_value *bias, struct onnx_value *y, bool turned);
bool onnx_matmul(struct onnx_ctx *c, struct onnx_value *a, struct onnx_value *b,
		 struct onnx_value *y);
bool onnx_conv(struct onnx_ctx *c, struct onnx_value *x,
	       const struct onnx_value *w, struct onnx_value *bias,
	       struct onnx_value *y);
bool onnx_slice(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		const struct onnx_shape *out, const int64_t *begin,
		const int64_t *step);

/* y = parts along an axis, one after the other, not all constant; s: shape. */
bool onnx_concat(struct onnx_ctx *c, struct onnx_value **part, size_t count,
		 uint32_t axis, const struct onnx_shape *s,
		 struct onnx_value *y);

/* ---- onnx_pattern.c, onnx_fuse.c, onnx_quant.c */

/* Several nodes that are one norm or GELU become one node. */
void onnx_patterns(struct onnx_ctx *c);

/* Scales, shifts and biases move into the weights before them. */
bool onnx_fuse(struct graph *g, struct enc_error *e);

/* Operators between dequantised inputs and a quantised output: integers. */
bool onnx_integers(struct graph *g, struct enc_error *e);

/* Removes nodes that nothing reads. */
void onnx_prune(struct graph *g);

#endif
