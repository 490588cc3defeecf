/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay SCRIPT...: runs scripts of TA commands (tests/lib/script.h), and
 * prints the result of each step. It runs natively against the stand-in and on
 * the board against OP-TEE: the two must print the same.
 */
#include <stdlib.h>

#include "host/base/file.h"
#include "tests/lib/script.h"

#define SCRIPT_MAX (1u << 16)

int main(int argc, char **argv)
{
	script_setup();
	for (int i = 1; i < argc; i++) {
		struct enc_error e = { 0 };
		uint8_t *script = NULL;
		size_t len = 0;

		if (!enc_file_read(argv[i], SCRIPT_MAX, &script, &len, &e)) {
			fprintf(stderr, "replay: %s\n", e.what);
			return 1;
		}
		printf("== %s\n", argv[i]);
		script_run(script, len, stdout);
		free(script);
	}
	return 0;
}
