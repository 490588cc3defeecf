# SPDX-License-Identifier: Apache-2.0
#
# The commands of doc/CEREMONY.md, read from there, on the owner's machine. The
# HSM is SoftHSM; make and the device are stand-ins. token.bats is about errors.

TOP=$BATS_TEST_DIRNAME/..
UUID=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744

setup() {
	PATH=$BATS_TEST_TMPDIR/bin:$TOP/out/native:$TOP/out/native/tools:$PATH
	cd "$BATS_TEST_TMPDIR"
	export SOFTHSM2_CONF=$PWD/conf
	mkdir tokens bin out
	echo "directories.tokendir = $PWD/tokens" >conf
	tiny_tflite part 28 28 1 0 10 >model.onnx
	openssl genpkey -algorithm X25519 | openssl pkey -pubout >given.pub
	FINGERPRINT=$(openssl pkey -pubin -in given.pub -outform DER |
		tail -c 32 | openssl dgst -sha256 -r | cut -c -64)
	export FINGERPRINT
	echo 1234 >pin
	stand_ins
}

# Commands that ask for a PIN get it, in the folder bin.
stand_ins() {
	cat >bin/softhsm2-util <<-'S'
		#!/bin/sh
		exec /usr/bin/softhsm2-util "$@" --so-pin 12345678 --pin 1234
	S
	cat >bin/pkcs11-tool <<-'S'
		#!/bin/sh
		exec /usr/bin/pkcs11-tool --pin 1234 "$@"
	S
	# production: a digest; stitch: verifies its signature, as OP-TEE does
	cat >bin/make <<-'S'
		#!/bin/sh -e
		echo "make $1" >>made
		case "$1 $5" in
		"production "*)
			mkdir -p out/ta/unsigned
			openssl rand -out random 32
			base64 random >out/ta/unsigned/UUID.dig
			;;
		"stitch "*)
			base64 -d "${2#SIG=}" >stitched
			openssl pkeyutl -verify -pubin -inkey ta.pub -in random \
				-sigfile stitched -pkeyopt digest:sha256 \
				-pkeyopt rsa_padding_mode:pss \
				-pkeyopt rsa_pss_saltlen:32
			;;
		esac
	S
	cat >bin/on_device <<-'S'
		#!/bin/sh -e
		echo "$*" >>device
		[ "$2" != device-key ] || cp given.pub device.pub
	S
	chmod +x bin/*
}

@test "the commands of doc/CEREMONY.md work as they stand there" {
	sed -n 's/^\t//p' "$TOP/doc/CEREMONY.md" |
		sed 's/^OWNER=.*MODULE/&\&pin-source=file:pin/' >commands
	[ "$(grep -c 'pin-source' commands)" -eq 1 ]
	[ "$(grep -c 'enc_mnist [a-z]' commands)" -eq 15 ]
	cp "$TOP/out/variants/elf/ta/enc_mnist.elf" .
	run sh -e commands
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(tr '\n' ' ' <made)" = "make production make stitch make install " ]
	[[ "$output" == *"Signature Verified Successfully"* ]]
	/usr/bin/python3 "$TOP"/out/board/tree/usr/lib/optee-os-dev/*armv8a/scripts/sign_encrypt.py \
		verify --uuid $UUID --key ta.pub --in $UUID.ta
	for file in {model,new}.sealed {key,new,last}.envelope; do
		enc_mnist inspect $file --owner owner.pub >said
		grep -q '^signature: *valid$' said
	done
	grep -q '^retires: .*epoch 1 and lower' said
	grep -q '^models: *product, security version 2 or higher' said
	grep -q '^key id: *none' said
}

@test "the page has every key, and every command of the owner for one" {
	for command in owner-key make-ta model-key device-key seal wrap provision; do
		grep -q "enc_mnist $command " "$TOP/doc/CEREMONY.md"
	done
	for key in "owner's" model "device's" "TA signing"; do
		[ "$(grep -cE "^\| $key \| [^|]*(leaks|is lost|leaves)" "$TOP/doc/CEREMONY.md")" -eq 3 ]
	done
}
