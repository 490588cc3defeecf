# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For suites that run on the board: sourced by scripts in tests/board and
# tests/attack. Changes to the top of the project. $share is a directory that is
# removed at the end, $logs one that is kept after a failure, $uuid the TA's
# UUID. A suite that goes on after a failure notes it in $failed, and exits with
# it.
set -eu

cd "$(dirname "$0")/../.."
share=$(mktemp -d "${TMPDIR:-/tmp}/suite.XXXXXX")
trap 'rm -rf "$share"' EXIT
trap 'exit 1' HUP INT TERM

# shellcheck disable=SC2034 # for suites
uuid=$(sed -n 's/^UUID *//p' out/ta/*.txt)
logs=out/log/$(basename "$(dirname "$0")")-$(basename "$0" .suite)
rm -rf "$logs"
failed=0
# Seconds that a board may take: many times what it takes on an idle machine.
limit=1800
# For tests of which a part is enough on the board in make check: an argument of
# test programs, options of bats.
sampled=sampled
tagged='--filter-tags !soak'
if [ -n "${SOAK:-}" ]; then
	limit=14400
	# shellcheck disable=SC2034 # for suites
	sampled=
	# shellcheck disable=SC2034 # for suites
	tagged=
fi

# build_mutant NAME TARGET...: see tests/mutant; silent unless it fails.
build_mutant() {
	tests/mutant "$@" >"$share/build" 2>&1 && return
	cat "$share/build" >&2
	exit 1
}

# keep_logs DIR: keeps logs of boards that on_board did not boot.
keep_logs() {
	mkdir -p "$logs"
	cp -R "$1" "$logs"
	echo "$0: the logs of the board are in $logs" >&2
}

# on_board [OPTION...] -- COMMAND...: runs a command in $share and prints its
# TAP. After a failure the logs of the two worlds stay.
on_board() {
	mkdir -p "$logs"
	log=$(mktemp -d "$logs/XXXXXX")
	status=0
	board/run --share "$share" --log "$log" --timeout $limit "$@" ||
		status=$?
	if [ "$status" -eq 0 ]; then
		rm -r "$log"
		rmdir "$logs" 2>/dev/null || true
	else
		echo "$0: the logs of the board are in $log" >&2
	fi
	return "$status"
}

# For on_board -- sh -c "$in_memory" sh COMMAND...: runs the command in a copy of
# $share in the board's memory, where opening a file costs much less than in a
# folder of the host.
# shellcheck disable=SC2016,SC2034 # expanded on the board; for suites
in_memory='cp -R . /tmp/suite && cd /tmp/suite && exec "$@"'

# make_int8: int8.net in $share is the committed model as an int8 network, and
# int8.workstation has its labels of the test images, as bytes.
make_int8() {
	out/native/enc_mnist quantize -i models/mnist.bin -o "$share/int8.net" \
		-c models/mnist-calibration.gz >/dev/null
	zcat tests/data/t10k-images-idx3-ubyte.gz | tail -c +17 |
		out/native/enc_mnist infer -m "$share/int8.net" -b - |
		perl -ne 'print chr $1 if /(\d)$/' >"$share/int8.workstation"
}

# make_digits: digits.net in $share is LeNet-5 as an int8 network. For tests of
# anything but the network: the board loads it in a fifth of the time that the
# committed model takes as int8.
make_digits() {
	out/native/enc_mnist import -i examples/lenet/lenet.onnx \
		-o "$share/lenet.net" --image 28x28x1 >/dev/null
	out/native/enc_mnist quantize -i "$share/lenet.net" \
		-o "$share/digits.net" -c models/mnist-calibration.gz >/dev/null
	rm "$share/lenet.net"
}

# tests_on_board [OPTION...] -- COMMAND...: runs a command whose tests are part
# of a suite; the suite has the plan. A failure of the board itself counts, too.
tests_on_board() {
	# shellcheck disable=SC2034 # for suites
	on_board "$@" >"$share/tap" || failed=1
	sed -E '/^TAP|^1\.\./d; s/^(not )?ok [0-9]+ /\1ok /' "$share/tap"
}
