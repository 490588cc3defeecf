# SPDX-License-Identifier: Apache-2.0
#
# The command line on the device, inside the board. The tests follow one
# another: the first finds a device without a key. Those with the tag soak run at
# full length only: what they show, others show as well, or a native test does.

load refused

KEY=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
OTHER=ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
TA=/usr/lib/optee_armtz/ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744.ta

# Replaces our TA by another build until the test ends.
with_ta() {
	mv "$TA" /tmp/ta
	[ -z "$1" ] || cp "$1" "$TA"
}

teardown() {
	[ ! -e /tmp/ta ] || mv /tmp/ta "$TA"
	[ ! -e /tmp/tee0 ] || mv /tmp/tee0 /dev/tee0
	# bats would wait for every process that has its descriptors
	pidof tee-supplicant >/dev/null ||
		tee-supplicant -d >/dev/null 2>&1 3>&- 4>&-
}

@test "a device without a key says how to provision it" {
	run enc_mnist infer -m model.json -b samples/0.bin
	refused 5 "item not found" "no key yet" "store-key"
}

@test "store-key wants a whole key, and only one" {
	run enc_mnist store-key --key 0011
	refused 1 "64"
	run enc_mnist store-key
	refused 2 "--key"
	run enc_mnist store-key --key "$KEY" --key-file key
	refused 2 "--key"
}

@test "store-key takes the key from argv, a file, standard input" {
	enc_mnist store-key --key "$KEY"
	echo "$OTHER" >key
	enc_mnist store-key --key-file key
	run enc_mnist infer -m model.json -b samples/0.bin
	refused 1 "bad format" "key"
	echo "$KEY" | enc_mnist store-key --key-file -
	run enc_mnist infer -m model.json -b samples/0.bin
	[ "$status" -eq 0 ]
	[ "$output" = "1. samples/0.bin: 0" ]
}

@test "each image gets its own label, in the order of the command line" {
	run enc_mnist infer --model model.json -i samples/7.png \
		-b samples/2.bin --image samples/1.png --binary samples/9.bin \
		-i samples/4.png -b samples/7.bin
	[ "$status" -eq 0 ]
	[ "$output" = "1. samples/7.png: 7
2. samples/2.bin: 2
3. samples/1.png: 1
4. samples/9.bin: 9
5. samples/4.png: 4
6. samples/7.bin: 7" ]
}

# bats test_tags=soak
@test "any number of images, more than one call takes" {
	# shellcheck disable=SC2046 # words
	args=$(printf ' -b samples/%d.bin' $(yes 3 1 4 5 9 | head -n 60))
	# shellcheck disable=SC2086 # words
	enc_mnist infer -m model.json $args >out
	[ "$(wc -l <out)" -eq 300 ]
	[ "$(sed 's/.*: //' out | tr -d '\n')" = \
		"$(yes 31459 | head -n 60 | tr -d '\n')" ]
}

@test "what is encrypted on the device is read there" {
	enc_mnist encrypt-model -i mnist.bin -o here.json --key "$KEY"
	run enc_mnist infer -m here.json -i samples/8.png
	[ "$output" = "1. samples/8.png: 8" ]
}

@test "--json says the same to machines" {
	run enc_mnist infer -m model.json -i samples/5.png -b samples/6.bin --json
	[ "$status" -eq 0 ]
	[ "$output" = '{"results":[{"index":1,"file":"samples/5.png","label":5},{"index":2,"file":"samples/6.bin","label":6}]}' ]
}

# bats test_tags=soak
@test "--show draws the image beside its label" {
	run enc_mnist infer -m model.json -i samples/8.png --show
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 14 ]
	[[ "$output" == *"#"*"label 8"*"8.png"* ]]
}

@test "the chunked form is read in the order of its ids" {
	run enc_mnist infer -m chunked.json -i samples/3.png
	[ "$status" -eq 0 ]
	[ "$output" = "1. samples/3.png: 3" ]
}

# bats test_tags=soak
@test "infer reads a model in less than 16 MB, both forms" {
	for model in model.json chunked.json; do
		busybox time -f %M enc_mnist infer -m $model -b samples/0.bin 2>peak
		[ "$(tail -n 1 peak)" -gt 1000 ]
		[ "$(tail -n 1 peak)" -lt 16000 ]
	done
}

@test "files that are no encrypted model are refused" {
	echo '{"algorithm":"AES-256-CBC"}' >bad.json
	run enc_mnist infer -m bad.json -b samples/0.bin
	refused 1 "encrypted_data"
	sed 's/AES-256-CBC/AES-128-CBC/' model.json >bad.json
	run enc_mnist infer -m bad.json -b samples/0.bin
	refused 1 "AES-128-CBC"
	head -c 1000000 model.json >bad.json
	run enc_mnist infer -m bad.json -b samples/0.bin
	refused 1 "bad.json"
	run enc_mnist infer -m nowhere.json -b samples/0.bin
	refused 1 "No such file"
	run enc_mnist infer -m mnist.bin -b samples/0.bin
	refused 1 "mnist.bin: not an encrypted model" "enc_mnist seal"
}

# bats test_tags=soak
@test "an image that cannot be read takes none of those before it along" {
	: >empty.png
	run enc_mnist infer -m model.json -i empty.png -b samples/0.bin
	refused 1 "empty.png" "empty"
	echo "no picture" >text.png
	run enc_mnist infer -m model.json -i text.png
	refused 1 "text.png" "PNG, JPEG, BMP"
	head -c 783 /dev/zero >short.bin
	run enc_mnist infer -m model.json -b samples/7.bin -i samples/1.png \
		-b short.bin -b samples/0.bin
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "1. samples/7.bin: 7" ]
	[ "${lines[1]}" = "2. samples/1.png: 1" ]
	[[ "${lines[2]}" == *"short.bin: 783 bytes, a raw image has 784"* ]]
	[ "${#lines[@]}" -eq 3 ]
	run enc_mnist infer -m model.json -b samples/7.bin -b short.bin -j
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = '{"results":[{"index":1,"file":"samples/7.bin","label":7}]}' ]
	[[ "${lines[1]}" == '{"error":{"kind":"other","status":1,"message":"short.bin: 783 bytes'* ]]
}

# One run for each set of options: most of the time goes into loading the model.
# bats test_tags=soak
@test "digits on white paper get their labels with --invert --fit" {
	head -c -2 pictures/phone.jpg >webcam.jpg
	args=
	for digit in 0 1 2 3 4 5 6 7 8 9; do
		args="$args -i pictures/paper$digit.pgm"
	done
	# shellcheck disable=SC2086 # words
	run enc_mnist infer -m model.json --invert --fit $args \
		-i pictures/alpha.png -i pictures/phone.jpg -i webcam.jpg \
		-b samples/5.bin
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "enc_mnist: warning: webcam.jpg: the end of the file is missing, but the picture is complete" ]
	[ "${#lines[@]}" -eq 15 ]
	[ "$(printf '%s\n' "${lines[@]:1}" | sed 's/.*: //' | tr -d '\n')" = \
		01234567892775 ]
}

# bats test_tags=soak
@test "what is odd about a picture is said once, and not to machines" {
	head -c 784 /dev/zero | tr '\0' '\377' >white.bin
	enc_mnist infer -m model.json --json -i samples/7.png -b white.bin \
		-i pictures/paper3.pgm -i pictures/paper4.pgm \
		-i pictures/negative5.pgm -i pictures/negative4.pgm \
		-i pictures/alpha.png >out 2>err
	cat out err
	[[ "$(cat out)" =~ ^'{"results":[{"index":1,'[^$'\n']*'}]}'$ ]]
	[ "$(cat err)" = "enc_mnist: warning: pictures/paper3.pgm: dark on a light background, but the network reads light on dark; try --invert --fit
enc_mnist: warning: pictures/negative5.pgm: the digit does not have the size and place of digits in MNIST; try --fit
enc_mnist: warning: pictures/alpha.png: black on a transparent background, which counts as black; try --invert" ]
	run enc_mnist infer -m model.json --invert -i pictures/negative3.pgm
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "enc_mnist: warning: pictures/negative3.pgm: already light on a dark background; try without --invert" ]
}

@test "raw images are taken as they are" {
	run enc_mnist infer -m model.json -b samples/5.bin --fit
	refused 2 "--invert and --fit are for --image"
}

# stream NAME [OPTION...]: a session that reads images from /tmp/NAME.in.
stream() {
	mkfifo "/tmp/$1.in" "/tmp/$1.out"
	enc_mnist infer -m model.json -b - "${@:2}" <"/tmp/$1.in" \
		>"/tmp/$1.out" 3>&- 4>&- &
}

# answered TEXT FD: the line that is available now contains TEXT.
answered() {
	read -r -t 120 line <&"$2"
	echo "$line"
	[ "$line" = "$1" ]
}

@test "images on standard input are answered as they come, in one session" {
	stream one
	exec 7>/tmp/one.in 8</tmp/one.out
	n=0
	for digit in 2 7 1 8; do
		n=$((n + 1))
		cat samples/$digit.bin >&7
		answered "$n. -: $digit" 8
	done
	# in two pieces, and one and a half at once
	head -c 300 samples/3.bin >&7
	sleep 1
	tail -c +301 samples/3.bin >&7
	answered "5. -: 3" 8
	{ cat samples/6.bin && head -c 500 samples/9.bin; } >/tmp/more
	cat /tmp/more >&7
	answered "6. -: 6" 8
	tail -c +501 samples/9.bin >&7
	answered "7. -: 9" 8
	exec 7>&-
	wait $!
	[ -z "$(cat <&8)" ]
	exec 8<&-
}

# bats test_tags=soak
@test "two sessions answer at once" {
	stream left
	left=$!
	exec 7>/tmp/left.in 8</tmp/left.out
	stream right -j
	right=$!
	exec 9>/tmp/right.in 6</tmp/right.out
	n=0
	for digit in 4 0 5; do
		n=$((n + 1))
		cat samples/$digit.bin >&9
		cat samples/8.bin >&7
		answered "{\"index\":$n,\"file\":\"-\",\"label\":$digit}" 6
		answered "$n. -: 8" 8
	done
	exec 7>&- 9>&-
	wait "$left"
	wait "$right"
	exec 8<&- 6<&-
}

@test "a long stream takes no more memory than one image" {
	zcat t10k-images-idx3-ubyte.gz | tail -c +17 | head -c $((300 * 784)) \
		>/tmp/images
	head -c 784 /tmp/images >/tmp/first
	zcat t10k-labels-idx1-ubyte.gz | tail -c +9 | head -c 300 |
		od -An -v -tu1 -w1 | tr -d ' ' >/tmp/truth
	for images in first images; do
		busybox time -f %M enc_mnist infer -m model.json -b - \
			</tmp/$images 2>peak.$images >/tmp/out
	done
	cat peak.first peak.images
	[ "$(cat peak.images)" -lt $(($(cat peak.first) + 300)) ]
	sed 's/.*: //' /tmp/out >/tmp/labels
	[ "$(wc -l </tmp/labels)" -eq 300 ]
	[ "$(tail -n 1 /tmp/out)" = "300. -: $(tail -n 1 /tmp/labels)" ]
	[ "$(paste -d = /tmp/labels /tmp/truth | grep -cv '^\(.\)=\1$')" -lt 3 ]
	# from a pipe, which splits images
	head -c $((100 * 784)) /tmp/images | enc_mnist infer -m model.json -b - |
		diff - <(head -n 100 /tmp/out)
}

# bats test_tags=soak
@test "a stream that ends within an image" {
	cat samples/7.bin samples/2.bin >images
	head -c 10 samples/1.bin >>images
	run enc_mnist infer -m model.json -b - <images
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "1. -: 7" ]
	[ "${lines[1]}" = "2. -: 2" ]
	[[ "${lines[2]}" == *"standard input: "*"within an image, after 10 of its 784"* ]]
	run enc_mnist infer -m model.json -b - </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run enc_mnist infer -m model.json -b - <.
	refused 1 "standard input: cannot read: Is a directory"
}

# bats test_tags=soak
@test "a stream has its place among files" {
	cat samples/3.bin samples/4.bin >images
	run enc_mnist infer -m model.json -b samples/1.bin -b - -i samples/2.png \
		<images
	[ "$output" = "1. samples/1.bin: 1
2. -: 3
3. -: 4
4. samples/2.png: 2" ]
	run enc_mnist infer -m model.json -b samples/1.bin -b - --json <images
	[ "$output" = '{"index":1,"file":"samples/1.bin","label":1}
{"index":2,"file":"-","label":3}
{"index":3,"file":"-","label":4}' ]
	run enc_mnist infer -m model.json -b - --show <images
	[ "${#lines[@]}" -eq 14 ]
	[[ "$output" == *"label 3"*"label 4"* ]]
	run enc_mnist infer -m model.json -i - <samples/5.png
	[ "$output" = "1. -: 5" ]
}

# bats test_tags=soak
@test "--time says how long it took, in each form" {
	ms='[0-9]+\.[0-9]{3}'
	run enc_mnist infer -m model.json -b samples/7.bin --time
	[[ "$output" =~ ^1\.\ samples/7\.bin:\ 7\ \(($ms)\ ms\)$ ]]
	# the TEE took some time, and less than all of it
	awk -v ms="${BASH_REMATCH[1]}" 'BEGIN { exit !(ms > 0 && ms < 20000) }'
	run enc_mnist infer -m model.json -b samples/7.bin --time --json
	[[ "$output" =~ ^\{\"results\":\[\{\"index\":1,\"file\":\"samples/7.bin\",\"label\":7,\"ms\":$ms\}\]\}$ ]]
	run enc_mnist infer -m model.json -b - -t -j <samples/7.bin
	[[ "$output" =~ ^\{\"index\":1,\"file\":\"-\",\"label\":7,\"ms\":$ms\}$ ]]
	run enc_mnist infer -m model.json -b samples/7.bin --time --show
	[[ "$output" =~ label\ 7.*7\.bin.*$ms\ ms ]]
}

@test "answers that cannot be written end the session" {
	run bash -c 'yes | timeout 300 enc_mnist infer -m model.json -b - >/dev/full'
	refused 1 "standard output: cannot write: No space left"
}

# The result of the committed model on the first 500 test images.
MATRIX="true   answer
          0     1     2     3     4     5     6     7     8     9
   0     42     0     0     0     0     0     0     0     0     0
   1      0    67     0     0     0     0     0     0     0     0
   2      0     0    55     0     0     0     0     0     0     0
   3      0     0     0    45     0     0     0     0     0     0
   4      0     0     0     0    55     0     0     0     0     0
   5      0     0     0     0     0    50     0     0     0     0
   6      1     0     0     0     0     0    42     0     0     0
   7      0     0     0     0     0     0     0    49     0     0
   8      0     0     1     0     0     0     0     0    39     0
   9      0     0     0     0     0     0     0     0     0    54"

@test "eval counts, and draws the confusion matrix" {
	run enc_mnist eval -m model.json --images t10k-images-idx3-ubyte.gz \
		--labels t10k-labels-idx1-ubyte.gz --limit 500 \
		--plot matrix.png
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "500 images, 498 right: accuracy 99.60 %" ]
	[[ "${lines[1]}" =~ ^[1-9][0-9]*\.[0-9]\ images\ per\ second ]]
	[ "$(printf '%s\n' "${lines[@]:2}")" = "$MATRIX" ]
	[ "$(head -c 4 matrix.png | tail -c 3)" = PNG ]
}

# bats test_tags=soak
@test "eval says the same to machines" {
	rows=$(echo "$MATRIX" | tail -n 10 |
		sed -E 's/^ *[0-9] +//; s/ +/,/g; s/.*/[&]/' | paste -s -d ,)
	run enc_mnist eval -m model.json --images t10k-images-idx3-ubyte.gz \
		--labels t10k-labels-idx1-ubyte.gz --limit 500 --json \
		--plot matrix.svg
	[ "$status" -eq 0 ]
	[[ "$output" =~ \"images_per_second\":[1-9][0-9]*\.[0-9], ]]
	[ "${output/"${BASH_REMATCH[0]}"/}" = \
		'{"images":500,"right":498,"confusion":['"$rows]}" ]
	grep -q '<svg' matrix.svg
}

# bats test_tags=soak
@test "eval refuses a picture that it could not draw, before it starts" {
	run enc_mnist eval -m m -x x -y y --plot matrix.gif
	refused 1 ".png" ".svg"
	run enc_mnist eval -m m -x x -y y --plot nowhere/matrix.png
	refused 1 "nowhere/matrix.png: cannot create: No such file"
}

# bats test_tags=soak
@test "eval refuses what is no test set" {
	run enc_mnist eval -m model.json --images samples/0.bin \
		--labels t10k-labels-idx1-ubyte.gz
	refused 1 "samples/0.bin"
	run enc_mnist eval -m model.json --labels t10k-images-idx3-ubyte.gz \
		--images t10k-labels-idx1-ubyte.gz
	refused 1 "ubyte.gz"
}

@test "without /dev/tee0: what to do" {
	mv /dev/tee0 /tmp/tee0
	run enc_mnist store-key --key "$KEY"
	refused 3 "/dev/tee0" "No such file" "optee driver"
}

@test "without tee-supplicant: what to do" {
	killall tee-supplicant
	while pidof tee-supplicant >/dev/null; do sleep 0.1; done
	run timeout 120 enc_mnist store-key --key "$KEY"
	refused 3 "tee-supplicant is not running"
	[[ "$output" != *"out of memory"* ]] # as OP-TEE says
}

@test "--wait wants seconds" {
	for wrong in never -1 86401 '' 1.5; do
		run enc_mnist status --wait "$wrong"
		refused 2 "--wait: a number of seconds" "\`$wrong'"
	done
	enc_mnist status --wait 0
	enc_mnist status --wait 86400
}

@test "without the TA: what to do" {
	with_ta ""
	run enc_mnist store-key --key "$KEY"
	refused 1 "item not found" "not installed" \
		"make install TA_DIR=/lib/optee_armtz"
}

@test "a TA signed by nobody: what to do" {
	head -c 100000 /dev/urandom >forged.ta
	with_ta forged.ta
	run enc_mnist store-key --key "$KEY"
	refused 1 "signed" "TA_SIGN_KEY"
}

@test "a TA whose heap is too small: what to do" {
	with_ta small-heap/*.ta
	run enc_mnist infer -m model.json -b samples/0.bin
	refused 5 "out of memory" "TA_DATA_SIZE"
}

@test "the key outlives its session, and a TA replaced by another build" {
	with_ta no-encrypt/*.ta
	run enc_mnist infer -m model.json -i samples/2.png
	[ "$output" = "1. samples/2.png: 2" ]
}

@test "no-encrypt: the TA has no such commands" {
	with_ta no-encrypt/*.ta
	./test_no_encrypt
}

# bats test_tags=soak
@test "no-encrypt: the program has no such commands, and infers" {
	for command in encrypt-model verify-model; do
		run no-encrypt/enc_mnist "$command" -i mnist.bin
		refused 2 "no command \`$command'"
	done
	run no-encrypt/enc_mnist infer -m model.json \
		-i samples/6.png
	[ "$output" = "1. samples/6.png: 6" ]
}

# The last one: the device does not go back behind the version of this TA.
@test "a TA with room for one model only: that one stays" {
	with_ta floors/*.ta
	./test_one_model
}
