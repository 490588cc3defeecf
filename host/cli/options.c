/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "help.h"

/* getopt_long() returns LONG and the row for --name, the letter for -n. */
#define LONG	256
#define HELP	(LONG + CLI_OPTIONS_MAX)
#define VERSION (HELP + 1)

/* A command line that is being read. */
struct reading {
	const struct cli_command *command;
	void *args;
	size_t max;	   /* values that it can have */
	size_t from_stdin; /* paths that are "-" */
	/* the command's table, for getopt_long() */
	char letters[sizeof(":hV") + 2 * CLI_OPTIONS_MAX];
	struct option longs[CLI_OPTIONS_MAX + 3];
};

/* Whether the option may be given again. */
static bool is_list(const struct cli_option *option)
{
	return option->type == CLI_IS_INPUTS || option->type == CLI_IS_TEXTS;
}

const char *const *cli_paths(const struct cli_option *option, const void *args,
			     size_t *count)
{
	const void *at = (const char *)args + option->at;
	const struct cli_list *list = at;
	const char *const *path = at;

	*count = option->type == CLI_IS_INPUTS ? list->count : *path != NULL;
	return option->type == CLI_IS_INPUTS ? list->values : path;
}

static bool is_given(const struct cli_option *option, const void *args)
{
	const void *at = (const char *)args + option->at;

	switch (option->type) {
	case CLI_IS_FLAG:
		return *(const bool *)at;
	case CLI_IS_NUMBER:
		return *(const uint64_t *)at;
	case CLI_IS_WAIT:
		return ((const struct cli_wait *)at)->is_given;
	case CLI_IS_UUID:
		return ((const struct cli_uuid *)at)->is_given;
	case CLI_IS_SECRET:
		return *(char *const *)at;
	case CLI_IS_INPUTS:
	case CLI_IS_TEXTS:
		return ((const struct cli_list *)at)->count;
	default:
		return *(const char *const *)at;
	}
}

void cli_args_free(const struct cli_command *command, void *args)
{
	for (const struct cli_option *o = command->options; o->help; o++) {
		struct cli_list *list = (void *)((char *)args + o->at);

		if (!is_list(o))
			continue;
		free(list->values);
		free(list->letters);
		/* options may share a list */
		*list = (struct cli_list){ 0 };
	}
}

/* --- What getopt_long() reads ------------------------------------------ */

static const struct cli_option *option_of(const struct cli_command *command,
					  int answer)
{
	const struct cli_option *o = command->options;

	while (LONG + (o - command->options) != answer && o->letter != answer)
		o++;
	return o;
}

static void tell_getopt(struct reading *r)
{
	const struct cli_option *o = r->command->options;
	struct option *to = r->longs;
	char *letter = stpcpy(r->letters, ":hV");

	for (int i = 0; i < CLI_OPTIONS_MAX && o[i].help; i++) {
		if (!o[i].name)
			continue;
		*to++ = (struct option){ o[i].name, o[i].value != NULL, NULL,
					 LONG + i };
		if (o[i].letter)
			*letter++ = o[i].letter;
		if (o[i].letter && o[i].value)
			*letter++ = ':';
	}
	*to++ = (struct option){ "help", no_argument, NULL, HELP };
	*to = (struct option){ "version", no_argument, NULL, VERSION };
}

/*
 * Says what getopt_long() refused, in glibc's words. getopt_long() does not
 * print itself, because each C library has other words, on a line of their own.
 * With musl, argv cannot be relied on after a missing value.
 */
static int misread(const struct reading *r, int answer, char **argv)
{
	const char *command = r->command->name;
	const char *name = NULL; /* if it was --name */
	const char *word = NULL;
	size_t meanings = 0; /* of an abbreviation */

	for (const struct option *o = r->longs; o->name; o++) {
		if (o->val == optopt)
			name = o->name;
	}
	if (name)
		return cli_usage(command,
				 answer == ':' ?
					 "option '--%s' requires an argument" :
					 "option '--%s' doesn't allow an "
					 "argument",
				 name);
	if (optopt)
		return cli_usage(command,
				 answer == ':' ?
					 "option requires an argument -- '%c'" :
					 "invalid option -- '%c'",
				 optopt);
	word = argv[optind - 1];
	for (const struct option *o = r->longs; o->name; o++)
		meanings += !strncmp(o->name, word + 2, strcspn(word + 2, "="));
	return cli_usage(command,
			 meanings > 1 ? "option '%s' is ambiguous" :
					"unrecognized option '%s'",
			 word);
}

/* --- Values ------------------------------------------------------------ */

static int take_number(const struct reading *r, const struct cli_option *option,
		       const char *text, uint64_t *number)
{
	char *end = NULL;
	unsigned long long n = 0;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '1' || *text > '9' || *end || errno || n > option->max)
		return cli_usage(r->command->name,
				 "--%s: a number from 1 to %" PRIu64
				 ", not `%s'",
				 option->name, option->max, text);
	*number = n;
	return CLI_GO;
}

static int take_wait(const struct reading *r, const struct cli_option *option,
		     const char *text, struct cli_wait *wait)
{
	const unsigned long n = strtoul(text, NULL, 10);
	const size_t len = strlen(text);

	if (!len || len > 6 || strspn(text, "0123456789") != len ||
	    n > option->max)
		return cli_usage(r->command->name,
				 "--%s: a number of seconds up to %" PRIu64
				 ", 0 for ever, not `%s'",
				 option->name, option->max, text);
	wait->is_given = true;
	wait->seconds = (unsigned int)n;
	return CLI_GO;
}

static int take_uuid(const struct reading *r, const struct cli_option *option,
		     const char *text, struct cli_uuid *uuid)
{
	if (!enc_uuid_read(text, uuid->bytes))
		return cli_usage(r->command->name,
				 "--%s: a UUID, such as "
				 "01234567-89ab-cdef-0123-456789abcdef, not "
				 "`%s'",
				 option->name, text);
	uuid->is_given = true;
	return CLI_GO;
}

static int take_another(const struct reading *r,
			const struct cli_option *option, const char *value,
			struct cli_list *list)
{
	struct enc_error e = { 0 };

	if (!list->values) {
		list->values = calloc(r->max, sizeof(*list->values));
		list->letters = calloc(r->max, sizeof(*list->letters));
	}
	if (!list->values || !list->letters) {
		enc_fail(&e, ENC_ERR_MEMORY, "out of memory");
		return cli_fail(&e);
	}
	list->letters[list->count] = option->letter;
	list->values[list->count++] = value;
	return CLI_GO;
}

static int take(struct reading *r, const struct cli_option *option, char *value)
{
	void *to = (char *)r->args + option->at;

	if (cli_is_read(option))
		r->from_stdin += !strcmp(value, "-");
	if (option->type == CLI_IS_OUTPUT && !strcmp(value, "-"))
		return cli_usage(r->command->name,
				 "--%s: give a file's name; it is not written "
				 "to standard output",
				 option->name);
	switch (option->type) {
	case CLI_IS_FLAG:
		*(bool *)to = true;
		break;
	case CLI_IS_NUMBER:
		return take_number(r, option, value, to);
	case CLI_IS_WAIT:
		return take_wait(r, option, value, to);
	case CLI_IS_UUID:
		return take_uuid(r, option, value, to);
	case CLI_IS_INPUTS:
	case CLI_IS_TEXTS:
		return take_another(r, option, value, to);
	case CLI_IS_SECRET:
		/* given twice, the first one must not stay in argv, either */
		if (*(char **)to)
			memset(*(char **)to, 'x', strlen(*(char **)to));
		*(char **)to = value;
		break;
	default:
		*(const char **)to = value;
	}
	return CLI_GO;
}

static int take_operand(struct reading *r, char *word)
{
	const struct cli_option *o = r->command->options;

	while (o->help && o->type != CLI_IS_OPERAND)
		o++;
	if (!o->help)
		return cli_usage(r->command->name, "`%s' belongs to no option",
				 word);
	if (is_given(o, r->args))
		return cli_usage(r->command->name,
				 "one %s at a time, not `%s', too",
				 r->command->asks, word);
	return take(r, o, word);
}

static int check_need(const struct cli_command *command, enum cli_need need,
		      const void *args)
{
	char names[256] = "";
	size_t n = 0;
	size_t given = 0;

	for (const struct cli_option *o = command->options; o->help; o++) {
		n += o->need == need;
		given += o->need == need && is_given(o, args);
	}
	cli_names(command, need, names, sizeof(names));
	if (need == CLI_NEEDED && given < n)
		return cli_usage(command->name, "%s %s needed", names,
				 n > 1 ? "are" : "is");
	if (need == CLI_ONE_OF && n && given != 1)
		return cli_usage(command->name, "one of %s is needed, not both",
				 names);
	if (need == CLI_SOME_OF && n && !given)
		return cli_usage(command->name, "which %s? Give %s",
				 command->asks, names[0] ? names : "one");
	if (need == CLI_ALL_OR_NONE && given && given < n)
		return cli_usage(command->name, "%s go together", names);
	if (need == CLI_AT_MOST_ONE && given > 1)
		return cli_usage(command->name, "%s do not go together", names);
	return CLI_GO;
}

/* --- All of it --------------------------------------------------------- */

static int read_words(struct reading *r, int argc, char **argv)
{
	int answer = 0;
	int status = CLI_GO;

	opterr = 0;
	while (status == CLI_GO &&
	       (answer = getopt_long(argc, argv, r->letters, r->longs, NULL)) >=
		       0) {
		if (answer == '?' || answer == ':')
			return misread(r, answer, argv);
		if (answer == 'h' || answer == HELP)
			return cli_help(r->command);
		if (answer == 'V' || answer == VERSION)
			return cli_version();
		status = take(r, option_of(r->command, answer), optarg);
	}
	while (status == CLI_GO && optind < argc)
		status = take_operand(r, argv[optind++]);
	return status;
}

/*
 * Whether --json is there, also where something before it is refused. On a
 * copy: getopt_long() sorts what it has read.
 */
static bool has_json(const struct reading *r, int argc, char **argv)
{
	const size_t size = ((size_t)argc + 1) * sizeof(*argv);
	char **copy = malloc(size);
	bool has = false;
	int answer = 0;

	if (!copy)
		return false;
	memcpy(copy, argv, size);
	opterr = 0;
	while ((answer = getopt_long(argc, copy, r->letters, r->longs, NULL)) >=
	       0) {
		if (answer == '?' || answer == ':' || answer == 'h' ||
		    answer == 'V' || answer >= HELP)
			continue;
		has |= !strcmp(option_of(r->command, answer)->name, "json");
	}
	optind = 0; /* from the beginning again */
	free(copy);
	return has;
}

int cli_parse(const struct cli_command *command, int argc, char **argv,
	      void *args)
{
	struct reading r = { .command = command,
			     .args = args,
			     .max = (size_t)argc };
	int status = CLI_GO;

	tell_getopt(&r);
	cli_errors_in_json(has_json(&r, argc, argv));
	status = read_words(&r, argc, argv);
	for (unsigned int need = CLI_NEEDED;
	     need < CLI_NEED_COUNT && status == CLI_GO; need++)
		status = check_need(command, need, args);
	if (status == CLI_GO && r.from_stdin > 1)
		return cli_usage(command->name,
				 "only one option can read standard input");
	return status;
}
