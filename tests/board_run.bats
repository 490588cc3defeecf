# SPDX-License-Identifier: Apache-2.0
#
# board/run keeps its promises. Runs on the workstation, boots the board about
# ten times, and needs nothing of this project in the guest.

RUN=$BATS_TEST_DIRNAME/../board/run
BUILT=$BATS_TEST_DIRNAME/../out/board
# The TA that xtest 1007 makes panic.
XTEST_PANIC=5b9e0e40-2636-11e1-ad9e-0002a5d5c51b

setup() {
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$TMPDIR"
	dir=$BATS_TEST_TMPDIR
}

# Whatever the outcome, nothing stays behind.
teardown() {
	# bats looks at the last status only
	[ -z "$(ls -A "$TMPDIR")" ] && ! pgrep -f "$TMPDIR/board"
}

# boot OPTION... -- COMMAND...: stdout and stderr to files, status to $code.
boot() {
	code=0
	"$RUN" --timeout 600 "$@" >"$dir/stdout" 2>"$dir/stderr" || code=$?
	echo "# status $code, stderr:"
	cat "$dir/stderr"
}

# A copy of the board, to be damaged: DIR/board/run.
other_board() {
	mkdir -p "$1/board" "$1/out/board"
	cp "${RUN%/*}"/run "${RUN%/*}"/panics.sh "$1/board"
	for file in "$BUILT"/firmware.bin "$BUILT"/kernel "$BUILT"/initrd \
		"$BUILT"/test-tas; do
		ln -s "$(realpath "$file")" "$1/out/board"
	done
	RUN=$1/board/run
	unset BOARD # of the make that runs this
}

# A script in place of QEMU.
fake_qemu() {
	mkdir -p "$dir/bin"
	printf '#!/bin/sh\n%s\n' "$1" >"$dir/bin/qemu-system-aarch64"
	chmod +x "$dir/bin/qemu-system-aarch64"
	PATH=$dir/bin:$PATH
}

@test "wrong usage exits with 2 and boots nothing" {
	for args in '' '--' '--smp 0 -- true' '--smp 5 -- true' \
		'--icount --smp 2 -- true' '--timeout soon -- true' \
		'--share /nonexistent -- true' '--expect-panic me -- true' \
		'--frobnicate -- true' '--smp' 'true' '--shell -- true'; do
		# shellcheck disable=SC2086 # words
		boot $args
		[ "$code" -eq 2 ]
		[ -s "$dir/stderr" ]
		[ ! -s "$dir/stdout" ]
	done
}

@test "arguments, stdout, stderr, exit status, --share and --state" {
	mkdir "$dir/a, b"
	cat >"$dir/a, b/job" <<-'END'
		printf '%s\0' "$PWD" "$@"
		echo complaint >&2
		rev <in >out
		xtest 6001 >/dev/null || exit 1
		echo kept >/var/lib/optee-client/data/tee/mark
		[ -c /dev/tee0 ] && [ -c /dev/teepriv0 ] && [ ! -t 1 ] &&
			[ -z "$(cat)" ] && ping -c 1 127.0.0.1 >/dev/null &&
			echo more >/dev/stdout && echo more >/dev/stderr &&
			exit 7
	END
	echo abc >"$dir/a, b/in"
	set -- 'two words' "it's" '"' '' '*' '$HOME' '\n\' $'a\nb\n\n' \
		'ü✓' $'\201\377' -x "$(head -c 100000 /dev/zero | tr '\0' y)"
	boot --share "$dir/a, b" --state "$dir/state" -- sh job "$@"
	[ "$code" -eq 7 ]
	printf '%s\0' /share "$@" >"$dir/expected"
	echo more >>"$dir/expected"
	cmp "$dir/stdout" "$dir/expected"
	[ "$(cat "$dir/stderr")" = $'complaint\nmore' ]
	[ "$(cat "$dir/a, b/out")" = cba ]
	[ -s "$dir/state/dirf.db" ]

	# A second boot finds the storage, returns many bytes unchanged, and
	# accepts a panic that is part of a test.
	head -c 8000000 /dev/urandom >"$dir/a, b/in"
	boot --share "$dir/a, b" --state "$dir/state" --log "$dir/log" \
		--expect-panic $XTEST_PANIC -- sh -c 'xtest 1007 >/dev/null &&
		cd /var/lib/optee-client/data/tee && [ "$(cat mark)" = kept ] &&
		cat /share/in'
	[ "$code" -eq 0 ]
	cmp "$dir/stdout" "$dir/a, b/in"
	[ ! -s "$dir/stderr" ]
	grep -q 'Linux version' "$dir/log/normal.log"
	grep -q "Status of TA $XTEST_PANIC" "$dir/log/secure.log"
}

@test "without --share and --state both are empty" {
	boot -- sh -c '[ "$PWD" = /share ] && touch here && ls -A
		ls -A /var/lib/optee-client/data/tee; sleep 1000 & exit 0'
	[ "$code" -eq 0 ]
	[ "$(cat "$dir/stdout")" = here ]
	[ ! -s "$dir/stderr" ]
}

@test "time runs out: 124, and what was said until then" {
	# a machine that is too busy has not booted by then
	for s in 10 40 160; do
		boot --timeout $s \
			--expect-panic ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744 \
			-- sh -c 'echo early; sleep 1000'
		[ ! -s "$dir/stdout" ] || break
	done
	[ "$code" -eq 124 ]
	[ "$(cat "$dir/stdout")" = early ]
	grep -q "time ran out after $s s" "$dir/stderr"
	grep -q 'TA ee09aa8a.* was to panic, but did not' "$dir/stderr"
}

@test "a panic of the kernel: 125 and both logs" {
	boot -- sh -c 'echo c >/proc/sysrq-trigger'
	[ "$code" -eq 125 ]
	grep -q 'Kernel panic - not syncing: sysrq' "$dir/stderr"
	grep -q 'the end of secure.log' "$dir/stderr"
}

@test "a panic of a TA that is nobody's test: 125 though COMMAND succeeds" {
	other_board "$dir/other"
	rm "$dir/other/out/board/test-tas"
	echo none >"$dir/other/out/board/test-tas"
	boot -- xtest 1007
	[ "$code" -eq 125 ]
	grep -q "Status of TA $XTEST_PANIC" "$dir/stderr"
	grep -q ' of which 0 failed' "$dir/stdout"
}

@test "a broken board: 125 and why" {
	boot --cpu nonsense -- true
	[ "$code" -eq 125 ]
	grep -q nonsense "$dir/stderr"
	grep -q 'failed before the command ended' "$dir/stderr"
	other_board "$dir/other"
	rm "$dir/other/out/board/kernel"
	boot -- true
	[ "$code" -eq 125 ]
	grep -q 'make board' "$dir/stderr"
}

@test "time runs out while booting: 124 and both logs" {
	# Firmware that does nothing at all.
	other_board "$dir/dead"
	rm "$dir/dead/out/board/firmware.bin"
	head -c 1000000 /dev/zero >"$dir/dead/out/board/firmware.bin"
	boot --timeout 3 -- true
	[ "$code" -eq 124 ]
	grep -q 'time ran out after 3 s, while booting' "$dir/stderr"
	# A QEMU that has to be killed.
	fake_qemu "echo half a boot >'$dir/log/normal.log'
		echo half a TEE >'$dir/log/secure.log'
		trap '' TERM; exec sleep 60"
	boot --timeout 5 --log "$dir/log" -- true
	[ "$code" -eq 124 ]
	grep -q 'time ran out after 5 s, while booting' "$dir/stderr"
	grep -q 'half a boot' "$dir/stderr"
	grep -q 'half a TEE' "$dir/stderr"
}

@test "a panic of OP-TEE: 125 at once, not when time runs out" {
	fake_qemu "echo 'E/TC:0 0 Panic at core/some.c:1 <some>' \
		>'$dir/log/secure.log'; exec sleep 300"
	start=$SECONDS
	boot --timeout 200 --log "$dir/log" -- true
	[ "$code" -eq 125 ]
	[ $((SECONDS - start)) -lt 100 ]
	grep -q 'Panic at core/some.c' "$dir/stderr"
}

@test "--icount: two boots at once measure the same" {
	for i in 1 2; do
		"$RUN" --icount --timeout 600 -- bash -c \
			't=${EPOCHREALTIME/./}
			for ((i = 0; i < 20000; i++)); do :; done
			echo $((${EPOCHREALTIME/./} - t))' >"$dir/$i" &
		pids="${pids:-} $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	echo "# $(cat "$dir/1") and $(cat "$dir/2") us"
	awk 'NR == 1 { a = $1 } NR == 2 { b = $1 }
		END { exit !(a > 1e4 && (a - b) ^ 2 < (a / 200) ^ 2) }' \
		"$dir/1" "$dir/2"
}

@test "--monitor reads memory; a signal stops the board" {
	"$RUN" --monitor "$dir/monitor" -- sleep 1000 2>"$dir/stderr" &
	pid=$!
	/usr/bin/python3 - "$dir/monitor" "$dir/memory" <<-'END'
		import os, socket, sys, time
		monitor = socket.socket(socket.AF_UNIX)
		deadline = time.time() + 300
		while True:
		    try:
		        monitor.connect(sys.argv[1])
		        break
		    except OSError:
		        assert time.time() < deadline
		        time.sleep(0.1)
		command = 'pmemsave 0x42200000 4096 "%s"\n' % sys.argv[2]
		monitor.sendall(command.encode())
		while not (os.path.exists(sys.argv[2]) and
		           os.path.getsize(sys.argv[2]) == 4096):
		    assert time.time() < deadline
		    time.sleep(0.1)
	END
	kill $pid
	code=0
	wait $pid || code=$?
	[ "$code" -eq 143 ]
	# The kernel is where the board's firmware expects it.
	[ "$(head -c 60 "$dir/memory" | tail -c 4 | head -c 3)" = ARM ]
}

@test "--shell: a console" {
	code=0
	printf 'echo $((6 * 7)) in $PWD\nexit 3\n' |
		"$RUN" --shell --timeout 600 >"$dir/stdout" 2>"$dir/stderr" ||
		code=$?
	cat "$dir/stdout" "$dir/stderr"
	[ "$code" -eq 3 ]
	grep -q '42 in /share' "$dir/stdout"
}

@test "the logs: panics of OP-TEE, aborts of TAs, a busy machine" {
	. "${RUN%/*}/panics.sh"
	cat >"$dir/log" <<-END
		D/TC:? 0 user_ta_enter:195 TA panicked with code 0xbeef
		M/TA: E/TC:0 0 Panic is only a word here
		E/TC:? 0 TA panicked with code 0x1
		E/LD:  Status of TA $XTEST_PANIC
		E/LD:   arch: aarch64
		D/TC:? 0 next
	END
	[ -z "$(panics_optee "$dir/log" $XTEST_PANIC)" ]
	[ "$(panics_optee "$dir/log" other | wc -l)" -eq 3 ]
	cat >>"$dir/log" <<-END
		E/TC:? 0 User mode data-abort at address 0x0 (read fault)
		E/TC:? 0  fsr 0x92000045  ttbr0 0x2000e1a5020
		E/LD:  Status of TA ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744
		E/TC:? 0 TA panicked with code 0x2
		D/TC:? 0 this one has no name
		E/TC:0 0 Panic 'unhandled pageable abort' at core/abort.c:1 <f>
	END
	panics_optee "$dir/log" $XTEST_PANIC >"$dir/found"
	[ "$(wc -l <"$dir/found")" -eq 5 ]
	grep -q 'User mode' "$dir/found"
	grep -q 'code 0x2' "$dir/found"
	grep -q 'unhandled' "$dir/found"
	grep -q -E "$PANIC_CORE" "$dir/found"
	echo '[ 1.0] watchdog: BUG: soft lockup - CPU#0' >"$dir/log"
	[ -z "$(panics_kernel "$dir/log")" ]
	panics_lockup "$dir/log"
	echo '[ 2.0] Internal error: Oops: 96000045' >>"$dir/log"
	[ "$(panics_kernel "$dir/log" | wc -l)" -eq 1 ]
}
