# SPDX-License-Identifier: Apache-2.0
#
# `make no-encrypt` leaves the code out, not just the commands.

load lib/leaves_out

OUT=$BATS_TEST_DIRNAME/../out
VARIANT=$OUT/variants/no-encrypt
UUID=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744

@test "the TA has no code to encrypt or decrypt for the normal world" {
	elf=ta/obj/ta/$UUID.elf
	leaves_out $elf compat_encrypt compat_decrypt box_cbc_seal_begin \
		box_cbc_seal_push
	has "$VARIANT/$elf" load_push
}

@test "the host program has no code to encrypt containers" {
	for world in native device; do
		leaves_out $world/enc_mnist enc_cbc_seal box_cbc_seal_push
		has "$VARIANT/$world/enc_mnist" enc_inspect
	done
	has "$VARIANT/device/enc_mnist" enc_load_model
}

@test "the device's program then has none to verify records, either" {
	leaves_out device/enc_mnist enc_record_read record_burn_push
}

@test "only the owner's program has code to quantise and seal models and wrap keys" {
	for name in enc_owner_make enc_seal_network box_stream_seal_chunk \
		enc_wrap_key enc_signer_sign quantize_network; do
		has "$OUT/native/enc_mnist" $name
		has "$VARIANT/native/enc_mnist" $name
		for build in "$OUT" "$VARIANT"; do
			run has "$build/device/enc_mnist" $name
			[ "$status" -ne 0 ]
		done
	done
}

# Everything in those folders, including files added later.
@test "no function of what only an owner needs is in the device's program" {
	lib=$OUT/native/lib
	nm --defined-only "$lib"/host/owner.a "$lib"/box/seal.a \
		"$lib"/record/write.a | awk '$2 == "T" { print $3 }' |
		sort >"$BATS_TEST_TMPDIR/owner"
	for name in enc_signer_sign enc_x25519 enc_hkdf enc_hmac enc_key_id; do
		grep -qx $name "$BATS_TEST_TMPDIR/owner"
	done
	for build in "$OUT" "$VARIANT" "$OUT/variants/production"; do
		nm --defined-only "$build/device/enc_mnist" | awk '{ print $3 }' |
			sort >"$BATS_TEST_TMPDIR/device"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/device")" -gt 100 ]
		[ -z "$(comm -12 "$BATS_TEST_TMPDIR/owner" \
			"$BATS_TEST_TMPDIR/device")" ]
	done
}

@test "only the device's program has a client of the TEE" {
	client=' (enc_tee_|TEEC_|enc_load_model|enc_provision|cli_infer_run)'
	for name in enc_tee_open enc_tee_status enc_load_model enc_provision \
		cli_infer_run; do
		has "$OUT/device/enc_mnist" $name
	done
	nm "$OUT/device/enc_mnist" | grep -q ' U TEEC_'
	for build in "$OUT" "$VARIANT"; do
		run grep -E "$client" <(nm "$build/native/enc_mnist")
		echo "$output"
		[ "$status" -eq 1 ]
	done
}
