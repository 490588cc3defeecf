# SPDX-License-Identifier: Apache-2.0
#
# examples/gstreamer: frames of a pipeline, answered as they come.

setup() {
	TOP=$(realpath "$BATS_TEST_DIRNAME/..")
	PATH=$TOP/out/native:$PATH
	cd "$BATS_TEST_TMPDIR"
}

# labels: of lines of JSON.
labels() {
	perl -MJSON::PP -ne 'print decode_json($_)->{label}, "\n"'
}

@test "each frame of a pipeline gets a line, with the label of its file" {
	gst-launch-1.0 -q videotestsrc pattern=ball motion=sweep \
		num-buffers=50 \
		! videoconvert ! videoscale \
		! video/x-raw,format=GRAY8,width=28,height=28 \
		! fdsink fd=1 | tee raw |
		enc_mnist infer -m "$TOP/models/mnist.bin" -b - --json >piped
	head -n 2 piped
	split -b 784 -d raw frame
	for file in frame*; do
		enc_mnist infer -m "$TOP/models/mnist.bin" -b "$file"
	done | sed 's/.*: //' >single
	labels <piped >labels
	[ "$(wc -l <labels)" -eq 50 ]
	diff single labels
	# if all were the same, any order would do
	[ "$(sort -u labels | wc -l)" -gt 1 ]
}

@test "frames of another size are refused" {
	gst-launch-1.0 -q videotestsrc num-buffers=1 \
		! video/x-raw,format=GRAY8,width=32,height=28 ! fdsink fd=1 >wide
	run enc_mnist infer -m "$TOP/models/mnist.bin" -b - <wide
	echo "$output"
	[ "$status" -eq 1 ]
}
