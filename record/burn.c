/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: the record is a fixed sequence of fields, and `step` names the
 * next one. Small fields are gathered in `field` until they are complete, and
 * then judged. Tensor data go straight to their place among the parameters, in
 * the order of the engine. The network determines all lengths: lengths in the
 * record are compared, and never used.
 */
#include "burn.h"

#include <string.h>

#include "nn/choose.h"
#include "nn/pack.h"
#include "nn/reveal.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "tensor data are stored as they come: little endian");

enum step {
	STEP_META_SIZE,
	STEP_META,
	STEP_OPTION,
	STEP_ID_SIZE,
	STEP_ID,
	STEP_DATA_SIZE,
	STEP_DATA,
	STEP_RANK,
	STEP_DIM,
	STEP_DTYPE,
	STEP_CONSTANT,
	STEP_END,
	STEP_REFUSED
};

#define DTYPE_F32 1

static const char *const meta_float = "f32";
static const char *const meta_int = "i32";
static const char *const meta_settings = "FullPrecisionSettings";
static const char *const meta_formats[] = {
	"burn_core::record::memory::BinBytesRecorder<"
	"burn_core::record::settings::FullPrecisionSettings>",
	"burn_core::record::file::BinFileRecorder<"
	"burn_core::record::settings::FullPrecisionSettings>",
};

/*
 * Bytes apart from tensor data: metadata; id, lengths, shape, type of a tensor.
 */
#define META_MAX   256
#define TENSOR_MAX 64

size_t record_burn_max_size(const struct nn_arch *arch)
{
	return META_MAX + arch->layer_count * 2 * TENSOR_MAX +
	       nn_param_count(arch) * sizeof(float);
}

static bool is_bias(const struct record_burn *r)
{
	return r->tensor % 2;
}

static const struct nn_layer *layer_of(const struct record_burn *r)
{
	return &r->arch->layers[r->tensor / 2];
}

static size_t tensor_values(const struct record_burn *r)
{
	const struct nn_layer *layer = layer_of(r);

	return is_bias(r) ? layer->out : (size_t)layer->in * layer->out;
}

/* Weight: (in, out); bias: (out). */
static uint64_t tensor_dim(const struct record_burn *r, uint32_t index)
{
	const struct nn_layer *layer = layer_of(r);

	return is_bias(r) || index == 1 ? layer->out : layer->in;
}

static void go(struct record_burn *r, enum step step, size_t size)
{
	r->step = step;
	r->size = size;
	r->have = 0;
	r->start = r->offset;
}

static void refuse(struct record_burn *r, enum record_burn_error error,
		   uint64_t got, uint64_t want)
{
	r->report.error = error;
	r->report.offset = r->start;
	r->report.tensor = r->tensor;
	r->report.got = got;
	r->report.want = want;
	r->step = STEP_REFUSED;
}

void record_burn_begin(struct record_burn *r, const struct nn_arch *arch,
		       float *params)
{
	memset(r, 0, sizeof(*r));
	r->arch = arch;
	r->params = params;
	go(r, STEP_META_SIZE, 1);
}

/*
 * Takes a varint of bincode: one byte up to 250, or a marker and 2, 4 or 8
 * bytes. The first call finds the first byte in `field`, and asks for more
 * bytes by raising `size`. True: *value is complete. Refuses encodings that
 * bincode would not write.
 */
static bool take_varint(struct record_burn *r, uint64_t *value)
{
	const uint8_t first = r->field[0];
	uint64_t v = 0;
	uint64_t least = 0;

	if (first <= 250) {
		*value = first;
		return true;
	}
	if (first > 253) {
		refuse(r, RECORD_BURN_VARINT, first, 0);
		return false;
	}
	r->size = 1 + ((size_t)2 << (first - 251));
	if (r->have < r->size)
		return false;

	for (size_t i = r->size - 1; i > 0; i--)
		v = v << 8 | r->field[i];
	least = first == 251 ? 251 : (uint64_t)1 << 8 * ((r->size - 1) / 2);
	if (v < least) {
		refuse(r, RECORD_BURN_VARINT, first, 0);
		return false;
	}
	*value = v;
	return true;
}

static bool field_is(const struct record_burn *r, const char *text)
{
	return strlen(text) == r->size && !memcmp(r->field, text, r->size);
}

static bool in_range(uint8_t c, char low, char high)
{
	return c >= (uint8_t)low && c <= (uint8_t)high;
}

/* "0.14" to "0.21", a dot, and the name of the patch release. */
static bool is_version(const struct record_burn *r)
{
	const uint8_t *t = r->field;
	uint32_t minor = 0;

	if (r->size < 6 || t[0] != '0' || t[1] != '.' || t[4] != '.' ||
	    !in_range(t[2], '0', '9') || !in_range(t[3], '0', '9'))
		return false;
	for (size_t i = 5; i < r->size; i++) {
		if (!in_range(t[i], '0', '9') && !in_range(t[i], 'a', 'z') &&
		    t[i] != '.' && t[i] != '-' && t[i] != '+')
			return false;
	}
	minor = (uint32_t)(t[2] - '0') * 10 + (uint32_t)(t[3] - '0');
	return minor >= 14 && minor <= 21;
}

static void take_meta(struct record_burn *r)
{
	enum record_burn_error error = RECORD_BURN_META;
	bool ok = false;

	switch (r->index) {
	case RECORD_META_FLOAT:
		ok = field_is(r, meta_float);
		break;
	case RECORD_META_INT:
		ok = field_is(r, meta_int);
		break;
	case RECORD_META_FORMAT:
		ok = field_is(r, meta_formats[0]) ||
		     field_is(r, meta_formats[1]);
		break;
	case RECORD_META_VERSION:
		error = RECORD_BURN_VERSION;
		ok = is_version(r);
		break;
	default:
		ok = field_is(r, meta_settings);
		break;
	}
	if (!ok) {
		r->report.field = (enum record_burn_meta)r->index;
		memcpy(r->report.text, r->field, r->size);
		r->report.text[r->size] = '\0';
		refuse(r, error, 0, 0);
		return;
	}
	r->index++;
	if (r->index < RECORD_META_COUNT)
		go(r, STEP_META_SIZE, 1);
	else
		go(r, STEP_ID_SIZE, 1);
}

/* Value of a base 32 digit (0-9, a-v), or 32. */
static uint32_t base32(uint8_t c)
{
	if (in_range(c, '0', '9'))
		return (uint32_t)(c - '0');
	if (in_range(c, 'a', 'v'))
		return (uint32_t)(c - 'a') + 10;
	return 32;
}

static bool is_uuid(const uint8_t *t)
{
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? t[i] != '-' :
			   !in_range(t[i], '0', '9') &&
				    !in_range(t[i], 'a', 'f'))
			return false;
	}
	return true;
}

/*
 * An id: 8 bytes in 13 digits, or 6 bytes in 10 (older Burn), spare bits 0; or
 * a UUID (Burn 0.14).
 */
static bool is_id(const struct record_burn *r)
{
	uint32_t spare = r->size == 13 ? 1 : 3;

	if (r->size == 36)
		return is_uuid(r->field);
	for (size_t i = 0; i < r->size; i++) {
		if (base32(r->field[i]) > 31)
			return false;
	}
	return !(base32(r->field[r->size - 1]) & spare);
}

static void next_tensor(struct record_burn *r)
{
	if (is_bias(r))
		r->layer += nn_packed_layer(layer_of(r));
	r->tensor++;
	if (r->tensor == 2 * r->arch->layer_count)
		go(r, STEP_CONSTANT, 1);
	else if (is_bias(r))
		go(r, STEP_OPTION, 1);
	else
		go(r, STEP_ID_SIZE, 1);
}

/*
 * Address of value i; *run is the number of values stored consecutively from
 * there.
 */
static float *value_at(const struct record_burn *r, size_t i, size_t *run)
{
	size_t at = is_bias(r) ? nn_packed_bias(layer_of(r), i, run) :
				 nn_packed_weight(layer_of(r), i, run);

	return r->params + r->layer + at;
}

static uint32_t bits_of(const void *value)
{
	uint32_t bits = 0;

	memcpy(&bits, value, sizeof(bits));
	return bits;
}

/* Copies `count` values and checks all of them alike. */
static inline __attribute__((always_inline)) uint32_t
copy_values(float *to, const uint8_t *from, size_t count)
{
	uint32_t any = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t bits = bits_of(from + i * sizeof(*to));

		any |= nn_not_finite(bits);
		memcpy(to + i, &bits, sizeof(bits));
	}
	return any;
}

/* Stores `count` whole values of the tensor, from value i on. */
static void put_values(struct record_burn *r, size_t i, const uint8_t *data,
		       size_t count)
{
	while (count) {
		size_t run = 0;
		float *to = value_at(r, i, &run);

		if (run > count)
			run = count;
		if (run == NN_TILE)
			r->not_finite |= copy_values(to, data, NN_TILE);
		else
			r->not_finite |= copy_values(to, data, run);
		i += run;
		data += run * sizeof(*to);
		count -= run;
	}
}

/*
 * Takes the next bytes of tensor data; a value in pieces is gathered in
 * `field`.
 */
static void take_data(struct record_burn *r, const uint8_t *data, size_t len)
{
	size_t have = r->have;

	while (len && (have % sizeof(float) || len < sizeof(float))) {
		r->field[have++ % sizeof(float)] = *data++;
		len--;
		if (have % sizeof(float) == 0)
			put_values(r, have / sizeof(float) - 1, r->field, 1);
	}
	put_values(r, have / sizeof(float), data, len / sizeof(float));
	data += len / sizeof(float) * sizeof(float);
	memcpy(r->field, data, len % sizeof(float));
}

/*
 * Refuses a tensor with an infinity or a NaN. This reveals whether there is
 * one, and if so, the position of the first.
 */
static void check_values(struct record_burn *r)
{
	size_t run = 0;
	size_t i = 0;

	if (!NN_REVEAL(r->not_finite >> 31))
		return;
	while (!NN_REVEAL(nn_not_finite(bits_of(value_at(r, i, &run))) >> 31))
		i++;
	r->start += i * sizeof(float);
	refuse(r, RECORD_BURN_VALUE, i, 0);
}

static void take_dim(struct record_burn *r, uint64_t value)
{
	uint32_t rank = is_bias(r) ? 1 : 2;
	bool ok = true;

	r->report.shape[r->index] = value;
	r->index++;
	if (r->index < rank) {
		uint64_t shape_start = r->start;

		go(r, STEP_DIM, 1);
		r->start = shape_start;
		return;
	}
	for (uint32_t i = 0; i < rank; i++)
		ok &= r->report.shape[i] == tensor_dim(r, i);
	if (!ok)
		refuse(r, RECORD_BURN_SHAPE, 0, 0);
	else
		go(r, STEP_DTYPE, 1);
}

static void take_number(struct record_burn *r, uint64_t value)
{
	uint64_t want = 0;

	switch (r->step) {
	case STEP_META_SIZE:
		if (value < 1 || value > RECORD_BURN_TEXT_MAX) {
			r->report.field = (enum record_burn_meta)r->index;
			refuse(r, RECORD_BURN_META, value, 0);
			return;
		}
		go(r, STEP_META, (size_t)value);
		break;
	case STEP_ID_SIZE:
		if (value != 10 && value != 13 && value != 36) {
			refuse(r, RECORD_BURN_ID, value, 0);
			return;
		}
		go(r, STEP_ID, (size_t)value);
		break;
	case STEP_DATA_SIZE:
		want = tensor_values(r) * sizeof(float);
		if (value != want) {
			refuse(r, RECORD_BURN_SIZE, value, want);
			return;
		}
		r->not_finite = 0;
		go(r, STEP_DATA, (size_t)want);
		break;
	case STEP_RANK:
		want = is_bias(r) ? 1 : 2;
		if (value != want) {
			refuse(r, RECORD_BURN_RANK, value, want);
			return;
		}
		r->index = 0;
		go(r, STEP_DIM, 1);
		break;
	case STEP_DIM:
		take_dim(r, value);
		break;
	default:
		if (value != DTYPE_F32)
			refuse(r, RECORD_BURN_DTYPE, value, DTYPE_F32);
		else
			next_tensor(r);
		break;
	}
}

/* The current field is complete: judges it and goes to the next. */
static void take_field(struct record_burn *r)
{
	uint64_t value = 0;

	switch (r->step) {
	case STEP_META:
		take_meta(r);
		break;
	case STEP_OPTION:
		if (r->field[0] == 0)
			refuse(r, RECORD_BURN_NO_BIAS, 0, 1);
		else if (r->field[0] != 1)
			refuse(r, RECORD_BURN_OPTION, r->field[0], 1);
		else
			go(r, STEP_ID_SIZE, 1);
		break;
	case STEP_ID:
		if (is_id(r))
			go(r, STEP_DATA_SIZE, 1);
		else
			refuse(r, RECORD_BURN_ID, r->size, 0);
		break;
	case STEP_DATA:
		check_values(r);
		if (r->step != STEP_REFUSED)
			go(r, STEP_RANK, 1);
		break;
	case STEP_CONSTANT:
		if (r->field[0])
			refuse(r, RECORD_BURN_CONSTANT, r->field[0], 0);
		else
			go(r, STEP_END, 0);
		break;
	default:
		if (take_varint(r, &value))
			take_number(r, value);
		break;
	}
}

enum record_burn_error record_burn_push(struct record_burn *r,
					const uint8_t *data, size_t len)
{
	while (len && r->step != STEP_REFUSED) {
		size_t take = r->size - r->have < len ? r->size - r->have : len;

		if (r->step == STEP_END) {
			refuse(r, RECORD_BURN_TRAILING, 0, 0);
			break;
		}
		if (r->step == STEP_DATA)
			take_data(r, data, take);
		else
			memcpy(r->field + r->have, data, take);
		r->have += take;
		r->offset += take;
		data += take;
		len -= take;
		if (r->have == r->size)
			take_field(r);
	}
	return r->report.error;
}

enum record_burn_error record_burn_end(struct record_burn *r)
{
	if (r->step != STEP_END && r->step != STEP_REFUSED) {
		r->start = r->offset;
		refuse(r, RECORD_BURN_SHORT, r->offset, 0);
	}
	return r->report.error;
}
