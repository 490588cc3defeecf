# SPDX-License-Identifier: Apache-2.0
#
# TA development kits of OP-TEE 3.21 to 4.10, with the compilers of this machine:
# all sources of the TA compile against kits/, which has what the TA uses of any of
# them. The kit of 4.5 is the board's; `make arm32-tests` makes that of 4.10.

load lib/refused

setup() {
	cd "$BATS_TEST_DIRNAME/.." || exit
	compilers=("aarch64-linux-gnu-gcc"
		"arm-linux-gnueabihf-gcc -mfpu=neon"
		"clang --target=aarch64-linux-gnu"
		"clang --target=arm-linux-gnueabihf -mfpu=neon")
}

# compile API COMPILER OPTION... SOURCE...: with this version of the TEE Internal
# Core API.
compile() {
	local api=$1 compiler=$2 && shift 2
	LC_ALL=C $compiler -std=gnu11 -ffreestanding -nostdinc \
		-isystem "$($compiler -print-file-name=include)" \
		-Itests/kits -DAPI="$api" -I. -Iout/ta/owner \
		-DENC_MNIST_COMPAT -DENC_MNIST_ENCRYPT_MODEL \
		-DENC_MNIST_VERSION_FLOOR=1 -DENC_MNIST_EPOCH_FLOOR=1 \
		-DENC_MNIST_TA_VERSION=0 -DENC_MNIST_SIGN_KEY=0 \
		-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Werror "$@"
}

@test "kits from 3.21 on: every compiler takes every source" {
	for compiler in "${compilers[@]}"; do
		run compile 13 "$compiler" -fsyntax-only \
			{ta,ta/compat,record,box,compat}/*.c
		echo "$compiler: $output"
		[ "$status" -eq 0 ]
		[ -z "$output" ]
	done
}

# Some lanes of its vectors must become constant. The first compiler has made the
# board's TA.
@test "every compiler takes the engine" {
	for compiler in "${compilers[@]:1}"; do
		for source in nn/*.c; do
			run compile 13 "$compiler" -O3 -S -o /dev/null "$source"
			echo "$compiler, $source: $output"
			[ "$status" -eq 0 ]
			[ -z "$output" ]
		done
	done
}

@test "an older kit is refused by its name, first of all" {
	for source in ta/*.c ta/compat/*.c; do
		run compile 11 "${compilers[0]}" -fsyntax-only "$source"
		first=$(grep -m1 'error: ' <<<"$output" || true)
		echo "$source: $first"
		[ -z "$output" ] || [[ "$first" == *"ta/kit.h:"*"older than OP-TEE 3.21"* ]]
		refusals+=$first
	done
	[ -n "$refusals" ]
}

@test "a compiler without NEON for the engine is told so" {
	run compile 13 "arm-linux-gnueabihf-gcc -mfpu=vfpv3-d16" \
		-fsyntax-only nn/pool.c
	echo "$output"
	[[ "$output" == *"the engine needs NEON"* ]]
}

# What a TA of 32 bits is built with; the kit allows more with floats.
@test "32 bits: no liberty with floats that the kit allows" {
	math=$(make -s -f nn/arm32.mk --eval='print:;@echo $(arm32_math)' print)
	math=${math/-fno-approx-func/}
	echo "$math"
	for flags in "$math" -fno-unsafe-math-optimizations; do
		# shellcheck disable=SC2086 # words
		run arm-linux-gnueabihf-gcc -funsafe-math-optimizations $flags \
			-Q --help=optimizers
		for line in associative-math.*disabled \
			reciprocal-math.*disabled \
			signed-zeros.*enabled trapping-math.*enabled; do
			grep -E -- "-f$line" <<<"$output"
		done
	done
}

# with_kit VARIABLE=VALUE...: what `make ta` would run for a kit of 32 bits.
with_kit() {
	mkdir -p "$BATS_TEST_TMPDIR/kit/mk"
	echo 'sm := ta_arm32' >"$BATS_TEST_TMPDIR/kit/mk/conf.mk"
	run make --no-print-directory -n ta TA_DEV_KIT_DIR="$BATS_TEST_TMPDIR/kit" "$@"
}

@test "32 bits: the compiler follows from the kit, unless one is given" {
	with_kit
	grep -o 'CROSS_COMPILE=arm-linux-gnueabihf- ' <<<"$output"
	with_kit CROSS_COMPILE=other-
	grep -o 'CROSS_COMPILE=other- ' <<<"$output"
	run make -n ta
	grep -o 'CROSS_COMPILE=aarch64-linux-gnu- ' <<<"$output"
}

@test "32 bits: SDOT is refused" {
	with_kit DOTPROD=1
	refused 2 "DOTPROD=1 is for TAs of 64 bits"
}

@test "the TA's makefiles use no variable of kits that 3.21 does not read" {
	run grep -nE '^[^#]*(global-cppflags|global-incdirs_ext|incdirs_ext|srcs_ext|spec-srcs)' \
		ta/Makefile ta/sub.mk
	echo "$output"
	[ -z "$output" ]
}
