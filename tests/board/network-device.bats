# SPDX-License-Identifier: Apache-2.0
#
# Networks of any kind on the device's command line, inside the board. *.here is
# what the workstation says, *.npy what it computes. Those with the tag soak run
# at full length only: tests/native/test_cli.c has them on the stand-in.

load refused

TA=/usr/lib/optee_armtz/ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744.ta

@test "pictures of any size, grey or RGB, and the names of their classes" {
	enc_mnist provision -i key.envelope
	enc_mnist infer -m label.sealed -i 0.bmp -i 1.bmp -i phone.jpg >out
	diff label.here out
	grep -q '^1. 0.bmp: cat$' out
	run enc_mnist infer -m label.sealed -i 1.bmp --json
	[ "$output" = '{"results":[{"index":1,"file":"1.bmp","label":1,"name":"dog"}]}' ]
	printf 'chat\nchien\noiseau\n' >french
	run enc_mnist infer -m label.sealed -i 2.bmp --labels french
	[ "$output" = "1. 2.bmp: oiseau" ]
	head -c 48 /dev/zero >black
	run enc_mnist infer -m label.sealed -b black
	[ "$output" = "1. black: cat" ]
	cat black black | enc_mnist infer -m label.sealed -b - >out
	[ "$(cat out)" = "1. -: cat
2. -: cat" ]
}

# bats test_tags=soak
@test "a model that gives the label gives nothing else" {
	run enc_mnist infer -m label.sealed -i 0.bmp --top 2
	refused 1 "label.sealed: its owner lets it give the label, not the 2 likeliest labels; the owner decides"
	run enc_mnist infer -m label.sealed -i 0.bmp --scores
	refused 1 "the label, not scores;"
	run enc_mnist infer -m label.sealed -x pixels.npy -o y.npy
	refused 1 "the label, not its outputs;"
	[ ! -e y.npy ]
}

# bats test_tags=soak
@test "as many labels as the owner allows" {
	enc_mnist infer -m top.sealed -i 1.bmp -i phone.jpg --top 2 >out
	diff top.here out
	run enc_mnist infer -m top.sealed -i 1.bmp
	[ "$output" = "1. 1.bmp: dog" ]
	run enc_mnist infer -m top.sealed -i 1.bmp --top 3
	refused 1 "the 2 likeliest labels, not the 3 likeliest labels"
	run enc_mnist infer -m top.sealed -i 1.bmp --scores
	refused 1 "not scores"
}

@test "scores, where the owner allows them" {
	enc_mnist infer -m scores.sealed -i 2.bmp -i phone.jpg --top 3 --scores >out
	diff scores.here out
	enc_mnist infer -m scores.sealed -x pixels.npy -o y.npy
	cmp conv.npy y.npy
}

@test "arrays in and out, the bytes of the workstation" {
	enc_mnist infer -m raw.sealed -x pixels.npy -o y.npy
	cmp conv.npy y.npy
	enc_mnist infer -m int8.sealed -x x.npy -o y.npy
	cmp int8.npy y.npy
	enc_mnist infer -m two.sealed -x a.npy -x a.npy -o y.npy
	cmp two-1.npy y-1.npy
	cmp two-2.npy y-2.npy
}

# bats test_tags=soak
@test "what a network does not read is refused" {
	run enc_mnist infer -m raw.sealed -x a.npy -o y.npy
	refused 1 "a.npy: an array of 2 x 2; the network reads N x 4 x 4 x 3"
	run enc_mnist infer -m two.sealed -i 0.bmp
	refused 1 "two.sealed: the network reads 2 f32 and more, not pixels"
	run enc_mnist infer -m two.sealed -x a.npy -x a.npy
	refused 1 "two.sealed: the network gives 2 f32 and more, not a score"
	run enc_mnist infer -m raw.sealed -i 0.bmp --show
	refused 1 "28 x 28 x 1 pixels, not 4 x 4 x 3"
}

@test "class names that were changed are refused" {
	sed 's/bird/lord/' label.sealed >changed.sealed
	run enc_mnist infer -m changed.sealed -i 0.bmp
	refused 1 "changed.sealed: its class names are not as they were sealed"
}

@test "eval takes a folder for each class, and arrays" {
	enc_mnist eval -m label.sealed -x set >out
	cat out
	grep -q '^3 images, 3 right: accuracy 100.00 %$' out
	grep -q '^   2      0     0     1$' out
	enc_mnist eval -m top.sealed -x pixels.npy -y labels.npy -k 2 >out
	diff <(grep -v 'per second' eval.here) <(grep -v 'per second' out)
	run enc_mnist eval -m label.sealed -x set -k 2
	refused 1 "the label, not the 2 likeliest labels"
}

@test "a model that is too large for the heap: how much it needs" {
	cp "$TA" /tmp/ta
	cp small-heap.ta "$TA"
	run enc_mnist infer -m mnist.sealed -b black
	cp /tmp/ta "$TA"
	refused 5 "mnist.sealed: cannot load the model: out of memory" \
		"it needs $(cat mnist.heap) bytes and the TA's heap has 1048576" \
		"make ta MODEL=file"
}
