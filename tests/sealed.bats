# SPDX-License-Identifier: Apache-2.0
#
# Sealed models and envelopes on the owner's workstation: the command line.
# native/test_sealed_file.c and native/test_owner.c test the files' contents.

load lib/refused

KEY=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff

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
	for command in owner-key quantize seal wrap inspect device-key provision status; do
		run enc_mnist --help
		[[ "$output" == *"  $command "* ]]
		run enc_mnist "$command" --help
		[ "$status" -eq 0 ]
		[[ "$output" == *"Usage: enc_mnist $command"* ]]
	done
	enc_mnist inspect --help | grep -qE '^  FILE {10,}sealed model or envelopes'
}

@test "owner-key: two key pairs that openssl can read, and their fingerprints" {
	openssl pkey -in owner.pem -noout -text | grep -q "ED25519 Private-Key"
	openssl pkey -pubin -in owner.pub -noout -text |
		grep -q "ED25519 Public-Key"
	grep -qx "owner: *$(fingerprint raw owner.pub)" owner.txt
	[ "$(stat -c %a owner.pem)" = 600 ]
	[ "$(grep -c 'BEGIN PRIVATE KEY' owner.pem)" -eq 2 ]
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
	refused 2 "--output and --public are needed"
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
	[[ "$output" == *"sealed model mnist, version 3"* ]]
	[[ "$output" == *"input:         28 x 28 x 1 uint8"* ]]
	[[ "$output" == *"output:        10 f32"*"leaves the TEE: the label"* ]]
	[[ "$output" == *"arithmetic:    f32"*"work:          568880 multiply-accumulates"* ]]
	[[ "$output" == *"weights:       2272832 bytes"*" 2273560 bytes"*" 2274688 bytes, 35 chunks"* ]]
	[[ "$output" == *"$(grep signing owner.txt)"*valid*right* ]]
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
	{ head -c 14 model.sealed && head -c 514 /dev/zero; } >bad.sealed
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

@test "inspect does not say of an envelope that it is intact" {
	device a
	enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o envelope
	printf x | dd of=envelope bs=1 seek=150 conv=notrunc status=none
	run enc_mnist inspect envelope --owner owner.pub
	[ "$status" -eq 0 ]
	[[ "$output" == *"tag: "*"only the device can check it"* ]]
	[[ "$(enc_mnist inspect envelope --json)" == *'"tag_right":null'* ]]
	run enc_mnist inspect --help
	[[ "$(echo $output)" == *"an envelope is intact"*"only its device can check"* ]]
}

@test "what is no file of envelopes is told so, and what to do" {
	device a
	enc_mnist wrap -K key -w owner.pem -d a.pub -e 1 -o envelope
	head -c 191 envelope >bad
	run enc_mnist inspect bad
	refused 1 "bad: ends in the middle of envelope 1; get it again"
	{ cat envelope && echo text; } >bad
	run enc_mnist inspect bad
	refused 1 "bad: ends in the middle of envelope 2; get it again"
	{ cat envelope a.pub; } >bad
	run enc_mnist inspect bad
	refused 1 "bad: envelope 2 is not an envelope; give a file" "wrap"
	{ cat envelope && head -c 192 model.bin; } >bad
	run enc_mnist inspect bad
	refused 1 "bad: envelope 2 is not an envelope; give a file" "wrap"
	{ head -c 12 envelope && head -c 180 /dev/zero; } >bad
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
	run seal --owner owner.pub
	refused 1 "not an owner's private keys"
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

@test "wrap: an envelope for each device" {
	for name in a b c; do device $name; done
	cat b.pub c.pub >two.pub
	run enc_mnist wrap -K key --owner owner.pem --device a.pub \
		--device two.pub --epoch 7 --output envelopes
	[ "$status" -eq 0 ]
	[ "$output" = "envelopes: 3 envelopes, epoch 7" ]
	[ "$(stat -c %s envelopes)" -eq 576 ]
	run enc_mnist inspect envelopes --owner owner.pub
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 envelopes"*"epoch:         7"* ]]
	[[ "$output" == *"$(grep sending owner.txt)"* ]]
	for name in a b c; do
		[[ "$output" == *"device:        $(fingerprint raw $name.pub)"* ]]
	done
	# the same key as in a model sealed under it
	seal
	[[ "$output" == *"$(enc_mnist inspect model.sealed | grep 'key id')"* ]]
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
