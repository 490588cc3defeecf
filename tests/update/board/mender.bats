# SPDX-License-Identifier: Apache-2.0
#
# On the board of agents.suite, after SWUpdate has installed "next". The tests
# depend on their order.

load refused

MODEL=/var/lib/enc_mnist/model.sealed

# installed NAME: applications get the answers of that update's model.
installed() {
	cmp "$MODEL" "/share/$1/model.sealed"
	run enc_mnist infer -m "$MODEL" -b 4.bin
	echo "$output"
	[ "$output" = "1. 4.bin: 4" ]
}

mender_of() {
	run mender "$@"
	echo "$output"
}

@test "Mender refuses an artifact that was changed" {
	mender_of install /share/changed.mender
	[ "$status" -ne 0 ]
	[[ "$output" == *"invalid checksum"* ]]
	installed next
}

@test "a model that fails its probe: Mender fails, the old one answers" {
	mender_of install /share/mender-bad.mender
	[ "$status" -ne 0 ]
	[[ "$output" == *"the model answers otherwise than expected"* ]]
	installed next
}

@test "Mender installs, and goes back before the commit" {
	mender_of install /share/mender-new.mender
	[ "$status" -eq 0 ]
	installed mender-new
	mender_of rollback
	[ "$status" -eq 0 ]
	installed next
}

@test "Mender installs and commits: from then on the old model is refused" {
	mender_of install /share/mender-new.mender
	[ "$status" -eq 0 ]
	installed mender-new
	mender_of commit
	[ "$status" -eq 0 ]
	installed mender-new
	run enc_mnist infer -m /share/next/model.sealed -b 4.bin
	[ "$status" -ne 0 ]
	[[ "$output" == *"security version"* ]]
}
