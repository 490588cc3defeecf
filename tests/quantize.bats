# SPDX-License-Identifier: Apache-2.0
#
# int8 networks of f32 ones, on the owner's workstation: the command line. What
# quantising does to a network is for native/test_net_quantize.c.

load lib/refused
load lib/models

# first N HEADER NAME: an IDX file of the first 500 items of the test set, of N
# bytes each.
first() {
	printf "$2\\0\\0\\1\\364" && zcat "$TOP/tests/data/$3.gz" | tail -c +9 |
		head -c "$1"
}

setup_file() {
	export TOP=$BATS_TEST_DIRNAME/..
	PATH=$TOP/out/native:$TOP/out/native/tools:$PATH
	cd "$BATS_FILE_TMPDIR"
	cp "$TOP/models/mnist.bin" .
	first $((8 + 500 * 784)) '\0\0\10\3' t10k-images-idx3-ubyte >images
	first 500 '\0\0\10\1' t10k-labels-idx1-ubyte >labels
	tail -c +17 images | npy '|u1' '500, 28, 28, 1' >images.npy
	tail -c +9 labels | npy '|u1' '500' >labels.npy
	for kind in float int8 two; do
		tiny_tflite $kind >$kind.tflite
	done
	enc_mnist quantize --input mnist.bin --output int8.net \
		--calibration images >said
}

setup() {
	PATH=$TOP/out/native:$PATH
	cd "$BATS_TEST_TMPDIR"
	cp "$BATS_FILE_TMPDIR"/* .
}

# json PERL: holds for $j, the output.
json() {
	echo "$output"
	perl -MJSON::PP -e 'my $j = decode_json($ARGV[0]); eval "$ARGV[1]" or die' \
		"$output" "$1"
}

@test "quantize: a network of a quarter of the size, nobody else's to read" {
	[ "$(cat said)" = "mnist.bin: quantised to int8.net, 2273560 bytes to 577248
500 samples of calibration; 6 of 7 nodes give int8" ]
	[ "$(stat -c %s int8.net)" -eq 577248 ]
	[ "$(head -c 8 int8.net)" = ENC-NETW ]
	[ "$(stat -c %a int8.net)" = 600 ]
	enc_mnist quantize -i - -o again -c images <mnist.bin
	cmp int8.net again
	# the record of the f32 network is a network, too
	enc_mnist import -i mnist.bin -o f32.net >/dev/null
	enc_mnist quantize -i f32.net -o again -c images
	cmp int8.net again
	run enc_mnist quantize --help
	[ "$status" -eq 0 ]
	[[ "$output" == *"Usage: enc_mnist quantize"* ]]
}

@test "quantize: accuracy within 0.2 points on the 10,000 test images" {
	run enc_mnist quantize -i mnist.bin -o again --json \
		-c "$TOP/models/mnist-calibration.gz" \
		--images "$TOP/tests/data/t10k-images-idx3-ubyte.gz" \
		--labels "$TOP/tests/data/t10k-labels-idx1-ubyte.gz"
	[ "$status" -eq 0 ]
	echo "# figure: $output"
	json 'my ($before, $after) = ($j->{right_before}, $j->{right_after});
		$j->{images} == 10000 && $before == 9942 &&
		abs($before - $after) <= 20 &&
		$j->{other_labels} >= abs($before - $after) &&
		$j->{other_labels} <= 40 && $j->{samples} == 500 &&
		$j->{nodes} == 7 && $j->{nodes_int8} == 6 &&
		$j->{bytes_before} == 2273560 && $j->{bytes_after} == 577248'
}

@test "quantize: pictures, IDX and arrays are samples, and arrays test sets" {
	run enc_mnist quantize -i mnist.bin -o a -c images -x images -y labels
	echo "$output"
	[[ "${lines[2]}" == "500 images: accuracy 99.60 % before, 99."?"0 % after; "*" get another label" ]]
	last=${lines[2]}
	run enc_mnist quantize -i mnist.bin -o b -c images.npy -x images.npy -y labels.npy
	[ "${lines[2]}" = "${last/images/samples}" ]
	cmp a b
	gzip -k images
	enc_mnist quantize -i mnist.bin -o b -c images.gz >/dev/null
	cmp a b
	ten=()
	for digit in {0..9}; do
		ten+=(-c "$TOP/samples/$digit.png")
	done
	run enc_mnist quantize -i mnist.bin -o b "${ten[@]}" -x images -y labels
	echo "$output"
	[[ "${lines[1]}" == "10 samples of calibration; "* ]]
	[[ "${lines[2]}" == "500 images: accuracy 99.60 % before, 99."?"0 % after; "* ]]
	run cmp a b
	[ "$status" -eq 1 ]
	cat "$TOP"/samples/{0..9}.bin | npy '|u1' '10, 28, 28, 1' >ten.npy
	enc_mnist quantize -i mnist.bin -o a -c ten.npy >/dev/null
	cmp a b
}

@test "quantize: a folder of pictures, with a folder for each class or without" {
	mkdir -p flat classes/{0..9}
	for digit in {0..9}; do
		cp "$TOP/samples/$digit.png" flat
		cp "$TOP/samples/$digit.png" "classes/$digit"
	done
	echo 'no picture' | tee classes/README flat/.hidden >classes/1/.hidden
	run enc_mnist quantize -i mnist.bin -o a -c flat
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "10 samples of calibration; 6 of 7 nodes give int8" ]
	run enc_mnist quantize -i mnist.bin -o b -c classes -x classes
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "10 samples of calibration; 6 of 7 nodes give int8" ]
	[[ "${lines[2]}" == "10 images: accuracy 100.00 % before, "* ]]
	cmp a b
	cat "$TOP"/samples/{0..9}.bin | npy '|u1' '10, 28, 28, 1' >ten.npy
	enc_mnist quantize -i mnist.bin -o b -c ten.npy >/dev/null
	cmp a b
	run enc_mnist quantize -i mnist.bin -o b -c flat -c classes/7
	[ "${lines[1]}" = "11 samples of calibration; 6 of 7 nodes give int8" ]
	mkdir classes/9/more
	run enc_mnist quantize -i mnist.bin -o x -c classes
	refused 1 "classes/9/more: cannot read: Is a directory"
	cp "$TOP/samples/7.bin" flat
	run enc_mnist quantize -i mnist.bin -o x -c flat
	refused 1 "flat/7.bin: not a PNG, JPEG, BMP or PGM image" \
		"raw image, which \`enc_mnist infer --binary\` takes"
	mkdir empty
	run enc_mnist quantize -i mnist.bin -o x -c empty
	refused 1 "empty: no pictures in it"
	run enc_mnist quantize -i float.tflite -o x -c flat
	refused 1 "float.tflite: the network reads 4 x 4 x 1 f32, not pixels"
	run enc_mnist quantize -i two.tflite -o x -c flat -c flat
	refused 1 "flat: cannot read: Is a directory"
	[ ! -e x ]
}

@test "quantize speaks of one sample as of one" {
	mkdir -p one/{0..9}
	for digit in {0..9}; do
		cp "$TOP/samples/$digit.png" "one/$digit"
	done
	printf '\7' | npy '|u1' '1,' >label.npy
	npy '|u1' '1, 28, 28, 1' <"$TOP/samples/7.bin" >sample.npy
	run enc_mnist quantize -i mnist.bin -o x -c sample.npy -x sample.npy \
		-y label.npy
	echo "$output"
	[ "${lines[1]}" = "1 sample of calibration; 6 of 7 nodes give int8" ]
	[ "${lines[2]}" = "1 sample: accuracy 100.00 % before, 100.00 % after; 0 get another label" ]
	run enc_mnist eval -m mnist.bin -x one -n 1
	echo "$output"
	[ "${lines[0]}" = "1 image, 1 right: accuracy 100.00 %" ]
	enc_mnist owner-key --output owner.pem --public owner.pub >/dev/null
	openssl rand -hex -out key 32
	run enc_mnist seal -i mnist.bin -o sealed -K key -w owner.pem \
		--model-id mnist --model-version 1 --outputs scores:1
	echo "$output"
	[[ "$output" == *"; devices give scores of 1 bit" ]]
	run enc_mnist seal -i mnist.bin -o y -k 1 -w owner.pem --model-id m \
		--model-version 1
	refused 1 "model key: the key has 1 character, expected 64 hexadecimal digits"
}

@test "an int8 network is used as the f32 one" {
	run enc_mnist infer -m int8.net -i "$TOP/samples/7.png"
	[ "$output" = "1. $TOP/samples/7.png: 7" ]
	run enc_mnist inspect int8.net
	[[ "$output" == *"input:         28 x 28 x 1 uint8"* ]]
	[[ "$output" == *"output:        10 f32"* ]]
	enc_mnist owner-key --output owner.pem --public owner.pub >/dev/null
	openssl rand -hex -out key 32
	run enc_mnist seal -i int8.net -o sealed -K key -w owner.pem \
		--model-id mnist --model-version 3
	[ "$output" = "int8.net: int8 network sealed to sealed as mnist, version 3; devices give the label" ]
}

@test "quantize takes a network of several inputs, with an array for each" {
	floats 1 2 3 4 | npy '<f4' '2, 2' >a.npy
	floats 5 6 7 8 | npy '<f4' '2, 2' >b.npy
	run enc_mnist quantize -i two.tflite -o x -c a.npy -c b.npy
	refused 1 "two.tflite: it has no layer that the engine computes in int8"
	run enc_mnist quantize -i two.tflite -o x -c a.npy
	refused 1 "1 array for a network of 2 inputs"
	floats 1 2 | npy '<f4' '1, 2' >c.npy
	run enc_mnist quantize -i two.tflite -o x -c a.npy -c c.npy
	refused 1 "c.npy: 1 sample, the input before it has 2"
}

@test "quantize refuses, and leaves nothing" {
	run enc_mnist quantize -i mnist.bin
	refused 2 "--input, --output and --calibration are needed"
	run enc_mnist quantize -i mnist.bin -o x -c images --images images
	refused 2 "--labels is needed, if --images is no folder"
	run enc_mnist quantize -i mnist.bin -o x -c images --labels y
	refused 2 "--labels goes with --images"
	run enc_mnist quantize -i mnist.bin -o - -c images
	refused 2 "--output"
	run enc_mnist quantize -i nowhere -o x -c images
	refused 1 "nowhere" "No such file"
	run enc_mnist quantize -i int8.net -o x -c images
	refused 1 "int8.net: it computes in int8 already"
	run enc_mnist quantize -i int8.tflite -o x -c images
	refused 1 "int8.tflite: it computes in int8 already"
	run enc_mnist quantize -i mnist.bin -o nowhere/x -c images
	refused 1 "nowhere/x: cannot create"
	run enc_mnist quantize -i said -o x -c images
	refused 1 "said: not a network"
	# samples that are none, or of another network
	run enc_mnist quantize -i mnist.bin -o x -c said
	refused 1 "said: "
	run enc_mnist quantize -i mnist.bin -o x -c images -c nowhere
	refused 1 "nowhere" "No such file"
	head -c 4000 images >short
	run enc_mnist quantize -i mnist.bin -o x -c short
	refused 1 "short: ends too early"
	floats 1 2 3 | npy '<f4' '1, 3' >three.npy
	run enc_mnist quantize -i mnist.bin -o x -c three.npy
	refused 1 "three.npy: an array of 1 x 3; the network reads N x 28 x 28 x 1"
	run enc_mnist quantize -i float.tflite -o x -c images
	refused 1 "float.tflite: the network reads 4 x 4 x 1 f32, not pixels" \
		"import --image"
	enc_mnist import -i float.tflite -o pixels.net --divisor 1 >/dev/null
	run enc_mnist quantize -i pixels.net -o x -c images
	refused 1 "images: images of 28 x 28 pixels, which the network does not read"
	run enc_mnist quantize -i float.tflite -o x -c "$TOP/samples/7.png"
	refused 1 "the network reads 4 x 4 x 1 f32, not pixels"
	# the test set is read before anything is written
	run enc_mnist quantize -i mnist.bin -o x -c images -x said -y said
	refused 1 "said: not an IDX file of images"
	run enc_mnist quantize -i mnist.bin -o x -c images -x images -y nowhere
	refused 1 "nowhere"
	run enc_mnist quantize -i mnist.bin -o x -c images -x images.npy -y labels
	refused 1 "labels: "
	floats 1 2 | npy '<f4' '2' >two.npy
	run enc_mnist quantize -i mnist.bin -o x -c images -x images.npy -y two.npy
	refused 1 "two.npy: labels are an array of N integers"
	printf '\0\1' | npy '|u1' '2' >two.npy
	run enc_mnist quantize -i mnist.bin -o x -c images -x images.npy -y two.npy
	refused 1 "two.npy: 2 labels for 500 samples"
	tail -c +9 labels | tr '\4' '\12' | npy '|u1' '500' >eleven.npy
	run enc_mnist quantize -i mnist.bin -o x -c images -x images.npy -y eleven.npy
	refused 1 "label 4 is 10; the network has 10 classes"
	for file in mnist.bin images said; do
		run enc_mnist quantize -i mnist.bin -o $file -c images -x said -y said
		refused 1 "$file is one of the inputs" "choose another output file"
	done
	cmp mnist.bin "$TOP/models/mnist.bin"
	[ ! -e x ]
	[ "$(find . -name '.enc_mnist*' | wc -l)" -eq 0 ]
}
