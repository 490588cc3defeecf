# SPDX-License-Identifier: Apache-2.0
#
# On the board of agents.suite, after the power was cut between an envelope and
# its model. The tests depend on their order.

load refused

MODEL=/var/lib/enc_mnist/model.sealed

# installed NAME: applications get the answers of that update's model.
installed() {
	cmp "$MODEL" "/share/$1/model.sealed"
	run enc_mnist infer -m "$MODEL" -b 4.bin
	echo "$output"
	[ "$output" = "1. 4.bin: 4" ]
}

# keys NUMBER: how many the device has.
keys() {
	enc_mnist status >out
	cat out
	[ "$(grep -c ", epoch [0-9]*$" out)" -eq "$1" ]
}

@test "the device has the new envelope, and the old model answers" {
	keys 2
	installed first
}

@test "the same image once more: the new model, and the old key is gone" {
	run swupdate -i /share/new.swu -k /share/vendor.crt
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"the device has had epoch 2"* ]]
	installed new
	keys 1
	run enc_mnist infer -m /share/first/model.sealed -b 4.bin
	[ "$status" -ne 0 ]
	[[ "$output" != *": 4"* ]]
}

@test "once committed, an older version under the same key is refused" {
	run swupdate -i /share/next.swu -k /share/vendor.crt
	echo "$output"
	[ "$status" -eq 0 ]
	installed next
	run enc_mnist infer -m /share/new/model.sealed -b 4.bin
	[ "$status" -ne 0 ]
	[[ "$output" == *"security version"* ]]
}
