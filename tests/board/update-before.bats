# SPDX-License-Identifier: Apache-2.0
#
# On the board of update.suite, before the power is cut. The tests depend on
# their order.

load refused

# answers MODEL
answers() {
	run enc_mnist infer -m "$1" -b 4.bin
	echo "$output"
	[ "$output" = "1. 4.bin: 4" ]
}

@test "a release can be taken back, until one is committed" {
	enc_mnist provision -i old.envelope
	for model in v1 v2 v1; do
		answers $model.sealed
	done
	enc_mnist status | grep -q "^models: .*any of the owner"
	run enc_mnist status --json
	[[ "$output" == *'"models":[]'* ]]
}

@test "from a commit on, older security versions are refused" {
	run enc_mnist commit -m v2.sealed
	[[ "$output" == "v2.sealed: committed: model "* ]]
	run enc_mnist infer -m v1.sealed -b 4.bin
	refused 4 v1.sealed "security error" "security version" \
		"enc_mnist status"
	answers v2.sealed
	enc_mnist status | grep -q "digits: security version 2 or higher"
}

@test "a new key does not end the old one" {
	run enc_mnist infer -m v3.sealed -b 4.bin
	refused 5 v3.sealed "does not have its key"
	enc_mnist provision -i new.envelope
	answers v2.sealed
}
