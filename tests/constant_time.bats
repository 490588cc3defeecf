# SPDX-License-Identifier: Apache-2.0
#
# No branch and no address of the TA depends on a key, on weights, on pixels or
# on values computed from them, except through nn/reveal.h. valgrind shows it
# for the workstation's build; the TA's compiler might still turn a comparison
# of floats into a branch.

bats_require_minimum_version 1.5.0

TOP=$BATS_TEST_DIRNAME/..
OBJDUMP=aarch64-linux-gnu-objdump
PROGRAM=out/secrets/native/tools/secrets

under_valgrind() {
	valgrind --quiet --error-exitcode=99 --log-file="$BATS_TEST_TMPDIR/log" \
		"$@"
}

# One build has a leak in many places, all of tests/mutants/secrets.patch.
setup_file() {
	cd "$BATS_TEST_DIRNAME/.."
	tests/mutant secrets $PROGRAM
	valgrind --quiet --log-file="$BATS_FILE_TMPDIR/planted" \
		out/mutants/secrets/$PROGRAM >"$BATS_FILE_TMPDIR/said" 2>&1 || true
}

# caught KIND PLACE: a leak of this kind is reported in this function or file.
caught() {
	cat "$BATS_FILE_TMPDIR/said" "$BATS_FILE_TMPDIR/planted"
	grep -A4 "$1" "$BATS_FILE_TMPDIR/planted" | grep -q "$2"
}

@test "nothing in the TA depends on a secret" {
	CMOCKA_MESSAGE_OUTPUT=TAP run under_valgrind "$TOP/$PROGRAM"
	cat "$BATS_TEST_TMPDIR/log"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok ' <<<"$output")" -eq 15 ]
	[ ! -s "$BATS_TEST_TMPDIR/log" ]
}

@test "an engine that skips zeros is caught" {
	caught 'Conditional jump' nn_dense_one
}

@test "an address that depends on a label is caught" {
	caught 'Use of uninitialised value' nn_label
}

@test "an engine that looks at a weight is caught" {
	caught 'Conditional jump' nn_dense_block
}

@test "a TA that looks at the key is caught" {
	caught 'Conditional jump' key.c
}

@test "a TA that looks at the key in an envelope is caught" {
	caught 'Conditional jump' provision.c
}

@test "a TA that looks at the key of a stream is caught" {
	caught 'Conditional jump' load_sealed.c
}

@test "a TA that looks at a pixel is caught" {
	caught 'Conditional jump' run.c
}

@test "an answer that stops at the largest value is caught" {
	caught 'Conditional jump' next_label
}

@test "operators that stop at a row, a sum, a zero or a value are caught" {
	# A gather that stops at its row, a convolution that looks at a sum, one of
	# int8 that skips zeros where one position is left over, a pool that stops at
	# the largest value, a softmax that skips small ones.
	for file in gather conv32 conv8 pool softmax; do
		caught 'Conditional jump' "($file\.c:"
	done
}

# The instructions of an object, but for functions that check tables. Those of
# conv, depthwise and resize compare floats of tables where they compute.
instructions() {
	$OBJDUMP -d "$TOP/out/ta/obj/$1.o" | sed '/^[0-9a-f]* <.*check>:$/,/^$/d'
}

@test "no float decides a branch in the engine of the TA" {
	for part in nn/{dense,forward,label,binary,convert,matmul,norm,pool} \
		nn/{reduce,softmax,unary} ta/answer; do
		run instructions $part
		[ "$status" -eq 0 ]
		[[ "$output" == *fmul* || "$output" == *fm[al]* || "$output" == *fdiv* ]]
		[[ "$output" != *fcmp* && "$output" != *fccmp* ]]
	done
}
