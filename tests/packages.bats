# SPDX-License-Identifier: Apache-2.0
#
# Each recipe waits for the packages that it needs, for any target, even when it
# is the first on a fresh machine, with any number of jobs. Compares the output
# of make and dpkg; scripts/fresh-machine tries it.

setup() {
	cd "$BATS_TEST_DIRNAME/.." || exit
	# Everything that `make help` lists, but clean and distclean.
	targets=$(sed -nE 's/^([a-z-]+):.*## .*/\1/p' Makefile -- */*.mk |
		grep -v clean)
}

# waits VARIABLE=VALUE...: the recipes that do not wait, with these variables.
waits() {
	# shellcheck disable=SC2086 # words
	run tests/tools/waits $targets "$@"
	echo "$output"
}

@test "every recipe waits for the packages that it needs" {
	waits
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a header, a library or a program that a recipe does not wait for is noticed" {
	waits TEST_NEEDS= FUZZ_NEEDS=clang BOARD_RUN_NEEDS=
	[ "$status" -eq 1 ]
	[[ "$output" == *".o does not wait for libcmocka-dev: "*" includes cmocka.h"* ]]
	[[ "$output" == *" does not wait for "*": links libcmocka"* ]]
	[[ "$output" == *"check does not wait for valgrind: "*" calls valgrind"* ]]
	[[ "$output" == *"check does not wait for bats: "* ]]
	[[ "$output" == *"check does not wait for qemu-system-arm: "* ]]
	[[ "$output" == *" does not wait for "*": links a sanitizer"* ]]
}

@test "the board's tree or a module that a recipe does not wait for is noticed" {
	waits device_WAITS= TA_DEPS=
	[ "$status" -eq 1 ]
	[[ "$output" == *" does not wait for out/board/tree: "* ]]
	[[ "$output" == *".ta does not wait for python3-cryptography: "* ]]
}
