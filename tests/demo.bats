# SPDX-License-Identifier: Apache-2.0
#
# The first commands that a newcomer types work: the demo, and the example in
# README.md, read from there.

setup_file() {
	LC_ALL=C "$BATS_TEST_DIRNAME/../scripts/demo" >"$BATS_FILE_TMPDIR/demo"
}

setup() {
	top=$(realpath "$BATS_TEST_DIRNAME/..")
	cd "$BATS_TEST_TMPDIR"
}

@test "the demo shows its commands, and ten digits with their labels" {
	cp "$BATS_FILE_TMPDIR/demo" out
	cat out
	grep -q '^\$ enc_mnist encrypt-model --input models/mnist.bin' out
	grep -q '^\$ enc_mnist store-key --key [0-9a-f]\{64\}$' out
	grep -q '^\$ enc_mnist infer .* --show -i samples/0.png ' out
	sed '1,/^\$ enc_mnist infer/d; /^# Device: for the sealed/,$d' out >pictures
	[ "$(grep -o 'label [0-9]' pictures | tr -dc 0-9)" = 0123456789 ]
	[ "$(grep -o '[0-9]\.png' pictures | tr -dc 0-9)" = 0123456789 ]
	[ "$(grep -c '^[ .:+#]\{28\}.\{12\}[ .:+#]\{28\}' pictures)" -eq 70 ]
	[ "$(grep -c '#' pictures)" -gt 35 ]
}

@test "the demo shows the sealed way, to its end" {
	sed '1,/^# 2. Sealed/d' "$BATS_FILE_TMPDIR/demo" >out
	cat out
	for command in seal import wrap provision status infer commit; do
		grep -q "^\\$ enc_mnist $command " out ||
			grep -q "^\\$ enc_mnist $command\$" out
	done
	grep -q '^Key [0-9a-f]\{32\} stored in the TEE, epoch 1\.$' out
	grep -q '^rollback: .*not protected' out
	grep -q '^mnist.sealed: committed: model ' out
	for model in mnist lenet; do
		sed "1,/^\\$ enc_mnist infer --model $model.sealed/d; /^$/,\$d" \
			out >answers
		[ "$(grep -o 'samples/[0-9].png: [0-9]$' answers | tr -dc '0-9\n' |
			grep -c '^\([0-9]\)\1$')" -eq 10 ]
	done
}

@test "the example in README.md works as it stands there" {
	# Runs on copies, to keep the key and model of anyone who has tried it
	# by hand. The file of TensorFlow Lite is a stand-in, to which most of
	# MNIST's digits would be something else, but not this 7.
	mkdir out
	"$top/out/native/tools/tiny_tflite" part 28 28 1 257 10 >digits.tflite
	cp -R "$top/board" "$top/examples" "$top/models" "$top/samples" .
	mkdir tests
	cp -R "$top/tests/data" tests
	ln -s "$top/out/board" "$top/out/native" "$top/out/owner" out
	sed -n '/^## Your own model/,/^## /s/^\t//p' "$top/README.md" >example
	[ "$(grep -c 'enc_mnist [a-z]' example)" -eq 20 ]
	run sh -e example
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"signature:     valid"* ]]
	[[ "$output" == *"lenet.sealed: committed"* ]]
	[[ "$output" == *"10000 images: accuracy 99.42 % before, 99.4"* ]]
	[[ "$output" == *"stored in the TEE, epoch 1."* ]]
	[[ "$output" == *"imported to owner/lenet.net, "*" from ONNX"* ]]
	[[ "$output" == *"imported to owner/digits.net, "*" from TensorFlow Lite"* ]]
	[[ "$output" == *"1. samples/7.png: 7 "* ]]
	[[ "$output" == *"the TA accepts this Burn record"* ]]
	[[ "$output" == *"bytes encrypted to device/model_enc.json"* ]]
	[[ "$output" == *"Key stored in the TEE."* ]]
	[ "$(grep -c "^1. 7.png: 7$" <<<"$output")" -eq 3 ]
}
