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
	elf=ta/obj/ta/inference/$UUID.elf
	for name in seal_encrypt seal_decrypt box_cbc_seal_begin \
		box_cbc_seal_push; do
		has "$OUT/$elf" $name
		run has "$OUT/variants/no-encrypt/$elf" $name
		[ "$status" -ne 0 ]
	done
	has "$OUT/variants/no-encrypt/$elf" load_push
}

@test "the host program has no code to encrypt or verify records" {
	for world in native device; do
		for name in enc_seal_cbc enc_record_read nn_record_push \
			box_cbc_seal_push; do
			has "$OUT/$world/enc_mnist" $name
			run has "$OUT/variants/no-encrypt/$world/enc_mnist" $name
			[ "$status" -ne 0 ]
		done
		readelf -d "$OUT/$world/enc_mnist" | grep -q libcrypto
		run readelf -d "$OUT/variants/no-encrypt/$world/enc_mnist"
		[[ "$output" == *NEEDED* && "$output" != *libcrypto* ]]
		has "$OUT/variants/no-encrypt/$world/enc_mnist" enc_load_model
	done
}
