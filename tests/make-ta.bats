# SPDX-License-Identifier: Apache-2.0
#
# `enc_mnist make-ta`: of the TA without an owner (the build `elf` of tests.mk) it
# makes those that the builds `production` and `other` have, bit by bit.
# owners.suite runs one on the board.

bats_require_minimum_version 1.5.0

load lib/refused

setup() {
	cd "$BATS_TEST_DIRNAME/.." || exit
	PATH=$PWD/out/native:$PATH
	variants=$PWD/out/variants
	elf=$variants/elf/ta/enc_mnist.elf
	kit=$(echo "$PWD"/out/board/tree/usr/lib/optee-os-dev/*armv8a)
	signer=$variants/owner/signer.pub
	cd "$BATS_TEST_TMPDIR" || exit
	install -m 600 "$kit/keys/default_ta.pem" kit.pem
}

# make_ta OPTION...: for the owner of the product.
make_ta() {
	run --separate-stderr enc_mnist make-ta -i "$elf" \
		-w "$variants/owner/owner.pub" -n 1 "$@"
	echo "$output"
	echo "$stderr"
}

# make_other OPTION...: the same for the other owner, with all that it has.
make_other() {
	run --separate-stderr enc_mnist make-ta -i "$elf" \
		-w "$variants/owner/other.pub" -n 2 -s "$signer" --ta "$uuid" \
		--version-floor 3 --epoch-floor 4 "$@"
	echo "$output"
	echo "$stderr"
}

# not_made TEXT...: refused, and nothing is written.
not_made() {
	output=$stderr refused 1 "$@"
	[ ! -e new.ta ]
}

# at FILE OFFSET BYTES: overwrites, with printf's escapes.
at() {
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# where FILE TEXT: its only place.
where() {
	grep -obUaF "$2" "$1" | cut -d: -f1 >places
	[ "$(wc -l <places)" -eq 1 ]
	cat places
}

@test "the TA that a build from source makes, but for the signature" {
	make_ta -s kit.pem -o new.ta
	[ "$status" -eq 0 ]
	[[ "$output" == *"sha256 $(sha256sum <"$elf" | cut -c 1-64)"* ]]
	built=$(echo "$variants"/production/ta/*.ta)
	# the header has 20 bytes and the digest 32; the key has 2048 bits
	cmp <(head -c 52 new.ta) <(head -c 52 "$built")
	cmp <(tail -c +309 new.ta) <(tail -c +309 "$built")
	run cmp new.ta "$built"
	[ "$status" -eq 1 ]
	/usr/bin/python3 "$kit/scripts/sign_encrypt.py" verify --key kit.pem \
		--uuid "$(basename "$built" .ta)" --in new.ta
}

@test "with a UUID, floors, and a signature from elsewhere: every bit" {
	built=$(echo "$variants"/other/ta/*.ta)
	uuid=$(basename "$built" .ta)
	make_other -d digest
	[ "$status" -eq 0 ]
	[ "$(cat digest)" = "$(cat "$variants/other/ta/unsigned/$uuid.dig")" ]
	make_other -S "$variants/other/signature" -o new.ta
	[ "$status" -eq 0 ]
	cmp new.ta "$built"
	# a build says the same
	for what in UUID FLOORS OWNER; do
		grep -qF "$(sed -n "s/^$what *//p" "${built%.ta}.txt")" \
			<<<"$output"
	done
	# each of these is in there
	cmp_other() {
		make_other -S "$variants/other/signature" -o else.ta "$@"
		output=$stderr refused 1 "$variants/other/signature" \
			"not the signature of this TA by this key"
		[ ! -e else.ta ]
	}
	cmp_other -n 3
	cmp_other --version-floor 4
	cmp_other --epoch-floor 3
	cmp_other --ta 01234567-89ab-4def-8123-456789abcdef
	cmp_other -w "$variants/owner/owner.pub"
	openssl genrsa -out own.pem 2048
	cmp_other -s own.pem
}

@test "a signature in one line, in several, and what is none" {
	uuid=$(sed -n 's/^UUID *//p' "$variants"/other/ta/*.txt)
	base64 -d "$variants/other/signature" >raw
	base64 -w 0 raw >one
	make_other -S one -o new.ta
	[ "$status" -eq 0 ]
	cmp new.ta "$variants/other/ta/$uuid.ta"
	rm new.ta
	base64 raw | tail -n +2 >short
	{ cat raw; echo; } | base64 >long
	: >empty
	for bad in raw short long empty; do
		make_other -S $bad -o new.ta
		not_made "$bad: not the signature of this TA by this key"
	done
	make_other -S nowhere -o new.ta
	not_made "nowhere"
}

# The flag of STATUS, behind the magic, the format and the mark of an owner.
@test "the TA knows who else has the key that signs it, and the owner is told" {
	sign_flag() {
		od -An -tu4 -j $(($(where "$1" ENC-TA) - 1 + 24)) -N 4 "$1" |
			tr -d ' '
	}
	openssl genrsa -out own.pem 3072
	make_ta -s own.pem -o own.ta
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(sign_flag own.ta)" -eq 0 ]
	make_ta -s kit.pem -o known.ta
	[[ "$stderr" == *"warning: others have the key that signs this TA"* ]]
	[ "$(sign_flag known.ta)" -eq 2 ]
	# a kit that has a key of its own
	cp "$elf" of-kit.elf
	digest=$(openssl pkey -in own.pem -pubout -outform DER | sha256sum |
		cut -c 1-64 | sed 's/../\\x&/g')
	at of-kit.elf $(($(where "$elf" ENC-TA) - 1 + 56)) "$digest"
	make_ta -i of-kit.elf -s own.pem -o of-kit.ta
	[[ "$stderr" == *"warning: others have the key"* ]]
	[ "$(sign_flag of-kit.ta)" -eq 4 ]
	# make ta-elf has written that of its kit
	[ "$(od -An -v -tx1 -j $(($(where "$elf" ENC-TA) - 1 + 56)) -N 32 "$elf" |
		tr -d ' \n')" = "$(openssl pkey -in kit.pem -pubout -outform DER |
		sha256sum | cut -c 1-64)" ]
}

@test "an encrypted key, and keys that sign no TA" {
	echo words >passphrase
	openssl pkcs8 -topk8 -in kit.pem -passout file:passphrase -out crypted.pem
	chmod 600 crypted.pem
	make_ta -s crypted.pem -P passphrase -o new.ta
	[ "$status" -eq 0 ]
	rm new.ta
	echo other >wrong
	make_ta -s crypted.pem -P wrong -o new.ta
	not_made "crypted.pem: wrong passphrase"
	for bad in "$variants/owner/owner.pem" "$variants/owner/owner.pub" \
		passphrase; do
		make_ta -s "$bad" -o new.ta
		not_made "$bad: not a key that signs TAs"
	done
	make_ta -s "$signer" -o new.ta
	not_made "signer.pub: a public key signs nothing; have --digest signed"
	openssl genrsa -out weak.pem 1024
	chmod 600 weak.pem
	make_ta -s weak.pem -o new.ta
	not_made "weak.pem: an RSA key of 1024 bits, which is too weak"
	chmod 644 kit.pem
	make_ta -s kit.pem -o new.ta
	not_made "kit.pem: others can read or change it"
	make_ta -w kit.pem -s kit.pem -o new.ta
	not_made kit.pem "public key"
}

@test "files that are no TA without an owner" {
	make_from() {
		make_ta -s kit.pem -o new.ta -i "$1"
		shift
		not_made "$@"
	}
	make_from "$variants"/production/ta/*.ta "not an ELF file" "make ta-elf"
	make_from kit.pem "kit.pem: not an ELF file"
	make_from "$variants"/production/ta/obj/ta/*.stripped.elf \
		"has an owner already: $(sed -n 's/^OWNER *//p' \
			"$variants"/production/ta/*.txt)"
	make_from "$variants/production/device/enc_mnist" "no block for an owner"
	head -c -1 "$elf" >short.elf
	make_from short.elf "cut short"
	cat "$elf" "$elf" >twice.elf
	make_from twice.elf "more than one block for an owner"
	cp "$elf" later.elf
	at later.elf $(($(where "$elf" ENC-TA) - 1 + 16)) '\02'
	make_from later.elf "another version of enc_mnist"
	cp "$elf" headless.elf
	at headless.elf "$(where "$elf" "$(printf '\x8a\xaa\x09\xee\xb9\xfb\x34\x47')")" x
	make_from headless.elf "no UUID in its head"
	make_from nowhere.elf nowhere.elf
}

@test "what must be said, and what must not" {
	run enc_mnist make-ta -i "$elf" -w "$variants/owner/owner.pub" -s kit.pem \
		-o new.ta
	refused 2 "--ta-version and --sign-key are needed"
	make_ta -s kit.pem
	[ "$status" -eq 2 ]
	make_ta -s kit.pem -o new.ta -d digest
	[ "$status" -eq 2 ]
	make_ta -s kit.pem -o new.ta --version-floor 0
	[ "$status" -eq 2 ]
	cp "$elf" copy.elf
	make_ta -s kit.pem -i copy.elf -o copy.elf
	[ "$status" -eq 1 ]
	cmp copy.elf "$elf"
	[ ! -e new.ta ]
}
