# SPDX-License-Identifier: Apache-2.0
#
# tests/board/lib.sh, with a script in place of board/run: the logs of a failed
# suite are kept and named.

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p board out/ta tests/board ta
	touch out/ta/some.txt ta/Makefile
	cp "$BATS_TEST_DIRNAME/board/lib.sh" tests/board
	cat >tests/board/some.suite <<-'END'
		#!/bin/sh
		. "${0%/*}/lib.sh"
		on_board -- "$@"
	END
	# --share DIR --log DIR --timeout S -- COMMAND...
	cat >board/run <<-'END'
		#!/bin/sh
		echo panic >"$4/secure.log"
		shift 7
		exec "$@"
	END
	chmod +x board/run tests/board/some.suite
}

@test "a suite that fails keeps its logs and says where" {
	run tests/board/some.suite sh -c 'echo not ok 1; exit 3'
	[ "$status" -eq 3 ]
	[ "${lines[0]}" = "not ok 1" ]
	log=${lines[1]#*the logs of the board are in }
	[[ "$log" == out/log/board-some/* ]]
	[ "$(cat "$log/secure.log")" = panic ]
}

@test "a suite that passes leaves no logs, not even old ones" {
	run tests/board/some.suite false
	[ -d out/log/board-some ]
	run tests/board/some.suite echo ok 1
	[ "$status" -eq 0 ]
	[ "$output" = "ok 1" ]
	[ ! -e out/log/board-some ]
}
