# SPDX-License-Identifier: Apache-2.0
#
# Sealed models on the device's command line, inside the board. The tests depend
# on their order. new.status, device.pub and again.pub come from the first boot.
# Those with the tag soak run at full length only: native tests show the same.

load refused

TA=/usr/lib/optee_armtz/ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744.ta

answers() {
	run enc_mnist infer -m model.sealed -b samples/4.bin -i samples/2.png
	echo "$output"
	[ "$output" = "1. samples/4.bin: 4
2. samples/2.png: 2" ]
}

@test "the device makes one key, and keeps it" {
	grep -q "^device: *no key yet" new.status
	grep -q "^fingerprint: [0-9a-f ]\{79\}$" device.pub
	diff <(grep -v fingerprint device.pub) again.pub
	enc_mnist device-key | diff device.pub -
	enc_mnist status | grep -F "$(sed -n 's/^fingerprint: //p' device.pub)"
}

@test "without a key, a sealed model does not load" {
	run enc_mnist infer -m model.sealed -b samples/4.bin
	refused 5 model.sealed "item not found" "enc_mnist provision"
}

# bats test_tags=soak
@test "what is no model is said to be none" {
	: >empty
	run enc_mnist infer -m empty -b samples/4.bin
	refused 1 "empty: the file is empty" "enc_mnist seal"
	run enc_mnist infer -m . -b samples/4.bin
	refused 1 ".: cannot read: Is a directory"
	run enc_mnist infer -m samples/4.bin -b samples/4.bin
	refused 1 "samples/4.bin: not an encrypted model" "enc_mnist seal"
	head -c 100 model.sealed >cut
	run enc_mnist infer -m cut -b samples/4.bin
	refused 1 "cut: ends too early" "get it again"
}

@test "envelopes of others, or for others, are refused" {
	run enc_mnist provision -i stranger.envelope
	refused 4 stranger.envelope "from another owner" "; get one from that owner"
	run enc_mnist provision -i another.envelope
	refused 5 another.envelope "has no envelope for this device" \
		"device-key"
	run enc_mnist provision -i model.sealed
	refused 1 model.sealed "envelope 1 is not an envelope; give a file"
	: >empty.envelope
	run enc_mnist provision -i empty.envelope
	refused 1 empty.envelope "the file is empty; give a file"
}

@test "the device finds its envelope among others" {
	run enc_mnist provision -i all.envelope
	[ "$status" -eq 0 ]
	[[ "$output" == *"epoch 5."* ]]
	answers
}

@test "an old envelope is refused, and the same one again" {
	for envelope in older.envelope key.envelope; do
		run enc_mnist provision -i $envelope
		refused 4 $envelope "security error" "epoch"
	done
	answers
}

# bats test_tags=soak
@test "from a pipe, and classifies as many as one likes" {
	cat model.sealed | enc_mnist infer -m - -b samples/1.bin >out
	[ "$(cat out)" = "1. samples/1.bin: 1" ]
}

@test "until a newer model is committed, the older one can come back" {
	for model in older.sealed model.sealed older.sealed; do
		run enc_mnist infer -m $model -b samples/4.bin
		[ "$output" = "1. samples/4.bin: 4" ]
	done
	enc_mnist status --json | grep -F '"models":[]'
	run enc_mnist infer --commit -m model.sealed -b samples/4.bin
	echo "$output"
	[ "${lines[0]}" = "1. samples/4.bin: 4" ]
	[ "$status" -eq 0 ]
	run enc_mnist commit -m model.sealed
	[[ "$output" == "model.sealed: committed: model "*", version "*", security version "* ]]
	run enc_mnist commit -m older.sealed
	refused 4 older.sealed "security error"
}

@test "a program of one's own answers by libencmnist" {
	cat samples/[0-9].bin >digits
	[ "$(LD_LIBRARY_PATH=. ./label model.sealed <digits | tr '\n' ' ')" = \
		"0 1 2 3 4 5 6 7 8 9 " ]
	head -c 1000 digits >part
	run env LD_LIBRARY_PATH=. ./label model.sealed <part
	[ "$status" -eq 1 ]
	[[ "$output" == *"no whole number of samples, 784 bytes each"* ]]
	run env LD_LIBRARY_PATH=. ./label stranger.sealed <digits
	echo "$output"
	[ "$status" -eq 4 ]
	[[ "$output" == "label: stranger.sealed: cannot load the model: "*"another owner"* ]]
}

@test "all ten digits are right, with int8 and with f32" {
	for digit in 0 1 2 3 4 5 6 7 8 9; do
		set -- "$@" -b samples/$digit.bin
	done
	for model in model.sealed f32.sealed; do
		enc_mnist infer -m $model "$@" >out
		[ "$(sed 's/.*: //' out | tr -d '\n')" = 0123456789 ]
	done
}

@test "a model that is older, another's, changed, cut or too long is refused" {
	answers
	run enc_mnist infer -m older.sealed -b samples/4.bin
	refused 4 older.sealed "security error" "too low"
	run enc_mnist infer -m stranger.sealed -b samples/4.bin
	refused 4 stranger.sealed "access denied" "another owner"
	run enc_mnist infer -m flipped.sealed -b samples/4.bin
	refused 4 flipped.sealed "not authentic" "get it again"
	run enc_mnist infer -m cut.sealed -b samples/4.bin
	refused 1 cut.sealed "bad format"
	run enc_mnist infer -m long.sealed -b samples/4.bin
	refused 1 long.sealed "excess data" "goes on"
	answers
}

@test "status says what there is, to people and to machines" {
	enc_mnist status >out
	cat out
	grep -q "^build: .*not for production" out
	grep -q "^TA signing key: .*public" out
	grep -q "^TA version: .*not protected" out
	grep -q "^hardware key: .*it is 0" out
	grep -q "^rollback: .*not protected" out
	grep -q "^model keys: .*, epoch 5" out
	grep -q "digits: security version 2 or higher" out
	grep -q "^memory: *4649648 bytes" out
	enc_mnist status --json >out
	grep -q '"epoch":5' out
	grep -q '"model_id":"digits","security_version":2' out
}

# bats test_tags=soak
@test "inspect says beforehand what this device will do, in its statuses" {
	enc_mnist status --json >device.json
	for file in "0 model.sealed" "4 older.sealed" "4 stranger.sealed" \
		"4 flipped.sealed" "1 cut.sealed" "4 key.envelope" \
		"5 another.envelope" "4 stranger.envelope"; do
		name=${file#* }
		run enc_mnist inspect --json --device device.json "$name"
		echo "$name: status $status: $output"
		[ "$status" -eq "${file% *}" ]
		case $name in
		*.sealed) run enc_mnist infer --json -m "$name" -b samples/4.bin ;;
		*) run enc_mnist provision --json -i "$name" ;;
		esac
		echo "status $status: $output"
		[ "$status" -eq "${file% *}" ]
		[ "$status" -eq 0 ] ||
			[[ "$output" == *'{"error":{"kind":"'*'","status":'$status,* ]]
	done
}

# bats test_tags=soak
@test "inspect needs no TEE and no key" {
	enc_mnist inspect model.sealed | grep -q "^signature: *valid"
	run enc_mnist inspect flipped.sealed
	[ "$status" -eq 1 ]
	[[ "$output" == *digest* ]]
}

@test "a product takes only sealed models of its owner, under the existing key" {
	cp production/*.ta "$TA"
	product=production/enc_mnist
	run $product infer -m model.sealed -b samples/4.bin
	refused 4 model.sealed "access denied" "another owner"
	run $product infer -m product.sealed -b samples/4.bin
	[ "$output" = "1. samples/4.bin: 4" ]
	run $product provision -i below.envelope
	refused 4 below.envelope "another owner"
	$product provision -i product.envelope
	run $product status
	[[ "$output" == *"build: "*"production"* ]]
	[[ "$output" != *"not for production"* ]]
	run $product infer -m model.json -b samples/4.bin
	refused 1 model.json "not a sealed model"
	run $product store-key --key-file key
	refused 2 "no command"
	# and from the program of the other build
	run enc_mnist store-key --key-file key
	refused 1 "not supported" "enc_mnist provision"
	run enc_mnist infer -m model.json -b samples/4.bin
	refused 1 "not supported" "enc_mnist seal"
}

@test "a TA with floors refuses what was good before and is below them" {
	cp floors/*.ta "$TA"
	enc_mnist status >out
	grep -q "^TA version: .*below 3" out
	grep -q "^next envelope: *epoch 8 or higher" out
	grep -q "^models: .*security version 3 or higher" out
	run enc_mnist infer -m newer.sealed -b samples/4.bin
	refused 5 newer.sealed "security error" "epoch of its key"
	run enc_mnist provision -i below.envelope
	refused 4 below.envelope "security error" "epoch"
	enc_mnist provision -i floor.envelope
	run enc_mnist infer -m model.sealed -b samples/4.bin
	refused 4 model.sealed "security error" "too low"
	run enc_mnist infer -m newer.sealed -b samples/4.bin
	[ "$output" = "1. samples/4.bin: 4" ]
}
