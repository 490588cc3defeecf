# SPDX-License-Identifier: Apache-2.0
#
# What programs that are linked with the libraries rely on.

setup() {
	cd "$BATS_TEST_DIRNAME/.." || exit
	DEVICE=out/device/libencmnist.so.0
	OWNER=out/native/libencmnist-owner.so.0
}

@test "the interface is the one of the last release" {
	tests/tools/abi >"$BATS_TEST_TMPDIR/abi"
	run diff -u lib/abi "$BATS_TEST_TMPDIR/abi"
	echo "$output"
	echo "What was added belongs into lib/abi: tests/tools/abi >lib/abi"
	echo "What changed or went breaks programs: it needs another SO_VERSION"
	[ "$status" -eq 0 ]
}

# Neither is all that a library may call to write to a file, or to stop when the
# compiler's checks find its stack broken.
@test "the libraries neither print nor end the process" {
	for lib in $DEVICE $OWNER; do
		run nm -D --undefined-only $lib
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -gt 50 ]
		run grep -E -w "(v?printf|puts|putchar|perror|v?warnx?|v?errx?|v?error|syslog|(std(out|err))|_?_?exit|_Exit|quick_exit|abort|raise|kill|signal|sigaction|__v?printf_chk|__assert_fail)" \
			<<<"$output"
		echo "$lib: $output"
		[ "$status" -eq 1 ]
	done
}

# Of a program in C or C++, whose warnings are errors, with this header alone.
@test "each header is enough by itself" {
	for header in encmnist-error encmnist-leaves encmnist encmnist-owner; do
		begins=$(sed -n 's/^#define \(ENCMNIST_[A-Z]*\)  *\\$/\1/p' \
			lib/$header.h)
		{
			echo "#include \"lib/$header.h\""
			for begin in $begins; do
				echo "struct ${begin,,} ${begin,,} = $begin;"
			done
			[ -z "$begins" ] ||
				echo "enum encmnist_leaves leaves = ENCMNIST_TOP;"
		} >"$BATS_TEST_TMPDIR/user.c"
		cat "$BATS_TEST_TMPDIR/user.c"
		for language in c++:c++11 c++:c++20 c:c99 c:c11; do
			clang -x ${language%:*} -std=${language#*:} -I. \
				-fsyntax-only -Wall -Wextra -Werror -pedantic \
				"$BATS_TEST_TMPDIR/user.c"
		done
	done
	[ -n "$begins" ]
}
