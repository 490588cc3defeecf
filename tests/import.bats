# SPDX-License-Identifier: Apache-2.0
#
# Networks that are not sealed, on the workstation: the command line. What each
# operator of a file becomes is for native/test_tflite.c and test_onnx.c.

load lib/refused
load lib/models

setup_file() {
	export TOP=$BATS_TEST_DIRNAME/..
	PATH=$TOP/out/native:$TOP/out/native/tools:$PATH
	cd "$BATS_FILE_TMPDIR"
	for kind in float int8 two unknown float16 dynamic; do
		tiny_tflite $kind >$kind.tflite
	done
	ONNX=("Flatten x > f" "Transpose w > wt" "MatMul f wt > y")
	onnx "${ONNX[@]}" >planes.onnx
	DIMS=n,3,h,4 onnx "${ONNX[@]}" >open.onnx
	TYPE=10 onnx "${ONNX[@]}" >half.onnx
	EXTERNAL=1 onnx "${ONNX[@]}" >external.onnx
	onnx "Mystery x > y" >mystery.onnx
	onnx "Flatten x > f" "MatMul f w > y" >misfit.onnx
	enc_mnist import -i float.tflite -o float.net >said
	enc_mnist import -i float.tflite -o pixels.net --divisor 1 >/dev/null
	# a picture whose brightest of the first three pixels is the second
	printf 'P5 4 4 255\n\1\11\5' >two.pgm
	head -c 13 /dev/zero >>two.pgm
	printf 'P5 4 4 255\n\1\2\5' >three.pgm
	head -c 13 /dev/zero >>three.pgm
	printf 'one\ntwo\r\nthree' >names
}

setup() {
	PATH=$TOP/out/native:$TOP/out/native/tools:$PATH
	cd "$BATS_TEST_TMPDIR"
	cp "$BATS_FILE_TMPDIR"/* .
}

# samples TYPE BYTES...: x.npy of samples (4, 4, 1) that begin with three numbers
# each, as printf writes them; the other numbers are 0.
samples() {
	local type=$1 sample zeros=13
	shift
	[[ $type != *4 ]] || zeros=52
	for sample; do
		printf '%b' "$sample"
		head -c $zeros /dev/zero
	done | npy "$type" "$#, 4, 4, 1" >x.npy
}

# values FILE TYPE: the elements of a .npy file, as perl unpacks them.
values() {
	tail -c +193 "$1" | perl -0777 -ne 'print join " ", unpack "$ENV{T}*", $_' |
		cat
}

# json PERL: holds for $j, the output.
json() {
	echo "$output"
	perl -MJSON::PP -e 'my $j = decode_json($ARGV[0]); eval "$ARGV[1]" or die' \
		"$output" "$1"
}

### import

@test "import: a record, nobody else's to read, and what it says" {
	[ "$(cat said)" = "float.tflite: imported to float.net, 2 nodes, from TensorFlow Lite
input:         4 x 4 x 1 f32
output:        3 f32
work:          80 multiply-accumulates
weights:       544 bytes
arena:         128 bytes, lower bound 128
secure memory: 101272 bytes to load it, 2968 more while it replaces one" ]
	[ "$(head -c 8 float.net)" = ENC-NETW ]
	[ "$(stat -c %a float.net)" = 600 ]
	# head, tables of 3 tensors and 2 nodes, parameters
	[ "$(stat -c %s float.net)" -eq $((64 + 3 * 40 + 2 * 64 + 544)) ]
	enc_mnist import -i - -o again <float.tflite >/dev/null
	cmp float.net again
	# a record is a network, too, and has one form
	enc_mnist import -i float.net -o again >/dev/null
	cmp float.net again
	run enc_mnist import -i int8.tflite -o again --json
	[ "$status" -eq 0 ]
	json '$j->{kind} eq "network" && $j->{inputs}[0]{type} eq "int8" &&
		"@{$j->{inputs}[0]{shape}}" eq "4 4 1" && !$j->{nodes} &&
		$j->{inputs}[0]{scale} == 0.5 && $j->{node_count} == 2 &&
		$j->{secure_memory_to_load} > 81920 + $j->{weights_bytes} &&
		$j->{secure_memory_to_replace} == $j->{secure_memory_to_load} +
			$j->{weights_bytes} + 2424'
}

@test "import: pixels instead of an input" {
	run enc_mnist import -i float.tflite -o x --mean 0.5 --std 0.25
	[[ "${lines[1]}" == "input:         4 x 4 x 1 uint8" ]]
	printf '\377\0\200' >px && head -c 13 /dev/zero >>px
	enc_mnist infer -m x -b px -o y.npy
	# (1 - 0.5) / 0.25, (0 - 0.5) / 0.25, (128 / 255 - 0.5) / 0.25
	T=f values y.npy | grep -qE '^2 -2 0.00784'
	# channels first in the file, last in a picture
	enc_mnist import -i planes.onnx -o x -d 1 -m 1,2,3 -S 1,2,4 >said
	grep -q '^input:         4 x 4 x 3 uint8' said
	printf '\5\0\0\6\0\0\7' >px && head -c 41 /dev/zero >>px
	enc_mnist infer -m x -b px -o y.npy
	[ "$(T=f values y.npy)" = "4 5 6" ]
	# as many numbers in another shape
	enc_mnist import -i float.tflite -o x --image 2x8x1 --divisor 1 >said
	grep -q '^input:         2 x 8 x 1 uint8' said
	enc_mnist import -i float.tflite -o x --image 4x4 --divisor 1 >/dev/null
	cmp x pixels.net
	# integers: 5 pixels are 5 of 0.5
	enc_mnist import -i int8.tflite -o x --divisor 2 >/dev/null
	printf '\5\6\7' >px && head -c 13 /dev/zero >>px
	enc_mnist infer -m x -b px -o y.npy
	[ "$(T=c values y.npy)" = "5 6 7" ]
}

@test "import: dimensions that a file leaves open" {
	run enc_mnist import -i open.onnx -o x
	refused 1 "open.onnx: dimension 2 of input 'x' is not fixed" "--shape h=SIZE"
	enc_mnist import -i open.onnx -o x --shape h=4 --shape n=1 >/dev/null
	enc_mnist import -i planes.onnx -o y >/dev/null
	cmp x y
	for shape in h h= =4 h=0 h=4x h=65537 h=-1; do
		run enc_mnist import -i open.onnx -o z --shape $shape
		refused 2 "--shape: NAME=SIZE" "not \`$shape'"
	done
	run enc_mnist import -i float.tflite -o z --shape h=4
	refused 1 "only ONNX leaves dimensions open, and this is TensorFlow Lite"
	run enc_mnist import -i open.onnx -o z --shape h=4 --shape w=4
	refused 1 "open.onnx: it leaves no dimension 'w' open, but: n, h"
	run enc_mnist import -i planes.onnx -o z --shape h=4
	refused 1 "planes.onnx: it leaves no dimension 'h' open"
	[ ! -e z ]
}

@test "import: a Burn record, of any stack of Linear layers" {
	run enc_mnist import -i "$TOP/models/mnist.bin" -o x
	[ "$status" -eq 0 ]
	[[ "$output" == *"6 nodes, from a Burn record"*"28 x 28 x 1 uint8"*"10 f32"* ]]
	cat "$TOP"/samples/?.bin >digits
	run enc_mnist infer -m x -b - <digits
	[ "$output" = "$(for i in {0..9}; do echo "$((i + 1)). -: $i"; done)" ]
	# 2-3-2 without a bias in the last layer, and two modules without numbers
	{
		head -c 133 "$TOP/models/mnist.bin"
		printf '\12abcdefghij\30' && floats 1 2 3 4 5 6
		printf '\2\2\3\1\1\12abcdefghij\14' && floats 0 0 -10
		printf '\1\3\1\0\12abcdefghij\30' && floats 1 0 0 1 1 1
		printf '\2\3\2\1\0\0'
	} >stack.bin
	floats 1 1 -1 2 | npy '<f4' '2, 2' >x.npy
	enc_mnist infer -m stack.bin -x x.npy -o y.npy
	# ReLU of (5, 7, -1) and of (7, 8, -1)
	[ "$(T=f values y.npy)" = "5 7 7 8" ]
	head -c 200 stack.bin >short.bin
	run enc_mnist import -i short.bin -o z
	refused 1 "short.bin: byte 200: the record ends too early"
	sed 's/0\.17\.0/0.12.0/' stack.bin >old.bin
	run enc_mnist import -i old.bin -o z
	refused 1 "old.bin: byte " "version \`0.12.0'; accepted: records of Burn 0.14 to 0.21"
}

@test "import refuses, by name, and leaves nothing" {
	gzip -c float.tflite >packed.gz
	head -c 700 float.tflite >short.tflite
	head -c 60 planes.onnx >short.onnx
	: >empty
	while read -r file text; do
		run enc_mnist import -i "$file" -o x
		refused 1 "$file: $text"
	done <<-'E'
		unknown.tflite operator 0 is IF (number 118); accepted operators: ADD,
		float16.tflite tensor "t00" is float16; accepted: float32, or int8
		dynamic.tflite tensor "t00" has a dimension that is not fixed
		mystery.onnx node 'the Mystery' (Mystery): this operator is not accepted
		misfit.onnx node 'the MatMul' (MatMul): the shapes of its inputs do not fit: (1, 48) and (3, 48)
		half.onnx input 'x' has element type 10, FLOAT16; FLOAT,
		external.onnx tensor 'w': its data is in another file
		short.tflite damaged: a reference leads out of the file; convert or copy it
		short.onnx damaged, or not an ONNX model; export or copy it
		packed.gz not a network but a gzip file; unpack it
		empty the file is empty
		names not a network; TensorFlow Lite
		nowhere cannot open
	E
	run enc_mnist import -i float.tflite
	refused 2 "--input and --output are needed"
	run enc_mnist import -i float.tflite -o float.tflite
	refused 1 "float.tflite is one of the inputs" "choose another output file"
	run enc_mnist import -i float.tflite -o nowhere/x
	refused 1 "nowhere/x: cannot create"
	for size in 4 x 4x4x5 4x4x 0x4 4x4x1x1 4x-4; do
		run enc_mnist import -i float.tflite -o x --image $size
		refused 2 "--image: HEIGHTxWIDTHxCHANNELS" "not \`$size'"
	done
	run enc_mnist import -i float.tflite -o x --image 5x4x1
	refused 1 "its input of 4 x 4 x 1 is not 5 x 4 pixels of 1 channel"
	run enc_mnist import -i float.tflite -o x --mean 1,2
	refused 1 "as many as the picture has channels, 1"
	run enc_mnist import -i float.tflite -o x --mean nan
	refused 2 "--mean: a number"
	run enc_mnist import -i float.tflite -o x --std 1,0
	refused 2 "--std: a positive number"
	run enc_mnist import -i float.tflite -o x --divisor 1,1
	refused 2 "--divisor: a positive number, not \`1,1'"
	run enc_mnist import -i two.tflite -o x --divisor 1
	refused 1 "the network has 2 inputs; pixels are accepted for a network with one"
	run enc_mnist import -i float.net -o x --divisor 1
	refused 1 "a record of a network says how it reads pixels"
	[ ! -e x ]
	[ "$(find . -name '.enc_mnist*' | wc -l)" -eq 0 ]
}

@test "a record that is damaged is refused, with the byte" {
	# put OFFSET BYTES
	put() {
		cp float.net bad.net
		printf '%b' "$2" | dd of=bad.net bs=1 seek="$1" conv=notrunc status=none
		run enc_mnist import -i bad.net -o x
	}
	put 8 '\2'
	refused 1 "bad.net: a damaged record: byte 0: its head" "enc_mnist import"
	put $((64 + 40)) '\11'
	refused 1 "byte 104: tensor 1: a tensor's type, shape or scale"
	put $((64 + 3 * 40 + 64)) '\77'
	refused 1 "byte 248: node 1: the engine has no such operator"
	put $((64 + 40 + 28)) '\0\1'
	refused 1 "byte 104: tensor 1: a tensor lies outside of the arena"
	put 24 '\1'
	refused 1 "it is other work than its head says"
	put $((64 + 3 * 40 + 2 * 64)) '\0\0\300\177'
	refused 1 "byte 312: node 1: a parameter is infinite, not a number"
	head -c 500 float.net >bad.net
	run enc_mnist import -i bad.net -o x
	refused 1 "ends too early"
	cat float.net names >bad.net
	run enc_mnist import -i bad.net -o x
	refused 1 "byte 856: it goes on after its end"
	[ ! -e x ]
}

### inspect

@test "inspect: a table of layers, and their sums" {
	run enc_mnist inspect float.tflite
	[ "$status" -eq 0 ]
	echo "$output"
	[ "${lines[0]}" = "float.tflite: network of 2 nodes, from TensorFlow Lite" ]
	[ "${lines[1]}" = "node operator     output               type     weights         work     arena" ]
	[ "${lines[2]}" = "   0 RESHAPE      16                   f32            0           32        64" ]
	[ "${lines[3]}" = "   1 CONV         3                    f32          544           48       128" ]
	[ "${lines[9]}" = "secure memory: 101272 bytes to load it, 2968 more while it replaces one" ]
	diff <(enc_mnist inspect float.net | tail -n +2) \
		<(enc_mnist inspect float.tflite | tail -n +2)
	run enc_mnist inspect two.tflite --json
	json '@{$j->{nodes}} == 2 && $j->{nodes}[0]{operator} eq "ADD" &&
		$j->{nodes}[1]{operator} eq "MUL" &&
		$j->{nodes}[1]{arena_bytes} == 192 && @{$j->{outputs}} == 2 &&
		$j->{arena_bytes} == 192 && $j->{from} eq "TensorFlow Lite"'
	run enc_mnist inspect unknown.tflite
	refused 1 "unknown.tflite: operator 0 is IF"
	run enc_mnist inspect float.net --owner names
	refused 2 "--owner and --device are for what is sealed"
	run enc_mnist inspect names --plot x.svg
	refused 2 "--plot is for a network that is not sealed"
	run enc_mnist inspect float.net --plot float.net
	refused 1 "float.net is one of the inputs"
}

@test "inspect --plot draws the layers and the arena" {
	cp int8.tflite 'a<b>&c.tflite'
	enc_mnist inspect 'a<b>&c.tflite' --plot x.svg >/dev/null
	perl -0777 -ne 'my %open;
		die unless /^<svg [^<]*xmlns=/ && /<\/svg>\n$/ && /a&#60;b&#62;&#38;c/;
		$open{$2} += $1 ? -1 : 1 while /<(\/?)(\w+)(?=[^>]*[^\/]>|>)/g;
		die "$_ is open" for grep { $open{$_} } keys %open;
		# three tensors, two works, two weights
		die unless (() = /<title>/g) == 7;
		die unless /<title>node 1: CONV, 3 int8, 64 bytes at \d+<\/title>/' x.svg
	[ "$(stat -c %s x.svg)" -lt 4096 ]
}

### infer

@test "infer: a label for each picture, its name, the best, their scores" {
	run enc_mnist infer -m pixels.net -i two.pgm -i three.pgm
	[ "$status" -eq 0 ]
	[ "$output" = "1. two.pgm: 1
2. three.pgm: 2" ]
	run enc_mnist infer -m pixels.net -i two.pgm --labels names --top 2 --scores
	[ "$output" = "1. two.pgm: two 9, three 5" ]
	run enc_mnist infer -m pixels.net -i three.pgm --top 9
	[ "$output" = "1. three.pgm: 2, 1, 0" ]
	run enc_mnist infer -m pixels.net -i two.pgm -l names -k 2 --scores --json -t
	json '$j->{results}[0]{label} == 1 && $j->{results}[0]{name} eq "two" &&
		$j->{results}[0]{score} == 9 && $j->{results}[0]{ms} >= 0 &&
		$j->{results}[0]{classes}[1]{name} eq "three" &&
		@{$j->{results}[0]{classes}} == 2'
	run enc_mnist infer -m pixels.net -i two.pgm --invert --scores
	[ "$output" = "1. two.pgm: 0 254" ]
	# of equal scores, the first
	head -c 16 /dev/zero >black
	run enc_mnist infer -m pixels.net -b black -k 3
	[ "$output" = "1. black: 0, 1, 2" ]
	cat black black | enc_mnist infer -m pixels.net -b - >said
	[ "$(cat said)" = "1. -: 0
2. -: 0" ]
	{ cat black black && head -c 7 black; } >part
	run enc_mnist infer -m pixels.net -b two.pgm -b - -j <part
	refused 1 "two.pgm: more than 16 bytes, a raw image has 16"
	run enc_mnist infer -m pixels.net -b black -b - -j <part
	[ "$status" -eq 1 ]
	[ "${lines[2]}" = '{"index":3,"file":"-","label":0}' ]
	[[ "${lines[3]}" == '{"error":'* ]]
	[[ "${lines[4]}" == *"ends within an image, after 7 of its 16 bytes" ]]
}

@test "infer: pictures are scaled to what the network reads, grey or RGB" {
	enc_mnist import -i planes.onnx -o rgb.net --divisor 1 >/dev/null
	# grey as RGB: the three numbers are row 0, pixels 0 to 2, of red
	run enc_mnist infer -m rgb.net -i two.pgm --top 3 --scores
	[ "$output" = "1. two.pgm: 1 9, 2 5, 0 1" ]
	# 8 x 8 of one level stay that level
	printf 'P5 8 8 255\n' >large.pgm
	head -c 64 /dev/zero | tr '\0' '\7' >>large.pgm
	run enc_mnist infer -m rgb.net -i large.pgm -k 3 --scores
	[ "$output" = "1. large.pgm: 0 7, 1 7, 2 7" ]
	# a digit, as the device reads it
	enc_mnist infer -m "$TOP/models/mnist.bin" -i "$TOP/samples/7.png" --fit \
		--show >drawn
	grep -q 'label 7' drawn
	run enc_mnist infer -m pixels.net -i two.pgm --show
	refused 1 "--show and --fit are for networks that read 28 x 28 x 1 pixels, not 4 x 4 x 1"
}

@test "infer: arrays in and out, f32 and int8" {
	samples '|i1' '\1\2\375' '\4\377\6'
	run enc_mnist infer -m int8.tflite -x x.npy -o y.npy
	[ "$output" = "y.npy: 2 samples written" ]
	[ "$(T=c values y.npy)" = "1 2 -3 4 -1 6" ]
	head -c 192 y.npy | grep -qaF "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }"
	enc_mnist infer -m int8.tflite -x x.npy -o y.npy --dequantize
	[ "$(T=f values y.npy)" = "0.5 1 -1.5 2 -0.5 3" ]
	head -c 192 y.npy | grep -qaF "'<f4'"
	run enc_mnist infer -m int8.tflite -x x.npy --scores
	[ "$output" = "1. x.npy: 1 1
2. x.npy: 2 3" ]
	# f32 is quantised: halves to even, limits, not a number
	{
		floats 0.25 0.75 -100 && head -c 52 /dev/zero
		floats 100 nan 1.24 && head -c 52 /dev/zero
	} | npy '<f4' '2, 4, 4, 1' >x.npy
	enc_mnist infer -m int8.tflite -x x.npy -o y.npy
	[ "$(T=c values y.npy)" = "0 2 -128 127 -128 2" ]
	floats 0.25 -7 1e9 0 0 0 0 0 0 0 0 0 0 0 0 0 | npy '<f4' '1, 4, 4, 1' >x.npy
	enc_mnist infer -m float.net -x - -o y.npy <x.npy
	[ "$(T=f values y.npy)" = "0.25 -7 1000000000" ]
	# more than a batch
	for i in {1..21}; do floats "$i" 0 -"$i" && head -c 52 /dev/zero; done |
		npy '<f4' '21, 4, 4, 1' >x.npy
	enc_mnist infer -m float.net -x x.npy -o y.npy
	[ "$(T=f values y.npy)" = "$(for i in {1..21}; do echo "$i 0 -$i"; done | xargs)" ]
	[ "$(enc_mnist infer -m float.net -x x.npy | grep -c '^[0-9]*\. x.npy: 0$')" -eq 21 ]
	# the other order of numpy
	floats 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 | FORTRAN=True npy '<f4' '1, 4, 4, 1' >x.npy
	enc_mnist infer -m float.net -x x.npy -o y.npy
	[ "$(T=f values y.npy)" = "1 5 9" ]
}

@test "infer: several inputs and outputs" {
	floats 1 2 3 4 | npy '<f4' '2, 2' >a.npy
	floats 5 6 7 8 | npy '<f4' '2, 2' >b.npy
	enc_mnist infer -m two.tflite -x a.npy -x b.npy -o y.npy
	[ "$(T=f values y-1.npy)" = "6 8 10 12" ]
	[ "$(T=f values y-2.npy)" = "5 12 21 32" ]
	[ ! -e y.npy ]
	run enc_mnist infer -m two.tflite -x a.npy -o y.npy
	refused 1 "1 array for a network of 2 inputs"
	floats 5 6 | npy '<f4' '1, 2' >c.npy
	run enc_mnist infer -m two.tflite -x a.npy -x c.npy -o y.npy
	refused 1 "c.npy: 1 sample, the input before it has 2"
	run enc_mnist infer -m two.tflite -x a.npy -x b.npy
	refused 1 "two.tflite: the network gives 2 f32 and more, not a score for each class" "--output"
	cp a.npy y-2.npy
	run enc_mnist infer -m two.tflite -x a.npy -x y-2.npy -o y.npy
	refused 1 "y-2.npy is one of the inputs"
	cmp a.npy y-2.npy
}

@test "infer refuses arrays that the network does not read, and leaves nothing" {
	while read -r type shape bytes text; do
		head -c "$bytes" /dev/zero | npy "$type" "${shape//,/, }" >x.npy
		run enc_mnist infer -m float.net -x x.npy -o y.npy
		refused 1 "x.npy: $text"
	done <<-'E'
		<f4 4,4,1 64 an array of 4 x 4 x 1; the network reads N x 4 x 4 x 1
		<f4 1,16 64 an array of 1 x 16; the network reads N x 4 x 4 x 1
		<i4 1,4,4,1 64 elements of int32; the network reads f32
		|u1 1,4,4,1 16 elements of uint8; the network reads f32
		<f8 1,4,4,1 128 elements of type '<f8'; accepted: '<f4',
		>f4 1,4,4,1 64 elements of type '>f4'; accepted
		<f4 1,4,4,1 60 60 bytes of elements, its shape has 64
		<f4 1,4,4,1 65 65 bytes of elements, its shape has 64
		<f4 0,4,4,1 0 an array without elements
		<f4 9999999999,4,4,1 64 a dimension of more than
		<f4 1,1,1,1,1,4,4,1 64 more than 7 dimensions
	E
	run enc_mnist infer -m float.net -x names -o y.npy
	refused 1 "names: not a .npy file: it begins with other bytes; write it with numpy.save()"
	samples '|u1' '\1\2\3'
	run enc_mnist infer -m int8.tflite -x x.npy -o y.npy
	refused 1 "x.npy: elements of uint8; the network reads int8 or f32"
	run enc_mnist infer -m float.net -x x.npy -o x.npy
	refused 1 "x.npy is one of the inputs"
	run enc_mnist infer -m float.net -x nowhere -o y.npy
	refused 1 "nowhere" "No such file"
	[ ! -e y.npy ]
	[ "$(find . -name '.enc_mnist*' | wc -l)" -eq 0 ]
}

@test "infer refuses what does not fit together" {
	run enc_mnist infer -m float.net -i two.pgm
	refused 1 "float.net: the network reads 4 x 4 x 1 f32, not pixels" "enc_mnist import --image"
	run enc_mnist infer -m pixels.net -i two.pgm -i names -i three.pgm
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" == "1. two.pgm: 1" && "${lines[1]}" == *"names: not a PNG"* ]]
	printf 'a\nb\n' >few
	run enc_mnist infer -m pixels.net -i two.pgm -l few
	refused 1 "few: 2 names, and the network has 3 classes; write the name of each class on a line"
	printf 'a\n\nb\n' >few
	run enc_mnist infer -m pixels.net -i two.pgm -l few
	refused 1 "few: line 2 is empty"
	head -c 17 /dev/zero >more
	run enc_mnist infer -m pixels.net -b more
	refused 1 "more: more than 16 bytes, a raw image has 16"
	run enc_mnist infer -m pixels.net -b names
	refused 1 "names: 14 bytes, a raw image has 16"
	run enc_mnist infer -m pixels.net -i two.pgm -x x.npy
	refused 2 "--tensor does not go with --image"
	run enc_mnist infer -m pixels.net -i two.pgm -o y.npy -k 2
	refused 2 "do not go with --output"
	run enc_mnist infer -m float.net -x x.npy --fit
	refused 2 "--invert and --fit are for --image"
	run enc_mnist infer -m float.net -x x.npy --show
	refused 2 "--show does not go with --tensor"
	run enc_mnist infer -m pixels.net -i two.pgm --dequantize
	refused 2 "--dequantize goes with --output"
	run enc_mnist infer -m names -i two.pgm
	refused 1 "names: not a network; TensorFlow Lite"
	printf 'ENCMODEL' >sealed
	run enc_mnist infer -m sealed -i two.pgm
	refused 1 "sealed: this build of enc_mnist cannot talk to a TEE; run this command on the device" "from before it was sealed"
	run enc_mnist infer -m - -i two.pgm <sealed
	refused 1 "not a network but a sealed model"
}

### eval

@test "eval: a folder of pictures for each class" {
	mkdir -p set/{a,b,c}
	cp two.pgm set/b/1.pgm
	cp three.pgm set/b/2.pgm
	cp three.pgm set/c/x.pgm
	printf 'P5 4 4 255\n\11\2\5' >set/a/1.pgm
	head -c 13 /dev/zero >>set/a/1.pgm
	touch set/a/.hidden set/README
	run enc_mnist eval -m pixels.net -x set -k 2
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "4 images, 3 right: accuracy 75.00 %" ]
	[ "${lines[1]}" = "4 among the 2 likeliest: 100.00 %" ]
	[[ "${lines[2]}" =~ ^[1-9][0-9]*\.[0-9]\ images\ per\ second\ on\ this\ machine$ ]]
	[ "$(printf '%s\n' "${lines[@]:3}")" = "true   answer
          0     1     2
   0      1     0     0
   1      0     1     1
   2      0     0     1" ]
	# one of each class in turn
	run enc_mnist eval -m pixels.net -x set --limit 3 --json
	json '$j->{images} == 3 && $j->{right} == 3 && !exists $j->{top} &&
		$j->{confusion}[2][2] == 1'
	# folders have the names of the classes, in any order
	printf 'b\na\nc\n' >swapped
	run enc_mnist eval -m pixels.net -x set -y swapped
	[ "${lines[0]}" = "4 images, 1 right: accuracy 25.00 %" ]
}

# ended COMMAND...: as run, but 124 if it waits for a minute.
ended() {
	run timeout 60 "$@"
}

@test "what would wait for ever is refused, wherever a file is named" {
	mkfifo fifo
	mkdir -p set/{a,b,c} flat
	for class in a b c; do
		cp two.pgm "set/$class/1.pgm"
	done
	cp two.pgm flat/1.pgm
	mkfifo set/b/2.pgm flat/2.pgm
	local no='not a regular file, but a FIFO; give what it has on standard input'
	ended enc_mnist eval -m pixels.net -x set
	refused 1 "set/b/2.pgm: $no"
	for options in '-x fifo' '-x fifo -y fifo' '-x set -y fifo'; do
		# shellcheck disable=SC2086 # options
		ended enc_mnist eval -m pixels.net $options
		refused 1 "fifo: $no"
	done
	for options in '-c flat' '-c set' '-c fifo' '-c two.pgm -x set' \
		'-c two.pgm -x fifo -y fifo'; do
		# shellcheck disable=SC2086 # options
		ended enc_mnist quantize -i pixels.net -o x $options
		refused 1 "$no"
	done
	for options in '-i fifo' '-b fifo' '-x fifo' '-i two.pgm -l fifo'; do
		# shellcheck disable=SC2086 # options
		ended enc_mnist infer -m pixels.net $options
		refused 1 "fifo: $no"
	done
	ended enc_mnist infer -m fifo -i two.pgm
	refused 1 "fifo: $no"
	ended enc_mnist import -i fifo -o x
	refused 1 "fifo: $no"
	ended enc_mnist inspect fifo
	refused 1 "fifo: $no"
	ended enc_mnist inspect /dev/zero
	refused 1 "/dev/zero: not a regular file, but a device"
	[ ! -e x ]
	# standard input, by any name, and pipes of the shell have writers
	enc_mnist import -i <(cat float.tflite) -o from-pipe >/dev/null
	cmp from-pipe float.net
	cat float.tflite | enc_mnist import -i /dev/stdin -o from-pipe >/dev/null
	cmp from-pipe float.net
	enc_mnist import -i - -o from-pipe <float.tflite >/dev/null
	cmp from-pipe float.net
	run enc_mnist infer -m <(cat pixels.net) -i <(cat two.pgm) -l <(cat names)
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "eval refuses what is no folder of classes" {
	mkdir -p set/{a,b}
	cp two.pgm set/a
	run enc_mnist eval -m pixels.net -x set
	refused 1 "set/b: no pictures in it"
	cp two.pgm set/b
	run enc_mnist eval -m pixels.net -x set
	refused 1 "set: 2 folders, and the network has 3 classes" "each class"
	run enc_mnist eval -m pixels.net -x set -y names
	refused 1 "set/a: no class of the model has this name" "name each folder"
	mkdir set/c && cp names set/c/2.png
	run enc_mnist eval -m pixels.net -x set
	refused 1 "set/c/2.png: not a PNG"
	run enc_mnist eval -m pixels.net -x nowhere
	refused 1 "nowhere: cannot open: No such file"
	run enc_mnist eval -m float.net -x set
	refused 1 "float.net: the network reads 4 x 4 x 1 f32, not pixels"
	run enc_mnist eval -m two.tflite -x set
	refused 1 "two.tflite: the network gives 2 f32 and more, not a score"
	mkdir none
	run enc_mnist eval -m pixels.net -x none
	refused 1 "none: 0 folders"
	run enc_mnist eval -m pixels.net -x two.pgm
	refused 2 "--labels is needed, if --images is no folder"
}

@test "eval: arrays, and labels that are integers" {
	for i in 0 1 2 3 4; do
		floats $((i == 0)) $((i == 1)) $((i > 1)) && head -c 52 /dev/zero
	done | npy '<f4' '5, 4, 4, 1' >x.npy
	for type in 'c |i1' 'C |u1' 'l< <i4' 'q< <i8'; do
		perl -e 'binmode STDOUT; print pack "$ARGV[0]*", 0, 1, 2, 2, 0' \
			"${type% *}" | npy "${type#* }" '5,' >y.npy
		run enc_mnist eval -m float.net -x x.npy -y y.npy
		[ "${lines[0]}" = "5 samples, 4 right: accuracy 80.00 %" ]
	done
	printf '\0\1\2\2\3' | npy '|u1' '5, 1' >y.npy
	run enc_mnist eval -m float.net -x x.npy -y y.npy
	refused 1 "y.npy: label 4 is 3; the network has 3 classes"
	printf '\0\1\2\2\377' | npy '|i1' '5,' >y.npy
	run enc_mnist eval -m float.net -x x.npy -y y.npy
	refused 1 "y.npy: label 4 is -1"
	printf '\0\1\2\2' | npy '|u1' '4,' >y.npy
	run enc_mnist eval -m float.net -x x.npy -y y.npy
	refused 1 "y.npy: 4 labels for 5 samples"
	run enc_mnist eval -m float.net -x x.npy -y x.npy
	refused 1 "x.npy: labels are an array of N integers"
	run enc_mnist eval -m float.net -x x.npy -x x.npy -y y.npy
	refused 1 "2 arrays for a network of 1 input"
	run enc_mnist eval -m float.net -x two.pgm -x x.npy -y y.npy
	refused 2 "only arrays"
	run enc_mnist infer -m float.net -x y.npy -o out.npy
	refused 1 "y.npy: an array of 4; the network reads N x 4 x 4 x 1"
}

@test "eval: MNIST's test set, and a plot" {
	idx=("$TOP"/tests/data/*images*.gz "$TOP"/tests/data/*labels*.gz)
	enc_mnist eval -m "$TOP/models/mnist.bin" -x "${idx[0]}" -y "${idx[1]}" \
		--plot matrix.svg >said
	[ "$(head -n 1 said)" = "10000 images, 9942 right: accuracy 99.42 %" ]
	grep -q '<svg' matrix.svg
	run enc_mnist eval -m pixels.net -x "${idx[0]}" -y "${idx[1]}"
	refused 1 "images-idx3-ubyte.gz: images of 28 x 28 pixels; the network reads 4 x 4 x 1 uint8"
	mkdir -p set/{a,b,c}
	for class in a b c; do cp two.pgm set/$class; done
	run enc_mnist eval -m pixels.net -x set --plot matrix.svg
	refused 1 "pixels.net: --plot draws 10 classes, and the network has 3"
}
