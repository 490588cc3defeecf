# SPDX-License-Identifier: Apache-2.0
#
# `make production` leaves out everything that only enc_mnist-rs needs: code and
# texts, not just commands.

load lib/leaves_out

OUT=$BATS_TEST_DIRNAME/../out
VARIANT=$OUT/variants/production
UUID=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744
TA=ta/obj/ta/$UUID.elf

@test "the TA of a product has no raw key, no CBC, no encryption, no decryption" {
	leaves_out $TA key_store key_read cipher_open cipher_blocks \
		compat_load_begin box_cbc_open_begin box_cbc_open_push \
		box_cbc_open_end compat_encrypt compat_decrypt box_cbc_seal_begin \
		record_burn_push nn_logits
	leaves_out_words $TA model-key
	for name in load_sealed_begin provision infer run; do
		has "$VARIANT/$TA" $name
	done
}

@test "the device's program of a product has no raw key and no JSON models" {
	leaves_out device/enc_mnist enc_tee_store_key enc_tee_load_begin \
		enc_model_json_read_stream enc_cbc_seal \
		box_cbc_seal_push record_burn_push
	leaves_out_words device/enc_mnist AES-256-CBC encrypted_data store-key
	for name in enc_tee_load_begin_sealed enc_tee_provision; do
		has "$VARIANT/device/enc_mnist" $name
	done
}

@test "the owner's program of a product has no CBC and no JSON models" {
	leaves_out native/enc_mnist enc_cbc_seal enc_model_json_write \
		box_cbc_seal_push
	leaves_out_words native/enc_mnist AES-256-CBC encrypted_data store-key
	for name in enc_seal_network quantize_network; do
		has "$VARIANT/native/enc_mnist" $name
	done
}

# explained BUILD: the commands that its program lists.
explained() {
	"$1/native/enc_mnist" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'
}

# said BUILD: all texts in its programs and in files made from their tables.
said() {
	cat "$1/native/share/enc_mnist.1" \
		"$1"/{native,device}/share/{enc_mnist.bash,_enc_mnist}
	strings -n 3 "$1"/{native,device}/enc_mnist
	for command in $(explained "$1"); do
		"$1/native/enc_mnist" "$command" --help
	done
}

@test "help, manual and messages of a product name no command that it lacks" {
	cd "$BATS_TEST_TMPDIR"
	explained "$VARIANT" >commands
	[ "$(explained "$OUT" | grep -vxFf commands | tr '\n' ' ')" = \
		"encrypt-model verify-model store-key " ]
	said "$OUT" >default
	said "$VARIANT" >product
	for name in encrypt-model verify-model store-key "JSON from"; do
		grep -qF -- "$name" default
		run grep -F -- "$name" product
		echo "$output"
		[ "$status" -eq 1 ]
	done
	grep -oE '`enc_mnist [a-z][a-z-]*' product | cut -d' ' -f2 | sort -u >named
	[ "$(wc -l <named)" -ge 6 ]
	run grep -vxFf commands named
	echo "$output"
	[ "$status" -eq 1 ]
}

@test "a product has an owner that somebody has named" {
	cd "$BATS_TEST_DIRNAME/.."
	unset OWNER_KEY MAKEFLAGS MAKELEVEL
	run make OUT="$BATS_TEST_TMPDIR/out" production
	[ "$status" -ne 0 ]
	[[ "$output" == *"OWNER_KEY=owner.pub"* ]]
	for not in '' nowhere.pub .; do
		run make -n OUT="$BATS_TEST_TMPDIR/out" OWNER_KEY=$not production
		[ "$status" -ne 0 ]
		[[ "$output" == *"OWNER_KEY=$not: no such file"* ]]
	done
	# the key of the demo, however it is named
	for own in out/owner/owner.pub "$PWD/out/owner/owner.pub"; do
		run make OWNER_KEY="$own" OUT="$BATS_TEST_TMPDIR/out" \
			OWN_KEY="$PWD/out/owner/owner.pub" TA_VERSION=1 production
		[ "$status" -ne 0 ]
		[[ "$output" == *"not the key of the demo"* ]]
	done
}

@test "a product has a version, and so has a TA with floors" {
	cd "$BATS_TEST_DIRNAME/.."
	unset OWNER_KEY MAKEFLAGS MAKELEVEL
	run make OUT="$BATS_TEST_TMPDIR/out" \
		OWNER_KEY=out/variants/owner/owner.pub production
	[ "$status" -ne 0 ]
	[[ "$output" == *"TA_VERSION=N?"* ]]
	for floor in VERSION_FLOOR=2 EPOCH_FLOOR=2; do
		run make -n OUT="$BATS_TEST_TMPDIR/out" $floor ta
		[ "$status" -ne 0 ]
		[[ "$output" == *"floors need TA_VERSION=N"* ]]
	done
	for number in 0 x 1234567890; do
		run make -n OUT="$BATS_TEST_TMPDIR/out" TA_VERSION=$number ta
		[ "$status" -ne 0 ]
		[[ "$output" == *"TA_VERSION is a number"* ]]
	done
}

@test "a UUID is one, in either case" {
	cd "$BATS_TEST_DIRNAME/.."
	unset OWNER_KEY MAKEFLAGS MAKELEVEL
	other=$(sed -n 's/^UUID *//p' "$OUT"/variants/other/ta/*.txt)
	for uuid in "$other" "${other^^}"; do
		run make -n OUT="$BATS_TEST_TMPDIR/out" TA_UUID="$uuid" ta
		[ "$status" -eq 0 ]
		[[ "$output" == *"/ta/$other.ta"* ]]
		[[ "$output" != *"$UUID"* ]]
	done
	for bad in x "${other#?}" "${other}0" "${other//-/}" "{$other}" \
		00000000-0000-0000-0000-000000000000; do
		run make -n OUT="$BATS_TEST_TMPDIR/out" TA_UUID="$bad" ta
		[ "$status" -ne 0 ]
		[[ "$output" == *"TA_UUID=$bad: not a UUID"* ]]
	done
}

# It is in the TA's header and in the program, in the order of a TEE_UUID.
@test "a build with TA_UUID has that UUID, and not the default one" {
	in_memory() {
		set -- "${1//-/}"
		echo "${1:6:2}${1:4:2}${1:2:2}${1:0:2}${1:10:2}${1:8:2}${1:14:2}${1:12:2}${1:16}"
	}
	has_uuid() {
		od -An -v -tx1 "$1" | tr -d ' \n' | grep -q "$2"
	}
	other=$(sed -n 's/^UUID *//p' "$OUT"/variants/other/ta/*.txt)
	elf=$OUT/variants/other/ta/unsigned/$other.elf
	for form in "$(in_memory "$other")" "${other//-/}"; do
		has_uuid "$elf" "$form"
		run has_uuid "$VARIANT/$TA" "$form"
		[ "$status" -eq 1 ]
	done
	for form in "$(in_memory "$UUID")" "${UUID//-/}"; do
		has_uuid "$VARIANT/$TA" "$form"
		run has_uuid "$elf" "$form"
		[ "$status" -eq 1 ]
	done
	has_uuid "$OUT/variants/other/device/enc_mnist" "${other//-/}"
}

@test "what was built before is not taken for a product that was not" {
	cd "$BATS_TEST_DIRNAME/.."
	unset OWNER_KEY MAKEFLAGS MAKELEVEL
	out=$BATS_TEST_TMPDIR/out
	mkdir -p "$out/device" "$out/ta"
	for wrong in '' OWNER_KEY=nowhere.pub OWNER_KEY=Makefile \
		'OWNER_KEY=Makefile EPOCH_FLOOR=-1' \
		'OWNER_KEY=Makefile TA_SIGN_KEY=nowhere.pem' \
		'OWNER_KEY=Makefile FEATURES=nonsense' \
		'OWNER_KEY=Makefile TA_UUID=nonsense'; do
		touch "$out/device/enc_mnist" "$out/ta/$UUID.ta" \
			"$out/ta/01234567-89ab-4def-8123-456789abcdef.ta"
		# shellcheck disable=SC2086 # none, or some
		run make OUT="$out" $wrong production
		[ "$status" -ne 0 ]
		run make OUT="$out" DESTDIR="$BATS_TEST_TMPDIR/root" install
		[ "$status" -ne 0 ]
		[[ "$output" == *"nothing to install"* ]]
		[ -z "$(find "$out/ta" -name '*.ta')" ]
	done
	touch "$out/device/enc_mnist" "$out/ta/$UUID.ta"
	run make -n OUT="$out" OWNER_KEY=nowhere.pub production
	[ "$status" -ne 0 ]
	[ -e "$out/device/enc_mnist" ]
	[ -e "$out/ta/$UUID.ta" ]
}

@test "a key to sign with that is not there, and numbers that are none" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	run make -n TA_SIGN_KEY=typo.pem all
	[ "$status" -ne 0 ]
	[[ "$output" == *"TA_SIGN_KEY=typo.pem: no such file"* ]]
	for number in VERSION_FLOOR=0 EPOCH_FLOOR=x VERSION_FLOOR=4294967296 \
		TA_DATA_SIZE=abc TA_DATA_SIZE=0; do
		run make -n $number all
		[ "$status" -ne 0 ]
		[[ "$output" == *"number"* ]]
	done
}

# key_in OWNER.pub TA: whether the TA has this public key in it.
key_in() {
	hex=$(grep -v -- ----- "$1" | base64 -d | tail -c 32 |
		od -An -v -tx1 | tr -d ' \n')
	[ "${#hex}" -eq 64 ]
	od -An -v -tx1 "$2" | tr -d ' \n' | grep -q "$hex"
}

@test "a TA has its owner's public key in it, and no other" {
	key_in "$OUT/owner/owner.pub" "$OUT/$TA"
	key_in "$OUT/variants/owner/owner.pub" "$VARIANT/$TA"
	run key_in "$OUT/owner/owner.pub" "$VARIANT/$TA"
	[ "$status" -ne 0 ]
}

@test "owner-key refuses what is not an owner's public key" {
	cd "$BATS_TEST_DIRNAME/.."
	two=$BATS_TEST_TMPDIR/two.pub
	other=$BATS_TEST_TMPDIR/other.pub
	cat out/owner/owner.pub out/variants/owner/owner.pub >"$two"
	openssl genpkey -algorithm x25519 | openssl pkey -pubout -out "$other"
	for bad in "$two" "$other" out/owner/owner.pem README.md /nonexistent; do
		run ta/owner-key "$bad"
		[ "$status" -ne 0 ]
		[[ "$output" == owner-key:\ "$bad":* ]]
	done
}

@test "a build says whose it is" {
	cd "$BATS_TEST_DIRNAME/.."
	out/native/enc_mnist owner-key -o "$BATS_TEST_TMPDIR/pem" \
		-p "$BATS_TEST_TMPDIR/pub" >"$BATS_TEST_TMPDIR/said"
	run ta/owner-key "$BATS_TEST_TMPDIR/pub"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	grep -q "^owner: *$(sed -n 's,^/\* owner \(.*\) \*/$,\1,p' \
		<<<"$output")$" "$BATS_TEST_TMPDIR/said"
}

@test "another owner is noticed, even in an older file" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	own=$BATS_TEST_TMPDIR/owner.pub
	header=$BATS_TEST_TMPDIR/out/ta/owner/owner_key.h
	for turn in 1 2; do
		rm -f "$BATS_TEST_TMPDIR/pem" "$own"
		out/native/enc_mnist owner-key -o "$BATS_TEST_TMPDIR/pem" \
			-p "$own"
		touch -d "$turn hours ago" "$own"
		make -s OUT="$BATS_TEST_TMPDIR/out" OWNER_KEY="$own" "$header"
		ta/owner-key "$own" | diff - "$header"
	done
}

@test "a key for signing TAs that others have is known, in any form" {
	cd "$BATS_TEST_TMPDIR"
	known=$BATS_TEST_DIRNAME/../ta/known-sign-key
	key=$(echo "$OUT"/board/tree/usr/lib/optee-os-dev/*armv8a/keys/default_ta.pem)
	[ "$("$known" "$key" "$key")" = 1 ]
	openssl pkey -in "$key" -pubout -out public.pem
	[ "$("$known" public.pem "$key")" = 1 ]
	openssl genrsa -out own.pem 2048
	[ "$("$known" own.pem "$key")" = 0 ]
	openssl pkey -in own.pem -pubout -out own.pub
	[ "$("$known" own.pub "$key")" = 0 ]
	[ "$("$known" own.pem /nonexistent)" = 0 ]
	openssl rsa -in own.pem -out kit.pem
	[ "$("$known" own.pem kit.pem)" = 2 ]
	openssl genpkey -algorithm ed25519 -out ed25519.pem
	for bad in /nonexistent "$BATS_TEST_FILENAME" ed25519.pem; do
		run "$known" "$bad" "$key"
		[ "$status" -eq 1 ]
		[[ "$output" == "known-sign-key: $bad: "* ]]
	done
}

# The kit does not sign anew for a key whose file is older than the TA.
@test "a TA is signed anew, and its signature verified" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	own=$BATS_TEST_TMPDIR/own.pem
	openssl genrsa -out "$own" 2048
	touch -d '1 hour ago' "$own"
	make -n TA_SIGN_KEY="$own" out/ta/$UUID.ta >"$BATS_TEST_TMPDIR/n"
	removed=$(grep -n "rm -rf .* $PWD/out/ta/obj/ta/$UUID.ta" \
		"$BATS_TEST_TMPDIR/n" | cut -d: -f1)
	signed=$(grep -n "TA_SIGN_KEY=$own" "$BATS_TEST_TMPDIR/n" | cut -d: -f1)
	verified=$(grep -n 'sign_encrypt.py verify' "$BATS_TEST_TMPDIR/n" |
		cut -d: -f1)
	copied=$(grep -n "cp $PWD/out/ta/obj/ta/$UUID.ta" "$BATS_TEST_TMPDIR/n" |
		cut -d: -f1)
	[ "$removed" -lt "$signed" ]
	[ "$signed" -lt "$verified" ]
	[ "$verified" -lt "$copied" ]
	# and what verifies it notices another key
	kit=$(echo out/board/tree/usr/lib/optee-os-dev/*armv8a)
	verify() {
		/usr/bin/python3 "$kit/scripts/sign_encrypt.py" verify \
			--uuid $UUID --key "$1" --in out/ta/$UUID.ta
	}
	verify "$kit/keys/default_ta.pem"
	run verify "$own"
	[ "$status" -ne 0 ]
}

@test "make installs what it builds in the same breath, afterwards" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	make -n OWNER_KEY=out/variants/owner/owner.pub TA_VERSION=1 \
		install production >"$BATS_TEST_TMPDIR/n"
	built=$(grep -n 'NO_FEATURES=1 FEATURES=plot' "$BATS_TEST_TMPDIR/n" |
		head -n 1 | cut -d: -f1)
	[ "$built" -lt "$(grep -n 'install -D' "$BATS_TEST_TMPDIR/n" |
		head -n 1 | cut -d: -f1)" ]
}

@test "make clean keeps the owner's keys" {
	out=$BATS_TEST_TMPDIR/out
	mkdir -p "$out/owner" "$out/ta"
	touch "$out/owner/owner.pem"
	make -s -C "$BATS_TEST_DIRNAME/.." OUT="$out" clean
	[ "$(cd "$out" && find . -type f)" = ./owner/owner.pem ]
	[ ! -e "$out/ta" ]
}
