/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/enc_mnist_ta.h"

#define COLUMNS	    79
#define HELP_COLUMN 29

__attribute__((format(printf, 3, 4))) static void
append(char *text, size_t size, const char *what, ...)
{
	const size_t len = strlen(text);
	va_list ap;

	va_start(ap, what);
	vsnprintf(text + len, size - len, what, ap);
	va_end(ap);
}

void cli_names(const struct cli_command *command, enum cli_need need,
	       char *text, size_t size)
{
	const char *last = need == CLI_SOME_OF ? " or " : " and ";
	const struct cli_option *before = NULL;

	for (const struct cli_option *o = command->options; o->help; o++) {
		if (o->need != need || !o->name)
			continue;
		if (before)
			append(text, size, "%s--%s", *text ? ", " : "",
			       before->name);
		before = o;
	}
	if (before)
		append(text, size, "%s--%s", *text ? last : "", before->name);
}

/* "{--key=HEX|--key-file=FILE}", in place of the first of the group. */
static void append_group(const struct cli_command *command,
			 const struct cli_option *first, char *text,
			 size_t size)
{
	const char *mark = "{";

	for (const struct cli_option *o = command->options; o < first; o++) {
		if (o->need == first->need)
			return;
	}
	for (const struct cli_option *o = first; o->help; o++) {
		if (o->need != first->need)
			continue;
		append(text, size, "%s--%s=%s", mark, o->name, o->value);
		mark = "|";
	}
	append(text, size, first->need == CLI_SOME_OF ? "}... " : "} ");
}

void cli_synopsis(const struct cli_command *command, char *text, size_t size)
{
	const char *operand = "";

	text[0] = '\0';
	for (const struct cli_option *o = command->options; o->help; o++) {
		if (o->type == CLI_IS_OPERAND)
			operand = o->value;
		else if (o->need == CLI_NEEDED)
			append(text, size, "--%s=%s ", o->name, o->value);
		else if (o->need == CLI_ONE_OF || o->need == CLI_SOME_OF)
			append_group(command, o, text, size);
	}
	append(text, size, "[OPTION...]%s%s", *operand ? " " : "", operand);
}

/* Prints text from column `at` on. Further lines begin at `indent`. */
static void wrap(FILE *to, size_t at, size_t indent, const char *text)
{
	bool is_first = true; /* word of its line */
	size_t len = 0;

	while ((len = strcspn(text, " "))) {
		if (!is_first && at + 1 + len > COLUMNS) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
			is_first = true;
		}
		fprintf(to, "%s%.*s", is_first ? "" : " ", (int)len, text);
		at += len + !is_first;
		is_first = false;
		text += len + strspn(text + len, " ");
	}
	putc('\n', to);
}

static void print_option(const struct cli_option *o)
{
	char names[HELP_COLUMN] = "";

	append(names, sizeof(names),
	       o->letter ? "  -%c, " :
	       o->name	 ? "      " :
			   "  ",
	       o->letter);
	append(names, sizeof(names), "%s%s%s%s", o->name ? "--" : "",
	       o->name ? o->name : "", o->name && o->value ? "=" : "",
	       o->value ? o->value : "");
	printf("%-*s", HELP_COLUMN, names);
	wrap(stdout, HELP_COLUMN, HELP_COLUMN, o->help);
}

const struct cli_exit_words cli_exits[] = {
	{ NULL, "done" },
	{ "other",
	  "an error that says nothing about the device: of a file that "
	  "is missing, damaged or of another kind, of the input, of "
	  "this machine" },
	{ "usage", "wrong usage" },
	{ "try-again", "try again: no answer within --wait, another client in "
		       "the way, memory short, no TEE or tee-supplicant yet" },
	{ "refused", "refused for ever: this device will never take this file. "
		     "Another owner or nobody has signed it, it was changed, "
		     "or its security version or epoch is too low" },
	{ "not-for-this-device",
	  "not for this device as it stands: no key for the model, a model id "
	  "that it may not load, no room for another key, too little memory, "
	  "an envelope for others, answers used up, another login" },
	{ "storage", "trusted storage is damaged, full or not available: the "
		     "message says what to do" },
	{ 0 }
};

const struct cli_option cli_common_options[] = {
	{ .name = "help", .letter = 'h', .help = "show this text" },
	{ .name = "version", .letter = 'V', .help = "print the version" },
	{ 0 }
};

int cli_help(const struct cli_command *command)
{
	char usage[512] = "";
	char synopsis[512] = "";

	cli_synopsis(command, synopsis, sizeof(synopsis));
	append(usage, sizeof(usage), "Usage: enc_mnist %s %s", command->name,
	       synopsis);
	wrap(stdout, 0, 9, usage);
	wrap(stdout, 0, 0, command->doc);
	putchar('\n');
	for (const struct cli_option *o = command->options; o->help; o++)
		print_option(o);
	for (const struct cli_option *o = cli_common_options; o->help; o++)
		print_option(o);
	return 0;
}

void cli_help_exits(FILE *to)
{
	for (int i = 0; cli_exits[i].help; i++) {
		fprintf(to, "  %d  ", i);
		wrap(to, 5, 5, cli_exits[i].help);
	}
}

int cli_version(void)
{
	puts("enc_mnist " ENC_MNIST_VERSION);
	return 0;
}
