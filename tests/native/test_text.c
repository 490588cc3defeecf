/* SPDX-License-Identifier: Apache-2.0 */
/* Text from files and names of files, on its way to a terminal. */
#include <string.h>

#include "host/base/error.h"
#include "testkit/test.h"

static void assert_line(const char *text, const char *shown)
{
	char line[64] = "";

	strcpy(line, text);
	enc_one_line(line);
	if (strcmp(line, shown) != 0)
		fail_msg("`%s' became `%s', expected `%s'", text, line, shown);
}

static void names_of_files_stay_as_they_are(void **state)
{
	static const char *const names[] = {
		"",
		"samples/7.png",
		" a b ~",
		"\xc3\xa4\xc3\x9f.png",
		"\xe6\x95\xb0\xe5\xad\x97",
		"\xf0\x9f\x98\x80",
		"\xc2\xa0",
		"\xf4\x8f\xbf\xbf",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_line(names[i], names[i]);
}

static void nothing_moves_the_cursor(void **state)
{
	char text[] = "a?b";

	(void)state;
	for (int c = 1; c < 32; c++) {
		text[1] = (char)c;
		assert_line(text, "a?b");
	}
	assert_line("\x7f", "?");
	assert_line("1. a.png: 7\n2. b.png: 8", "1. a.png: 7?2. b.png: 8");
	assert_line("\x1b[2J", "?[2J");
	assert_line("\xc2\x9b"
		    "2J",
		    "??2J"); /* CSI of C1, in UTF-8 */
	assert_line("\x9b"
		    "2J",
		    "?2J"); /* and in Latin-1 */
	assert_line("\xc2\x80\xc2\x9f", "????");
	assert_line("\xe2\x80\xa8", "???"); /* line separator */
	assert_line("gnp.\xe2\x80\xae"
		    "7",
		    "gnp.???7"); /* right to left */
	assert_line("\xe2\x81\xa6", "???");
	assert_line("\xd8\x9c", "??"); /* Arabic letter mark */
}

static void what_is_not_utf8_is_replaced(void **state)
{
	(void)state;
	assert_line("\xff\xfe", "??");
	assert_line("\x80", "?");
	assert_line("\xc3", "?");
	assert_line("\xc3"
		    "a",
		    "?a");
	assert_line("\xe6\x95", "??");
	assert_line("\xf0\x9f\x98", "???");
	assert_line("\xc0\x8a", "??"); /* a line end, in two bytes */
	assert_line("\xc1\xbf", "??");
	assert_line("\xe0\x82\x9b", "???");
	assert_line("\xf0\x80\x82\x9b", "????");
	assert_line("\xed\xa0\x80", "???"); /* surrogate */
	assert_line("\xf4\x90\x80\x80", "????");
	assert_line("\xf5\x80\x80\x80", "????");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_files_stay_as_they_are),
		cmocka_unit_test(nothing_moves_the_cursor),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
