/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

void cli_put(const char *text)
{
	char *shown = strdup(text);

	if (!shown)
		return;
	enc_one_line(shown);
	fputs(shown, stdout);
	free(shown);
}

void cli_line(const char *what, ...)
{
	char text[2 * ENC_ERROR_TEXT] = "";
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	enc_one_line(text);
	puts(text);
}

static bool in_json;

void cli_errors_in_json(bool is_so)
{
	in_json = is_so;
}

enum cli_exit cli_exit_of(enum enc_error_kind kind)
{
	static const enum cli_exit statuses[] = {
		[ENC_OTHER] = CLI_FAILED,
		[ENC_TRY_AGAIN] = CLI_TRY_AGAIN,
		[ENC_STORAGE] = CLI_STORAGE,
		[ENC_NOT_FOR_DEVICE] = CLI_NOT_FOR_DEVICE,
		[ENC_REFUSED] = CLI_REFUSED,
	};

	return statuses[kind];
}

static void print_json(enum cli_exit status, const char *message,
		       const char *hint)
{
	if (in_json)
		cli_error_object(status, message, hint);
	fflush(stdout);
}

int cli_fail(const struct enc_error *e)
{
	const enum cli_exit status = cli_exit_of(e->kind);
	struct enc_error shown = *e;

	print_json(status, e->what, e->hint);
	enc_one_line(shown.what);
	enc_one_line(shown.hint);
	fprintf(stderr, "enc_mnist: %s%s%s\n", shown.what,
		shown.hint[0] ? "; " : "", shown.hint);
	return status;
}

void cli_warn(const char *what, ...)
{
	char text[ENC_ERROR_TEXT] = "";
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	enc_one_line(text);
	fflush(stdout);
	fprintf(stderr, "enc_mnist: warning: %s\n", text);
}

int cli_usage(const char *command, const char *what, ...)
{
	char text[ENC_ERROR_TEXT] = "";
	char hint[64] = "";
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	snprintf(hint, sizeof(hint), "see `enc_mnist %s --help'", command);
	print_json(CLI_USAGE, text, hint);
	enc_one_line(text);
	fprintf(stderr, "enc_mnist %s: %s; %s\n", command, text, hint);
	return CLI_USAGE;
}

bool cli_no_tee(struct enc_error *e)
{
	enc_fail(e, ENC_ERR_UNSUPPORTED,
		 "this build of enc_mnist cannot talk to a TEE");
	return enc_hint(e, "run this command on the device, with the "
			   "enc_mnist that was built for it "
			   "(out/device/enc_mnist); `make shell` boots a "
			   "board that has it");
}
