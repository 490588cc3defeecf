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

int cli_fail(const struct enc_error *e)
{
	struct enc_error shown = *e;

	enc_one_line(shown.what);
	enc_one_line(shown.hint);
	fflush(stdout); /* results come before the error */
	fprintf(stderr, "enc_mnist: %s%s%s\n", shown.what,
		shown.hint[0] ? "; " : "", shown.hint);
	return CLI_FAILED;
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
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	enc_one_line(text);
	fprintf(stderr, "enc_mnist %s: %s; see `enc_mnist %s --help'\n",
		command, text, command);
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
