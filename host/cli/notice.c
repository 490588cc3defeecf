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
		return "already light on a dark background; try without "
		       "--invert";
	if (options->fit)
		return "dark on a light background, but the network reads "
		       "light on dark; try --invert";
	return "dark on a light background, but the network reads light on "
	       "dark; try --invert --fit";
}

static const char *about_hidden(const struct enc_image_options *options)
{
	if (options->invert)
		return "white on a transparent background, which counts as "
		       "white; try without --invert";
	return "black on a transparent background, which counts as black; "
	       "try --invert";
}

/* With --fit, place and contrast of the digit do not matter. */
void cli_notice(struct cli_notices *said, const char *path,
		const struct enc_image_options *options,
		const struct enc_image_found *found)
{
	if (found->no_end)
		cli_warn("%s: the end of the file is missing, but the picture "
			 "is complete",
			 enc_file_label(path));
	if (found->light)
		once(&said->light, path, about_light(options));
	else if (found->hidden)
		once(&said->hidden, path, about_hidden(options));
	else if (found->faint && !options->fit)
		once(&said->faint, path,
		     "hardly anything is visible in it; try --fit");
	else if (found->stray && !options->fit)
		once(&said->stray, path,
		     "the digit does not have the size and place of digits in "
		     "MNIST; try --fit");
}
