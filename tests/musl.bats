# SPDX-License-Identifier: Apache-2.0
#
# Another C library's getopt_long() parses command lines as glibc's does: many
# Linux systems with OP-TEE use musl. Only the code that parses command lines is
# built.

setup_file() {
	cd "$BATS_TEST_DIRNAME/.."
	# JSON needs a library
	cat >"$BATS_FILE_TMPDIR/json.c" <<-'END'
		#include "host/cli/cli.h"

		void cli_error_object(enum cli_exit status, const char *message,
				      const char *hint)
		{
			(void)status;
			(void)message;
			(void)hint;
		}
	END
	musl-gcc -static -std=gnu11 -I. -D_GNU_SOURCE -DENC_MNIST_WORDS_ALONE \
		-DENC_MNIST_OWNER_TOOLS -DENC_MNIST_COMPAT \
		-DENC_MNIST_ENCRYPT_MODEL -DENC_MNIST_PLOT \
		-o "$BATS_FILE_TMPDIR/enc_mnist" "$BATS_FILE_TMPDIR/json.c" \
		host/base/error.c host/base/file.c host/base/hex.c \
		host/cli/commands.c host/cli/help.c host/cli/main.c \
		host/cli/options.c host/cli/say.c
}

# as_glibc STATUS ARGUMENT...: both exit with this status and print the same,
# besides JSON.
as_glibc() {
	local wanted=$1 && shift
	run "$BATS_TEST_DIRNAME/../out/native/enc_mnist" "$@"
	echo "$*: $status, $output"
	[ "$status" -eq "$wanted" ]
	local said
	said=$(grep -v '^{"error":' <<<"$output")
	run "$BATS_FILE_TMPDIR/enc_mnist" "$@"
	echo "with musl: $status, $output"
	[ "$status" -eq "$wanted" ]
	[ "$output" = "$said" ]
}

@test "options that are not understood" {
	as_glibc 2 infer --bogus
	as_glibc 2 infer x --bogus=1 y
	as_glibc 2 infer -z
	as_glibc 2 infer x --json -zj
	as_glibc 2 seal --m x
	as_glibc 2 seal x --model=m
	as_glibc 2 infer --help=1
	as_glibc 2 eval x --json=yes y
}

@test "options without their values" {
	as_glibc 2 infer --m
	as_glibc 2 infer x --model
	as_glibc 2 infer -m
	as_glibc 2 infer x -m
	as_glibc 2 infer x y --model z --json -jm
}

@test "values, in any order" {
	as_glibc 2 eval -mx --im - --labels=-
	as_glibc 2 infer -mx -b - -jsi x
	as_glibc 2 infer b.bin -m m -b b
	as_glibc 2 infer -m m -b a -- -x
	as_glibc 2 inspect a --json b
	as_glibc 2 eval x -n 0 -y y
	as_glibc 1 provision --inp x
}

@test "help and version" {
	as_glibc 0 -h
	as_glibc 0 --version
	as_glibc 0 infer x --hel
	as_glibc 0 infer -jhm
	as_glibc 0 seal -V
}
