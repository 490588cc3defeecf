# SPDX-License-Identifier: Apache-2.0
#
# The service on the board. The tests depend on their order: all but the last
# have the same daemon, which goes on whatever happens.

setup_file() {
	cp 1.sealed model.sealed
	./enc-mnistd --socket=socket --model=digits=model.sealed --stall=2 \
		2>log 3>&- &
	echo $! >pid
	until ./ask socket digits 1; do sleep 0.1; done
}

teardown() {
	# what the daemon said, after a failure
	cat log
}

supplicant() {
	pidof tee-supplicant
}

@test "several clients share a model" {
	for client in 1 2 3 4; do
		./ask socket digits 3 3>&- &
		pids+=" $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	[ "$(grep -c loaded log)" -eq 1 ]
}

@test "a client that stalls is let go, and nobody waits for it" {
	./ask socket digits 0 3>&- &
	stalled=$!
	./ask socket digits 1
	kill -0 $stalled
	wait $stalled
	./ask socket digits 1
}

@test "clients are answered without tee-supplicant, and after its restart" {
	kill -9 "$(supplicant)"
	./ask socket digits 1
	# a load needs trusted storage
	mv 2.sealed model.sealed
	./ask socket digits 1
	grep -q "; the former model goes on" log
	[ "$(grep -c "version 2" log)" -eq 0 ]
	tee-supplicant -d 3>&-
	for try in $(seq 100); do
		! grep -q "version 2" log || break
		sleep 0.2
	done
	grep -q "loaded model.sealed, version 2" log
	./ask socket digits 2
}

# A nanosecond is an instruction here.
@test "an answer costs less than a session of one's own" {
	for way in "./ask socket digits 1" \
		"enc_mnist infer -m model.sealed -b samples/0.bin"; do
		$way >out # in memory from now on
		start=${EPOCHREALTIME/./}
		$way >out
		took+=("$(((${EPOCHREALTIME/./} - start) / 1000))")
	done
	echo "${took[@]}"
	echo "# figure: ten answers of the service, each asked for alone:" \
		"${took[0]} M instructions; one answer in a session of its" \
		"own, with the load: ${took[1]} M" >&3
	[ $((2 * took[0])) -lt "${took[1]}" ]
}

@test "SIGTERM ends it, and it leaves no socket" {
	kill "$(cat pid)"
	while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.1; done
	[ ! -e socket ]
	run ./enc-mnistd --model=digits=model.sealed
	echo "$output"
	[ "$status" -eq 2 ]
	[[ "$output" == *"no socket: systemd has given none"* ]]
}
