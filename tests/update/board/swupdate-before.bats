# SPDX-License-Identifier: Apache-2.0
#
# On the board of agents.suite, before the power is cut. The tests depend on
# their order.

load refused

MODEL=/var/lib/enc_mnist/model.sealed

# swupdate_of NAME: its status is that of SWUpdate, its output the log.
swupdate_of() {
	run swupdate -i "/share/$1.swu" -k /share/vendor.crt
	echo "$output"
}

# installed NAME: applications get the answers of that update's model.
installed() {
	cmp "$MODEL" "/share/$1/model.sealed"
	run enc_mnist infer -m "$MODEL" -b 4.bin
	echo "$output"
	[ "$output" = "1. 4.bin: 4" ]
	[ "$(ls /var/lib/enc_mnist)" = model.sealed ]
}

@test "SWUpdate installs the first model with its key" {
	swupdate_of first
	[ "$status" -eq 0 ]
	installed first
	enc_mnist status | grep -q "digits: security version 1 or higher"
}

@test "a model that fails its probe: SWUpdate fails, the old one answers" {
	swupdate_of bad
	[ "$status" -ne 0 ]
	[[ "$output" == *"the model answers otherwise than expected"* ]]
	installed first
	enc_mnist status | grep -q "digits: security version 1 or higher"
}

@test "SWUpdate refuses an image that was changed, or that a stranger has signed" {
	before=$(enc_mnist status)
	swupdate_of changed
	[ "$status" -ne 0 ]
	[[ "$output" == *"Image invalid or corrupted"* ]]
	swupdate_of foreign
	[ "$status" -ne 0 ]
	[[ "$output" == *"Signature verification failed"* ]]
	[ "$(enc_mnist status)" = "$before" ]
	installed first
}
