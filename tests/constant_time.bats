# SPDX-License-Identifier: Apache-2.0
#
# The engine as it runs in the TA has no branch that a float decides: the
# comparisons that it needs become masks. (A compiler that makes one a branch
# again does so with fcmp or fccmp.)

@test "no float decides a branch in the engine of the TA" {
	object=$BATS_TEST_DIRNAME/../out/ta/obj/nn/forward.o
	run aarch64-linux-gnu-objdump -d "$object"
	[ "$status" -eq 0 ]
	[[ "$output" == *fmla* ]]
	[[ "$output" != *fcmp* && "$output" != *fccmp* ]]
}
