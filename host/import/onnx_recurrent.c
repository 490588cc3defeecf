/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LSTM, GRU and RNN, each step of the sequence as nodes of its own: for short
 * sequences, as networks have them that keep their state outside. x is (steps,
 * batch, inputs), the state (directions, batch, hidden).
 */
#include <string.h>

#include "onnx_read.h"

enum cell {
	RNN = 1,
	GRU = 3,
	LSTM = 4
}; /* their gates */

/* One direction. W x and the biases of all steps are computed at once. */
struct track {
	struct onnx_ctx *c;
	enum cell cell;
	uint32_t steps, batch, hidden, direction;
	bool linear;		   /* GRU: R h is computed before the reset */
	struct onnx_value gates;   /* (steps, batch, cell * hidden): W x + b */
	struct onnx_value r;	   /* (cell * hidden, hidden) */
	struct onnx_value inner;   /* GRU: the bias beside R h, (hidden) */
	struct onnx_value peep[3]; /* LSTM: of the gates i, o, f, (hidden) */
	bool peeps;
	struct onnx_value h, state; /* (batch, hidden) */
};

static struct onnx_shape shape2(uint32_t a, uint32_t b)
{
	return (struct onnx_shape){ 2, { a, b } };
}

/* A part of a constant, from element `at` on. */
static bool part_of(struct track *t, const struct onnx_value *v, size_t at,
		    struct onnx_shape s, struct onnx_value *out)
{
	const int64_t step[3] = { onnx_stride(&s, 0),
				  s.rank > 1 ? onnx_stride(&s, 1) : 1, 1 };
	size_t n = 0;

	*out = onnx_temp();
	out->name = v->name;
	if (!onnx_count(&s, &n) || at + n > onnx_len(v))
		return onnx_refuse(t->c,
				   "a constant input has %zu element%s; "
				   "they do not fit",
				   onnx_len(v), enc_s(onnx_len(v)));
	return onnx_fold_copy(t->c, v, out, &s, (int64_t)at, step);
}

/* ---- A step. */

/* y = x * w + bias, w: rows of R from `from` on. */
static bool recur(struct track *t, struct onnx_value *x, uint32_t from,
		  uint32_t rows, struct onnx_value *bias, struct onnx_value *y)
{
	struct onnx_value w;

	*y = onnx_temp();
	return part_of(t, &t->r, (size_t)from * t->hidden,
		       shape2(rows, t->hidden), &w) &&
	       onnx_dense(t->c, x, &w, bias, y, true);
}

static bool gate(struct track *t, struct onnx_value *gates, uint32_t index,
		 struct onnx_value *out)
{
	const int64_t begin[2] = { 0, (int64_t)index * t->hidden };
	const int64_t step[2] = { 1, 1 };
	struct onnx_shape s = shape2(t->batch, t->hidden);

	*out = onnx_temp();
	return onnx_slice(t->c, gates, out, &s, begin, step);
}

/* The sigmoid of a gate, which may look at the state. */
static bool gate_open(struct track *t, struct onnx_value *gates, uint32_t index,
		      uint32_t peep, struct onnx_value *out)
{
	struct onnx_value g, look = onnx_temp(), sum = look;

	*out = onnx_temp();
	if (!gate(t, gates, index, &g))
		return false;
	if (!t->peeps)
		return onnx_unary(t->c, &g, out, NN_SIGMOID, 0, 0);
	return onnx_binary(t->c, &t->state, &t->peep[peep], &look, NN_MUL) &&
	       onnx_binary(t->c, &g, &look, &sum, NN_ADD) &&
	       onnx_unary(t->c, &sum, out, NN_SIGMOID, 0, 0);
}

static bool step_rnn(struct track *t, struct onnx_value *x)
{
	struct onnx_value again, sum = onnx_temp();

	if (!recur(t, &t->h, 0, t->hidden, NULL, &again))
		return false;
	t->h = onnx_temp();
	return onnx_binary(t->c, x, &again, &sum, NN_ADD) &&
	       onnx_unary(t->c, &sum, &t->h, NN_TANH, 0, 0);
}

/* Gates i, o, f and the new value: state = f * state + i * new. */
static bool step_lstm(struct track *t, struct onnx_value *x)
{
	struct onnx_value again, i, o, f, g, keep = onnx_temp(), sum = keep;
	struct onnx_value new = keep, add = keep, squash = keep;

	if (!recur(t, &t->h, 0, LSTM * t->hidden, NULL, &again) ||
	    !onnx_binary(t->c, x, &again, &sum, NN_ADD) ||
	    !gate_open(t, &sum, 0, 0, &i) || !gate_open(t, &sum, 2, 2, &f) ||
	    !gate(t, &sum, 3, &g) ||
	    !onnx_unary(t->c, &g, &new, NN_TANH, 0, 0) ||
	    !onnx_binary(t->c, &f, &t->state, &keep, NN_MUL) ||
	    !onnx_binary(t->c, &i, &new, &add, NN_MUL))
		return false;
	t->state = onnx_temp();
	t->h = onnx_temp();
	return onnx_binary(t->c, &keep, &add, &t->state, NN_ADD) &&
	       gate_open(t, &sum, 1, 1, &o) &&
	       onnx_unary(t->c, &t->state, &squash, NN_TANH, 0, 0) &&
	       onnx_binary(t->c, &o, &squash, &t->h, NN_MUL);
}

/* What the reset gate r leaves of h, through R. */
static bool gru_reset(struct track *t, struct onnx_value *r,
		      struct onnx_value *out)
{
	struct onnx_value part = onnx_temp();

	if (!t->linear)
		return onnx_binary(t->c, r, &t->h, &part, NN_MUL) &&
		       recur(t, &part, 2 * t->hidden, t->hidden, &t->inner,
			     out);
	*out = onnx_temp();
	return recur(t, &t->h, 2 * t->hidden, t->hidden, &t->inner, &part) &&
	       onnx_binary(t->c, r, &part, out, NN_MUL);
}

/* Gates z, r and the new value: h = new + z * (h - new). */
static bool step_gru(struct track *t, struct onnx_value *x)
{
	struct onnx_shape two = shape2(t->batch, 2 * t->hidden);
	const int64_t begin[2] = { 0, 0 }, step[2] = { 1, 1 };
	struct onnx_value again, z, r, g, open = onnx_temp(), both = open;
	struct onnx_value sum = open, new = open, less = open, keep = open;

	if (!recur(t, &t->h, 0, 2 * t->hidden, NULL, &again) ||
	    !onnx_slice(t->c, x, &open, &two, begin, step) ||
	    !onnx_binary(t->c, &open, &again, &both, NN_ADD) ||
	    !gate_open(t, &both, 0, 0, &z) || !gate_open(t, &both, 1, 1, &r) ||
	    !gate(t, x, 2, &g) || !gru_reset(t, &r, &again) ||
	    !onnx_binary(t->c, &g, &again, &sum, NN_ADD) ||
	    !onnx_unary(t->c, &sum, &new, NN_TANH, 0, 0) ||
	    !onnx_binary(t->c, &t->h, &new, &less, NN_SUB) ||
	    !onnx_binary(t->c, &z, &less, &keep, NN_MUL))
		return false;
	t->h = onnx_temp();
	return onnx_binary(t->c, &new, &keep, &t->h, NN_ADD);
}

static bool step_any(struct track *t, uint32_t at)
{
	const int64_t begin[3] = { at, 0, 0 }, one[3] = { 1, 1, 1 };
	struct onnx_value slice = onnx_temp(), x = slice;
	struct onnx_shape s = t->gates.shape;

	s.dims[0] = 1;
	if (!onnx_slice(t->c, &t->gates, &slice, &s, begin, one))
		return false;
	s = shape2(t->batch, t->cell * t->hidden);
	if (!onnx_alias(t->c, &slice, &x, &s))
		return false;
	return t->cell == LSTM ? step_lstm(t, &x) :
	       t->cell == GRU  ? step_gru(t, &x) :
				 step_rnn(t, &x);
}

/* ---- A direction. */

/* Biases: those of W and of R in one, but for a GRU's beside R h. */
static bool track_bias(struct track *t, const struct onnx_value *b,
		       struct onnx_value *sum)
{
	uint32_t n = t->cell * t->hidden, split = n - t->hidden;
	size_t at = (size_t)t->direction * 2 * n;
	const struct onnx_shape s = { 1, { n } }, h = { 1, { t->hidden } };

	*sum = t->inner = onnx_temp();
	if (b && onnx_len(b) < at + 2 * n)
		return onnx_refuse(t->c, "its bias does not fit");
	if (!onnx_make(t->c, sum, ONNX_FLOAT, &s) ||
	    !onnx_make(t->c, &t->inner, ONNX_FLOAT, &h))
		return false;
	for (size_t i = 0; b && i < n; i++) {
		bool apart = t->cell == GRU && i >= split;
		double w = onnx_real(b, at + i), r = onnx_real(b, at + n + i);

		onnx_set(sum, i, apart ? w : w + r, 0);
		if (apart)
			onnx_set(&t->inner, i - split, r, 0);
	}
	return true;
}

/* The state before the first step: an input of the node, or zeros. */
static bool track_state(struct track *t, size_t input, struct onnx_value *out)
{
	const int64_t begin[3] = { t->direction, 0, 0 }, one[3] = { 1, 1, 1 };
	const struct onnx_shape s = shape2(t->batch, t->hidden);
	struct onnx_shape first = { 3, { 1, t->batch, t->hidden } };
	struct onnx_value *v = onnx_in(t->c, input), slice = onnx_temp();

	*out = onnx_temp();
	if (!v)
		return onnx_make(t->c, out, ONNX_FLOAT, &s);
	if (v->shape.rank != 3 || v->shape.dims[0] <= t->direction ||
	    v->shape.dims[1] != t->batch || v->shape.dims[2] != t->hidden)
		return onnx_refuse(t->c,
				   "input %zu has another shape than its "
				   "state",
				   input);
	return onnx_slice(t->c, v, &slice, &first, begin, one) &&
	       onnx_alias(t->c, &slice, out, &s);
}

static bool track_begin(struct track *t, struct onnx_value *x)
{
	const struct onnx_value *w = onnx_need_const(t->c, 1, "its weights");
	const struct onnx_value *r = onnx_need_const(t->c, 2, "its weights");
	const struct onnx_value *b = onnx_in(t->c, 3), *p = onnx_in(t->c, 7);
	uint32_t n = t->cell * t->hidden, in = x->shape.dims[2];
	const struct onnx_shape one = { 1, { t->hidden } };
	struct onnx_value part, sum;

	if (!w || !r)
		return false;
	if ((b && !onnx_const(b)) || (p && !onnx_const(p)))
		return onnx_refuse(t->c, "its biases must be constants");
	t->gates = onnx_temp();
	t->peeps = t->cell == LSTM && p;
	for (uint32_t i = 0; t->peeps && i < 3; i++) {
		if (!part_of(t, p, (3u * t->direction + i) * t->hidden, one,
			     &t->peep[i]))
			return false;
	}
	return part_of(t, w, (size_t)t->direction * n * in, shape2(n, in),
		       &part) &&
	       part_of(t, r, (size_t)t->direction * n * t->hidden,
		       shape2(n, t->hidden), &t->r) &&
	       track_bias(t, b, &sum) &&
	       onnx_dense(t->c, x, &part, &sum, &t->gates, true) &&
	       track_state(t, 5, &t->h) && track_state(t, 6, &t->state);
}

/* All steps: y is (steps, 1, batch, hidden). */
static bool track_run(struct track *t, struct onnx_value *x, bool back,
		      struct onnx_value *y)
{
	struct onnx_value h[GRAPH_INPUTS_MAX], *part[GRAPH_INPUTS_MAX];
	struct onnx_shape s = { 4, { 1, 1, t->batch, t->hidden } };

	if (!track_begin(t, x))
		return false;
	for (uint32_t i = 0; i < t->steps; i++) {
		uint32_t at = back ? t->steps - 1 - i : i;

		h[at] = onnx_temp();
		part[at] = &h[at];
		if (!step_any(t, at) || !onnx_alias(t->c, &t->h, &h[at], &s))
			return false;
	}
	s.dims[0] = t->steps;
	return onnx_concat(t->c, part, t->steps, 0, &s, y);
}

/* ---- The operator. */

/* Activations, where they are given, are the usual ones. */
static bool usual_activations(struct onnx_ctx *c, enum cell cell)
{
	static const char *const usual[] = { "Sigmoid", "Tanh", "Tanh" };
	const struct onnx_attr *a = onnx_attr(c, "activations");
	size_t each = cell == LSTM ? 3 : cell == GRU ? 2 : 1;

	for (size_t i = 0; a && i < a->string_count; i++) {
		if (!onnx_is(a->strings[i], usual[cell == RNN ? 1 : i % each]))
			return onnx_refuse(c, "activations must be Sigmoid and "
					      "Tanh, as they are where none "
					      "are given");
	}
	return true;
}

/* Attributes and inputs that change nothing, and those that are refused. */
static bool recurrent_plain(struct onnx_ctx *c, enum cell cell,
			    const struct onnx_value *x, int64_t hidden)
{
	const struct onnx_value *len = onnx_in(c, 4);
	bool whole = !len || onnx_const(len);

	if (x->shape.rank != 3 || x->shape.dims[0] > GRAPH_INPUTS_MAX ||
	    hidden < 1 || hidden > NN_DIM_MAX)
		return onnx_refuse(c,
				   "a sequence (steps, batch, inputs) of up "
				   "to %u steps, and a hidden_size, are "
				   "accepted",
				   GRAPH_INPUTS_MAX);
	for (size_t i = 0; len && whole && i < onnx_len(len); i++)
		whole = onnx_int(len, i) == x->shape.dims[0];
	if (!whole || onnx_attr(c, "clip") ||
	    onnx_attr_int(c, "input_forget", 0) ||
	    onnx_attr_int(c, "layout", 0))
		return onnx_refuse(c, "sequence_lens, clip, input_forget and "
				      "layout are not accepted");
	return usual_activations(c, cell);
}

/* y = one value for each direction, side by side along an axis. */
static bool join(struct onnx_ctx *c, struct onnx_value *v, size_t count,
		 uint32_t axis, struct onnx_value *y)
{
	struct onnx_value *part[2] = { &v[0], &v[1] };
	struct onnx_shape s = v[0].shape;

	if (!y)
		return true;
	s.dims[axis] = (uint32_t)count;
	return onnx_concat(c, part, count, axis, &s, y);
}

static bool run_recurrent(struct onnx_ctx *c, int cell)
{
	struct onnx_value *x = onnx_need(c, 0), y[2], h[2], state[2];
	int64_t hidden = onnx_attr_int(c, "hidden_size", 0);
	bool both = onnx_attr_is(c, "direction", "bidirectional", false);
	bool reverse = onnx_attr_is(c, "direction", "reverse", false);

	if (!x || !onnx_float(c, x) ||
	    !recurrent_plain(c, (enum cell)cell, x, hidden))
		return false;
	for (uint32_t d = 0; d < 1u + both; d++) {
		struct track t = { .c = c,
				   .cell = (enum cell)cell,
				   .steps = x->shape.dims[0],
				   .batch = x->shape.dims[1],
				   .hidden = (uint32_t)hidden,
				   .direction = d };
		struct onnx_shape s = { 3, { 1, t.batch, t.hidden } };

		t.linear = onnx_attr_int(c, "linear_before_reset", 0) != 0;
		y[d] = h[d] = state[d] = onnx_temp();
		if (!track_run(&t, x, d || reverse, &y[d]) ||
		    !onnx_alias(c, &t.h, &h[d], &s) ||
		    !onnx_alias(c, &t.state, &state[d], &s))
			return false;
	}
	return join(c, y, 1u + both, 1, onnx_out(c, 0)) &&
	       join(c, h, 1u + both, 0, onnx_out(c, 1)) &&
	       (cell != LSTM || join(c, state, 1u + both, 0, onnx_out(c, 2)));
}

const struct onnx_op onnx_ops_recurrent[] = {
	{ "LSTM", run_recurrent, LSTM },
	{ "GRU", run_recurrent, GRU },
	{ "RNN", run_recurrent, RNN },
	{ NULL, NULL, 0 },
};
