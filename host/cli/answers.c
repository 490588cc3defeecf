/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "json.h"

static void print_class(const struct cli_answers *to, uint32_t label)
{
	if (to->names)
		fputs(to->names[label], stdout);
	else
		printf("%" PRIu32, label);
}

/* "cat 0.9, dog 0.08" */
static void print_classes(const struct cli_answers *to,
			  const struct cli_answer *answer)
{
	for (size_t i = 0; i < answer->class_count; i++) {
		if (i)
			fputs(", ", stdout);
		print_class(to, answer->classes[i].label);
		if (to->scores)
			printf(" %.6g", (double)answer->classes[i].score);
	}
}

static void print_line(const struct cli_answers *to, size_t index,
		       const struct cli_answer *answer)
{
	printf("%zu. ", index);
	cli_put(answer->path);
	fputs(": ", stdout);
	print_classes(to, answer);
	if (answer->ms >= 0)
		printf(" (%.3f ms)", answer->ms);
	putchar('\n');
}

static void print_pictures(const struct cli_answer *answers, size_t n)
{
	for (size_t i = 0; i < n; i += CLI_SHOW_ABREAST)
		cli_show(answers + i,
			 n - i < CLI_SHOW_ABREAST ? n - i : CLI_SHOW_ABREAST);
}

static void print_members(yajl_gen gen, const struct cli_answers *to,
			  const struct cli_class *class)
{
	cli_json_number(gen, "label", class->label);
	if (to->names)
		cli_json_string(gen, "name", to->names[class->label]);
	if (to->scores)
		cli_json_float(gen, "score", class->score);
}

/* "classes":[{"label":7,"name":"seven","score":0.9}] */
static void print_list(yajl_gen gen, const struct cli_answers *to,
		       const struct cli_answer *answer)
{
	cli_json_text(gen, "classes");
	yajl_gen_array_open(gen);
	for (size_t i = 0; i < answer->class_count; i++) {
		yajl_gen_map_open(gen);
		print_members(gen, to, &answer->classes[i]);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

/* {"index":1,"file":"samples/7.png","label":7} */
static void print_object(yajl_gen gen, const struct cli_answers *to,
			 size_t index, const struct cli_answer *answer)
{
	char ms[32] = "";

	yajl_gen_map_open(gen);
	cli_json_number(gen, "index", index);
	cli_json_string(gen, "file", answer->path);
	print_members(gen, to, answer->classes);
	if (answer->class_count > 1)
		print_list(gen, to, answer);
	if (answer->ms >= 0) {
		snprintf(ms, sizeof(ms), "%.3f", answer->ms);
		cli_json_text(gen, "ms");
		yajl_gen_number(gen, ms, strlen(ms));
	}
	yajl_gen_map_close(gen);
}

static bool no_memory(struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
}

static bool print_json_line(const struct cli_answers *to, size_t index,
			    const struct cli_answer *answer,
			    struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return no_memory(e);
	print_object(gen, to, index, answer);
	cli_json_end(gen);
	return true;
}

/* {"results":[...]} */
static bool begin_json(struct cli_answers *to, struct enc_error *e)
{
	to->gen = cli_json_begin();
	if (!to->gen)
		return no_memory(e);
	yajl_gen_map_open(to->gen);
	cli_json_text(to->gen, "results");
	yajl_gen_array_open(to->gen);
	return true;
}

static bool print(struct cli_answers *to, const struct cli_answer *answer,
		  struct enc_error *e)
{
	const size_t index = ++to->count;

	if (to->form == CLI_JSON_LINES)
		return print_json_line(to, index, answer, e);
	if (to->form == CLI_JSON)
		print_object(to->gen, to, index, answer);
	else
		print_line(to, index, answer);
	return true;
}

bool cli_answers_add(struct cli_answers *to, const struct cli_answer *answers,
		     size_t n, struct enc_error *e)
{
	if (to->form == CLI_JSON && !to->gen && !begin_json(to, e))
		return false;
	if (to->form == CLI_PICTURES)
		print_pictures(answers, n);
	for (size_t i = 0; to->form != CLI_PICTURES && i < n; i++) {
		if (!print(to, &answers[i], e))
			return false;
	}
	return !fflush(stdout) ||
	       enc_fail(e, ENC_ERR_IO, "standard output: cannot write: %s",
			strerror(errno));
}

void cli_answers_end(struct cli_answers *to)
{
	if (!to->gen)
		return;
	yajl_gen_array_close(to->gen);
	yajl_gen_map_close(to->gen);
	cli_json_end(to->gen);
}
