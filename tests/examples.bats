# SPDX-License-Identifier: Apache-2.0
#
# What is in examples/, on the workstation. demo.bats runs LeNet in the TEE.

load lib/refused

setup() {
	TOP=$(realpath "$BATS_TEST_DIRNAME/..")
	PATH=$TOP/out/native:$TOP/out/native/tools:$PATH
	cd "$BATS_TEST_TMPDIR"
	openssl rand -hex -out key 32
	enc_mnist owner-key --output owner.pem --public owner.pub >/dev/null
}

@test "LeNet: ten digits, and the accuracy that its README.md states" {
	ln -s "$TOP/examples" "$TOP/tests" .
	sed -n '/^## Accuracy/,/^## /s/^\t//p' examples/lenet/README.md >commands
	right=$(sh -e commands | sed -n 's/^10000 images, \(.*\) right: .*/\1/p')
	echo "$right"
	[ "$right" -gt 9880 ]
	grep -qF "${right/?/&,} of the 10,000" examples/lenet/README.md
	for digit in {0..9}; do
		enc_mnist infer --model lenet.net --image "$TOP/samples/$digit.png" |
			grep -q ": $digit\$"
	done
}

@test "MLPerf Tiny: four networks are sealed, here stand-ins for them" {
	mkdir -p published/below
	tiny_tflite part 49 10 1 0 12 >published/kws_ref_model.tflite
	tiny_tflite part 96 96 3 0 2 >published/below/vww_96_int8.tflite
	tiny_tflite part 32 32 3 0 10 >published/pretrainedResnet_quant.tflite
	tiny_tflite part 640 0 640 >published/ad01_int8.tflite
	"$TOP/examples/mlperf-tiny/seal" published key owner.pem sealed >said
	cat said
	[ "$(grep -c '^node operator' said)" -eq 4 ]
	for name in kws vww ic ad; do
		grep -q "/$name.net: int8 network sealed to sealed/$name.sealed as $name, version 1; devices give " said
		enc_mnist inspect sealed/$name.sealed --owner owner.pub >"$name"
	done
	[ "$(grep -c 'devices give the label$' said)" -eq 3 ]
	grep -q '/ad.sealed .*devices give all outputs$' said
	grep -qx 'input:  *49 x 10 x 1 int8, scale 0.00392156886, zero point -128' kws
	# a caller of the TA quantises by what the sealed model says
	enc_mnist inspect sealed/kws.sealed --json >json
	cat json
	perl -MJSON::PP -0777 -e 'my $j = decode_json(<>);
		for ($j->{inputs}[0], $j->{outputs}[0]) {
			die unless $_->{type} eq "int8" &&
				abs($_->{scale} * 255 - 1) < 1e-6 &&
				$_->{zero_point} == -128;
		}' json
	grep -qx 'input:  *96 x 96 x 3 uint8' vww
	grep -qx 'input:  *32 x 32 x 3 uint8' ic
	grep -qx 'input:  *640 int8, scale 0.00392156886, zero point -128' ad
}

@test "MLPerf Tiny: a file that is not there is named, and nothing is sealed" {
	mkdir published
	run "$TOP/examples/mlperf-tiny/seal" published key owner.pem sealed
	refused 1 "published lacks kws_ref_model.tflite vww_96_int8.tflite" "github.com/mlcommons/tiny"
	tiny_tflite part 640 0 640 >published/ad01_int8.tflite
	run "$TOP/examples/mlperf-tiny/seal" published key owner.pem sealed
	[[ "$output" != *ad01* ]]
	[ ! -e sealed ]
	for folder in nowhere key; do
		run "$TOP/examples/mlperf-tiny/seal" $folder key owner.pem sealed
		refused 1 "mlperf-tiny/seal: $folder is no folder; give one with the published .tflite files" "github.com/mlcommons/tiny"
	done
	run "$TOP/examples/mlperf-tiny/seal" published nokey owner.pem sealed
	refused 1 "mlperf-tiny/seal: nokey is missing" "--key-file"
	run "$TOP/examples/mlperf-tiny/seal" published key noowner.pem sealed
	refused 1 "mlperf-tiny/seal: noowner.pem is missing" "--owner"
	PATH=/usr/bin:/bin run "$TOP/examples/mlperf-tiny/seal" published key owner.pem sealed
	refused 1 "mlperf-tiny/seal: no enc_mnist in PATH" "make workstation"
	[ ! -e sealed ]
	run "$TOP/examples/mlperf-tiny/seal" published
	refused 2 "usage: examples/mlperf-tiny/seal FOLDER KEY OWNER OUTPUT"
}
