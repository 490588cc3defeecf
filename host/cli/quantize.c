/* SPDX-License-Identifier: Apache-2.0 */
#include "host/import/quantize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "data.h"
#include "host/base/file.h"
#include "host/import/accuracy.h"
#include "network.h"
#include "progress.h"
#include "record/net.h"
#include "testset.h"

struct result {
	struct lowered *before;
	struct lowered *after;
	struct cli_model model; /* what samples are read for: the first */
	struct calibration calibration;
	/* if there is a test set */
	struct accuracy accuracy;
	const char *unit; /* of its samples */
};

/* About a hundred times. */
static void show(size_t done, size_t total)
{
	if (done % (1 + total / 100) == 0)
		cli_progress("sample", done, total);
}

static bool describe(struct result *r, const char *path, struct enc_error *e)
{
	struct cli_model *model = &r->model;

	model->label = enc_file_label(path);
	if (!cli_network_describe(&r->before->net, &model->net, e))
		return enc_about(e, model->label);
	model->samples =
		calloc(model->net.room, (size_t)model->net.sample_bytes);
	return model->samples || enc_fail(e, ENC_ERR_MEMORY, "out of memory");
}

/* The first sample becomes the inputs of a network. */
static void give(const struct cli_model *model, const struct run *to)
{
	const uint8_t *from = model->samples;

	for (uint32_t t = 0; t < model->net.inputs; t++) {
		const size_t size =
			(size_t)enc_port_bytes(&model->net.input[t]);

		memcpy(run_tensor(to, t), from, size);
		from += size;
	}
}

/* --- Calibration ------------------------------------------------------- */

/* Takes all samples of a file, or of a file for each input. */
static bool take_samples(struct result *r, const struct cli_list *paths,
			 struct enc_error *e)
{
	struct cli_data data = { 0 };
	bool ok = cli_data_open(&data, &r->model, paths, e);

	while (ok && data.done < data.count) {
		show(data.done, data.count);
		ok = cli_data_next(&data, e);
		if (!ok)
			break;
		give(&r->model, &r->calibration.run);
		calibrate_sample(&r->calibration);
	}
	cli_data_close(&data);
	return ok;
}

static bool calibrate(struct result *r, const struct cli_list *list,
		      struct enc_error *e)
{
	bool ok = true;

	if (r->model.net.inputs > 1)
		return take_samples(r, list, e);
	for (size_t i = 0; ok && i < list->count; i++) {
		const struct cli_list one = { &list->values[i],
					      &list->letters[i], 1 };

		ok = take_samples(r, &one, e);
	}
	return ok;
}

/* --- Accuracy ---------------------------------------------------------- */

static bool measure_all(struct result *r, struct cli_testset *set,
			struct enc_error *e)
{
	const size_t count = cli_testset_count(set);
	uint32_t labels[ENC_ROOM_MAX] = { 0 };

	while (r->accuracy.samples < count) {
		show(r->accuracy.samples, count);
		if (!cli_testset_next(set, 1, labels, e))
			return false;
		give(&r->model, &r->accuracy.run[0]);
		if (!accuracy_sample(&r->accuracy, labels[0], e))
			return false;
	}
	return true;
}

static bool measure(const struct cli_eval *test, struct result *r,
		    struct enc_error *e)
{
	struct cli_testset *set = NULL;
	bool ok = accuracy_open(&r->accuracy, r->before, r->after, e) ||
		  enc_about(e, r->model.label);

	if (ok)
		set = cli_testset_open(test, &r->model, e);
	if (set)
		r->unit = cli_testset_unit(set);
	ok = set && measure_all(r, set, e);
	cli_testset_close(set);
	accuracy_close(&r->accuracy);
	return ok;
}

/* --- All of it --------------------------------------------------------- */

/* Messages about the network begin with its name. */
static bool quantize_input(const struct cli_quantize *args, struct result *r,
			   struct enc_error *e)
{
	struct calibration *c = &r->calibration;

	if (!calibrate_open(c, r->before, e))
		return enc_about(e, r->model.label);
	if (!calibrate(r, &args->calibration, e))
		return false;
	r->after = quantize_network(r->before, c->ranges, e);
	return r->after || enc_about(e, r->model.label);
}

/* Nothing is written before the test set has been read to its end. */
static bool quantize(const struct cli_quantize *args,
		     const struct cli_eval *test, struct result *r,
		     struct enc_error *e)
{
	const struct import_options options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	bool ok = false;

	r->before = import_file(args->input, &options, &kind, e);
	ok = r->before && describe(r, args->input, e) &&
	     quantize_input(args, r, e) &&
	     (!test->images.count || measure(test, r, e)) &&
	     cli_network_write(args->output, r->after, e);
	calibrate_close(&r->calibration);
	free(r->model.samples);
	cli_progress_end();
	return ok;
}

/* --- Answers ----------------------------------------------------------- */

static double percent(const struct accuracy *a, size_t which)
{
	return 100.0 * (double)a->right[which] / (double)a->samples;
}

/* Nodes that give int8. */
static unsigned int count_int8(const struct lowered *net)
{
	unsigned int count = 0;

	for (uint32_t n = 0; n < net->head.nodes; n++)
		count += net->tensors[net->head.inputs + n].type == NN_INT8;
	return count;
}

static void print_text(const struct cli_quantize *args, const struct result *r)
{
	const struct accuracy *a = &r->accuracy;
	const unsigned int count = count_int8(r->after);

	cli_line("%s: quantised to %s, %llu bytes to %llu",
		 enc_file_label(args->input), args->output,
		 (unsigned long long)record_net_size(&r->before->head),
		 (unsigned long long)record_net_size(&r->after->head));
	printf("%zu sample%s of calibration; %u of %u node%s give%s int8\n",
	       r->calibration.samples, enc_s(r->calibration.samples), count,
	       r->after->head.nodes, enc_s(r->after->head.nodes),
	       count == 1 ? "s" : "");
	if (a->samples)
		printf("%zu %s%s: accuracy %.2f %% before, %.2f %% after; "
		       "%zu get%s another label\n",
		       a->samples, r->unit, enc_s(a->samples), percent(a, 0),
		       percent(a, 1), a->differ, a->differ == 1 ? "s" : "");
}

static bool print_json(const struct result *r, struct enc_error *e)
{
	const struct accuracy *a = &r->accuracy;
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_number(gen, "bytes_before", record_net_size(&r->before->head));
	cli_json_number(gen, "bytes_after", record_net_size(&r->after->head));
	cli_json_number(gen, "samples", r->calibration.samples);
	cli_json_number(gen, "nodes", r->after->head.nodes);
	cli_json_number(gen, "nodes_int8", count_int8(r->after));
	if (a->samples) {
		cli_json_number(gen, "images", a->samples);
		cli_json_number(gen, "right_before", a->right[0]);
		cli_json_number(gen, "right_after", a->right[1]);
		cli_json_number(gen, "other_labels", a->differ);
	}
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

int cli_quantize_run(const void *data)
{
	const struct cli_quantize *args = data;
	const struct cli_eval test = { .images = args->images,
				       .labels = args->labels };
	struct result result = { 0 };
	struct enc_error e = { 0 };
	int status = CLI_GO;
	bool ok = false;

	if (args->labels && !args->images.count)
		return cli_usage("quantize", "--labels goes with --images");
	if (args->images.count)
		status = cli_testset_check("quantize", &test);
	if (status != CLI_GO)
		return status;
	ok = quantize(args, &test, &result, &e);
	if (ok && args->json)
		ok = print_json(&result, &e);
	else if (ok)
		print_text(args, &result);
	lower_free(result.before);
	lower_free(result.after);
	return ok ? 0 : cli_fail(&e);
}
