/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "host/lib/image.h"
#include "host/lib/load.h"
#include "json.h"
#include "proto/enc_mnist_ta.h"
#include "show.h"

struct input {
	const char *path;
	bool raw;
};

struct args {
	const char *model;
	struct input *inputs; /* in the order of the command line */
	size_t count;
	bool json;
	bool show;
};

static const struct argp_option options[] = {
	{ "model", 'm', "FILE", 0,
	  "sealed model, or JSON from encrypt-model; - for standard input", 0 },
	{ "binary", 'b', "RAW", 0,
	  "image as 784 raw bytes, 0 is background; may be given again", 0 },
	{ "image", 'i', "IMAGE", 0,
	  "PNG, JPEG, BMP or PGM of any size; may be given again", 0 },
	{ "json", 'j', NULL, 0, "answer in JSON", 0 },
	{ "show", 's', NULL, 0, "draw each image beside its label", 0 },
	{ 0 }
};

static error_t add_input(struct args *args, const char *path, bool raw)
{
	struct input *inputs =
		reallocarray(args->inputs, args->count + 1, sizeof(*inputs));

	if (!inputs)
		return ENOMEM;
	args->inputs = inputs;
	args->inputs[args->count].path = path;
	args->inputs[args->count].raw = raw;
	args->count++;
	return 0;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (option) {
	case 'm':
		args->model = arg;
		return 0;
	case 'b':
		return add_input(args, arg, true);
	case 'i':
		return add_input(args, arg, false);
	case 'j':
		args->json = true;
		return 0;
	case 's':
		args->show = true;
		return 0;
	case ARGP_KEY_END:
		if (!args->model)
			cli_usage(state, "--model is needed");
		if (!args->count)
			cli_usage(state, "which images? Give --image or "
					 "--binary");
		if (args->json && args->show)
			cli_usage(state, "--json and --show do not go "
					 "together");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Loads an encrypted model into the TEE, which decrypts it "
	       "there, "
	       "and classifies images, in the order given.",
};

static bool read_images(const struct args *args, uint8_t *images,
			struct enc_error *e)
{
	for (size_t i = 0; i < args->count; i++) {
		const struct input *input = &args->inputs[i];
		uint8_t *image = images + i * ENC_MNIST_IMAGE_BYTES;

		if (input->raw ? !enc_image_load_raw(input->path, image, e) :
				 !enc_image_load(input->path, image, e))
			return false;
	}
	return true;
}

static bool classify(const struct args *args, const uint8_t *images,
		     uint8_t *labels, struct enc_error *e)
{
	struct enc_tee *tee = NULL;
	bool ok = enc_tee_open(&tee, e) &&
		  enc_load_model(tee, args->model, e) &&
		  enc_tee_infer(tee, images, args->count, labels, e);

	enc_tee_close(tee);
	return ok;
}

static void print_lines(const struct args *args, const uint8_t *labels)
{
	for (size_t i = 0; i < args->count; i++)
		printf("%zu. %s: %u\n", i + 1, args->inputs[i].path,
		       (unsigned int)labels[i]);
}

static void print_pictures(const struct args *args, const uint8_t *images,
			   const uint8_t *labels)
{
	struct cli_answer row[CLI_SHOW_ABREAST] = { { 0 } };

	for (size_t i = 0; i < args->count; i++) {
		size_t n = i % CLI_SHOW_ABREAST;

		row[n].path = args->inputs[i].path;
		row[n].pixels = images + i * ENC_MNIST_IMAGE_BYTES;
		row[n].label = labels[i];
		if (n + 1 == CLI_SHOW_ABREAST || i + 1 == args->count)
			cli_show(row, n + 1);
	}
}

/* {"results":[{"index":1,"file":"samples/7.png","label":7}]} */
static bool print_json(const struct args *args, const uint8_t *labels,
		       struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_text(gen, "results");
	yajl_gen_array_open(gen);
	for (size_t i = 0; i < args->count; i++) {
		yajl_gen_map_open(gen);
		cli_json_number(gen, "index", (long long)i + 1);
		cli_json_text(gen, "file");
		cli_json_text(gen, args->inputs[i].path);
		cli_json_number(gen, "label", labels[i]);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

static int run(int argc, char **argv)
{
	struct args args = { 0 };
	struct enc_error e = { 0 };
	uint8_t *images = NULL;
	uint8_t *labels = NULL;
	bool ok = false;

	cli_parse(&argp, argc, argv, &args);
	images = calloc(args.count, ENC_MNIST_IMAGE_BYTES);
	labels = calloc(args.count, 1);
	if (!images || !labels)
		enc_fail(&e, ENC_ERR_MEMORY, "out of memory");
	else
		ok = read_images(&args, images, &e) &&
		     classify(&args, images, labels, &e);
	if (ok && args.json)
		ok = print_json(&args, labels, &e);
	else if (ok && args.show)
		print_pictures(&args, images, labels);
	else if (ok)
		print_lines(&args, labels);
	free(images);
	free(labels);
	free(args.inputs);
	return ok ? 0 : cli_fail(&e);
}

const struct cli_command cmd_infer = {
	.name = "infer",
	.summary = "classify images with an encrypted model (device)",
	.run = run,
};
