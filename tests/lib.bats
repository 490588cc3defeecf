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

# As doc/LIBRARY.md has it, for the board.
@test "what make install-lib-device installs builds a program" {
	unset MAKEFLAGS MAKELEVEL
	make -s install-lib-device PREFIX=/usr DESTDIR="$BATS_TEST_TMPDIR"
	export PKG_CONFIG_SYSROOT_DIR=$BATS_TEST_TMPDIR
	export PKG_CONFIG_LIBDIR=$BATS_TEST_TMPDIR/usr/lib/pkgconfig
	run file "$BATS_TEST_TMPDIR/usr/lib/libencmnist.so.0"
	echo "$output"
	[[ "$output" == *aarch64*", stripped" ]]
	tree=$PWD/out/board/tree
	# shellcheck disable=SC2046 # words
	aarch64-linux-gnu-gcc --sysroot="$tree" \
		-B"$tree/usr/lib/aarch64-linux-gnu" examples/library/label.c \
		$(pkgconf --cflags --libs encmnist) \
		-o "$BATS_TEST_TMPDIR/label"
	aarch64-linux-gnu-readelf -d "$BATS_TEST_TMPDIR/label" |
		grep -F '[libencmnist.so.0]'
}

@test "what make install-lib-owner installs builds a program" {
	unset MAKEFLAGS MAKELEVEL
	make -s install-lib-owner PREFIX="$BATS_TEST_TMPDIR"
	export PKG_CONFIG_PATH=$BATS_TEST_TMPDIR/lib/pkgconfig
	cat >"$BATS_TEST_TMPDIR/user.c" <<-'END'
	#include <encmnist-owner.h>
	#include <stdio.h>

	int main(void)
	{
		puts(encmnist_version());
		return encmnist_import_file("none", NULL) != NULL;
	}
	END
	# shellcheck disable=SC2046 # words
	cc -Wall -Werror "$BATS_TEST_TMPDIR/user.c" \
		$(pkgconf --cflags --libs encmnist-owner) \
		-o "$BATS_TEST_TMPDIR/user"
	run env LD_LIBRARY_PATH="$BATS_TEST_TMPDIR/lib" \
		"$BATS_TEST_TMPDIR/user"
	[ "$status" -eq 0 ]
	[ "$output" = "$(sed -n \
		's/^#define ENC_MNIST_VERSION "\(.*\)"/\1/p' \
		proto/enc_mnist_ta.h)" ]
}
