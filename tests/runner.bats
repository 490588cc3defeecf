# SPDX-License-Identifier: Apache-2.0
#
# tests/run itself: whatever goes wrong in a suite is counted as failed.

RUN=$BATS_TEST_DIRNAME/run

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# A suite that prints the lines and exits with the status given first.
suite() {
	local status=$1 && shift
	{
		echo '#!/bin/sh'
		printf "echo '%s'\n" "$@"
		echo "exit $status"
	} >suite
	chmod +x suite
}

# The last line, and the exit status that goes with it.
counts() {
	run "$RUN" ./suite
	echo "$output"
	[ "${lines[-1]}" = "$1" ]
	[ "$status" -eq "$2" ]
}

@test "passed tests are counted" {
	suite 0 1..2 'ok 1 - a' 'ok 2 - b'
	counts "2 passed, 0 failed" 0
}

@test "a failed test fails, with what it said" {
	suite 0 1..2 'not ok 1 - a' '# because' 'ok 2 - b'
	counts "1 passed, 1 failed" 1
	[[ "$output" == *"# because"* ]]
}

@test "a suite that dies fails" {
	suite 3 1..1 'ok 1 - a'
	counts "1 passed, 1 failed" 1
}

@test "tests that were promised and not run fail" {
	suite 0 1..3 'ok 1 - a'
	counts "1 passed, 1 failed" 1
}

@test "a skipped test has not passed" {
	suite 0 1..1 'ok 1 - a # SKIP no board'
	counts "0 passed, 1 failed" 1
}

@test "a suite without tests, or without a plan, fails" {
	suite 0 1..0
	run "$RUN" ./suite
	[ "$status" -eq 1 ]
	suite 0 'ok 1 - a'
	run "$RUN" ./suite
	[ "$status" -eq 1 ]
	suite 0 'hello'
	run "$RUN" ./suite
	[ "$status" -eq 1 ]
}

@test "figures are printed once more, before the last line" {
	suite 0 1..1 '# figure: 7 calls' 'ok 1 - a'
	counts "1 passed, 0 failed" 0
	[[ "${lines[-2]}" =~ ^figure\ +./suite\ +7\ calls$ ]]
}

@test "a suite that is not there fails" {
	run "$RUN" ./nowhere
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = "0 passed, 1 failed" ]
}
