/* SPDX-License-Identifier: Apache-2.0 */
#include "burn.h"

#include <string.h>

#include "nn/pack.h"

const uint64_t record_burn_ids[8] = {
	0x78b271d1137d63a2, 0x9b37e8fba3a8dfea, 0x2e0939371f1e475e,
	0xeb9080fc17da4352, 0xc91f7ae421f37cca, 0x3f251bc3ab32d0bf,
	0x31c4b4d51f526350, 0x00ecb4e1fed3cdf2,
};

struct writer {
	record_sink sink;
	void *ctx;
	bool ok;
};

static void put(struct writer *w, const void *data, size_t len)
{
	w->ok = w->ok && w->sink(w->ctx, data, len);
}

static void put_byte(struct writer *w, uint8_t byte)
{
	put(w, &byte, 1);
}

/* Writes a varint of bincode in its shortest form. */
static void put_varint(struct writer *w, uint64_t v)
{
	uint8_t bytes[9] = { 0 };
	size_t len = 0;

	if (v <= 250) {
		put_byte(w, (uint8_t)v);
		return;
	}
	if (v <= UINT16_MAX) {
		bytes[0] = 251;
		len = 2;
	} else if (v <= UINT32_MAX) {
		bytes[0] = 252;
		len = 4;
	} else {
		bytes[0] = 253;
		len = 8;
	}
	for (size_t i = 0; i < len; i++)
		bytes[1 + i] = (uint8_t)(v >> 8 * i);
	put(w, bytes, 1 + len);
}

static void put_text(struct writer *w, const char *text)
{
	put_varint(w, strlen(text));
	put(w, text, strlen(text));
}

/*
 * Writes an id: its bytes, lowest first, in base 32: 13 digits, highest bit
 * first.
 */
static void put_id(struct writer *w, uint64_t id)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	char text[14] = { 0 };
	uint64_t bits = __builtin_bswap64(id);

	for (size_t i = 0; i < 12; i++)
		text[i] = digits[bits >> (59 - 5 * i) & 31];
	text[12] = digits[bits << 1 & 31];
	put_text(w, text);
}

typedef size_t (*locate)(const struct nn_layer *layer, size_t i, size_t *run);

static void put_values(struct writer *w, const struct nn_layer *layer,
		       const float *packed, uint64_t count, locate where)
{
	size_t run = 0;

	put_varint(w, count * sizeof(float));
	for (size_t i = 0; i < count; i += run) {
		const float *values = packed + where(layer, i, &run);

		put(w, values, run * sizeof(float));
	}
}

static void put_weight(struct writer *w, const struct nn_layer *layer,
		       const float *packed)
{
	put_values(w, layer, packed, (uint64_t)layer->in * layer->out,
		   nn_packed_weight);
	put_varint(w, 2);
	put_varint(w, layer->in);
	put_varint(w, layer->out);
	put_byte(w, 1); /* F32 */
}

static void put_bias(struct writer *w, const struct nn_layer *layer,
		     const float *packed)
{
	put_values(w, layer, packed, layer->out, nn_packed_bias);
	put_varint(w, 1);
	put_varint(w, layer->out);
	put_byte(w, 1); /* F32 */
}

bool record_burn_write(const struct nn_arch *arch, const float *packed,
		       const uint64_t *ids, record_sink sink, void *ctx)
{
	struct writer w = { .sink = sink, .ctx = ctx, .ok = true };

	put_text(&w, "f32");
	put_text(&w, "i32");
	put_text(&w, "burn_core::record::memory::BinBytesRecorder<"
		     "burn_core::record::settings::FullPrecisionSettings>");
	put_text(&w, "0.17.0");
	put_text(&w, "FullPrecisionSettings");
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];

		put_id(&w, ids[2 * l]);
		put_weight(&w, layer, packed);
		put_byte(&w, 1); /* Some(bias) */
		put_id(&w, ids[2 * l + 1]);
		put_bias(&w, layer, packed);
		packed += nn_packed_layer(layer);
	}
	put_byte(&w, 0); /* dropout, a constant */
	return w.ok;
}
