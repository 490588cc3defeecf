/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequences of TA commands (tests/lib/script.h) in two sessions, run by the TA
 * on the stand-in. Closing the sessions must leave nothing behind.
 */
#include "testkit/test.h"
#include "tests/lib/script.h"
#include "tests/standin/standin.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	script_setup();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	standin_reset();
	script_reset();
	script_run(data, size, NULL);
	assert_int_equal(standin_leaks(), 0);
	return 0;
}
