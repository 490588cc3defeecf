/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "host/base/error.h"

#define WIDTH 40

void cli_progress(const char *what, uint64_t done, uint64_t total)
{
	uint64_t filled = total ? done * WIDTH / total : WIDTH;

	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r[", stderr);
	for (size_t i = 0; i < WIDTH; i++)
		fputc(i < filled ? '#' : ' ', stderr);
	fprintf(stderr, "] %" PRIu64 "/%" PRIu64 " %s%s", done, total, what,
		enc_s(total));
}

void cli_progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}
