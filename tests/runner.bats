# SPDX-License-Identifier: Apache-2.0
#
# tests/run itself: every way in which a suite can go wrong counts as failed.

RUN=$BATS_TEST_DIRNAME/run

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# A suite that exits with the first argument and prints the other ones.
suite() {
	local status=$1 && shift
	{
		echo '#!/bin/sh'
		printf "echo '%s'\n" "$@"
		echo "exit $status"
	} >suite
	chmod +x suite
}

# The last line, and the matching exit status.
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

@test "a suite that fails is shown with all that it said" {
	suite 0 1..2 '# at first' 'not ok 1 - a' '# because' 'ok 2 - b'
	sed -i '$i echo what went wrong >&2' suite
	counts "1 passed, 1 failed" 1
	[[ "$output" == *"# at first"*"not ok 1 - a"*"# because"*"ok 2 - b"* ]]
	[[ "$output" == *"what went wrong"* ]]
	[[ "$output" =~ failed\ +./suite:\ 1\ of\ 2\ in\ [0-9]+\.[0-9]\ s ]]
}

@test "of a suite that passes there is one line, and what it complained of" {
	suite 0 1..1 '# a word' 'ok 1 - a'
	sed -i '$i echo a warning >&2' suite
	counts "1 passed, 0 failed" 0
	[[ "$output" != *"a word"* ]]
	[[ "$output" == *"a warning"* ]]
	[[ "$output" =~ ok\ +./suite:\ 1\ of\ 1\ in\ [0-9]+\.[0-9]\ s ]]
}

@test "what a suite complains of does not break its tests" {
	suite 0 1..1 'ok 1 - a'
	sed -i '2i printf "ok" && printf "not" >&2 && printf " 1 - b\\n" && exit' suite
	sed -i '2i echo 1..1' suite
	counts "1 passed, 0 failed" 0
}

@test "a suite that dies fails" {
	suite 3 1..1 'ok 1 - a'
	counts "1 passed, 1 failed" 1
}

@test "a suite that a signal ends fails" {
	for signal in SEGV ABRT KILL; do
		suite 0 1..1 'ok 1 - a'
		sed -i "\$i kill -$signal \$\$" suite
		counts "1 passed, 1 failed" 1
	done
}

@test "tests that were promised and not run fail" {
	suite 0 1..3 'ok 1 - a'
	counts "1 passed, 1 failed" 1
}

@test "a skipped test has not passed" {
	suite 0 1..1 'ok 1 - a # SKIP no board'
	counts "0 passed, 1 failed" 1
}

@test "a test that is still to be done has not passed" {
	suite 0 1..2 'ok 1 - a # TODO later' 'not ok 2 - b # TODO later'
	counts "0 passed, 2 failed" 1
}

@test "a suite that bails out fails, and the count is still given" {
	suite 0 1..2 'ok 1 - a' 'Bail out! no board'
	run "$RUN" ./suite
	echo "$output"
	[[ "${lines[-1]}" =~ ^[01]\ passed,\ [12]\ failed$ ]]
	[ "$status" -eq 1 ]
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

# Each waits for the other's file, for at most a minute.
@test "suites run two at a time" {
	suite 0 1..1 'ok 1 - a'
	sed -i '2i touch $0.runs; timeout 60 sh -c "until [ -e $1.runs ]; do sleep 0.1; done" || exit' suite
	sed 's/\$1/other/' suite >one
	sed 's/\$1/one/' suite >other
	chmod +x one other
	run "$RUN" ./one ./other
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "2 passed, 0 failed" ]
	rm -- *.runs
	sed -i 's/timeout 60/timeout 1/' one other
	run "$RUN" -j 1 ./one ./other
	[ "$status" -eq 1 ]
}

# The first waits for the third, which starts when the second has ended.
@test "a suite that says nothing for a while does not hold up the others" {
	suite 0 'TAP version 13' 1..2 'ok 1 - a' 'ok 2 - b'
	sed '5i timeout 60 sh -c "until [ -e third.runs ]; do sleep 0.1; done" || exit' suite >one
	suite 0 1..1 'ok 1 - a'
	sed '2i touch $0.runs' suite >third
	chmod +x one third
	run "$RUN" ./one ./suite ./third
	echo "$output"
	[ "${lines[-1]}" = "4 passed, 0 failed" ]
}

@test "-t runs the suite of that name, or those with it in their paths" {
	suite 0 1..1 'ok 1 - a'
	mkdir sealed
	cp suite sealed/bits.suite
	cp suite sealed.suite
	cp suite resealed.suite
	cp suite other.suite
	set -- ./sealed/bits.suite ./sealed.suite ./resealed.suite ./other.suite
	run "$RUN" -t sealed "$@"
	[ "$(grep -c ^run <<<"$output")" -eq 1 ]
	[[ "$output" == *"run     ./sealed.suite"* ]]
	run "$RUN" -t eal "$@"
	[ "${lines[-1]}" = "3 passed, 0 failed" ]
	run "$RUN" -t ./sealed/bits.suite "$@"
	[ "${lines[-1]}" = "1 passed, 0 failed" ]
	run "$RUN" -t nothing "$@"
	[ "$status" -ne 0 ]
	[[ "$output" == *'no suite named "nothing"; there are:'*./other.suite* ]]
}
