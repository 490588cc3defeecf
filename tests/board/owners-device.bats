# SPDX-License-Identifier: Apache-2.0
#
# On the board of owners.suite. The tests depend on their order. The first owner
# has the TA of the default UUID, the others those of ./uuids. The last one there
# is nobody's.

load refused

DEFAULT=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744

setup_file() {
	{ read -r OTHER && read -r THIRD && read -r NOBODY; } <uuids
	export OTHER THIRD NOBODY
	cp -f ./*.ta /usr/lib/optee_armtz
}

# answers OPTION...
answers() {
	run enc_mnist infer -b 4.bin "$@"
	echo "$output"
	[ "$output" = "1. 4.bin: 4" ]
}

@test "two TAs: each has its UUID, its owner, its version and its device key" {
	enc_mnist status >one.status
	enc_mnist status --ta "${OTHER^^}" >two.status
	cat one.status two.status
	grep -q "^TA: *$DEFAULT$" one.status
	grep -q "^TA: *$OTHER$" two.status
	grep -q "^TA version: .*below 1," one.status
	grep -q "^TA version: .*below 2," two.status
	for what in owner device; do
		[ "$(grep -h "^$what: *[0-9a-f]\{4\} " ./*.status | sort -u |
			wc -l)" -eq 2 ]
	done
	enc_mnist device-key | cmp - <(enc_mnist device-key --ta $DEFAULT)
	run cmp one.pub two.pub
	[ "$status" -eq 1 ]
}

@test "a program that was built with TA_UUID calls that TA" {
	./other status | diff - two.status
	./other status --ta $DEFAULT | diff - one.status
}

@test "what STATUS says of a signing key is true of an offline signature" {
	grep -q "^TA signing key: *not protected: the public one" two.status
}

@test "neither takes the other's envelope, nor its own for the other's UUID" {
	run enc_mnist provision -i two.envelope
	refused 5 two.envelope "no envelope for this device"
	run enc_mnist provision -i one.envelope --ta "$OTHER"
	refused 5 one.envelope "no envelope for this device"
	run enc_mnist provision -i crossed.envelope
	refused 5 crossed.envelope "for another TA" "--ta $DEFAULT"
	run enc_mnist provision -i default.envelope --ta "$OTHER"
	refused 5 default.envelope "for another TA" "--ta $OTHER"
}

@test "inspect says beforehand which TA takes an envelope" {
	enc_mnist status --json >one.json
	enc_mnist status --json --ta "$OTHER" >two.json
	for n in one two; do
		run enc_mnist inspect $n.envelope --device $n.json
		[ "$status" -eq 0 ]
	done
	run enc_mnist inspect crossed.envelope --device one.json
	[ "$status" -eq 5 ]
	[[ "$output" == *"for another TA"* ]]
}

@test "each answers with its own model, and refuses the other's" {
	enc_mnist provision -i one.envelope
	answers -m one.sealed
	./other provision -i two.envelope
	answers -m two.sealed --ta "$OTHER"
	run ./other infer -m two.sealed -b 4.bin
	[ "$output" = "1. 4.bin: 4" ]
	run enc_mnist infer -m two.sealed -b 4.bin
	refused 4 two.sealed "another owner"
	run enc_mnist infer -m one.sealed -b 4.bin --ta "$OTHER"
	refused 4 one.sealed "another owner"
}

# The same model id, for both.
@test "a commit, an epoch and a list of one do not move the other" {
	enc_mnist status >before
	enc_mnist commit -m two.sealed --ta "$OTHER"
	enc_mnist provision -i later.envelope --ta "$OTHER"
	enc_mnist status --ta "$OTHER" >moved
	cat before moved
	grep -q "^next envelope: *epoch 7 " moved
	grep -q "digits: security version 9 or higher" moved
	enc_mnist status | diff before -
	answers -m one.sealed
}

@test "a TA that was made of one without an owner: its owner, floors and version" {
	enc_mnist status --ta "$THIRD" >three.status
	cat three.status three.owner
	grep -q "^TA: *$THIRD$" three.status
	grep -q "^TA version: .*below 3," three.status
	grep -q "^TA signing key: *not protected: the public one" three.status
	grep -qF "$(sed 's/^owner: *//' three.owner)" three.status
}

@test "it takes and answers with its owner's model, and no other" {
	run enc_mnist provision -i old.envelope --ta "$THIRD"
	refused 4 old.envelope "lower than the TA accepts"
	enc_mnist provision -i three.envelope --ta "$THIRD"
	answers -m three.sealed --ta "$THIRD"
	run enc_mnist infer -m below.sealed -b 4.bin --ta "$THIRD"
	refused 4 below.sealed "security version"
	run enc_mnist infer -m one.sealed -b 4.bin --ta "$THIRD"
	refused 4 one.sealed "another owner"
	answers -m one.sealed
}

@test "a TA without an owner takes nothing, and the program says why" {
	run enc_mnist status --ta "$NOBODY"
	refused 1 "the TA has no owner" "enc_mnist make-ta"
	run enc_mnist device-key --ta "$NOBODY"
	refused 1 "the TA has no owner"
	run enc_mnist provision -i three.envelope --ta "$NOBODY"
	refused 1 "the TA has no owner"
	run enc_mnist infer -m three.sealed -b 4.bin --ta "$NOBODY"
	refused 1 "the TA has no owner"
}

@test "a TA that is not installed is named" {
	run enc_mnist status --ta 01234567-89ab-4def-8123-456789abcdef
	refused 1 "copy 01234567-89ab-4def-8123-456789abcdef.ta"
}
