# SPDX-License-Identifier: Apache-2.0
#
# README.md, "Your own model" and "From PyTorch", word for word, with a network
# that PyTorch has just trained instead of the committed one.

setup() {
	top=$(realpath "$BATS_TEST_DIRNAME/../..")
	cd "$BATS_TEST_TMPDIR"
}

# Lines of README.md that are typed, from one heading to the next.
typed() {
	sed -n "/^##* $1\$/,/^##/s/^\t//p" "$top/README.md"
}

@test "from a PyTorch script to a label out of the TEE" {
	mkdir out
	cp -R "$top/board" "$top/examples" "$top/samples" .
	ln -s "$top/out/board" "$top/out/native" "$top/out/owner" out
	ln -s "$(cd "$top" && realpath "${DOWNLOADS:-downloads}")" downloads
	rm examples/lenet/lenet.onnx
	# Two epochs of twenty: enough for a 7.
	run examples/lenet/train.py --epochs 2
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" =~ (9[0-9]{3})\ of\ 10000\ test\ images\ are\ right ]]
	typed 'Your own model' >example
	typed 'From PyTorch' >>example
	run sh -e example
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"stored in the TEE, epoch 1."* ]]
	[[ "$output" == *"imported to owner/lenet.net, "*" from ONNX"* ]]
	[ "$(grep -cx "1. 7.png: 7" <<<"$output")" -eq 1 ]
}
