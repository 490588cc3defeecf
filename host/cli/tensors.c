/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "nn/op.h"

#define NPY_END ".npy"

static const enum enc_npy_type npy_types[] = {
	[NN_F32] = ENC_NPY_F32,
	[NN_INT8] = ENC_NPY_INT8,
	[NN_UINT8] = ENC_NPY_UINT8,
	[NN_INT32] = ENC_NPY_INT32,
};

/* --- Samples ----------------------------------------------------------- */

static void npy_shape(const struct enc_npy *npy, char text[160])
{
	size_t len = 0;

	for (uint32_t d = 0; d < npy->rank; d++)
		len += (size_t)snprintf(text + len, 160 - len, "%s%" PRIu64,
					d ? " x " : "", npy->dims[d]);
}

static bool has_shape(const struct enc_npy *npy, const struct nn_tensor *t)
{
	bool ok = npy->rank == t->rank + 1u;

	for (uint32_t d = 0; ok && d < t->rank; d++)
		ok = npy->dims[d + 1] == t->dims[d];
	return ok;
}

static bool check(const char *path, const struct enc_npy *npy,
		  const struct nn_tensor *t, struct enc_error *e)
{
	const bool quantised = t->type == NN_INT8 && npy->type == ENC_NPY_F32;
	char have[160] = "";
	char want[CLI_SHAPE_TEXT] = "";

	npy_shape(npy, have);
	cli_shape(t, want);
	if (!has_shape(npy, t))
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: an array of %s; the network reads N x %s",
				enc_file_label(path), have, want);
	return npy->type == npy_types[t->type] || quantised ||
	       enc_fail(e, ENC_ERR_FORMAT,
			"%s: elements of %s; the network reads %s%s",
			enc_file_label(path), enc_npy_type_name(npy->type),
			cli_type(t->type), t->type == NN_INT8 ? " or f32" : "");
}

bool cli_samples_read(struct cli_samples *samples, const struct nn_net *net,
		      const struct cli_list *paths, struct enc_error *e)
{
	samples->net = net;
	if (paths->count != net->head->inputs)
		return enc_fail(e, ENC_ERR_FORMAT,
				"the network has %u inputs, and --tensor is "
				"there %zu times",
				net->head->inputs, paths->count);
	for (size_t i = 0; i < paths->count; i++) {
		struct enc_npy *npy = &samples->inputs[i];

		if (!enc_npy_read(paths->values[i], npy, e) ||
		    !check(paths->values[i], npy, &net->tensors[i], e))
			return false;
		if (i && npy->dims[0] != samples->count)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: %" PRIu64
					" samples, the input before it has %zu",
					enc_file_label(paths->values[i]),
					npy->dims[0], samples->count);
		samples->count = (size_t)npy->dims[0];
	}
	return true;
}

/* As the engine does: halves to even; what is not a number is the least. */
static int8_t quantise(float x, const struct nn_tensor *t)
{
	const float low = (float)(INT8_MIN - t->zero);
	const float high = (float)(INT8_MAX - t->zero);
	const float y = x / t->scale;
	const float limited = y > low ? (y > high ? high : y) : low;

	return (int8_t)(nearbyintf(limited) + (float)t->zero);
}

void cli_samples_get(const struct cli_samples *samples, size_t i, uint32_t t,
		     void *to)
{
	const struct nn_tensor *tensor = &samples->net->tensors[t];
	const struct enc_npy *npy = &samples->inputs[t];
	const size_t n = nn_elements(tensor);
	const size_t bytes = n * enc_npy_type_size(npy->type);
	const uint8_t *from = npy->data + i * bytes;

	if (npy->type == npy_types[tensor->type]) {
		memcpy(to, from, bytes);
		return;
	}
	for (size_t k = 0; k < n; k++) {
		float x = 0;

		memcpy(&x, from + k * sizeof(x), sizeof(x));
		((int8_t *)to)[k] = quantise(x, tensor);
	}
}

void cli_samples_free(struct cli_samples *samples)
{
	for (size_t i = 0; i < NN_INPUTS_MAX; i++)
		free(samples->inputs[i].file);
}

/* --- Outputs ----------------------------------------------------------- */

static uint32_t tensor_count(const struct nn_net *net)
{
	return (uint32_t)net->head->inputs + net->head->nodes;
}

/* "y.npy", or "y-2.npy" for the second of several outputs. */
static char *file_name(const char *path, size_t number, size_t count)
{
	const size_t len = strlen(path);
	const bool has_end = len > strlen(NPY_END) &&
			     !strcmp(path + len - strlen(NPY_END), NPY_END);
	const size_t stem = has_end ? len - strlen(NPY_END) : len;
	char *name = NULL;

	if (count == 1)
		return strdup(path);
	if (asprintf(&name, "%.*s-%zu%s", (int)stem, path, number,
		     path + stem) < 0)
		return NULL;
	return name;
}

static bool spares(const char *name, const struct cli_infer *args,
		   struct enc_error *e)
{
	return enc_out_spares(name, &args->model, 1, e) &&
	       enc_out_spares(name, args->inputs.values, args->inputs.count,
			      e) &&
	       enc_out_spares(name, args->tensors.values, args->tensors.count,
			      e);
}

static enum enc_npy_type type_of(const struct cli_outputs *o,
				 const struct nn_tensor *t)
{
	return o->dequantize && t->type == NN_INT8 ? ENC_NPY_F32 :
						     npy_types[t->type];
}

static void write_head(const struct cli_outputs *o, FILE *to,
		       const struct nn_tensor *t)
{
	uint64_t dims[ENC_NPY_RANK_MAX] = { o->count };

	for (uint32_t d = 0; d < t->rank; d++)
		dims[d + 1] = t->dims[d];
	enc_npy_write_head(to, type_of(o, t), dims, t->rank + 1u);
}

/* One file; the number of samples in its head follows at the end. */
static bool open_file(struct cli_outputs *o, const struct nn_tensor *t,
		      size_t count, const struct cli_infer *args,
		      struct enc_error *e)
{
	struct enc_out_file *file = &o->files[o->file_count];
	char *name = file_name(args->output, o->file_count + 1, count);
	bool ok = name && spares(name, args, e) &&
		  enc_out_open(file, name, 0644, e);

	if (!name)
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	free(name);
	if (!ok)
		return false;
	o->file_count++;
	write_head(o, file->stream, t);
	return true;
}

bool cli_outputs_open(struct cli_outputs *outputs, const struct nn_net *net,
		      const struct cli_infer *args, struct enc_error *e)
{
	size_t count = 0;

	*outputs = (struct cli_outputs){ .net = net,
					 .dequantize = args->dequantize };
	for (uint32_t t = 0; t < tensor_count(net); t++)
		count += net->tensors[t].is_output;
	if (count)
		outputs->files = calloc(count, sizeof(*outputs->files));
	if (!outputs->files)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	for (uint32_t t = 0; t < tensor_count(net); t++) {
		if (net->tensors[t].is_output &&
		    !open_file(outputs, &net->tensors[t], count, args, e))
			return false;
	}
	return true;
}

static void write_values(const struct cli_outputs *o, FILE *to,
			 const struct nn_tensor *t, const void *values,
			 size_t batch)
{
	const size_t n = batch * nn_elements(t);
	const int8_t *q = values;

	if (type_of(o, t) == npy_types[t->type]) {
		fwrite(values, nn_type_size(t->type), n, to);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const float x = (float)(q[i] - t->zero) * t->scale;

		fwrite(&x, sizeof(x), 1, to);
	}
}

void cli_outputs_add(struct cli_outputs *outputs, void *work, size_t batch)
{
	const struct nn_net *net = outputs->net;
	size_t file = 0;

	for (uint32_t t = 0; t < tensor_count(net); t++) {
		if (net->tensors[t].is_output)
			write_values(outputs, outputs->files[file++].stream,
				     &net->tensors[t],
				     nn_tensor_at(net, work, t, batch), batch);
	}
	outputs->count += batch;
}

bool cli_outputs_commit(struct cli_outputs *outputs, struct enc_error *e)
{
	const struct nn_net *net = outputs->net;
	size_t file = 0;

	for (uint32_t t = 0; t < tensor_count(net); t++) {
		struct enc_out_file *out = &outputs->files[file];

		if (!net->tensors[t].is_output)
			continue;
		rewind(out->stream);
		write_head(outputs, out->stream, &net->tensors[t]);
		file++;
		if (!enc_out_commit(out, e))
			return false;
	}
	return true;
}

void cli_outputs_abort(struct cli_outputs *outputs)
{
	for (size_t i = 0; i < outputs->file_count; i++)
		enc_out_abort(&outputs->files[i]);
	free(outputs->files);
}
