# SPDX-License-Identifier: Apache-2.0
#
# make install puts things where README.md and the program's hints say.

TA=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744.ta

install() {
	make -s -C "$BATS_TEST_DIRNAME/.." install \
		DESTDIR="$BATS_TEST_TMPDIR" "$@" >"$BATS_FILE_TMPDIR/said"
	(cd "$BATS_TEST_TMPDIR" && find . -type f | sort)
}

@test "make install: below PREFIX, the TA where TA_DIR says" {
	unset MAKEFLAGS MAKELEVEL
	[ "$(install PREFIX=/usr)" = "./usr/bin/enc_mnist
./usr/lib/optee_armtz/$TA
./usr/share/bash-completion/completions/enc_mnist
./usr/share/man/man1/enc_mnist.1
./usr/share/zsh/site-functions/_enc_mnist" ]
	rm -r "$BATS_TEST_TMPDIR/usr"
	[ "$(install TA_DIR=/lib/optee_armtz | head -n 2)" = \
		"./lib/optee_armtz/$TA
./usr/local/bin/enc_mnist" ]
	grep -q '^  FEATURES compat encrypt-model plot$' "$BATS_FILE_TMPDIR/said"
	grep -q '^  OWNER   [0-9a-f ]\{79\}$' "$BATS_FILE_TMPDIR/said"
	grep -q '^  NOTE .*not for a product' "$BATS_FILE_TMPDIR/said"
}

@test "make install says nothing of the kind about a product" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	make -s OUT=out/variants/production OWNER_KEY=out/owner/owner.pub \
		DESTDIR="$BATS_TEST_TMPDIR" install >"$BATS_TEST_TMPDIR/said"
	grep -q '^  FEATURES plot$' "$BATS_TEST_TMPDIR/said"
	run grep -c NOTE "$BATS_TEST_TMPDIR/said"
	[ "$output" = 0 ]
}
