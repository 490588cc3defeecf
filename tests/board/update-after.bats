# SPDX-License-Identifier: Apache-2.0
#
# On the board of update.suite, after the power was cut. The tests depend on
# their order.

load refused

TA=/usr/lib/optee_armtz/ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744.ta
STORAGE=/var/lib/optee-client/data/tee

# answers MODEL
answers() {
	run enc_mnist infer -m "$1" -b 4.bin
	echo "$output"
	[ "$output" = "1. 4.bin: 4" ]
}

@test "the old model still answers where its successor has not come yet" {
	answers v2.sealed
	enc_mnist status >out
	cat out
	[ "$(grep -c ", epoch [12]$" out)" -eq 2 ]
}

@test "the new model answers under the new key, and the old one beside it" {
	answers v3.sealed
	answers v2.sealed
	run enc_mnist infer --commit -m v3.sealed -b 4.bin
	[ "$status" -eq 0 ]
	run enc_mnist infer -m v2.sealed -b 4.bin
	refused 4 v2.sealed "security error"
}

@test "a retired key is gone, and its file with it" {
	before=$(ls $STORAGE | wc -l)
	enc_mnist provision -i retire.envelope
	[ "$(ls $STORAGE | wc -l)" -eq $((before - 1)) ]
	run enc_mnist infer -m v2.sealed -b 4.bin
	refused 4 v2.sealed "does not have its key"
	answers v3.sealed
	enc_mnist status >out
	cat out
	[ "$(grep -c ", epoch [0-9]*$" out)" -eq 1 ]
}

@test "an envelope says which models may be loaded" {
	answers other.sealed
	enc_mnist provision -i only.envelope
	run enc_mnist infer -m other.sealed -b 4.bin
	refused 5 other.sealed "security error" "model id"
	answers v3.sealed
	enc_mnist status | grep -q "^models: .*only these"
}

@test "a product's next TA takes what the first one has taken" {
	cp production.ta "$TA"
	enc_mnist provision -i product.envelope
	answers product.sealed
	enc_mnist status | grep -q "^TA version: .*below 1"
	cp next.ta "$TA"
	answers product.sealed
	enc_mnist status | grep -q "^TA version: .*below 2"
}

@test "an older TA is refused from then on" {
	cp production.ta "$TA"
	run enc_mnist status
	refused 1 "open a session" "access conflict" \
		"older than one that the device has run"
	cp next.ta "$TA"
	answers product.sealed
}

# OP-TEE's table of the versions of TAs is all that the first boot has stored.
@test "without OP-TEE's versions of TAs no TA runs: what to do" {
	tables=$(grep -v '^dirf' first.files)
	echo "$tables"
	[ -n "$tables" ]
	for table in $tables; do
		mv "$STORAGE/$table" /tmp/table
		run enc_mnist status
		mv /tmp/table "$STORAGE/$table"
		refused 6 "open a session" "corrupt object" "versions of TAs" \
			"put all of its files back"
		answers product.sealed
	done
}
