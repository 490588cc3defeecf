/* SPDX-License-Identifier: Apache-2.0 */
#include "notice.h"

#include "cli.h"
#include "host/base/file.h"

static void once(bool *said, const char *path, const char *what)
{
	if (!*said)
		cli_warn("%s: %s", enc_file_label(path), what);
	*said = true;
}

static const char *about_light(const struct enc_image_options *options)
{
	if (options->invert)
		return "light on a dark background already; try without "
		       "--invert";
	if (options->fit)
		return "dark on a light background, and the network reads "
		       "light on dark; try --invert";
	return "dark on a light background, and the network reads light on "
	       "dark; try --invert --fit";
}

static const char *about_hidden(const struct enc_image_options *options)
{
	if (options->invert)
		return "drawn in white and transparent, which is white paper "
		       "here; try without --invert";
	return "drawn in black and transparent, which is black paper here; "
	       "try --invert";
}

/* What is fitted may be anywhere, and as faint as it likes. */
void cli_notice(struct cli_notices *said, const char *path,
		const struct enc_image_options *options,
		const struct enc_image_found *found)
{
	if (found->no_end)
		cli_warn("%s: the end of the file is missing, but nothing of "
			 "the picture",
			 enc_file_label(path));
	if (found->light)
		once(&said->light, path, about_light(options));
	else if (found->hidden)
		once(&said->hidden, path, about_hidden(options));
	else if (found->faint && !options->fit)
		once(&said->faint, path,
		     "next to nothing is to be seen in it; "
		     "try --fit");
	else if (found->stray && !options->fit)
		once(&said->stray, path,
		     "the digit has another place or size than those of "
		     "MNIST; try --fit");
}
