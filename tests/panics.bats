# SPDX-License-Identifier: Apache-2.0
#
# How board/run reads the secure world's log. The lines are OP-TEE's own.

MINE=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744
XTEST=5b9e0e40-2636-11e1-ad9e-0002a5d5c51b

setup() {
	cd "$BATS_TEST_TMPDIR"
	. "$BATS_TEST_DIRNAME/../board/panics.sh"
}

# The lines of an abort in the given TA; the other core writes in between.
abort() {
	cat <<-END
	E/TC:? 0 User mode prefetch-abort at address 0xc00186b8 (translation fault)
	E/TC:? 0  esr 0x82000005  ttbr0 0x200000e1d0000   ttbr1 0x00000000
	D/TC:0   periodic_callback:136 seconds 6 millis 108 count 6
	E/LD:  Status of TA $1
	E/LD:   arch: aarch64
	END
}

@test "a log without panics says nothing" {
	echo 'D/TC:? 0 tee_ta_close_session:480 Destroy session' >log
	[ -z "$(panics_optee log)" ]
}

@test "the panic of a TA is shown, unless it was asked for" {
	abort $MINE >log
	[[ "$(panics_optee log $XTEST)" == *"prefetch-abort"*"$MINE"* ]]
	[ -z "$(panics_optee log $XTEST $MINE)" ]
}

@test "of two panics, each belongs to its own TA" {
	{ abort $XTEST; abort $MINE; abort $XTEST; } >log
	[ "$(panics_optee log $XTEST | grep -c 'Status of TA')" -eq 1 ]
	[[ "$(panics_optee log $XTEST)" == *"$MINE"* ]]
}

@test "a TA that dies without a name is shown" {
	echo 'E/TC:? 0 TA panicked with code 0xbeef' >log
	[[ "$(panics_optee log $XTEST)" == *0xbeef* ]]
}

@test "a panic of OP-TEE itself is always shown" {
	{
		echo "E/TC:0 0 Panic 'unhandled pageable abort' at core/abort.c"
		abort $XTEST
	} >log
	[[ "$(panics_optee log $XTEST)" == *"unhandled pageable abort"* ]]
	[[ "$(panics_optee log $XTEST)" != *"prefetch-abort"* ]]
}

@test "a character of the other core's before a line hides nothing" {
	{ abort $XTEST; abort $MINE; } | sed 's/^E/*E/' >log
	[[ "$(panics_optee log $XTEST)" == *"$MINE"* ]]
	[ -z "$(panics_optee log $XTEST $MINE)" ]
	echo "*E/TC:0 0 Panic 'unhandled pageable abort' at core/abort.c" >log
	[[ "$(panics_optee log $XTEST)" == *"unhandled pageable abort"* ]]
}
