# SPDX-License-Identifier: Apache-2.0
#
# Models of 8-bit weights on the owner's workstation: the command line. What
# quantising does to weights is for native/test_quantize.c, what a record may be
# for native/test_record8.c.

load lib/refused

setup_file() {
	export TOP=$BATS_TEST_DIRNAME/..
	PATH=$TOP/out/native:$PATH
	cd "$BATS_FILE_TMPDIR"
	cp "$TOP/models/mnist.bin" .
	enc_mnist quantize --input mnist.bin --output int8.bin >said
}

setup() {
	PATH=$TOP/out/native:$PATH
	cd "$BATS_TEST_TMPDIR"
	cp "$BATS_FILE_TMPDIR"/{mnist.bin,int8.bin,said} .
}

# put OFFSET BYTES: bad.bin is int8.bin with these bytes at OFFSET.
put() {
	cp int8.bin bad.bin
	printf '%b' "$2" | dd of=bad.bin bs=1 seek="$1" conv=notrunc status=none
}

@test "quantize: a record of a quarter of the size, nobody else's to read" {
	[ "$(cat said)" = "mnist.bin: quantised to int8.bin, 2270056 bytes to 573828" ]
	[ "$(stat -c %s int8.bin)" -eq 573828 ]
	[ "$(head -c 8 int8.bin)" = ENC-INT8 ]
	enc_mnist quantize -i - -o again <mnist.bin
	cmp int8.bin again
	[ "$(stat -c %a again)" = 600 ]
	run enc_mnist quantize --help
	[ "$status" -eq 0 ]
	[[ "$output" == *"Usage: enc_mnist quantize"* ]]
}

@test "quantize: accuracy within 0.1 points on the 10,000 test images" {
	run enc_mnist quantize -i mnist.bin -o again --json \
		--images "$TOP/tests/data/t10k-images-idx3-ubyte.gz" \
		--labels "$TOP/tests/data/t10k-labels-idx1-ubyte.gz"
	[ "$status" -eq 0 ]
	echo "# figure: $output"
	cmp int8.bin again
	perl -MJSON::PP -e 'my $j = decode_json($ARGV[0]);
		my ($before, $after) = ($j->{right_before}, $j->{right_after});
		die unless $j->{images} == 10000 && $before == 9942 &&
			abs($before - $after) <= 10 &&
			$j->{other_labels} >= abs($before - $after) &&
			$j->{other_labels} <= 20 &&
			$j->{bytes_before} == 2270056 &&
			$j->{bytes_after} == 573828;' "$output"
}

# first BYTES HEADER NAME: an IDX file of the first 500 items of the test set.
first() {
	printf "$2\\0\\0\\1\\364" && zcat "$TOP/tests/data/$3.gz" | tail -c +9 |
		head -c "$1"
}

@test "quantize says it in words, too" {
	first $((8 + 500 * 784)) '\0\0\10\3' t10k-images-idx3-ubyte >images
	first 500 '\0\0\10\1' t10k-labels-idx1-ubyte >labels
	run enc_mnist quantize -i mnist.bin -o again --images images --labels labels
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[1]}" == "500 images: accuracy 99.60 % before, 99."?"0 % after; "*" get another label" ]]
}

@test "quantize refuses, and leaves nothing" {
	run enc_mnist quantize -i mnist.bin
	refused 2 "--input and --output are needed"
	run enc_mnist quantize -i mnist.bin -o x --images y
	refused 2 "--images and --labels go together"
	run enc_mnist quantize -i mnist.bin -o -
	refused 2 "--output"
	run enc_mnist quantize -i nowhere -o x
	refused 1 "nowhere" "No such file"
	run enc_mnist quantize -i int8.bin -o x
	refused 1 "int8.bin: its weights have 8 bits already"
	run enc_mnist quantize -i mnist.bin -o nowhere/x
	refused 1 "nowhere/x: cannot create"
	run enc_mnist quantize -i said -o x
	refused 1 "said: "
	# the test set is read before anything is written
	run enc_mnist quantize -i mnist.bin -o x -x said -y said
	refused 1 "said"
	run enc_mnist quantize -i mnist.bin -o x \
		-x "$TOP/tests/data/t10k-images-idx3-ubyte.gz" -y nowhere
	refused 1 "nowhere"
	for file in mnist.bin said; do
		run enc_mnist quantize -i mnist.bin -o $file -x said -y said
		refused 1 "$file is one of the inputs" "choose another output file"
	done
	cmp mnist.bin "$TOP/models/mnist.bin"
	[ ! -e x ]
	[ "$(find . -name '.enc_mnist*' | wc -l)" -eq 0 ]
}

@test "verify-model takes what quantize has written, and says what it is" {
	run enc_mnist verify-model -i int8.bin
	[ "$status" -eq 0 ]
	[ "$output" = "int8.bin: the TA accepts this record of 8-bit weights (573828 bytes, 567434 parameters)" ]
	run enc_mnist verify-model -i mnist.bin
	[[ "$output" == *"accepts this Burn record (2270056 bytes, 567434 parameters)" ]]
}

@test "verify-model says what is wrong with a record of 8-bit weights, and where" {
	again="make it again with \`enc_mnist quantize\`"
	put 8 '\002'
	run enc_mnist verify-model -i bad.bin
	refused 1 "bad.bin: byte 8: not a record of 8-bit weights, version 1" "$again"
	put 16 '\001'
	run enc_mnist verify-model -i bad.bin
	refused 1 "bad.bin: byte 16: made for another network" "$again"
	# linear1: scales at 52, biases at 2100, weights at 4148; linear2: 405556
	put $((52 + 4 * 7)) '\000\000\000\000'
	run enc_mnist verify-model -i bad.bin
	refused 1 "byte 80: linear1.scales: value 7 is not a positive, normal number" "$again"
	put $((405556 + 4 * 256 + 4 * 255)) '\000\000\300\177'
	run enc_mnist verify-model -i bad.bin
	refused 1 "byte 407600: linear2.bias: value 255 is infinite or not a number"
	put 573827 '\200'
	run enc_mnist verify-model -i bad.bin
	refused 1 "byte 573827: output.weight: value 1279 is -128"
	head -c 4000 int8.bin >bad.bin
	run enc_mnist verify-model -i bad.bin
	refused 1 "bad.bin: the record ends too early, after 4000 bytes" "$again"
	cat int8.bin said >bad.bin
	run enc_mnist verify-model -i bad.bin
	refused 1 "bad.bin: trailing $(stat -c %s said) bytes, from byte 573828"
}

@test "a record of 8-bit weights is not sealed" {
	enc_mnist owner-key --output owner.pem --public owner.pub >/dev/null
	openssl rand -hex -out key 32
	run enc_mnist seal -i int8.bin -o x -K key -w owner.pem \
		--model-id mnist --model-version 3
	refused 1 "int8.bin: a record of 8-bit weights cannot be sealed" \
		"give the Burn record that it was made of"
	[ ! -e x ]
}

@test "the format of enc_mnist-rs has no 8-bit weights" {
	openssl rand -hex -out key 32
	run enc_mnist encrypt-model -i int8.bin -o x -K key
	refused 1 "int8.bin: a record of 8-bit weights, not Burn's" \
		"give the Burn record that it was made of"
	[ ! -e x ]
}
