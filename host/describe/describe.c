/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe TEMPLATE: prints a template, of the manual page or of a shell's
 * completion, and fills in the commands of host/cli/commands.c. It runs where
 * enc_mnist is built, and needs no library.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/help.h"
#include "proto/enc_mnist_ta.h"

/* --- The manual page, in mdoc(7) --------------------------------------- */

/*
 * Each sentence begins on a new line, as mdoc(7) asks. No line begins with a
 * character that is special in roff.
 */
static bool is_line_end(const char *space, size_t column)
{
	return *space == ' ' && ((space[-1] == '.' && isupper(space[1])) ||
				 (column > 60 && isalpha(space[1])));
}

static void put_roff(const char *text)
{
	size_t column = 0;

	for (; *text; text++, column++) {
		if (column && is_line_end(text, column)) {
			putchar('\n');
			column = 0;
		} else if (*text == '-' || *text == '\\') {
			fputs(*text == '-' ? "\\-" : "\\e", stdout);
		} else if (*text == '`') {
			fputs("\\(ga", stdout);
		} else {
			putchar(*text);
		}
	}
}

static void man_option(const struct cli_option *o)
{
	fputs(".It ", stdout);
	if (o->letter)
		printf("Fl %c , ", o->letter);
	if (o->name)
		printf("Fl \\-%s", o->name);
	if (o->value)
		printf("%s Ar %s", o->name ? " Ns = Ns" : "", o->value);
	putchar('\n');
	put_roff(o->help);
	putchar('\n');
}

static void man_command(const struct cli_command *command)
{
	char synopsis[512] = "";

	cli_synopsis(command, synopsis, sizeof(synopsis));
	printf(".Ss %s: ", command->name);
	put_roff(command->summary);
	printf("\n.Bd -ragged -offset indent\n.Nm\n.Cm %s\n", command->name);
	put_roff(synopsis);
	puts("\n.Ed\n.Pp");
	put_roff(command->doc);
	puts("\n.Bl -tag -width Ds");
	for (const struct cli_option *o = command->options; o->help; o++)
		man_option(o);
	puts(".El");
}

static void man_exits(void)
{
	for (int i = 0; cli_exits[i].help; i++) {
		printf(".It %d", i);
		if (cli_exits[i].kind)
			printf(" Pq %s", cli_exits[i].kind);
		putchar('\n');
		put_roff(cli_exits[i].help);
		putchar('\n');
	}
}

/* --- Completion -------------------------------------------------------- */

static bool is_file(const struct cli_option *o)
{
	return cli_is_read(o) || o->type == CLI_IS_OUTPUT;
}

static void name(const struct cli_command *command)
{
	printf("\t\t%s\n", command->name);
}

/* -m:file --model:file --json:flag: options, and what comes after them */
static void bash_options(const struct cli_option *o)
{
	for (; o->help; o++) {
		const char *after = is_file(o) ? "file" :
				    o->value   ? "text" :
						 "flag";

		if (o->letter)
			printf("-%c:%s ", o->letter, after);
		printf("%s%s:%s ", o->name ? "--" : "",
		       o->name ? o->name : "operand", after);
	}
}

static void bash_command(const struct cli_command *command)
{
	printf("\t%s) options='", command->name);
	bash_options(command->options);
	bash_options(cli_common_options);
	puts("' ;;");
}

/* Text for _arguments and _describe, in single quotes. */
static void put_zsh(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		else if (strchr("[]:\\", *text))
			putchar('\\');
		putchar(*text);
	}
}

/* '(-m --model)'{-m+,--model=}'[help]:FILE:_files' */
static void zsh_option(const struct cli_option *o)
{
	const char *long_end = o->value ? "=" : "";
	const bool is_repeated =
		o->type == CLI_IS_INPUTS || o->type == CLI_IS_TEXTS;

	fputs("\t\t", stdout);
	if (!o->name)
		fputs("'1", stdout);
	else if (o->letter && is_repeated)
		printf("'*'{-%c+,--%s=}'", o->letter, o->name);
	else if (o->letter)
		printf("'(-%c --%s)'{-%c%s,--%s%s}'", o->letter, o->name,
		       o->letter, o->value ? "+" : "", o->name, long_end);
	else
		printf("'%s--%s%s", is_repeated ? "*" : "", o->name, long_end);
	if (o->name) {
		putchar('[');
		put_zsh(o->help);
		putchar(']');
	}
	if (o->value)
		printf(":%s:%s", o->value, is_file(o) ? "_files" : "");
	puts("' \\");
}

static void zsh_name(const struct cli_command *command)
{
	printf("\t'%s:", command->name);
	put_zsh(command->summary);
	puts("'");
}

static void zsh_command(const struct cli_command *command)
{
	printf("%s)\n\t_arguments -s -S \\\n", command->name);
	for (const struct cli_option *o = command->options; o->help; o++)
		zsh_option(o);
	for (const struct cli_option *o = cli_common_options; o->help; o++)
		zsh_option(o);
	puts("\t;;");
}

/* --- Templates --------------------------------------------------------- */

/* Lines of a template that stand for a text about each command. */
static const struct part {
	const char *line;
	void (*print)(const struct cli_command *command);
} parts[] = {
	{ "@MAN@\n", man_command },   { "@NAMES@\n", name },
	{ "@BASH@\n", bash_command }, { "@ZSH_NAMES@\n", zsh_name },
	{ "@ZSH@\n", zsh_command },
};

static void put_line(const char *line)
{
	const struct part *part = parts;
	const struct part *end = parts + sizeof(parts) / sizeof(parts[0]);

	while (part < end && strcmp(line, part->line))
		part++;
	if (!strcmp(line, ".Os\n"))
		puts(".Os enc_mnist " ENC_MNIST_VERSION);
	else if (!strcmp(line, "@EXITS@\n"))
		man_exits();
	else if (part == end)
		fputs(line, stdout);
	for (size_t i = 0; part < end && i < cli_command_count; i++)
		part->print(&cli_commands[i]);
}

int main(int argc, char **argv)
{
	FILE *template = argc == 2 ? fopen(argv[1], "r") : NULL;
	char line[256] = "";

	if (!template) {
		perror(argc == 2 ? argv[1] : "usage: describe TEMPLATE");
		return EXIT_FAILURE;
	}
	while (fgets(line, sizeof(line), template))
		put_line(line);
	fclose(template);
	return fclose(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
