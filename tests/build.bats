# SPDX-License-Identifier: Apache-2.0
#
# Builds by packagers and by developers of other boards: see
# doc/BOARDS.md. Each uses a folder of its own and a read-only copy of the sources.

setup_file() {
	cd "$BATS_TEST_DIRNAME/.."
	export TOP=$PWD SRC=$BATS_FILE_TMPDIR/source TREE=$PWD/out/board/tree
	export KIT=$TREE/usr/lib/optee-os-dev/vexpress-qemu_armv8a
	unset MAKEFLAGS MAKELEVEL OUT BOARD DOWNLOADS OWN_KEY CI CFLAGS LDFLAGS
	mkdir "$SRC"
	git ls-files -z | xargs -0 cp -p --parents -t "$SRC"
	touch "$BATS_FILE_TMPDIR/before"
}

# build ARG...: runs make in the copy, as for the variant that is a product; its
# output is in $output.
build() {
	run make -s -C "$SRC" OUT="$BATS_TEST_TMPDIR/out" \
		OWNER_KEY="$TOP/out/variants/owner/owner.pub" TA_VERSION=1 "$@"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

# For a board with a given kit, client and compiler.
build_for_board() {
	lib=$TREE/usr/lib/aarch64-linux-gnu
	headers='-isystem =/usr/include/aarch64-linux-gnu -isystem =/usr/include'
	build TA_DEV_KIT_DIR="$KIT" OPTEE_CLIENT_EXPORT="$TREE/usr" \
		CC="aarch64-linux-gnu-gcc --sysroot=$TREE -B$lib $headers" \
		LDFLAGS="-L$lib" "$@"
}

# A command that must not run: it would install or download.
forbid() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	for name; do
		printf '#!/bin/sh\necho used: %s "$@" >>%s\nexit 1\n' "$name" \
			"$BATS_TEST_TMPDIR/used" >"$BATS_TEST_TMPDIR/bin/$name"
		chmod +x "$BATS_TEST_TMPDIR/bin/$name"
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "for another board nothing is installed, downloaded or built for this machine" {
	forbid apt-get apt-cache dpkg dpkg-query cc gcc qemu-system-aarch64
	build_for_board production
	[ ! -e "$BATS_TEST_TMPDIR/used" ] || { cat "$BATS_TEST_TMPDIR/used"; false; }
	cd "$BATS_TEST_TMPDIR/out"
	[ "$(file -b device/enc_mnist | grep -c 'ARM aarch64')" -eq 1 ]
	[ -s ta/*.ta ]
	[ ! -e native ]
	[ ! -e board ]
}

@test "a product has the same bits from a source tree that is read only, elsewhere" {
	build BOARD="$TOP/out/board" production
	[ -z "$(find "$SRC" -newer "$BATS_FILE_TMPDIR/before")" ]
	for file in device/enc_mnist ta/obj/ta/*.stripped.elf; do
		cmp "$TOP"/out/variants/production/$file \
			"$BATS_TEST_TMPDIR"/out/$file
	done
}

@test "a compiler that sets _FORTIFY_SOURCE itself is left to it" {
	build BOARD="$TOP/out/board" WERROR=-Werror \
		HOSTCC='cc -D_FORTIFY_SOURCE=3' STB_INCLUDE="$TOP/out/native/include" \
		"$BATS_TEST_TMPDIR/out/native/obj/host/base/file.o"
	[ -z "$output" ] || [[ "$output" != *redefined* ]]
}

@test "warnings end a build where we look at them, and no other" {
	object=$BATS_TEST_TMPDIR/out/native/obj/host/base/hex.o
	warn='WARNINGS=-Wall -include '$BATS_TEST_TMPDIR/warn.h
	echo 'static int unused;' >"$BATS_TEST_TMPDIR/warn.h"
	build BOARD="$TOP/out/board" "$warn" "$object"
	[[ "$output" == *"warning: "*unused* ]]
	run make -s -C "$SRC" OUT="$BATS_TEST_TMPDIR/out" BOARD="$TOP/out/board" \
		CI=true "$warn" "$object"
	[ "$status" -ne 0 ]
	[[ "$output" == *"error: "*unused* ]]
}

@test "flags of packagers come after ours, and STRIP= keeps the symbols" {
	run make -n -C "$SRC" OUT="$BATS_TEST_TMPDIR/out" BOARD="$TOP/out/board" \
		CPPFLAGS=-DOURS CFLAGS=-O1 LDFLAGS=-Wl,-O1 device
	[[ "$output" == *" -DOURS "*" -O1 "* ]]
	[[ "$output" == *" -Wl,-O1 "* ]]
	[[ "$output" != *" -O2 "* ]]
	run make -n -C "$TOP" STRIP=mystrip DESTDIR=/nowhere install
	[[ "$output" == *" -s --strip-program=mystrip "* ]]
	run make -n -C "$TOP" STRIP= DESTDIR=/nowhere install
	[ "$status" -eq 0 ]
	[[ "$output" == *"install -D -m 755"* ]]
	[[ "$output" != *strip* ]]
}

# heap ARG...: the size of the heap that the TA gets; empty: the default. Only
# that is made.
heap() {
	out=$BATS_TEST_TMPDIR/out
	mkdir -p "$out/native"
	ln -sf "$TOP/out/native/enc_mnist" "$out/native"
	build -o "$out/native/enc_mnist" "$@" "$out/ta/heap" &&
		cat "$out/ta/heap"
}

@test "make ta MODEL=file: the heap that the network needs, sealed or not" {
	need=$("$TOP/out/native/enc_mnist" inspect --json "$TOP/models/mnist.bin" |
		sed -E 's/.*"secure_memory_to_load":([0-9]+),.*/\1/')
	[ "$need" -gt 2300000 ]
	[ "$(heap MODEL=models/mnist.bin)" = "$need" ]
	openssl rand -hex -out "$BATS_TEST_TMPDIR/key" 32
	"$TOP/out/native/enc_mnist" seal -i "$TOP/models/mnist.bin" \
		-o "$BATS_TEST_TMPDIR/sealed" -K "$BATS_TEST_TMPDIR/key" \
		-w "$TOP/out/owner/owner.pem" -m mnist -n 1
	[ "$(heap MODEL="$BATS_TEST_TMPDIR/sealed")" = "$need" ]
	[ "$(heap TA_DATA_SIZE=12345)" = 12345 ]
	[ -z "$(heap)" ]
	[ -z "$(MODEL=models/mnist.bin heap)" ]
	run heap MODEL=README.md
	[ "$status" -ne 0 ]
	[[ "$output" == *"README.md: neither a sealed model nor envelopes"* ]]
	run heap MODEL=nowhere
	[[ "$output" == *"MODEL=nowhere: no such file"* ]]
	run heap MODEL=models/mnist.bin TA_DATA_SIZE=1
	[[ "$output" == *"TA_DATA_SIZE and MODEL both say"* ]]
}
