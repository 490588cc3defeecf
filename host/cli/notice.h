/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings of infer about pictures that it could read. */
#ifndef CLI_NOTICE_H
#define CLI_NOTICE_H

#include "host/image/image.h"

/* Advice that was given already; all false before the first picture. */
struct cli_notices {
	bool light;
	bool hidden;
	bool faint;
	bool stray;
};

/*
 * Warns of what was found in the picture at `path`, which was loaded with these
 * options. Each piece of advice is given once in the life of *said, because it
 * holds for all pictures from one source. A file without its end is reported
 * every time.
 */
void cli_notice(struct cli_notices *said, const char *path,
		const struct enc_image_options *options,
		const struct enc_image_found *found);

#endif
