# SPDX-License-Identifier: Apache-2.0
#
# What the process of enc-mnistd does: its socket, its limits, its end. The TA is
# on the stand-in. test_daemon.c has what it says to clients.

setup() {
	cd "$BATS_TEST_DIRNAME/.." || exit
	daemon=$PWD/out/native/tests/enc-mnistd
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown() {
	for pid in $(jobs -p); do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# serve OPTION...: starts one, whose number is in $pid, and waits for its socket.
serve() {
	"$daemon" --socket=socket "$@" 2>>log 3>&- &
	pid=$!
	for _ in $(seq 100); do
		[ ! -S socket ] || return 0
		sleep 0.1
	done
	cat log
	false
}

# ends PID SECONDS: whether it ends by itself.
ends() {
	for _ in $(seq $(($2 * 10))); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	false
}

@test "a file that is no socket is not replaced" {
	echo precious >file
	run timeout -s KILL 5 "$daemon" --socket=file --model=digits=none
	[ "$status" -eq 1 ]
	[[ "$output" == *"file: Address already in use"* ]]
	[ "$(cat file)" = precious ]
	# nor is what it is a link to
	ln -s file link
	run timeout -s KILL 5 "$daemon" --socket=link --model=digits=none
	[ "$status" -eq 1 ]
	[ -L link ]
	[ "$(cat file)" = precious ]
}

@test "a socket that nobody listens to is replaced, and no other" {
	serve --model=digits=none
	[ "$(stat -c %a socket)" = 660 ]
	run timeout -s KILL 5 "$daemon" --socket=socket --model=digits=none
	[ "$status" -eq 1 ]
	[[ "$output" == *"socket: Address already in use"* ]]
	kill -KILL $pid
	wait $pid || true
	[ -S socket ]
	serve --model=digits=none
	kill -TERM $pid
	wait $pid
	[ ! -e socket ]
}
