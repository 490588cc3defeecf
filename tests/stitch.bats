# SPDX-License-Identifier: Apache-2.0
#
# An unsigned TA, and the signature that comes to it from elsewhere: the build
# `other` of tests.mk, whose key is the board's.

load lib/refused

VARIANT=$BATS_TEST_DIRNAME/../out/variants/other

setup() {
	cd "$BATS_TEST_DIRNAME/.." || exit
	unset OWNER_KEY MAKEFLAGS MAKELEVEL TA_SIGN_KEY
	out=$BATS_TEST_TMPDIR/out
	mkdir -p "$out/ta" "$out/device"
	touch -d '1 hour ago' "$out/config"
	cp -R "$VARIANT/ta/unsigned" "$out/ta"
	cp "$VARIANT/device/enc_mnist" "$out/device"
	uuid=$(sed -n 's/^UUID *//p' "$out"/ta/unsigned/*.txt)
	of=$out/ta/unsigned/$uuid
	kit=$(echo out/board/tree/usr/lib/optee-os-dev/*armv8a)
	sig=$BATS_TEST_TMPDIR/signature
}

stitch() {
	run make -s OUT="$out" SIG="$sig" stitch
}

install_it() {
	run make -s OUT="$out" DESTDIR="$BATS_TEST_TMPDIR/root" "$@" install
}

# Says these things, and leaves nothing that could be taken for a product.
no_product() {
	echo "$output"
	[ "$status" -ne 0 ]
	for text in "$@"; do
		[[ "$output" == *"$text"* ]]
	done
	[[ "$output" != *Traceback* ]]
	[ -z "$(find "$out/ta" -name '*.ta' -o -name '*.txt' ! -path '*/unsigned/*')" ]
	install_it
	[ "$status" -ne 0 ]
	[[ "$output" == *"nothing to install"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/root" ]
}

@test "a stitched TA is the one that is signed directly, but for the signature" {
	tests/sign "$kit/keys/default_ta.pem" "$of.dig" >"$sig"
	stitch
	echo "$output"
	[ "$status" -eq 0 ]
	/usr/bin/python3 "$kit/scripts/sign_encrypt.py" sign-enc \
		--uuid "$uuid" --ta-version 2 --in "$of.elf" \
		--key "$kit/keys/default_ta.pem" \
		--out "$BATS_TEST_TMPDIR/direct.ta"
	# the header has 20 bytes and the digest 32; the key has 2048 bits
	for ta in "$out/ta/$uuid.ta" "$BATS_TEST_TMPDIR/direct.ta"; do
		head -c 52 "$ta"
		tail -c +309 "$ta"
	done >"$BATS_TEST_TMPDIR/both"
	size=$(($(wc -c <"$BATS_TEST_TMPDIR/both") / 2))
	[ "$size" -gt 50000 ]
	cmp <(head -c $size "$BATS_TEST_TMPDIR/both") \
		<(tail -c $size "$BATS_TEST_TMPDIR/both")
}

@test "make stitch says what it made, and make install installs it" {
	install_it
	[ "$status" -ne 0 ]
	[[ "$output" == *"not signed: make stitch"* ]]
	tests/sign "$kit/keys/default_ta.pem" "$of.dig" >"$sig"
	stitch
	for line in "BUILT    $out/ta/$uuid.ta" "UUID     $uuid" "VERSION  2" \
		"SIGNED   with the public key of OP-TEE"; do
		[[ "$output" == *"  $line"* ]]
	done
	install_it
	[ "$status" -eq 0 ]
	[[ "$output" == *"UUID     $uuid"* ]]
	cmp "$out/ta/$uuid.ta" \
		"$BATS_TEST_TMPDIR/root/usr/local/lib/optee_armtz/$uuid.ta"
	# the settings have changed between build and signature
	touch -d '30 minutes ago' "$of.dig"
	touch -d '20 minutes ago' "$out/config"
	stitch
	install_it
	[ "$status" -ne 0 ]
	[[ "$output" == *"$uuid.ta was built with other settings"* ]]
}

@test "the signature of another key, or of another TA" {
	openssl genrsa -out "$BATS_TEST_TMPDIR/own.pem" 2048
	tests/sign "$BATS_TEST_TMPDIR/own.pem" "$of.dig" >"$sig"
	stitch
	no_product "make stitch: $sig is not the signature of $of.dig" \
		"Verification failed"
	openssl rand -base64 32 >"$BATS_TEST_TMPDIR/digest"
	tests/sign "$kit/keys/default_ta.pem" "$BATS_TEST_TMPDIR/digest" >"$sig"
	stitch
	no_product "Verification failed"
	# the TA was built anew since
	tests/sign "$kit/keys/default_ta.pem" "$of.dig" >"$sig"
	printf x >>"$of.elf"
	stitch
	no_product "Verification failed"
}

@test "what is no signature, and no unsigned TA" {
	tests/sign "$kit/keys/default_ta.pem" "$of.dig" >"$BATS_TEST_TMPDIR/right"
	stitch
	no_product "SIG=$sig: no file with a signature" "$of.dig"
	sig= stitch
	no_product "SIG=: no file with a signature" "$of.dig"
	base64 -d "$BATS_TEST_TMPDIR/right" >"$sig"
	stitch
	no_product "SIG=$sig: no file with a signature in base64" "$of.dig"
	for what in 'head -n 1' 'head -c 0'; do
		$what "$BATS_TEST_TMPDIR/right" >"$sig"
		stitch
		no_product "$sig is not the signature"
	done
	rm -r "$out/ta/unsigned"
	stitch
	no_product "no unsigned TA"
}

@test "a TA that was stitched does not outlive a wrong signature" {
	tests/sign "$kit/keys/default_ta.pem" "$of.dig" >"$sig"
	stitch
	[ "$status" -eq 0 ]
	[ -e "$out/ta/$uuid.ta" ]
	echo >"$sig"
	stitch
	no_product "$sig is not the signature"
}

@test "a public key signs nothing: only make production takes it" {
	run make -s OUT="$out" OWNER_KEY=out/variants/owner/owner.pub \
		TA_SIGN_KEY=out/variants/owner/signer.pub ta
	no_product "signer.pub: a public key signs nothing"
}
