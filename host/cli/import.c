/* SPDX-License-Identifier: Apache-2.0 */
#include "host/import/import.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "network.h"

/* --- Options ----------------------------------------------------------- */

#define SHAPES_MAX 64u

/* NAME=SIZE; the caller frees the names. */
static int read_shapes(const struct cli_list *list, char **names,
		       struct onnx_dim *dims)
{
	struct enc_error e = { 0 };

	if (list->count > SHAPES_MAX)
		return cli_usage("import", "--shape: at most %u times",
				 SHAPES_MAX);
	for (size_t i = 0; i < list->count; i++) {
		const char *equals = strrchr(list->values[i], '=');
		char *end = NULL;
		unsigned long size = equals ? strtoul(equals + 1, &end, 10) : 0;

		if (!equals || equals == list->values[i] || equals[1] < '1' ||
		    equals[1] > '9' || *end || size > NN_DIM_MAX)
			return cli_usage("import",
					 "--shape: NAME=SIZE with a size of 1 "
					 "to %u, not `%s'",
					 NN_DIM_MAX, list->values[i]);
		names[i] = strndup(list->values[i],
				   (size_t)(equals - list->values[i]));
		if (!names[i]) {
			enc_fail(&e, ENC_ERR_MEMORY, "out of memory");
			return cli_fail(&e);
		}
		dims[i] = (struct onnx_dim){ names[i], (uint32_t)size };
	}
	return CLI_GO;
}

/* HEIGHTxWIDTHxCHANNELS, or without channels for grey. */
static int read_size(const char *text, uint32_t size[3])
{
	char *end = NULL;
	size_t n = 0;

	for (const char *at = text; n < 3; at = end + 1) {
		unsigned long v = strtoul(at, &end, 10);

		if (*at < '1' || *at > '9' || v > NN_DIM_MAX) {
			n = 0;
			break;
		}
		size[n++] = (uint32_t)v;
		if (*end != 'x')
			break;
	}
	if (n == 2)
		size[n++] = 1;
	if (n == 3 && !*end && size[2] <= 4)
		return CLI_GO;
	return cli_usage("import",
			 "--image: HEIGHTxWIDTHxCHANNELS, such as 224x224x3, "
			 "not `%s'",
			 text);
}

/* Up to `max` numbers with commas between them, each at least `least`. */
static int read_numbers(const char *option, const char *text, float least,
			float *numbers, size_t max, size_t *count)
{
	char *end = NULL;

	*count = 0;
	for (const char *at = text; *count < max; at = end + 1) {
		const float v = strtof(at, &end);

		if (end == at || !(isnormal(v) || v == 0) || v < least) {
			*count = 0;
			break;
		}
		numbers[(*count)++] = v;
		if (*end != ',')
			break;
	}
	if (*count && !*end)
		return CLI_GO;
	return cli_usage("import", "--%s: a %snumber%s, not `%s'", option,
			 least > 0 ? "positive " : "",
			 max > 1 ? ", or one for each channel with commas "
				   "between them" :
				   "",
			 text);
}

static int read_pixels(const struct cli_import *args, struct import_pixels *p)
{
	size_t one = 0;
	int status = CLI_GO;

	*p = (struct import_pixels){
		.divisor = 255, .deviation = { 1 }, .means = 1, .deviations = 1
	};
	if (args->image)
		status = read_size(args->image, p->size);
	if (args->mean && status == CLI_GO)
		status = read_numbers("mean", args->mean, -FLT_MAX, p->mean, 4,
				      &p->means);
	if (args->std && status == CLI_GO)
		status = read_numbers("std", args->std, FLT_MIN, p->deviation,
				      4, &p->deviations);
	if (args->divisor && status == CLI_GO)
		status = read_numbers("divisor", args->divisor, FLT_MIN,
				      &p->divisor, 1, &one);
	return status;
}

/* --- All of it --------------------------------------------------------- */

static bool print_json(const struct lowered *net, enum import_kind kind,
		       struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_network_json(gen, net, kind);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

static bool import(const struct cli_import *args,
		   const struct import_options *options, struct enc_error *e)
{
	enum import_kind kind = IMPORT_OTHER;
	struct lowered *net = import_file(args->input, options, &kind, e);
	bool ok = net && cli_network_write(args->output, net, e);

	if (ok && args->json) {
		ok = print_json(net, kind, e);
	} else if (ok) {
		cli_line("%s: imported to %s, %u node%s, from %s",
			 enc_file_label(args->input), args->output,
			 net->head.nodes, enc_s(net->head.nodes),
			 import_kind_name(kind));
		cli_network_totals(net);
	}
	lower_free(net);
	return ok;
}

int cli_import_run(const void *data)
{
	const struct cli_import *args = data;
	const bool has_pixels =
		args->image || args->mean || args->std || args->divisor;
	struct onnx_dim dims[SHAPES_MAX] = { 0 };
	char *names[SHAPES_MAX] = { 0 };
	struct import_pixels pixels = { 0 };
	const struct import_options options = {
		.onnx = { dims, args->shapes.count },
		.pixels = has_pixels ? &pixels : NULL,
	};
	struct enc_error e = { 0 };
	int status = read_shapes(&args->shapes, names, dims);

	if (status == CLI_GO)
		status = read_pixels(args, &pixels);
	if (status == CLI_GO)
		status = import(args, &options, &e) ? 0 : cli_fail(&e);
	for (size_t i = 0; i < SHAPES_MAX; i++)
		free(names[i]);
	return status;
}
