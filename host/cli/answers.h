/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of `infer` on standard output, as they come. */
#ifndef CLI_ANSWERS_H
#define CLI_ANSWERS_H

#include <stdbool.h>
#include <yajl/yajl_gen.h>

#include "host/base/error.h"
#include "show.h"

enum cli_form {
	CLI_LINES,
	CLI_PICTURES,
	CLI_JSON,      /* one object around all answers */
	CLI_JSON_LINES /* an object for each, on a line of its own */
};

struct cli_answers {
	enum cli_form form;
	/* Names of classes, instead of their numbers; NULL: none. */
	const char *const *names;
	bool scores;  /* print them, too */
	size_t count; /* so far */
	yajl_gen gen; /* of CLI_JSON, from the first answer on */
};

/* Prints n more answers, and flushes them. */
bool cli_answers_add(struct cli_answers *to, const struct cli_answer *answers,
		     size_t n, struct enc_error *e);

/* Completes the JSON. Call it after the last answer, or an error. */
void cli_answers_end(struct cli_answers *to);

#endif
