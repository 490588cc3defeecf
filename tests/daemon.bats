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
	"$daemon" --socket=socket "$@" <&0 2>>log 3>&- &
	pid=$!
	for _ in $(seq 100); do
		[ ! -S socket ] || return 0
		sleep 0.1
	done
	cat log
	false
}

# ends PID SECONDS: ends by itself in that time; its status is in $status.
ends() {
	for _ in $(seq $(($2 * 10))); do
		[[ $(ps -o stat= "$1") == [^Z]* ]] || break
		sleep 0.1
	done
	[[ $(ps -o stat= "$1") != [^Z]* ]]
	status=0
	wait "$1" || status=$?
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

# load_from_pipe: serves a model from a pipe; $writer is the other end.
load_from_pipe() {
	mkfifo pipe
	sleep 60 >pipe 3>&- &
	writer=$!
	serve --model=digits=- <pipe
}

@test "one that ends leaves the socket of the next" {
	load_from_pipe
	first=$pid
	# a client, for whose answer it waits
	perl -MIO::Socket::UNIX -e '
		$s = IO::Socket::UNIX->new("socket") or die;
		print $s pack("a4VVVa32", "ENC1", 1, 0, 0, "digits");
		$s->flush; sleep 60' 3>&- &
	client=$!
	sleep 1
	kill -TERM $first
	sleep 1
	serve --model=digits=none
	kill -KILL $writer
	ends $first 10
	[ "$status" -eq 0 ]
	[ -S socket ]
	kill -KILL $client
	kill -TERM $pid
	ends $pid 5
	[ "$status" -eq 0 ]
	[ ! -e socket ]
}

@test "it ends in time, whatever a load waits for" {
	load_from_pipe
	kill -TERM $pid
	ends $pid 10
	[ "$status" -eq 3 ]
	grep -qF "the TEE does not end" log
}

@test "a limit of open files is raised, or said" {
	(ulimit -Sn 100; serve --model=digits=none --clients=1000
		grep -qE "^Max open files +1064 " "/proc/$pid/limits"
		kill -TERM "$pid"
		ends "$pid" 5)
	ulimit -n 100
	run timeout -s KILL 5 "$daemon" --socket=socket --model=digits=none
	[ "$status" -eq 1 ]
	[[ "$output" == *"--clients"*"Too many open files"* ]]
}

@test "it goes on when nobody reads its log any more" {
	mkfifo lines
	head -n 1 <lines >first 3>&- &
	"$daemon" --socket=socket --model=digits=none 2>lines 3>&- &
	pid=$!
	wait "$(jobs -p | head -n 1)"
	grep -q "none: cannot open" first
	for _ in 1 2 3; do
		kill -HUP $pid
		sleep 0.3
	done
	kill -TERM $pid
	ends $pid 10
	[ "$status" -eq 0 ]
}

@test "who may ask need not have the TEE" {
	cd "$BATS_TEST_DIRNAME/.."
	group=$(sed -n 's/^SocketGroup=//p' systemd/enc-mnistd.socket)
	[ "$group" = "$(sed -n 's/^User=//p' systemd/enc-mnistd.service.in)" ]
	run grep "GROUP=\"$group\"" contrib/device/60-enc-mnist.rules
	[ "$status" -eq 1 ]
}
