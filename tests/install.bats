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
	grep -q '^  VERSION  none' "$BATS_FILE_TMPDIR/said"
	grep -q '^  OWNER    [0-9a-f ]\{79\}$' "$BATS_FILE_TMPDIR/said"
	grep -q '^  SIGNED   with the public key of OP-TEE' \
		"$BATS_FILE_TMPDIR/said"
	grep -q '^  NOTE .*not for a product' "$BATS_FILE_TMPDIR/said"
}

# A unit whose user does not exist does not start.
@test "make install-daemon: the units, their user, the model of an update" {
	unset MAKEFLAGS MAKELEVEL
	cd "$BATS_TEST_DIRNAME/.."
	make -s install-daemon DESTDIR="$BATS_TEST_TMPDIR" PREFIX=/usr
	cd "$BATS_TEST_TMPDIR"
	[ "$(find . -type f | sort)" = "./usr/bin/enc-mnistd
./usr/lib/systemd/system/enc-mnistd.service
./usr/lib/systemd/system/enc-mnistd.socket
./usr/lib/sysusers.d/enc-mnistd.conf
./usr/share/man/man8/enc-mnistd.8" ]
	user=$(sed -n 's/^User=//p' usr/lib/systemd/system/enc-mnistd.service)
	grep "^u $user " usr/lib/sysusers.d/enc-mnistd.conf
	group=$(sed -n 's/^SocketGroup=//p' \
		usr/lib/systemd/system/enc-mnistd.socket)
	grep "^u $group " usr/lib/sysusers.d/enc-mnistd.conf
	grep "^m $user tee$" usr/lib/sysusers.d/enc-mnistd.conf
	model=$(sed -n 's/^Environment=MODELS=--model=model=//p' \
		usr/lib/systemd/system/enc-mnistd.service)
	grep -F "{ENC_MNIST_MODEL:-$model}" \
		"$BATS_TEST_DIRNAME/../examples/update/enc_mnist-update"
}

@test "make install says nothing of the kind about a product" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	make -s OUT=out/variants/production TA_VERSION=1 \
		OWNER_KEY=out/variants/owner/owner.pub \
		DESTDIR="$BATS_TEST_TMPDIR" install >"$BATS_TEST_TMPDIR/said"
	grep -q '^  VERSION  1$' "$BATS_TEST_TMPDIR/said"
	grep -q '^  FEATURES plot$' "$BATS_TEST_TMPDIR/said"
	run grep -c NOTE "$BATS_TEST_TMPDIR/said"
	[ "$output" = 0 ]
}

@test "make install takes the TA that was built, under any UUID" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	note=$(echo out/variants/other/ta/*.txt)
	uuid=$(basename "$note" .txt)
	run make -s OUT=out/variants/other DESTDIR="$BATS_TEST_TMPDIR" install
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"  UUID     $uuid"* ]]
	[ "$(ls "$BATS_TEST_TMPDIR/usr/local/lib/optee_armtz")" = "$uuid.ta" ]
}

@test "make install does not take what is older than its settings" {
	unset MAKEFLAGS MAKELEVEL
	out=$BATS_TEST_TMPDIR/out
	mkdir -p "$out/device" "$out/ta"
	touch -d '1 hour ago' "$out/ta/$TA"
	touch -d '1 minute ago' "$out/config"
	touch "$out/device/enc_mnist"
	run make -s -C "$BATS_TEST_DIRNAME/.." OUT="$out" STRIP= \
		DESTDIR="$BATS_TEST_TMPDIR/root" install
	[ "$status" -ne 0 ]
	[[ "$output" == *"$TA was built with other settings"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/root" ]
	# another owner's key than that in the TA
	mkdir -p "$out/ta/owner"
	touch "$out/ta/$TA" "$out/device/enc_mnist"
	touch -d '1 hour' "$out/ta/owner/owner_key.h"
	run make -s -C "$BATS_TEST_DIRNAME/.." OUT="$out" STRIP= \
		DESTDIR="$BATS_TEST_TMPDIR/root" install
	[ "$status" -ne 0 ]
	[ ! -e "$BATS_TEST_TMPDIR/root" ]
}

@test "no folder is the root directory, and what was not made here stays" {
	unset MAKEFLAGS MAKELEVEL
	for name in OUT BOARD DOWNLOADS OWN_KEY; do
		run env $name= make -n -C "$BATS_TEST_DIRNAME/.." help
		[ "$status" -ne 0 ]
		[[ "$output" == *"$name is empty"* ]]
	done
	run env DOWNLOADS=/nowhere make -n -C "$BATS_TEST_DIRNAME/.." distclean
	[ "$status" -eq 0 ]
	[[ "$output" == *"rm -rf"* && "$output" != *nowhere* ]]
	mkdir -p "$BATS_TEST_TMPDIR/foreign/folder"
	for target in clean distclean; do
		run make -C "$BATS_TEST_DIRNAME/.." \
			OUT="$BATS_TEST_TMPDIR/foreign" $target
		[ "$status" -ne 0 ]
		[[ "$output" == *"holds no build of this project"* ]]
		[ -d "$BATS_TEST_TMPDIR/foreign/folder" ]
	done
}
