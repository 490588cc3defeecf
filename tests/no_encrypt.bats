# SPDX-License-Identifier: Apache-2.0
#
# `make no-encrypt` leaves the code out, not just the commands. The names are
# looked for in the default build, too: there they must be found.

OUT=$BATS_TEST_DIRNAME/../out
UUID=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744

# has FILE NAME: whether a program has a function of this name.
has() {
	nm "$1" | grep -Eq " [Tt] $2\$"
}

@test "the TA has no code to encrypt or decrypt for the normal world" {
	elf=ta/obj/ta/$UUID.elf
	for name in compat_encrypt compat_decrypt box_cbc_seal_begin \
		box_cbc_seal_push; do
		has "$OUT/$elf" $name
		run has "$OUT/variants/no-encrypt/$elf" $name
		[ "$status" -ne 0 ]
	done
	has "$OUT/variants/no-encrypt/$elf" load_push
}

@test "the host program has no code to encrypt containers" {
	for world in native device; do
		for name in enc_cbc_seal box_cbc_seal_push; do
			has "$OUT/$world/enc_mnist" $name
			run has "$OUT/variants/no-encrypt/$world/enc_mnist" $name
			[ "$status" -ne 0 ]
		done
		has "$OUT/variants/no-encrypt/$world/enc_mnist" enc_load_model
	done
}

@test "the device's program then has none to verify records, either" {
	for name in enc_record_read record_burn_push record_int8_push; do
		has "$OUT/device/enc_mnist" $name
		run has "$OUT/variants/no-encrypt/device/enc_mnist" $name
		[ "$status" -ne 0 ]
	done
}

@test "only the owner's program has code to quantise and seal models and wrap keys" {
	for name in enc_owner_make enc_seal_model box_stream_seal_chunk \
		enc_wrap_key enc_owner_secret_read enc_quantize nn_logits8; do
		has "$OUT/native/enc_mnist" $name
		has "$OUT/variants/no-encrypt/native/enc_mnist" $name
		for variant in . variants/no-encrypt; do
			run has "$OUT/$variant/device/enc_mnist" $name
			[ "$status" -ne 0 ]
		done
	done
}
