# SPDX-License-Identifier: Apache-2.0
#
# The command line on the owner's workstation.

load lib/refused

KEY=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff

setup() {
	PATH=$BATS_TEST_DIRNAME/../out/native:$PATH
	cd "$BATS_TEST_TMPDIR"
	cp "$BATS_TEST_DIRNAME/../models/mnist.bin" model.bin
}

@test "no command, an unknown one: usage, status 2" {
	run enc_mnist
	[ "$status" -eq 2 ]
	[[ "$output" == *"Usage: enc_mnist COMMAND"*store-key*infer*eval* ]]
	run enc_mnist inferr
	refused 2 "no command \`inferr'" "--help"
}

@test "--help and --version succeed, for commands too" {
	run enc_mnist --help
	[ "$status" -eq 0 ]
	[[ "$output" == *encrypt-model*verify-model*infer*eval* ]]
	run enc_mnist --version
	[ "$status" -eq 0 ]
	for command in store-key encrypt-model verify-model infer eval; do
		run enc_mnist "$command" --help
		[ "$status" -eq 0 ]
		[[ "$output" == *"Usage: enc_mnist $command"* ]]
		[ "$output" = "$(enc_mnist "$command" -h)" ]
		run enc_mnist "$command" --version
		[ "$status" -eq 0 ]
		[ "$output" = "$(enc_mnist --version)" ]
	done
}

@test "verify-model accepts the committed model" {
	run enc_mnist verify-model --input model.bin
	[ "$status" -eq 0 ]
	[[ "$output" == *"accepts"*"567434 parameters"* ]]
	run enc_mnist verify-model -i - <model.bin
	[ "$status" -eq 0 ]
}

@test "verify-model says at which byte, and why" {
	# linear2.weight's shape: [512, 256] becomes [256, 512]
	cp model.bin bad.bin
	printf '\xfb\x00\x01\xfb\x00\x02' |
		dd of=bad.bin bs=1 seek=2132171 conv=notrunc status=none
	run enc_mnist verify-model --input bad.bin
	refused 1 "bad.bin: byte 2132171: linear2.weight: shape [256, 512], expected [512, 256]"

	(cat model.bin && printf abc) >bad.bin
	run enc_mnist verify-model --input bad.bin
	refused 1 "trailing 3 bytes"

	cp model.bin bad.bin
	printf 0.12.0 | dd of=bad.bin bs=1 seek=105 conv=notrunc status=none
	run enc_mnist verify-model --input bad.bin
	refused 1 "Burn 0.12.0 record, expected 0.14 to 0.21"

	cp model.bin bad.bin
	printf '\x00\x00\xc0\x7f' |
		dd of=bad.bin bs=1 seek=152 conv=notrunc status=none
	run enc_mnist verify-model --input bad.bin
	refused 1 "byte 152: linear1.weight: value 0 is infinite or not a number"

	head -c 1000 model.bin >bad.bin
	run enc_mnist verify-model --input bad.bin
	refused 1 "ends too early, after 1000 bytes"

	: >bad.bin
	run enc_mnist verify-model --input bad.bin
	refused 1 "empty"

	run enc_mnist verify-model --input nowhere.bin
	refused 1 "nowhere.bin" "No such file"
	run enc_mnist verify-model --input .
	refused 1 "directory"
	run enc_mnist verify-model
	refused 2 "--input is needed"
}

@test "verify-model names other kinds of files" {
	gzip -c model.bin >other
	run enc_mnist verify-model --input other
	refused 1 "gzip" "gunzip"
	printf '\x83\xa8metadata' >other
	run enc_mnist verify-model --input other
	refused 1 "MessagePack" "BinBytesRecorder"
	printf 'PK\x03\x04' >other
	run enc_mnist verify-model --input other
	refused 1 "a zip file" "PyTorch"
	printf '\x80\x02ctorch' >other
	run enc_mnist verify-model --input other
	refused 1 "pickle" "PyTorch"
	printf 'NRUB\x01' >other
	run enc_mnist verify-model --input other
	refused 1 "burnpack" "Burn 0.14 to 0.21"
	printf '\x58\x01\0\0\0\0\0\0{"linear1.weight"' >other
	run enc_mnist verify-model --input other
	refused 1 "safetensors" "only Burn records"
	printf '\x08\x0a\x12\x07pytorch' >other
	run enc_mnist verify-model --input other
	refused 1 "ONNX" "only Burn records"
	echo '{}' >other
	run enc_mnist verify-model --input other
	refused 1 "JSON"
}

# Uses none of our code: it takes the layout of enc_mnist-rs apart by itself.
decrypted() {
	/usr/bin/perl -0777 -ne '/"encrypted_data":\s*\[([\d,\s]*)\]/ or die;
		print pack "C*", split /,/, $1' "$1" >container
	openssl enc -d -aes-256-cbc -nopad -K "$KEY" \
		-iv "$(head -c 16 container | od -An -tx1 | tr -d ' \n')" \
		-in <(tail -c +17 container) -out plain
}

@test "encrypt-model writes what enc_mnist-rs reads" {
	run enc_mnist encrypt-model --input model.bin --output model.json \
		--key "$KEY"
	[ "$status" -eq 0 ]
	[[ "$output" == *"2270056 bytes encrypted to model.json"* ]]
	grep -q '"algorithm": *"AES-256-CBC"' model.json
	decrypted model.json
	[ "$(stat -c %s plain)" -eq 2270064 ]
	[ "$(head -c 4 plain | od -An -tu4 | tr -d ' ')" -eq 2270056 ]
	tail -c +5 plain | head -c 2270056 | cmp - model.bin
	[ "$(tail -c 4 plain | od -An -tx1 | tr -d ' \n')" = 00000000 ]
}

@test "the key may come from a file, or from standard input" {
	printf '%s\n' "$KEY" >key
	enc_mnist encrypt-model -i model.bin -o model.json --key-file key
	decrypted model.json
	tail -c +5 plain | head -c 2270056 | cmp - model.bin
	enc_mnist encrypt-model -i model.bin -o model.json --key-file - <key
	decrypted model.json
	tail -c +5 plain | head -c 2270056 | cmp - model.bin
}

@test "each encryption has its own IV" {
	enc_mnist encrypt-model -i model.bin -o a.json --key "$KEY"
	enc_mnist encrypt-model -i model.bin -o b.json --key "$KEY"
	run cmp a.json b.json
	[ "$status" -eq 1 ]
}

@test "a bad key is refused, and leaves no file" {
	run enc_mnist encrypt-model -i model.bin -o x.json --key "${KEY%?}"
	refused 1 "63"
	run enc_mnist encrypt-model -i model.bin -o x.json --key "${KEY%?}g"
	refused 1 "hex"
	run enc_mnist encrypt-model -i model.bin -o x.json --key ""
	refused 1 "key"
	run enc_mnist encrypt-model -i model.bin -o x.json
	refused 2 "one of --key and --key-file"
	run enc_mnist encrypt-model -i model.bin -o x.json --key "$KEY" \
		--key-file key
	refused 2 "one of --key and --key-file"
	run enc_mnist encrypt-model -i model.bin -o x.json --key-file nokey
	refused 1 "nokey" "No such file"
	[ "$(ls)" = model.bin ]
}

@test "a record that the TA would refuse is not encrypted" {
	head -c 2000000 model.bin >bad.bin
	run enc_mnist encrypt-model -i bad.bin -o x.json --key "$KEY"
	refused 1 "ends too early"
	[ ! -e x.json ]
}

@test "a failed command keeps the previous output file" {
	echo precious >x.json
	run enc_mnist encrypt-model -i nowhere -o x.json --key "$KEY"
	[ "$status" -eq 1 ]
	[ "$(cat x.json)" = precious ]
	run enc_mnist encrypt-model -i model.bin -o nowhere/x.json --key "$KEY"
	refused 1 "nowhere"
	[ "$(ls)" = "model.bin
x.json" ]
}

@test "what needs a TEE says so" {
	head -c 784 /dev/zero >zero.bin
	echo '{}' >model.json
	run enc_mnist store-key --key "$KEY"
	refused 1 "cannot talk to a TEE" "device"
	run enc_mnist infer -m model.json -b zero.bin
	refused 1 "cannot talk to a TEE"
	run enc_mnist eval -m model.json -x zero.bin -y zero.bin
	refused 1 "cannot talk to a TEE"
}

@test "infer and eval want their options" {
	run enc_mnist infer -m model.json
	refused 2 "which images"
	run enc_mnist infer -i a.png
	refused 2 "--model is needed"
	run enc_mnist eval -m model.json
	refused 2 "--model and --images are needed"
	run enc_mnist eval -m m -x x -y y --limit 0
	refused 2 "--limit"
	run enc_mnist eval -m m -x x -y y --limit -3
	refused 2 "--limit"
	run enc_mnist eval -m m -x x -y y --limit 3x
	refused 2 "--limit"
}

@test "what standard input is, is one thing" {
	for twice in "-m - -b -" "-m - -i -" "-m m -b - -b -" "-m m -i - -b -"; do
		# shellcheck disable=SC2086 # words
		run enc_mnist infer $twice
		refused 2 "only one option" "standard input"
	done
	run enc_mnist encrypt-model -i - -o x.json -K - <model.bin
	refused 2 "only one option" "standard input"
	run enc_mnist inspect - --owner=- <model.bin
	refused 2 "only one option" "standard input"
}

@test "options that are not understood" {
	run enc_mnist infer --bogus
	refused 2 "enc_mnist infer: unrecognized option '--bogus'; see \`enc_mnist infer --help'"
	run enc_mnist infer -m
	refused 2 "enc_mnist infer: option requires an argument -- 'm'; see \`enc_mnist infer --help'"
	run enc_mnist eval --json=yes
	refused 2 "doesn't allow an argument; see \`enc_mnist eval --help'"
	run enc_mnist infer -m model.json -b a.bin b.bin
	refused 2 "\`b.bin' belongs to no option" "see \`enc_mnist infer --help'"
	run enc_mnist encrypt-model -i a -o b --key "$KEY" c
	refused 2 "\`c' belongs to no option"
	run enc_mnist infer --model
	refused 2 "enc_mnist infer: option '--model' requires an argument; see"
	run enc_mnist infer --json -zj
	refused 2 "enc_mnist infer: invalid option -- 'z'; see"
	run enc_mnist seal --model=m
	refused 2 "enc_mnist seal: option '--model=m' is ambiguous; see"
	run enc_mnist infer -m m -b b -js
	refused 2 "--json and --show do not go together"
}

@test "the forms that options may have" {
	ln -s model.bin -- -f
	for form in "-imodel.bin" "--input=model.bin" "--in model.bin" \
		"-i x --inp model.bin" "--input model.bin --" "-i -f"; do
		# shellcheck disable=SC2086 # words
		run enc_mnist verify-model $form
		[ "$status" -eq 0 ]
	done
	echo text >text
	ln -sf text -- -f
	run enc_mnist inspect --json -- -f
	refused 1 "-f: neither a sealed model nor envelopes"
	run enc_mnist inspect -f
	refused 2 "invalid option -- 'f'"
	run enc_mnist inspect text --own nowhere
	refused 1 "nowhere" "No such file"
	run enc_mnist infer -hm
	[ "$status" -eq 0 ]
}

@test "what a file name holds does not reach the terminal" {
	run enc_mnist verify-model -i $'a\nenc_mnist: ok\x1b[2J'
	refused 1 "a?enc_mnist: ok?[2J" "No such file"
	run enc_mnist verify-model $'\x1b[2J'
	refused 2 "\`?[2J' belongs to no option"
	run enc_mnist $'\x1b[2J'
	refused 2 "no command \`?[2J'"
}

# shown COMMAND...: it succeeds, and what it prints has nothing but text in it.
shown() {
	run "$@"
	echo "$output" | cat -v
	[ "$status" -eq 0 ]
	[[ "$output" == *"a?1. b: 7?[2J"* ]]
	[ "$(grep -c '^1\. b: 7' <<<"$output")" -eq 0 ]
	[ "$(tr -d '\n -~' <<<"$output" | wc -c)" -eq 0 ]
}

@test "what a file name holds does not reach the terminal where all is well" {
	name=$'a\n1. b: 7\x1b[2J'
	cp model.bin "$name"
	head -c 784 /dev/zero >"$name.raw"
	printf '%s\n' "$KEY" >key
	enc_mnist owner-key -o owner.pem -p owner.pub
	openssl genpkey -algorithm X25519 | openssl pkey -pubout >device.pub
	shown enc_mnist verify-model -i "$name"
	shown enc_mnist encrypt-model -i "$name" -o "$name.json" -K key
	shown enc_mnist import -i "$name" -o "$name.net"
	shown enc_mnist inspect "$name.net"
	shown enc_mnist seal -i "$name" -o "$name.sealed" -K key -w owner.pem \
		-m m -n 1
	shown enc_mnist inspect "$name.sealed"
	shown enc_mnist wrap -K key -w owner.pem -d device.pub -e 1 -o "$name.env"
	shown enc_mnist inspect "$name.env"
	shown enc_mnist infer -m model.bin -b "$name.raw"
	shown enc_mnist infer -m model.bin -b "$name.raw" --output "$name.npy"
	shown enc_mnist quantize -i "$name" -o "$name.int8" \
		-c "$BATS_TEST_DIRNAME/../models/mnist-calibration.gz"
	# the name is cut there
	run enc_mnist infer -m model.bin -b "$name.raw" --show
	[[ "$output" == *" a?1. b: 7?"* ]]
}

@test "a full disk is not success" {
	run bash -c 'enc_mnist --version >/dev/full'
	refused 1 "standard output"
}
