# SPDX-License-Identifier: Apache-2.0
#
# Sealed models and envelopes on the owner's workstation: the command line.
# native/test_sealed_file.c and native/test_owner.c test the files' contents.

load lib/refused

KEY=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff

bats_require_minimum_version 1.5.0

setup() {
	PATH=$BATS_TEST_DIRNAME/../out/native:$PATH
	cd "$BATS_TEST_TMPDIR"
	cp "$BATS_TEST_DIRNAME/../models/mnist.bin" model.bin
	printf '%s\n' "$KEY" >key
	enc_mnist owner-key --output owner.pem --public owner.pub >owner.txt
}

# seal [OPTION...]: seals model.bin to model.sealed.
seal() {
	enc_mnist seal --input model.bin --output model.sealed --key-file key \
		--owner owner.pem --model-id mnist --model-version 3 "$@"
}

# device NAME: makes the public key of a device, with OpenSSL.
device() {
	openssl genpkey -algorithm X25519 -out "$1.pem"
	openssl pkey -in "$1.pem" -pubout -out "$1.pub"
}

# fingerprint [COMMAND...]: SHA-256 of the command's output, in 16 groups.
fingerprint() {
	"$@" | openssl dgst -sha256 -r | cut -c -64 | sed 's/..../& /g; s/ $//'
}

# The raw keys of a file of public keys: the last 32 bytes of each block.
raw() {
	local n
	for n in $(seq "$(grep -c BEGIN "$1")"); do
		awk -v n="$n" '/BEGIN/ { i++ } i == n' "$1" |
			openssl pkey -pubin -outform DER | tail -c 32
	done
}

@test "each command explains itself" {
	for command in owner-key model-key quantize seal wrap inspect device-key provision status; do
		run enc_mnist --help
		[[ "$output" == *"  $command "* ]]
		run enc_mnist "$command" --help
		[ "$status" -eq 0 ]
		[[ "$output" == *"Usage: enc_mnist $command"* ]]
	done
	enc_mnist inspect --help | grep -qE '^  FILE {10,}sealed model or envelopes'
}

@test "owner-key: a key pair that openssl can read, and its fingerprint" {
	openssl pkey -in owner.pem -noout -text | grep -q "ED25519 Private-Key"
	openssl pkey -pubin -in owner.pub -noout -text |
		grep -q "ED25519 Public-Key"
	grep -qx "owner: *$(fingerprint raw owner.pub)" owner.txt
	[ "$(stat -c %a owner.pem)" = 600 ]
	[ "$(grep -c 'BEGIN PRIVATE KEY' owner.pem)" -eq 1 ]
	[ "$(grep -c 'BEGIN PUBLIC KEY' owner.pub)" -eq 1 ]
}

@test "owner-key: the public key of a private one that is there" {
	enc_mnist owner-key --owner owner.pem --public again.pub >again.txt
	cmp owner.pub again.pub
	cmp owner.txt again.txt
	run enc_mnist owner-key --owner owner.pem --public owner.pub
	refused 1 "owner.pub: already exists"
	run enc_mnist owner-key --owner owner.pem -o new.pem --public new.pub
	refused 2 "one of --output and --owner is needed, not both"
	run enc_mnist owner-key --owner owner.pem --public new.pub --encrypt
	refused 2 "--encrypt: goes with --output"
	run enc_mnist owner-key --owner owner.pub --public new.pub
	refused 1 "owner.pub: not an owner's private key" "wrote to --output"
	[ ! -e new.pub ]
	printf 'two words\n' >words
	enc_mnist owner-key -o e.pem -p e.pub --passphrase-file words
	enc_mnist owner-key -w e.pem -p again.e --passphrase-file words
	cmp e.pub again.e
}

@test "owner-key overwrites neither file, and makes none without the other" {
	cp owner.pem before
	run enc_mnist owner-key -o owner.pem -p new.pub
	refused 1 "owner.pem: already exists"
	run enc_mnist owner-key -o new.pem -p owner.pub
	refused 1 "owner.pub: already exists"
	run enc_mnist owner-key -o new.pem -p nowhere/new.pub
	refused 1 "nowhere/new.pub: cannot create"
	run enc_mnist owner-key -o new.pem
	refused 2 "--public is needed"
	run enc_mnist owner-key -o new -p new
	refused 1 "new and new are the same file" "choose different files"
	run enc_mnist owner-key -o new -p ./new
	refused 1 "new and ./new are the same file"
	[ ! -e new ]
	cmp before owner.pem
	[ ! -e new.pem ]
	[ ! -e new.pub ]
}

@test "nothing is written to a file that is called as standard input is" {
	run enc_mnist owner-key -o - -p new.pub
	refused 2 "--output: give a file's name"
	run enc_mnist owner-key -o new.pem -p -
	refused 2 "--public: give a file's name"
	run seal --output -
	refused 2 "--output: give a file's name"
	run enc_mnist wrap -K key -w owner.pem -d owner.pub -e 1 -o -
	refused 2 "--output: give a file's name"
	run enc_mnist device-key --output=-
	refused 2 "--output: give a file's name"
	run enc_mnist encrypt-model -i model.bin -o - -K key
	refused 2 "--output: give a file's name"
	[ "$(echo *)" = "key model.bin owner.pem owner.pub owner.txt" ]
}

@test "of many processes that make one owner at once, one succeeds" {
	for i in $(seq 20); do
		enc_mnist owner-key -o one.pem -p one.pub >"made.$i" 2>/dev/null &
	done
	wait
	[ "$(cat made.* | grep -c owner:)" -eq 1 ]
	cat made.* | grep -qx "owner: *$(fingerprint raw one.pub)"
	[ "$(find . -name '.enc_mnist*' | wc -l)" -eq 0 ]
}

@test "seal and inspect" {
	run seal
	[ "$status" -eq 0 ]
	[[ "$output" == "model.bin: f32 network sealed to model.sealed as mnist, version 3; devices give "* ]]
	run enc_mnist inspect model.sealed --owner owner.pub
	[ "$status" -eq 0 ]
	[[ "$output" == *"sealed model mnist, version 3, security version 3"* ]]
	[[ "$output" == *"input:         28 x 28 x 1 uint8"* ]]
	[[ "$output" == *"output:        10 f32"*"leaves the TEE: the label"* ]]
	[[ "$output" == *"arithmetic:    f32"*"work:          568880 multiply-accumulates"* ]]
	[[ "$output" == *"weights:       2272832 bytes"*" 2273560 bytes"*" 2274728 bytes, 35 chunks"* ]]
	[[ "$output" == *"$(cat owner.txt)"*valid*right* ]]
	[[ "$output" != *answers:* && "$output" != *clients:* ]]
	[[ "$output" == *" 2373976 bytes to load it, 2275672 more"* ]]
	[[ "$output" == *"$(sed -n 's/^owner: *//p' owner.txt)"* ]]
	run enc_mnist inspect - <model.sealed
	[ "$status" -eq 0 ]
	[[ "$output" == "standard input: sealed model mnist"* ]]
}

@test "inspect --json is for machines" {
	seal
	enc_mnist inspect model.sealed --json --owner owner.pub >json
	perl -MJSON::PP -0777 -e 'my $j = decode_json(<>);
		die unless $j->{kind} eq "sealed model" &&
			$j->{model_id} eq "mnist" && $j->{version} == 3 &&
			$j->{security_version} == 3 &&
			$j->{login} eq "any" && !exists $j->{client} &&
			$j->{weights_bytes} == 2272832 &&
			$j->{inputs}[0]{type} eq "uint8" &&
			"@{$j->{inputs}[0]{shape}}" eq "28 28 1" &&
			"@{$j->{outputs}[0]{shape}}" eq "10" &&
			!exists $j->{inputs}[0]{scale} &&
			$j->{leaves_tee} eq "label" &&
			$j->{arithmetic} eq "f32" &&
			$j->{signature_valid} && $j->{digest_right} &&
			$j->{size_right} && $j->{names_owner};' json
}

@test "inspect says what is wrong" {
	seal
	enc_mnist owner-key -o other.pem -p other.pub >/dev/null
	run enc_mnist inspect model.sealed --owner other.pub
	[ "$status" -eq 1 ]
	[[ "$output" == *"NOT "*"model.sealed: it is from another owner; get it from the owner"* ]]
	(cat model.sealed && echo) >bad.sealed
	run enc_mnist inspect bad.sealed
	[ "$status" -eq 1 ]
	[[ "$output" == *"size does not match its head, its digest"*"; "*"get it again" ]]
	run enc_mnist inspect bad.sealed --owner other.pub
	[[ "$output" == *"from another owner; "*"get it again" ]]
	head -c 100 model.sealed >bad.sealed
	run enc_mnist inspect bad.sealed
	refused 1 "ends in its head, after 100 bytes; get it again"
	{ head -c 14 model.sealed && head -c 554 /dev/zero; } >bad.sealed
	run enc_mnist inspect bad.sealed
	refused 1 "a damaged head; get it again"
	run enc_mnist inspect key
	refused 1 "key: neither a sealed model nor envelopes; give a file" "on the workstation, a network"
	run enc_mnist inspect nowhere
	refused 1 "nowhere" "No such file"
	run enc_mnist inspect
	refused 2 "which file? Give one;"
	run enc_mnist inspect a b
	refused 2 "not \`b', too"
	run enc_mnist inspect model.sealed --owner owner.pem
	refused 1 "owner.pem" "PRIVATE KEY" "; give the public keys"
}

# changed FILE OFFSET: FILE with another byte at this offset, as `changed`.
changed() {
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	cp "$1" changed
	# shellcheck disable=SC2059 # the byte is the format
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of=changed bs=1 seek="$2" conv=notrunc status=none
}

@test "inspect notices a change of any field of an envelope" {
	device a
	enc_mnist wrap -K key -w owner.pem -d a.pub -e 9 -o envelope --retire 4 \
		--model mnist=4
	enc_mnist inspect envelope --owner owner.pub | grep -qx "signature:  *valid"
	[[ "$(enc_mnist inspect envelope --json)" == *'"signature_valid":true'* ]]
	for at in 12 16 32 48 112 120 152 408 440 487 488; do
		changed envelope $at
		run enc_mnist inspect changed --owner owner.pub
		echo "byte $at: $output"
		[ "$status" -eq 1 ]
		[[ "$output" == *"WRONG"*"signature"*"get it again" ]]
		[[ "$(enc_mnist inspect changed --json 2>/dev/null)" == \
			*'"signature_valid":false'* ]]
	done
}

@test "what is no file of envelopes is told so, and what to do" {
	device a
	enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o envelope
	head -c 551 envelope >bad
	run enc_mnist inspect bad
	refused 1 "bad: ends in the middle of envelope 1; get it again"
	{ cat envelope && echo text; } >bad
	run enc_mnist inspect bad
	refused 1 "bad: ends in the middle of envelope 2; get it again"
	{ cat envelope a.pub; } >bad
	run enc_mnist inspect bad
	refused 1 "bad: envelope 2 is not an envelope; give a file" "wrap"
	{ cat envelope && head -c 552 model.bin; } >bad
	run enc_mnist inspect bad
	refused 1 "bad: envelope 2 is not an envelope; give a file" "wrap"
	{ head -c 12 envelope && head -c 540 /dev/zero; } >bad
	run enc_mnist inspect bad
	refused 1 "bad: envelope 1 is damaged; get it again"
}

@test "seal refuses, and leaves nothing" {
	: >bad.bin
	run seal -i bad.bin
	refused 1 "bad.bin: the file is empty; TensorFlow Lite (.tflite), ONNX"
	head -c 2000000 model.bin >bad.bin
	run seal -i bad.bin
	refused 1 "bad.bin: byte 2000000: the record ends too early"
	run seal --model-id Mnist
	refused 2 "--model-id"
	run seal --model-version 0
	refused 2 "--model-version: a number from 1 to 4294967294"
	run seal --model-version 4294967295
	refused 2 "--model-version"
	chmod 600 owner.pub
	run seal --owner owner.pub
	refused 1 "owner.pub: not an owner's private key"
	run enc_mnist seal -i model.bin -o model.sealed -K key -w owner.pem
	refused 2 "--model-id and --model-version are needed"
	run seal -o nowhere/model.sealed
	refused 1 "nowhere/model.sealed: cannot create"
	[ ! -e model.sealed ]
	[ "$(find . -name '.enc_mnist*' | wc -l)" -eq 0 ]
}

@test "verify-model says which value of a record is wrong, seal which layer" {
	cp model.bin bad.bin
	printf '\x00\x00\xc0\x7f' |
		dd of=bad.bin bs=1 seek=152 conv=notrunc status=none
	run enc_mnist verify-model -i bad.bin
	refused 1 "bad.bin: byte 152: linear1.weight: value 0 is infinite or"
	run seal -i bad.bin
	refused 1 "bad.bin: layer 1: a constant is infinite, not a number"
}

@test "wrap: an envelope for each device, and whom it is for" {
	for name in a b c; do device $name; done
	cat b.pub c.pub >two.pub
	run enc_mnist wrap -K key --owner owner.pem --device a.pub \
		--device two.pub --devices 3 --epoch 7 --output envelopes
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "envelopes: 3 envelopes, epoch 7" ]
	[ "${#lines[@]}" -eq 4 ]
	for name in a b c; do
		[[ "$output" == *"device:        $(fingerprint raw $name.pub)"* ]]
	done
	[ "$(stat -c %s envelopes)" -eq 1656 ]
	run enc_mnist inspect envelopes --owner owner.pub
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 envelopes"*"epoch:         7"* ]]
	[[ "$output" == *"models:        any of the owner"* ]]
	[[ "$output" == *"$(cat owner.txt)"* ]]
	for name in a b c; do
		[[ "$output" == *"device:        $(fingerprint raw $name.pub)"* ]]
	done
	# the same key as in a model sealed under it
	seal
	[[ "$output" == *"$(enc_mnist inspect model.sealed | grep 'key id')"* ]]
}

@test "wrap --ta names the TA, and inspect says which" {
	local uuid=01234567-89ab-4def-8123-456789abcdef
	device a
	run enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o x --ta ${uuid^^}
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "TA:            $uuid" ]
	[ "$(tail -c +17 x | head -c 16 | od -An -v -tx1 | tr -d ' ')" = \
		"${uuid//-/}" ]
	enc_mnist inspect x | grep -qx "TA:            $uuid"
	[[ "$(enc_mnist inspect x --json)" == *"\"ta\":\"$uuid\""* ]]
	enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o x
	enc_mnist inspect x >said
	cat said
	grep -qx "TA:  *ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744, the default" said
	for bad in '' x ${uuid}0 ${uuid%f} 00000000-0000-0000-0000-000000000000; do
		run enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o y \
			--ta "$bad"
		refused 2 "--ta: a UUID" "$bad"
		[ ! -e y ]
	done
}

@test "wrap: no key rides along" {
	for name in a b; do device $name; done
	cat a.pub b.pub >two.pub
	run enc_mnist wrap -K key -w owner.pem -d two.pub -e 1 -o x
	refused 1 "two.pub: the keys of 2 devices" "--devices N"
	run enc_mnist wrap -K key -w owner.pem -d two.pub --devices 1 -e 1 -o x
	refused 1 "2 devices in the files, not 1"
	run enc_mnist wrap -K key -w owner.pem -d a.pub --devices 2 -e 1 -o x
	refused 1 "1 device in the files, not 2"
	run enc_mnist wrap -K key -w owner.pem -d a.pub --devices 0 -e 1 -o x
	refused 2 "--devices: a number from 1"
	[ ! -e x ]
	enc_mnist wrap -K key -w owner.pem -d two.pub --devices 2 -e 1 -o x
}

@test "wrap: fingerprints are compared" {
	for name in a b; do device $name; done
	cat a.pub b.pub >two.pub
	a=$(fingerprint raw a.pub)
	b=$(fingerprint raw b.pub)
	enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o x -f "$a"
	enc_mnist wrap -K key -w owner.pem -d two.pub --devices 2 -e 1 -o x \
		--fingerprint "${b^^}" --fingerprint "${a// /}"
	rm x
	run enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o x -f "$b"
	refused 1 "a.pub: a device with another fingerprint, $a"
	run enc_mnist wrap -K key -w owner.pem -d two.pub --devices 2 -e 1 -o x \
		-f "$a"
	refused 1 "two.pub: a device with another fingerprint, $b"
	run enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o x -f "$a" -f "$b"
	refused 1 "no device has the fingerprint $b"
	run enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o x -f "${a%?}"
	refused 2 "--fingerprint: 64 hexadecimal digits and spaces"
	# what a file itself says of its key, as device-key prints it
	{ echo "fingerprint: $b" && cat a.pub; } >liar.pub
	run enc_mnist wrap -K key -w owner.pem -d liar.pub -e 1 -o x
	refused 1 'liar.pub: a line "fingerprint:" that is not of the key' \
		"get it again"
	[ ! -e x ]
	{ echo "fingerprint: $a" && cat a.pub; } >said.pub
	enc_mnist wrap -K key -w owner.pem -d said.pub -e 1 -o x
}

@test "wrap: what devices forget, and what they may load" {
	device a
	enc_mnist wrap -K key -w owner.pem -d a.pub -e 9 -o x --retire 8 \
		--model mnist=4294967294 -m a
	run enc_mnist inspect x --owner owner.pub
	[ "$status" -eq 0 ]
	[[ "$output" == *"retires:       keys of epoch 8 and lower"* ]]
	[[ "$output" == *"models:        a, security version 1 or higher"* ]]
	[[ "$output" == *"               mnist, security version 4294967294 or"* ]]
	# without a key
	for say in "--retire 1" "--model mnist"; do
		# shellcheck disable=SC2086 # words
		run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x $say
		[ "$status" -eq 0 ]
		[[ "$output" == "x: 1 envelope, epoch 9"* ]]
		run enc_mnist inspect x --owner owner.pub
		[[ "$output" == *"key id:        none: it brings no key"* ]]
	done
	run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o y \
		-m a -m b -m c -m d -m e -m f -m g -m h
	[ "$status" -eq 0 ]
	[ "$(enc_mnist inspect y | grep -c 'security version 1 or higher')" -eq 8 ]
}

@test "wrap: what cannot be said" {
	device a
	run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x
	refused 2 "--key-file, --retire or --model" "would say nothing"
	for retire in 9 10; do
		run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x --retire $retire
		refused 2 "--retire: an epoch below that of the new envelopes"
	done
	run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x --retire 0
	refused 2 "--retire: a number from 1"
	for model in '' = =1 A mnist= mnist=0 mnist=x mnist=1x mnist=4294967295 \
		mnist=99999999999999999999 mnist=-1 'mnist= 1' \
		123456789012345678901234567890123 "$(printf 'a%.0s' {1..999})"; do
		run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x -m "$model"
		refused 2 "--model: ID or ID=N" "not \`$model'"
	done
	run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x -m a -m b -m a=2
	refused 2 "--model: a twice"
	run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x \
		-m a -m b -m c -m d -m e -m f -m g -m h -m i
	refused 2 "--model: at most 8 of them"
	run enc_mnist wrap -w owner.pem -d a.pub -e 9 -o x -k "$KEY" -K key
	refused 2 "--key and --key-file do not go together"
	[ ! -e x ]
}

@test "seal: what devices keep to" {
	run seal --security-version 2 --answers-per-load 1000 \
		--answers-in-life 9223372036854775807 --login user:1000
	[[ "$output" == *"as mnist, version 3, security version 2; devices"* ]]
	run enc_mnist inspect model.sealed --owner owner.pub
	[ "$status" -eq 0 ]
	[[ "$output" == *"model mnist, version 3, security version 2"* ]]
	[[ "$output" == *"answers:       1000 after each load"* ]]
	[[ "$output" == *"answers:       9223372036854775807 in the life of a device"* ]]
	# python3: uuid.uuid5(UUID of Linux's name space, "uid=3e8")
	[[ "$output" == *"clients:       user fc34275c-d8dd-5ba7-968b-504718363b87"* ]]
	seal --login group:0
	[[ "$(enc_mnist inspect model.sealed)" == \
		*"clients:       group d93bc168-f863-58d3-a1fe-bb2039421b99"* ]]
	seal --login application:00112233-4455-6677-8899-AABBCCDDEEFF
	[[ "$(enc_mnist inspect model.sealed --json)" == \
		*'"login":"application","client":"00112233-4455-6677-8899-aabbccddeeff"'* ]]
	# no owner seals that many, but a file may say so (doc/FORMAT.md)
	cp model.sealed forged
	printf '\377\377\377\377\377\377\377\377' |
		dd of=forged bs=1 seek=208 conv=notrunc status=none
	run enc_mnist inspect forged --json
	[ "$status" -eq 1 ]
	[[ "$output" == *'"answers_in_life":18446744073709551615,'* ]]
	for bad in --security-version=0 --security-version=4294967295 \
		--answers-per-load=0 --answers-per-load=9223372036854775808 \
		--answers-in-life=0 --answers-in-life=x; do
		run seal $bad
		refused 2 "${bad%=*}: a number from 1 to"
	done
	for bad in '' root user: user:root user:-1 user:4294967295 group:0x1 \
		application:1 USER:1 any \
		application:00000000-0000-0000-0000-000000000000; do
		run seal --login "$bad"
		refused 2 "--login: user:UID, group:GID or application:UUID" \
			"not \`$bad'"
	done
}

@test "seal: what leaves of an answer" {
	for outputs in label:0 top:1 top:10 scores:1 scores:16 raw:0; do
		seal --outputs ${outputs%:0}
		run enc_mnist inspect model.sealed --json
		echo "$output"
		[[ "$output" == *"\"leaves_tee\":\"${outputs%:*}\",\"leaves_tee_amount\":${outputs#*:},"* ]]
	done
	rm model.sealed
	for bad in '' labels top top: top:0 top:33 top:3x 'top: 3' top:-1 scores: \
		scores:17 scores:1.5 raw:1 Raw top:99999999999999999999; do
		run seal --outputs "$bad"
		refused 2 "--outputs: label, top:K" "not \`$bad'"
	done
	# of ten
	run seal --outputs top:11
	[ "$status" -eq 1 ]
	[ ! -e model.sealed ]
}

@test "model-key: a key that only its owner reads" {
	run enc_mnist model-key --output new.key
	[ "$status" -eq 0 ]
	[ "$(stat -c %a new.key)" = 600 ]
	grep -qxE '[0-9a-f]{64}' new.key
	[ "$(wc -l <new.key)" -eq 1 ]
	seal --key-file new.key
	enc_mnist inspect model.sealed | grep -qxF "$output"
	cp new.key before
	run enc_mnist model-key --output new.key
	refused 1 "new.key: already exists, and is not overwritten"
	ln -s nowhere dangling
	run enc_mnist model-key --output dangling
	refused 1 "dangling: already exists"
	run enc_mnist model-key --output nowhere/new.key
	refused 1 "nowhere/new.key: cannot create"
	run enc_mnist model-key
	refused 2 "--output is needed"
	cmp before new.key
	[ ! -e nowhere ]
}

@test "a key of zeros is none" {
	printf '%064d' 0 >zeros
	run seal --key-file zeros
	refused 1 "zeros: all digits of the key are 0" "model-key"
	[ ! -e model.sealed ]
}

@test "an owner's key that others can read is not used" {
	device a
	for mode in 640 604 620 602; do
		chmod $mode owner.pem
		run seal
		refused 1 "owner.pem: others can read or change it: mode 0$mode" \
			"chmod 600"
		run enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o x
		refused 1 "owner.pem: others can read or change it"
	done
	chmod 400 owner.pem
	seal
}

@test "an owner's key may be encrypted: a passphrase from a file" {
	device a
	printf 'two words\n' >words
	enc_mnist owner-key -o e.pem -p e.pub --passphrase-file words
	head -n 1 e.pem | grep -qx -- '-----BEGIN ENCRYPTED PRIVATE KEY-----'
	[ "$(stat -c %a e.pem)" = 600 ]
	openssl pkey -in e.pem -passin file:words -pubout | cmp - e.pub
	seal --owner e.pem --passphrase-file words
	enc_mnist inspect model.sealed --owner e.pub
	enc_mnist wrap -K key -w e.pem -P words -d a.pub -e 1 -o x
	enc_mnist inspect x --owner e.pub
	printf 'two words' | seal --owner e.pem --passphrase-file -
	printf 'two words\r\n' | seal --owner e.pem --passphrase-file -
	rm model.sealed
	echo other >others
	run seal --owner e.pem --passphrase-file others
	refused 1 "e.pem: wrong passphrase"
	for bad in '' '\n' 'two words\n\n' 'two\nwords'; do
		printf '%b' "$bad" >bad
		run seal --owner e.pem --passphrase-file bad
		refused 1 "bad: not a passphrase: one line of 1 to 1023 bytes"
		run enc_mnist owner-key -o n.pem -p n.pub --passphrase-file bad
		refused 1 "bad: not a passphrase"
	done
	run seal --owner e.pem --passphrase-file nowhere
	refused 1 "nowhere" "No such file"
	run setsid -w enc_mnist seal -i model.bin -o model.sealed -K key \
		-w e.pem -m mnist -n 3 </dev/null
	refused 1 "e.pem: there is no terminal to ask for its passphrase" \
		"give --passphrase-file"
	[ ! -e n.pem ]
	[ ! -e n.pub ]
	[ ! -e model.sealed ]
	enc_mnist owner-key -o n.pem -p n.pub --encrypt -P words
	enc_mnist owner-key -w n.pem -p again.pub -P words
	cmp n.pub again.pub
	# nobody is asked to open a key that is not encrypted
	seal --passphrase-file nowhere
}

@test "an owner's key may be encrypted: a passphrase from the terminal" {
	run "$BATS_TEST_DIRNAME/lib/on_terminal" 'two words|two words' enc_mnist owner-key -o e.pem \
		-p e.pub --encrypt
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Passphrase of e.pem: "*"owner: "* ]]
	[[ "$output" != *words* ]]
	printf 'two words\n' >words
	openssl pkey -in e.pem -passin file:words -pubout | cmp - e.pub
	run "$BATS_TEST_DIRNAME/lib/on_terminal" 'two words' enc_mnist seal -i model.bin -o model.sealed \
		-K key -w e.pem -m mnist -n 3
	[ "$status" -eq 0 ]
	enc_mnist inspect model.sealed --owner e.pub
	run "$BATS_TEST_DIRNAME/lib/on_terminal" wrong enc_mnist seal -i model.bin -o x -K key -w e.pem \
		-m mnist -n 3
	[ "$status" -eq 1 ]
	[[ "$output" == *"e.pem: wrong passphrase"* ]]
	run "$BATS_TEST_DIRNAME/lib/on_terminal" 'one|another' enc_mnist owner-key -o n.pem -p n.pub -e
	[ "$status" -eq 1 ]
	[[ "$output" == *"n.pem: no passphrase was given twice alike"* ]]
	[ ! -e n.pem ]
}

# The command waits in a read of standard input, with the secrets in memory.
@test "what has secrets in memory leaves no core dump, and locks them there" {
	ulimit -S -c "$(ulimit -H -c)"
	/usr/bin/perl - enc_mnist seal -i - -o x -K key -w owner.pem -m mnist \
		-n 1 <<-'END'
		use strict;
		my $of = sub {
			my ($file, $what) = @_;
			open(my $f, "<", $file) or die;
			my ($line) = grep { /^$what/ } <$f>;
			return $line;
		};
		pipe(my $in, my $out) or die;
		my $pid = fork;
		if (!$pid) {
			open(STDIN, "<&", $in) or die;
			exec @ARGV or die;
		}
		my $locked = "";
		for (1 .. 100) {
			$locked = $of->("/proc/$pid/status", "VmLck:");
			last if $locked !~ / 0 kB/;
			select undef, undef, undef, 0.1;
		}
		my $limit = $of->("/proc/$pid/limits", "Max core file size");
		kill ABRT => $pid;
		waitpid $pid, 0;
		print "${locked}${limit}status: $?\n";
		exit !($locked =~ /(\d+) kB/ && $1 >= 32 &&
			$limit =~ /size +0 +0 / && $? == 6);
	END
}

@test "wrap refuses, and leaves nothing" {
	device a
	run enc_mnist wrap -K key -w owner.pem -d a.pub -d a.pub -e 1 -o x
	refused 1 "a.pub and a.pub: the same device twice" \
		"$(fingerprint raw a.pub); leave one of the two out"
	run enc_mnist wrap -K key -w owner.pem -d owner.pub -e 1 -o x
	refused 1 "owner.pub: key 1 is not a device's" "device-key"
	run enc_mnist wrap -K key -w owner.pem -d key -e 1 -o x
	refused 1 "key: has no public key; give the public keys"
	run enc_mnist wrap -K key -w owner.pem -d a.pub -e 0 -o x
	refused 2 "--epoch: a number from 1"
	run enc_mnist wrap -K key -w owner.pem -d a.pub -e 4294967295 -o x
	refused 2 "--epoch: a number from 1 to 4294967294"
	run enc_mnist wrap -K key -w owner.pem -e 1 -o x
	refused 2 "--device"
	# the point 0
	{
		echo "-----BEGIN PUBLIC KEY-----"
		printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00' |
			cat - <(head -c 32 /dev/zero) | base64
		echo "-----END PUBLIC KEY-----"
	} >zero.pub
	run enc_mnist wrap -K key -w owner.pem -d zero.pub -e 1 -o x
	refused 1 "zero.pub: a key of low order" "; give what" "device-key"
	[ ! -e x ]
}

@test "with --json, an error is an object on standard output, too" {
	for words in "--bad --json" "--json --bad" "--jso --bad x"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr enc_mnist inspect $words
		echo "$output"
		[ "$status" -eq 2 ]
		[[ "$output" == '{"error":{"kind":"usage","status":2,"message":"unrecognized option '*'"hint":"see '* ]]
		[[ "$stderr" == "enc_mnist inspect: unrecognized option"* ]]
	done
	run --separate-stderr enc_mnist provision -j -i key
	[ "$status" -eq 1 ]
	[[ "$output" == '{"error":{"kind":"other","status":1,"message":"this build '* ]]
	run --separate-stderr enc_mnist inspect nowhere
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	seal
	printf x >>model.sealed
	run --separate-stderr enc_mnist inspect -j model.sealed
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == '{"kind":"sealed model",'*',"error":{"kind":"other","status":1,"message":"model.sealed: its size'* ]]
}

@test "what needs a TEE says so" {
	seal
	for command in status device-key "provision -i key" \
		"infer -m model.sealed -b key"; do
		head -c 784 /dev/zero >key
		# shellcheck disable=SC2086 # words
		run enc_mnist $command
		refused 1 "cannot talk to a TEE"
	done
	run enc_mnist provision
	refused 2 "--input is needed"
}

@test "what a command reads, it does not replace" {
	seal
	device one
	sha256sum -- key model.bin owner.pem one.pub >sums
	ln -s model.bin link
	for file in model.bin link key owner.pem; do
		run enc_mnist seal --input model.bin --output $file \
			--key-file key --owner owner.pem --model-id mnist \
			--model-version 1
		refused 1 "$file is one of the inputs" "choose another output file"
	done
	for file in key owner.pem one.pub; do
		run enc_mnist wrap --key-file key --owner owner.pem \
			--device one.pub --epoch 1 --output $file
		refused 1 "$file is one of the inputs" "choose another output file"
	done
	run enc_mnist encrypt-model -i model.bin -o model.bin --key-file key
	refused 1 "model.bin is one of the inputs"
	sha256sum --check --quiet sums
	[ -z "$(ls -A | grep tmp)" ]
}
