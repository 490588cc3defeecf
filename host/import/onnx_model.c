/* SPDX-License-Identifier: Apache-2.0 */
#include "onnx_model.h"

#include <stdlib.h>
#include <string.h>

#define OPSET_MIN  1
#define OPSET_MAX  22
#define INPUTS_MAX 4096u /* of the graph, weights among them */

struct onnx_block {
	struct onnx_block *next;
	_Alignas(16) uint8_t bytes[];
};

void *onnx_alloc(struct onnx_pool *pool, size_t count, size_t size)
{
	struct onnx_block *b = NULL;

	if (count > pool->left / size)
		return NULL;
	b = calloc(1, sizeof(*b) + count * size + 1);
	if (!b)
		return NULL;
	pool->left -= count * size;
	b->next = pool->blocks;
	pool->blocks = b;
	return b->bytes;
}

bool onnx_spend(struct onnx_pool *pool, size_t steps)
{
	if (steps > pool->left)
		return false;
	pool->left -= steps;
	return true;
}

bool onnx_is(struct onnx_str s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

size_t onnx_type_size(enum onnx_type type)
{
	switch (type) {
	case ONNX_UINT8:
	case ONNX_INT8:
	case ONNX_BOOL:
		return 1;
	case ONNX_FLOAT16:
	case ONNX_BFLOAT16:
		return 2;
	case ONNX_FLOAT:
	case ONNX_INT32:
		return 4;
	case ONNX_INT64:
	case ONNX_DOUBLE:
		return 8;
	}
	return 0;
}

bool onnx_count(const struct onnx_shape *s, size_t *count)
{
	uint64_t n = 1;
	bool empty = false;

	for (uint32_t d = 0; d < s->rank; d++) {
		empty |= !s->dims[d];
		n *= s->dims[d] ? s->dims[d] : 1;
		if (n > NN_ELEMENTS_MAX)
			return false;
	}
	*count = empty ? 0 : (size_t)n;
	return true;
}

size_t onnx_len(const struct onnx_value *v)
{
	size_t n = 0;

	return onnx_count(&v->shape, &n) ? n : 0;
}

/* An element that is stored as an integer: true with *out set. */
static bool int_stored(const struct onnx_value *v, size_t i, int64_t *out)
{
	const uint8_t *at = v->data + i * onnx_type_size(v->type);
	int32_t i32 = 0;

	switch (v->type) {
	case ONNX_UINT8:
	case ONNX_BOOL:
		*out = *at;
		return true;
	case ONNX_INT8:
		*out = *at - (*at >> 7) * 256;
		return true;
	case ONNX_INT32:
		memcpy(&i32, at, sizeof(i32));
		*out = i32;
		return true;
	case ONNX_INT64:
		memcpy(out, at, sizeof(*out));
		return true;
	default:
		return false;
	}
}

static double real_stored(const struct onnx_value *v, size_t i)
{
	const uint8_t *at = v->data + i * onnx_type_size(v->type);
	int64_t integer = 0;
	uint32_t bits = 0;
	float f = 0;
	double d = 0;

	switch (v->type) {
	case ONNX_FLOAT:
		memcpy(&f, at, sizeof(f));
		return (double)f;
	case ONNX_DOUBLE:
		memcpy(&d, at, sizeof(d));
		return d;
	case ONNX_FLOAT16:
		memcpy(&bits, at, 2);
		return graph_half((uint16_t)bits);
	case ONNX_BFLOAT16:
		memcpy((uint8_t *)&f + 2, at, 2);
		return (double)f;
	default:
		return int_stored(v, i, &integer) ? (double)integer : 0;
	}
}

static size_t quant_index(const struct onnx_value *v, size_t i)
{
	size_t inner = 1;

	if (v->quant.count == 1)
		return 0;
	for (uint32_t d = v->quant.axis + 1; d < v->shape.rank; d++)
		inner *= v->shape.dims[d];
	return i / inner % v->quant.count;
}

int64_t onnx_stored(const struct onnx_value *v, size_t i)
{
	int64_t integer = 0;

	(void)int_stored(v, i, &integer);
	return integer;
}

double onnx_real(const struct onnx_value *v, size_t i)
{
	size_t c = 0;

	if (!v->quant.scale)
		return real_stored(v, i);
	c = quant_index(v, i);
	return (double)((float)(onnx_stored(v, i) - v->quant.zero[c]) *
			v->quant.scale[c]);
}

int64_t onnx_int(const struct onnx_value *v, size_t i)
{
	int64_t integer = 0;
	double d = 0;

	if (!v->quant.scale && int_stored(v, i, &integer))
		return integer;
	d = onnx_real(v, i);
	return d > -9e18 && d < 9e18 ? (int64_t)d : 0;
}

enum onnx_type onnx_made_type(const struct onnx_value *v)
{
	return v->quant.scale || v->type == ONNX_FLOAT16 ||
			       v->type == ONNX_BFLOAT16 ?
		       ONNX_FLOAT :
		       v->type;
}

static bool is_real(enum onnx_type type)
{
	return type == ONNX_FLOAT || type == ONNX_DOUBLE;
}

bool onnx_same_type(const struct onnx_value *a, const struct onnx_value *b)
{
	enum onnx_type l = onnx_made_type(a), r = onnx_made_type(b);

	return l == r || (is_real(l) && is_real(r));
}

bool onnx_is_integer(const struct onnx_value *v)
{
	return !is_real(onnx_made_type(v));
}

/* ---- Messages. All functions below return false with *e set. */

static bool fail_damaged(struct enc_error *e, const char *message)
{
	return enc_fail(e, ENC_ERR_FORMAT, "damaged ONNX file: %s", message);
}

static bool fail_pool(struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_LIMIT,
			"the ONNX model is larger than this program accepts");
}

static struct onnx_str field_str(const struct onnx_field *f)
{
	struct onnx_str s = { "", 0 };

	if (f->type == ONNX_BYTES)
		s = (struct onnx_str){ (const char *)f->bytes.at,
				       f->bytes.left };
	return s;
}

static float field_float(uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float f = 0;

	memcpy(&f, &low, sizeof(f));
	return f;
}

/* The next number of a field that may be packed. */
static bool next_number(struct onnx_field *f, enum onnx_wire_type type,
			uint64_t *value)
{
	if (f->type == ONNX_BYTES) {
		if (type == ONNX_VARINT)
			return onnx_wire_varint(&f->bytes, value);
		return onnx_wire_fixed(&f->bytes, type == ONNX_FIXED32 ? 4 : 8,
				       value);
	}
	if (f->type != type)
		return false;
	*value = f->value;
	f->type = ONNX_BYTES;
	f->bytes = (struct onnx_wire){ .left = 0 };
	return true;
}

static bool tensor_dims(struct onnx_value *v, struct onnx_field *f)
{
	uint64_t n = 0;

	while (next_number(f, ONNX_VARINT, &n)) {
		if (v->shape.rank == GRAPH_RANK_MAX || n > NN_ELEMENTS_MAX)
			return false;
		v->shape.dims[v->shape.rank++] = (uint32_t)n;
	}
	return !f->bytes.bad;
}

/* How a field of TensorProto stores numbers of a type. */
static bool tensor_field(enum onnx_type type, uint32_t number,
			 enum onnx_wire_type *wire)
{
	*wire = number == 4  ? ONNX_FIXED32 :
		number == 10 ? ONNX_FIXED64 :
			       ONNX_VARINT;
	if (number == 4)
		return type == ONNX_FLOAT;
	if (number == 7)
		return type == ONNX_INT64;
	if (number == 10)
		return type == ONNX_DOUBLE;
	return type != ONNX_FLOAT && type != ONNX_INT64 && type != ONNX_DOUBLE;
}

/* Numbers of float_data, int32_data, int64_data and double_data. */
static bool tensor_numbers(struct onnx_value *v, struct onnx_wire w,
			   uint8_t *data, size_t count)
{
	struct onnx_field f;
	enum onnx_wire_type wire = ONNX_VARINT;
	size_t size = onnx_type_size(v->type);
	uint64_t bits = 0;
	size_t n = 0;

	while (onnx_wire_next(&w, &f)) {
		if (f.number != 4 && f.number != 5 && f.number != 7 &&
		    f.number != 10)
			continue;
		if (!tensor_field(v->type, f.number, &wire))
			return false;
		while (next_number(&f, wire, &bits)) {
			if (n == count)
				return false;
			memcpy(data + n++ * size, &bits, size);
		}
		if (f.bytes.bad)
			return false;
	}
	return n == count;
}

static bool tensor_fail(const struct onnx_value *v, struct enc_error *e,
			const char *message)
{
	char name[64] = "";

	memcpy(name, v->name.at, v->name.len < 63 ? v->name.len : 63);
	enc_printable(name);
	return enc_fail(e, ENC_ERR_FORMAT, "tensor '%s': %s", name, message);
}

static bool tensor_data(struct onnx_model *m, struct onnx_value *v,
			struct onnx_wire w, const struct onnx_field *raw,
			struct enc_error *e)
{
	size_t size = onnx_type_size(v->type);
	size_t count = 0;
	uint8_t *data = NULL;

	if (!size)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"a tensor has element type %d; FLOAT, FLOAT16, "
				"BFLOAT16, DOUBLE, INT8, UINT8, INT32, INT64 "
				"and BOOL are accepted",
				(int)v->type);
	if (!onnx_count(&v->shape, &count))
		return tensor_fail(v, e, "too many elements");
	if (raw->number) {
		if (raw->bytes.left != count * size)
			return tensor_fail(v, e,
					   "raw_data does not have the "
					   "bytes of its shape");
		v->data = raw->bytes.at;
		return true;
	}
	/* Every number needs a byte of the file at least. */
	if (count > w.left)
		return tensor_fail(v, e, "fewer elements than its shape has");
	data = onnx_alloc(&m->pool, count, size);
	if (!data)
		return fail_pool(e);
	v->data = data;
	return tensor_numbers(v, w, data, count) ||
	       tensor_fail(v, e, "other elements than its shape and type say");
}

/* TensorProto. */
static bool tensor_read(struct onnx_model *m, struct onnx_value *v,
			struct onnx_wire w, struct enc_error *e)
{
	struct onnx_field f, raw = { .number = 0 };
	struct onnx_wire all = w;
	bool external = false, ok = true;

	while (ok && onnx_wire_next(&w, &f)) {
		if (f.number == 1)
			ok = tensor_dims(v, &f);
		else if (f.number == 2)
			v->type = (enum onnx_type)(f.value & 0xffff);
		else if (f.number == 3)
			ok = false;
		else if (f.number == 8)
			v->name = field_str(&f);
		else if (f.number == 9 && f.type == ONNX_BYTES)
			raw = f;
		else if (f.number == 13 || (f.number == 14 && f.value))
			external = true;
	}
	v->known = true;
	if (!ok || w.bad)
		return tensor_fail(v, e, "not a tensor");
	if (external) {
		tensor_fail(v, e, "its data is in another file");
		return enc_hint(e, "save the model with its weights inside "
				   "(save_as_external_data=False)");
	}
	return tensor_data(m, v, all, &raw, e);
}

static bool attr_lists(struct onnx_model *m, struct onnx_attr *a,
		       struct onnx_wire w)
{
	struct onnx_field f;
	int64_t *ints = onnx_alloc(&m->pool, w.left, sizeof(*ints));
	float *floats = onnx_alloc(&m->pool, w.left / 4, sizeof(*floats));
	uint64_t bits = 0;

	if (!ints || !floats)
		return false;
	a->ints = ints;
	a->floats = floats;
	while (onnx_wire_next(&w, &f)) {
		if (f.number == 7) {
			while (next_number(&f, ONNX_FIXED32, &bits))
				floats[a->float_count++] = field_float(bits);
		} else if (f.number == 8) {
			while (next_number(&f, ONNX_VARINT, &bits))
				ints[a->int_count++] = (int64_t)bits;
		}
		if (f.bytes.bad)
			return false;
	}
	return true;
}

/* AttributeProto. */
static bool attr_read(struct onnx_model *m, struct onnx_attr *a,
		      struct onnx_wire w, struct enc_error *e)
{
	struct onnx_wire all = w;
	struct onnx_field f;
	bool lists = false;

	a->name = a->s = (struct onnx_str){ "", 0 };
	while (onnx_wire_next(&w, &f)) {
		if (f.number == 1)
			a->name = field_str(&f);
		else if (f.number == 2)
			a->f = field_float(f.value);
		else if (f.number == 3)
			a->i = (int64_t)f.value;
		else if (f.number == 4)
			a->s = field_str(&f);
		else if (f.number == 7 || f.number == 8)
			lists = true;
		else if (f.number == 5 && f.type == ONNX_BYTES && !a->tensor) {
			a->tensor = onnx_alloc(&m->pool, 1, sizeof(*a->tensor));
			if (!a->tensor)
				return fail_pool(e);
			a->tensor->name = a->name;
			if (!tensor_read(m, a->tensor, f.bytes, e))
				return false;
		} else if (f.number == 9 && a->string_count < ONNX_STRINGS) {
			a->strings[a->string_count++] = field_str(&f);
		} else if (f.number != 13 && f.number != 20) {
			a->other = true;
		}
	}
	if (w.bad)
		return fail_damaged(e, "an attribute");
	return !lists || attr_lists(m, a, all) ||
	       fail_damaged(e, "an attribute's numbers");
}

static int names_compare(const void *a, const void *b)
{
	const struct onnx_str *l = a, *r = b;
	int order = memcmp(l->at, r->at, l->len < r->len ? l->len : r->len);

	return order ? order : (l->len > r->len) - (l->len < r->len);
}

/* The value with this name, which names_read() has seen. */
static uint32_t value_find(const struct onnx_model *m, struct onnx_str name)
{
	const struct onnx_str *at = bsearch(&name, m->names, m->value_count,
					    sizeof(name), names_compare);

	return at ? (uint32_t)(at - m->names) : ONNX_ABSENT;
}

static uint32_t value_named(struct onnx_model *m, const struct onnx_field *f)
{
	struct onnx_str name = field_str(f);

	return name.len ? value_find(m, name) : ONNX_ABSENT;
}

/* NodeProto; its arrays are large enough. */
static bool node_fields(struct onnx_model *m, struct onnx_node *n,
			struct onnx_wire w, struct enc_error *e)
{
	struct onnx_field f;

	while (onnx_wire_next(&w, &f)) {
		if (f.number == 1)
			n->in[n->in_count++] = value_named(m, &f);
		else if (f.number == 2)
			n->out[n->out_count++] = value_named(m, &f);
		else if (f.number == 3)
			n->name = field_str(&f);
		else if (f.number == 4)
			n->op = field_str(&f);
		else if (f.number == 5 &&
			 !attr_read(m, &n->attrs[n->attr_count++], f.bytes, e))
			return false;
		else if (f.number == 7)
			n->domain = field_str(&f);
	}
	return !w.bad || fail_damaged(e, "a node");
}

static bool node_read(struct onnx_model *m, struct onnx_node *n,
		      struct onnx_wire w, struct enc_error *e)
{
	n->in = onnx_alloc(&m->pool, onnx_wire_count(w, 1) + 1, sizeof(*n->in));
	n->out = onnx_alloc(&m->pool, onnx_wire_count(w, 2) + 1,
			    sizeof(*n->out));
	n->attrs = onnx_alloc(&m->pool, onnx_wire_count(w, 5) + 1,
			      sizeof(*n->attrs));
	n->name = n->op = n->domain = (struct onnx_str){ "", 0 };
	if (!n->in || !n->out || !n->attrs)
		return fail_pool(e);
	if (!node_fields(m, n, w, e))
		return false;
	return n->out_count || fail_damaged(e, "a node without an output");
}

/* TensorShapeProto. */
static bool shape_read(struct onnx_input *in, struct onnx_wire w)
{
	struct onnx_field f, d;

	in->has_shape = true;
	while (onnx_wire_next(&w, &f)) {
		struct onnx_size *s = &in->dims[in->rank];

		if (f.number != 1)
			continue;
		if (in->rank == GRAPH_RANK_MAX)
			return false;
		*s = (struct onnx_size){ .name = { "", 0 } };
		while (onnx_wire_next(&f.bytes, &d)) {
			if (d.number == 1)
				s->value = (int64_t)d.value;
			else if (d.number == 2)
				s->name = field_str(&d);
		}
		if (f.bytes.bad)
			return false;
		in->rank++;
	}
	return !w.bad;
}

/* TypeProto: a tensor; the type is 0 if it is something else. */
static bool type_read(struct onnx_input *in, enum onnx_type *type,
		      struct onnx_wire w)
{
	struct onnx_field f, t;

	while (onnx_wire_next(&w, &f)) {
		if (f.number != 1)
			continue;
		while (onnx_wire_next(&f.bytes, &t)) {
			if (t.number == 1)
				*type = (enum onnx_type)(t.value & 0xffff);
			else if (t.number == 2 && !shape_read(in, t.bytes))
				return false;
		}
		if (f.bytes.bad)
			return false;
	}
	return !w.bad;
}

/* ValueInfoProto. */
static bool input_read(struct onnx_model *m, struct onnx_input *in,
		       struct onnx_wire w, bool output, struct enc_error *e)
{
	struct onnx_field f;
	enum onnx_type type = (enum onnx_type)0;
	struct onnx_str name = { "", 0 };
	bool ok = true;

	while (ok && onnx_wire_next(&w, &f)) {
		if (f.number == 1)
			name = field_str(&f);
		else if (f.number == 2 && !output)
			ok = type_read(in, &type, f.bytes);
	}
	if (!ok || w.bad || !name.len)
		return fail_damaged(e, "an input or output");
	in->value = value_find(m, name);
	if (!output && !m->values[in->value].data)
		m->values[in->value].type = type;
	return true;
}

static bool graph_initializer(struct onnx_model *m, const struct onnx_field *f,
			      struct enc_error *e)
{
	struct onnx_value t = { .name = { "", 0 },
				.place = GRAPH_NONE,
				.other = GRAPH_NONE,
				.maker = ONNX_ABSENT };
	uint32_t index = 0;

	if (!tensor_read(m, &t, f->bytes, e))
		return false;
	if (!t.name.len)
		return fail_damaged(e, "a weight without a name");
	index = value_find(m, t.name);
	if (m->values[index].data)
		return tensor_fail(&t, e, "two weights have this name");
	m->values[index] = t;
	return true;
}

static bool graph_field(struct onnx_model *m, const struct onnx_field *f,
			struct enc_error *e)
{
	struct onnx_input out = { .value = 0 };

	switch (f->number) {
	case 1:
		return node_read(m, &m->nodes[m->node_count++], f->bytes, e);
	case 5:
		return graph_initializer(m, f, e);
	case 11:
		return input_read(m, &m->inputs[m->input_count++], f->bytes,
				  false, e);
	case 12:
		if (!input_read(m, &out, f->bytes, true, e))
			return false;
		m->outputs[m->output_count++] = out.value;
		return true;
	case 15:
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"the model has sparse tensors; only dense "
				"ones are accepted");
	default:
		return true;
	}
}

/* The texts in fields a and b of a message: their number, and to *names. */
static size_t texts_read(struct onnx_wire w, uint32_t a, uint32_t b,
			 struct onnx_str *names)
{
	struct onnx_field f;
	size_t n = 0;

	while (onnx_wire_next(&w, &f)) {
		if (f.number != a && f.number != b)
			continue;
		if (names)
			names[n] = field_str(&f);
		n++;
	}
	return n;
}

/* Names in a graph: around nodes, of weights, of inputs and outputs. */
static size_t names_read(struct onnx_wire w, struct onnx_str *names)
{
	struct onnx_field f;
	size_t n = 0;

	while (onnx_wire_next(&w, &f)) {
		struct onnx_str *to = names ? names + n : NULL;

		if (f.number == 1)
			n += texts_read(f.bytes, 1, 2, to);
		else if (f.number == 5)
			n += texts_read(f.bytes, 8, 8, to);
		else if (f.number == 11 || f.number == 12)
			n += texts_read(f.bytes, 1, 1, to);
	}
	return n;
}

/* A value for each name. They are sorted: no file makes the search slow. */
static bool values_alloc(struct onnx_model *m, struct onnx_wire w, size_t max)
{
	struct onnx_str *names = onnx_alloc(&m->pool, max + 1, sizeof(*names));

	if (!names)
		return false;
	names_read(w, names);
	qsort(names, max, sizeof(*names), names_compare);
	for (size_t i = 0; i < max; i++) {
		if (!i || names_compare(&names[i], &names[m->value_count - 1]))
			names[m->value_count++] = names[i];
	}
	m->names = names;
	m->values =
		onnx_alloc(&m->pool, m->value_count + 1, sizeof(*m->values));
	for (size_t i = 0; m->values && i < m->value_count; i++)
		m->values[i] = (struct onnx_value){ .name = names[i],
						    .place = GRAPH_NONE,
						    .other = GRAPH_NONE,
						    .maker = ONNX_ABSENT };
	return m->values;
}

static bool graph_alloc(struct onnx_model *m, struct onnx_wire w,
			struct enc_error *e)
{
	size_t nodes = onnx_wire_count(w, 1);
	size_t inputs = onnx_wire_count(w, 11);
	size_t outputs = onnx_wire_count(w, 12);
	size_t names = names_read(w, NULL);

	if (nodes > 4 * GRAPH_NODES_MAX || inputs > INPUTS_MAX ||
	    outputs > NN_INPUTS_MAX || names > 16 * GRAPH_VALUES_MAX)
		return enc_fail(
			e, ENC_ERR_LIMIT,
			"the ONNX graph has %zu node%s and %zu output%s; "
			"%u and %u are accepted",
			nodes, enc_s(nodes), outputs, enc_s(outputs),
			4 * GRAPH_NODES_MAX, NN_INPUTS_MAX);
	m->nodes = onnx_alloc(&m->pool, nodes + 1, sizeof(*m->nodes));
	m->inputs = onnx_alloc(&m->pool, inputs + 1, sizeof(*m->inputs));
	m->outputs = onnx_alloc(&m->pool, outputs + 1, sizeof(*m->outputs));
	return (m->nodes && m->inputs && m->outputs &&
		values_alloc(m, w, names)) ||
	       fail_pool(e);
}

/* GraphProto. */
static bool graph_read(struct onnx_model *m, struct onnx_wire w,
		       struct enc_error *e)
{
	struct onnx_field f;

	if (!graph_alloc(m, w, e))
		return false;
	while (onnx_wire_next(&w, &f)) {
		if (!graph_field(m, &f, e))
			return false;
	}
	return !w.bad || fail_damaged(e, "the graph");
}

/* OperatorSetIdProto: the version of the default domain. */
static void opset_read(struct onnx_model *m, struct onnx_wire w)
{
	struct onnx_str domain = { "", 0 };
	struct onnx_field f;
	int64_t version = 0;

	while (onnx_wire_next(&w, &f)) {
		if (f.number == 1)
			domain = field_str(&f);
		else if (f.number == 2)
			version = (int64_t)f.value;
	}
	if (!domain.len || onnx_is(domain, "ai.onnx"))
		m->opset = version;
}

/* ModelProto. */
bool onnx_model_read(struct onnx_model *m, const uint8_t *file, size_t len,
		     struct enc_error *e)
{
	struct onnx_wire w = { .at = file, .left = len };
	struct onnx_wire graph = { .at = NULL };
	struct onnx_field f;

	memset(m, 0, sizeof(*m));
	m->pool.left = (64u << 20) + 16 * len;
	while (onnx_wire_next(&w, &f)) {
		if (f.number == 7 && f.type == ONNX_BYTES)
			graph = f.bytes;
		else if (f.number == 8 && f.type == ONNX_BYTES)
			opset_read(m, f.bytes);
	}
	if (w.bad || !graph.at) {
		enc_fail(e, ENC_ERR_FORMAT, "damaged, or not an ONNX model");
		return enc_hint(e, "export or copy it again");
	}
	if (m->opset < OPSET_MIN || m->opset > OPSET_MAX)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"the model uses operator set %lld; %d to %d "
				"are accepted",
				(long long)m->opset, OPSET_MIN, OPSET_MAX);
	return graph_read(m, graph, e);
}

void onnx_model_free(struct onnx_model *m)
{
	while (m->pool.blocks) {
		struct onnx_block *b = m->pool.blocks;

		m->pool.blocks = b->next;
		free(b);
	}
}
