# SPDX-License-Identifier: Apache-2.0
#
# A check of the TA, a lock, or a wipe that is missing makes a test fail.
# tests/mutants/checks.patch plants all of these defects in one build. PLANTED in
# the environment chooses one.

bats_require_minimum_version 1.5.0

PROGRAMS="ta/test_sealed ta/test_life test_ta_floors test_ta_life test_ta_memory
	test_ta_stack test_ta_storage test_ta_types test_envelope test_head"

setup_file() {
	cd "$BATS_TEST_DIRNAME/.."
	set --
	for program in $PROGRAMS; do
		set -- "$@" "out/native/tests/$program"
	done
	tests/mutant checks "$@"
	for program in $PROGRAMS; do
		tap "$program" "$BATS_FILE_TMPDIR/${program##*/}"
	done
}

# tap PROGRAM FILE: what it says.
tap() {
	words=
	[ "$1" != ta/test_sealed ] || words=sampled
	OPENSSL_CONF=/dev/null CMOCKA_MESSAGE_OUTPUT=TAP \
		"out/mutants/checks/out/native/tests/$1" $words >"$2" 2>&1 || true
}

# noticed PROGRAM TEST DEFECT...: the test fails with each of these defects, and
# passes without.
noticed() {
	cd "$BATS_TEST_DIRNAME/.."
	program=$1 test=$2
	shift 2
	grep -q "^ok [0-9]* - $test$" "$BATS_FILE_TMPDIR/${program##*/}"
	for PLANTED; do
		export PLANTED
		echo "$PLANTED: $test"
		tap "$program" "$BATS_TEST_TMPDIR/tap"
		grep -q "^not ok [0-9]* - $test\b" "$BATS_TEST_TMPDIR/tap"
	done
	unset PLANTED
}

@test "signatures" {
	noticed ta/test_sealed a_strangers_model_is_refused \
		'signature of a head'
	noticed ta/test_sealed a_strangers_envelope_is_refused \
		'signature of an envelope'
	noticed ta/test_sealed each_byte_of_the_digest_counts digest
}

@test "owner, device, TA and key" {
	noticed ta/test_sealed a_head_is_of_what_it_names 'owner of a head'
	noticed ta/test_sealed an_envelope_is_for_what_it_names \
		'owner of an envelope' 'device of an envelope' 'TA of an envelope'
	noticed ta/test_sealed points_of_low_order_are_refused \
		'point of low order'
	noticed test_ta_floors without_an_owner_no_session_opens 'no owner'
	noticed test_ta_storage a_retired_key_does_not_come_back_in_its_slot \
		'key in a slot'
}

@test "fields of envelopes and heads" {
	noticed test_envelope models_are_in_order 'order of a list'
	noticed test_envelope epochs_have_a_range 'retired epoch'
	noticed test_head a_login_has_its_client 'client of a login'
}

@test "epochs and versions" {
	noticed ta/test_sealed epochs_only_rise epoch
	noticed test_ta_floors keys_below_the_floor_are_refused 'floor of epochs'
	noticed test_ta_floors models_below_the_floor_are_refused \
		'floor of versions'
	noticed ta/test_life models_go_back_until_one_is_committed version
	noticed ta/test_life a_session_does_not_commit_what_is_old_by_now \
		'commit of an old model'
	noticed ta/test_life a_list_raises_versions_and_lowers_none \
		'version in a list'
	noticed ta/test_life only_what_an_envelope_lists_may_be_loaded list
	noticed ta/test_life a_retired_key_does_not_come_back retiring
	noticed test_ta_storage a_slot_that_does_not_count_is_swept sweeping
}

@test "states of a session and of the device" {
	noticed ta/test_life what_happens_during_a_load_counts \
		'device at the end'
	noticed ta/test_life a_model_is_committed_after_it_has_answered \
		'commit without an answer'
	noticed ta/test_sealed chunks_have_their_places 'load after an error'
	noticed test_ta_types all_other_types_are_refused 'types of parameters'
	noticed test_ta_life only_writers_wait_for_readers lock
}

@test "clients and counts" {
	noticed test_ta_life a_model_is_for_the_login_that_it_names login
	noticed ta/test_life in_the_life_of_a_device_so_many_answers_are_given \
		'count of answers'
}

@test "stored keys, and what is wiped" {
	noticed test_ta_storage stored_keys_are_to_derive_with \
		'usage of the device key' 'usage of a model key'
	noticed test_ta_stack provisioning_leaves_no_key 'wiping a model key' \
		'wiping the keys of HPKE'
	noticed test_ta_stack what_fails_leaves_no_key \
		'wiping the key of a stream'
	noticed test_ta_stack parts_of_commands_leave_no_key \
		'wiping the key of the TA'
	noticed test_ta_memory dropped_sealed_loads_are_wiped \
		'wiping plaintext' 'wiping a model'
}

@test "each planted defect is tried" {
	cd "$BATS_TEST_DIRNAME/.."
	sed -nE 's/^\+.*PLANTED\("([^"]*)"\).*/\1/p' tests/mutants/checks.patch |
		sort >"$BATS_TEST_TMPDIR/planted"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/planted")" -ge 36 ]
	while read -r defect; do
		echo "$defect"
		grep -qE "[ 	]'?$defect'?( |\$)" "$BATS_TEST_FILENAME"
	done <"$BATS_TEST_TMPDIR/planted"
}
