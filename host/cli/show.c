/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include <stdio.h>
#include <string.h>

#include "host/base/error.h"
#include "host/image/image.h"

#define TEXT_COLUMNS 12
#define LABEL_ROW    (ENC_IMAGE_ROWS / 2 - 1)
#define NAME_ROW     (LABEL_ROW + 1)
#define TIME_ROW     (NAME_ROW + 1)

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void print_text(const struct cli_answer *answer, size_t row)
{
	char text[TEXT_COLUMNS + 1] = "";

	if (row == LABEL_ROW)
		snprintf(text, sizeof(text), " label %u",
			 (unsigned int)answer->classes->label);
	else if (row == NAME_ROW)
		snprintf(text, sizeof(text), " %.*s", TEXT_COLUMNS - 2,
			 file_name(answer->path));
	else if (row == TIME_ROW && answer->ms >= 0)
		snprintf(text, sizeof(text), " %.3f ms", answer->ms);
	enc_one_line(text);
	printf("%-*s", TEXT_COLUMNS, text);
}

void cli_show(const struct cli_answer *answers, size_t count)
{
	enum enc_image_style style = enc_image_style_for(stdout);
	char rows[CLI_SHOW_ABREAST][ENC_IMAGE_ROWS][ENC_IMAGE_ROW_BYTES];

	for (size_t i = 0; i < count; i++)
		enc_image_rows(answers[i].pixels, style, rows[i]);
	for (size_t row = 0; row < ENC_IMAGE_ROWS; row++) {
		for (size_t i = 0; i < count; i++) {
			fputs(rows[i][row], stdout);
			print_text(&answers[i], row);
		}
		putchar('\n');
	}
}
