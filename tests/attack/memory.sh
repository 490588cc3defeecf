# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced, after tests/board/lib.sh, by suites that search all normal-world
# memory. $share/guest is the board's share; $keys is the file of secrets to
# search for, besides the model, whose record is $record; $expect holds options
# of board/run; $found is the result of the last search.
# shellcheck disable=SC2034,SC2154 # from there, and for suites

nothing='key 0, digits 0, schedule 0, weights 0'
keys=
record=models/mnist.bin
expect=
found=
board=

cleanup() {
	[ -z "$board" ] || kill "$board" 2>/dev/null || true
	wait
	rm -rf "$share"
}
trap cleanup EXIT
mkdir "$share/guest" "$share/state" "$share/log"

# result NAME COMMAND...: one test.
result() {
	name=$1
	shift
	if "$@"; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		failed=1
	fi
}

# search FILE...: counts what the files contain of the keys and of the model.
search() {
	found=$(out/native/tools/search "$keys" "$record" "$@")
	echo "# $found"
}

# boot SCRIPT ARG...: runs a script on the board, in the background.
boot() {
	script=$1
	shift
	# shellcheck disable=SC2086 # the option and its value
	board/run --share "$share/guest" --state "$share/state" \
		--monitor "$share/monitor" --log "$share/log" \
		--timeout $limit $expect -- \
		sh -ec "$script" sh "$@" >"$share/out" 2>&1 &
	board=$!
}

# stopped NAME: waits until the board stops there; resume NAME: continues.
stopped() {
	until [ -e "$share/guest/at.$1" ]; do
		kill -0 "$board" || return 1
		sleep 0.1
	done
}

resume() {
	: >"$share/guest/go.$1"
}

# dump NAME: once the board has stopped there, dumps all memory of the normal
# world: 1 GiB from 0x40000000 on.
dump() {
	stopped "$1" || return 1
	tests/tools/monitor "$share/monitor" stop \
		"pmemsave 0x40000000 0x40000000 \"$share/dump\"" cont
	resume "$1"
}

ended() {
	status=0
	wait "$board" || status=$?
	board=
	[ "$status" -eq 0 ] || sed 's/^/# /' "$share/out"
	return "$status"
}

clean_memory() {
	dump "$1" || return 1
	search "$share/dump"
	[ "$found" = "$nothing" ] &&
		echo "# figure: $1: no hit in 1 GiB"
}

# The normal world's disk, and the logs of both worlds.
clean_files() {
	# shellcheck disable=SC2046 # names without spaces
	search $(find "$share/state" "$share/log" "$share/guest/dmesg" -type f)
	[ "$found" = "$nothing" ]
}

# A TA that decrypts into shared memory leaks the half of the model it has read.
leaky_ta() {
	dump loading || return 1
	search "$share/dump"
	echo "$found" | awk -F '[ ,]+' '{ exit !($8 >= 2000) }'
}

# leaky_memory ROWS DIGITS SCHEDULE: expects this many rows of the keys, of
# their digits, and of both directions' schedules, and each window but a few
# that cross the end of a page.
leaky_memory() {
	dump leaking || return 1
	search "$share/dump"
	echo "$found" | awk -F '[ ,]+' -v rows="$1" -v digits="$2" -v schedule="$3" '{
		exit !($2 >= rows && $4 >= digits && $6 >= schedule && $8 >= 4000)
	}'
}

# leaky_ta_is_found MODEL: a board with the leaky mutant: two tests.
leaky_ta_is_found() {
	build_mutant leak ta
	cp "out/mutants/leak/out/ta/$uuid.ta" "$share/guest"
	rm "$share/guest/at.loading" "$share/guest/go.loading"
	expect=
	# shellcheck disable=SC2016 # expanded on the board
	boot 'cp *.ta /usr/lib/optee_armtz; ./hold load "$1"' "$1"
	result 'a TA that leaks is found' leaky_ta
	echo "# figure: the control, a TA that leaks: $found"
	result 'the board ends' ended
}
