/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "terms.h"

#define NPY_END ".npy"

static const enum enc_npy_type npy_types[] = {
	[BOX_F32] = ENC_NPY_F32,
	[BOX_INT8] = ENC_NPY_INT8,
	[BOX_UINT8] = ENC_NPY_UINT8,
	[BOX_INT32] = ENC_NPY_INT32,
};

/* --- Samples ----------------------------------------------------------- */

static void npy_shape(const struct enc_npy *npy, char text[160])
{
	size_t len = 0;

	for (uint32_t d = 0; d < npy->rank; d++)
		len += (size_t)snprintf(text + len, 160 - len, "%s%" PRIu64,
					d ? " x " : "", npy->dims[d]);
}

static bool has_shape(const struct enc_npy *npy, const struct box_port *port)
{
	bool ok = npy->rank == port->rank + 1u;

	for (uint32_t d = 0; ok && d < port->rank; d++)
		ok = npy->dims[d + 1] == port->dims[d];
	return ok;
}

static bool check(const char *path, const struct enc_npy *npy,
		  const struct box_port *port, struct enc_error *e)
{
	const bool quantised =
		port->type == BOX_INT8 && npy->type == ENC_NPY_F32;
	char have[160] = "";
	char want[CLI_SHAPE_TEXT] = "";

	npy_shape(npy, have);
	cli_shape(port->dims, port->rank, want);
	if (!has_shape(npy, port)) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: an array of %s; the network reads N x %s",
			 enc_file_label(path), have, want);
		return enc_hint(e, "reshape it in numpy; its first axis is the "
				   "batch");
	}
	return npy->type == npy_types[port->type] || quantised ||
	       enc_fail(e, ENC_ERR_FORMAT,
			"%s: elements of %s; the network reads %s%s",
			enc_file_label(path), enc_npy_type_name(npy->type),
			cli_type(port->type),
			port->type == BOX_INT8 ? " or f32" : "");
}

bool cli_samples_read(struct cli_samples *samples,
		      const struct enc_network *net,
		      const struct cli_list *paths, struct enc_error *e)
{
	*samples = (struct cli_samples){ .net = net };
	if (paths->count != net->inputs)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%zu array%s for a network of %" PRIu32
				" input%s",
				paths->count, enc_s(paths->count), net->inputs,
				enc_s(net->inputs));
	for (size_t i = 0; i < paths->count; i++) {
		struct enc_npy *npy = &samples->inputs[i];

		if (!enc_npy_read(paths->values[i], npy, e) ||
		    !check(paths->values[i], npy, &net->input[i], e))
			return false;
		if (i && npy->dims[0] != samples->count)
			return enc_fail(
				e, ENC_ERR_FORMAT,
				"%s: %" PRIu64
				" sample%s, the input before it has %zu",
				enc_file_label(paths->values[i]), npy->dims[0],
				enc_s(npy->dims[0]), samples->count);
		samples->count = (size_t)npy->dims[0];
	}
	return true;
}

/* As the engine does: halves to even; what is not a number is the least. */
static int8_t quantise(float x, const struct box_port *port)
{
	const float low = (float)(INT8_MIN - port->zero);
	const float high = (float)(INT8_MAX - port->zero);
	const float y = x / enc_port_scale(port);
	const float limited = y > low ? (y > high ? high : y) : low;

	return (int8_t)(nearbyintf(limited) + (float)port->zero);
}

static void get_input(const struct box_port *port, const struct enc_npy *npy,
		      size_t i, uint8_t *to)
{
	const size_t n = box_port_elements(port);
	const size_t bytes = n * enc_npy_type_size(npy->type);
	const uint8_t *from = npy->data + i * bytes;

	if (npy->type == npy_types[port->type]) {
		memcpy(to, from, bytes);
		return;
	}
	for (size_t k = 0; k < n; k++) {
		float x = 0;

		memcpy(&x, from + k * sizeof(x), sizeof(x));
		to[k] = (uint8_t)quantise(x, port);
	}
}

void cli_samples_get(const struct cli_samples *samples, size_t i, uint8_t *to)
{
	for (uint32_t t = 0; t < samples->net->inputs; t++) {
		const struct box_port *port = &samples->net->input[t];

		get_input(port, &samples->inputs[t], i, to);
		to += enc_port_bytes(port);
	}
}

void cli_samples_free(struct cli_samples *samples)
{
	for (size_t i = 0; i < BOX_PORTS_MAX; i++)
		free(samples->inputs[i].file);
}

/* --- Outputs ----------------------------------------------------------- */

/* "y.npy", or "y-2.npy" for the second of several outputs. */
static char *file_name(const char *path, uint32_t number, uint32_t count)
{
	const size_t len = strlen(path);
	const bool has_end = len > strlen(NPY_END) &&
			     !strcmp(path + len - strlen(NPY_END), NPY_END);
	const size_t stem = has_end ? len - strlen(NPY_END) : len;
	char *name = NULL;

	if (count == 1)
		return strdup(path);
	if (asprintf(&name, "%.*s-%" PRIu32 "%s", (int)stem, path, number,
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

/* Scores are f32 already. */
static bool is_dequantized(const struct cli_outputs *o,
			   const struct box_port *port)
{
	return o->dequantize && port->type == BOX_INT8 &&
	       o->model->net.policy == BOX_RAW;
}

static enum enc_npy_type type_of(const struct cli_outputs *o,
				 const struct box_port *port)
{
	if (o->model->net.policy == BOX_SCORES || is_dequantized(o, port))
		return ENC_NPY_F32;
	return npy_types[port->type];
}

static void write_head(const struct cli_outputs *o, uint32_t i)
{
	const struct box_port *port = &o->model->net.output[i];
	uint64_t dims[ENC_NPY_RANK_MAX] = { o->count };

	for (uint32_t d = 0; d < port->rank; d++)
		dims[d + 1] = port->dims[d];
	enc_npy_write_head(o->files[i].stream, type_of(o, port), dims,
			   port->rank + 1u);
}

/* One file; the number of samples in its head follows at the end. */
static bool open_file(struct cli_outputs *o, uint32_t i,
		      const struct cli_infer *args, struct enc_error *e)
{
	char *name = file_name(args->output, i + 1, o->model->net.outputs);
	bool ok = name && spares(name, args, e) &&
		  enc_out_open(&o->files[i], name, 0644, e);

	if (!name)
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	free(name);
	if (!ok)
		return false;
	o->file_count++;
	write_head(o, i);
	return true;
}

bool cli_outputs_open(struct cli_outputs *outputs,
		      const struct cli_model *model,
		      const struct cli_infer *args, struct enc_error *e)
{
	*outputs = (struct cli_outputs){ .model = model,
					 .dequantize = args->dequantize };
	if (model->net.policy < BOX_SCORES)
		return cli_policy_refuse(model, "its outputs", e);
	for (uint32_t i = 0; i < model->net.outputs; i++) {
		if (!open_file(outputs, i, args, e))
			return false;
	}
	return true;
}

static void dequantize(const struct box_port *port, const uint8_t *values,
		       FILE *to)
{
	const size_t n = box_port_elements(port);
	const float scale = enc_port_scale(port);

	for (size_t i = 0; i < n; i++) {
		const float x = (float)((int8_t)values[i] - port->zero) * scale;

		fwrite(&x, sizeof(x), 1, to);
	}
}

/* enc_out_commit() notices failed writes. */
void cli_outputs_add(struct cli_outputs *outputs, size_t n)
{
	const struct enc_network *net = &outputs->model->net;
	const uint8_t *from = outputs->model->answers;

	for (size_t done = 0; done < n; done++) {
		for (uint32_t i = 0; i < net->outputs; i++) {
			const size_t bytes = (size_t)enc_output_bytes(net, i);
			FILE *to = outputs->files[i].stream;

			if (is_dequantized(outputs, &net->output[i]))
				dequantize(&net->output[i], from, to);
			else
				fwrite(from, 1, bytes, to);
			from += bytes;
		}
	}
	outputs->count += n;
}

bool cli_outputs_commit(struct cli_outputs *outputs, struct enc_error *e)
{
	for (uint32_t i = 0; i < outputs->file_count; i++) {
		rewind(outputs->files[i].stream);
		write_head(outputs, i);
		if (!enc_out_commit(&outputs->files[i], e))
			return false;
	}
	return true;
}

void cli_outputs_abort(struct cli_outputs *outputs)
{
	for (uint32_t i = 0; i < outputs->file_count; i++)
		enc_out_abort(&outputs->files[i]);
}
