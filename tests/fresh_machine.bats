# SPDX-License-Identifier: Apache-2.0
#
# scripts/fresh-machine without a machine: wrong usage, and its leftovers when
# it is interrupted while debootstrap, here a script, is running.

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir bin scripts
	cp "$BATS_TEST_DIRNAME/../scripts/fresh-machine" scripts
	PATH=$PWD/bin:$PATH
	for program in scripts/need bin/debootstrap; do
		printf '#!/bin/sh\n' >$program
		chmod +x $program
	done
	cat >bin/apt-get <<-'END'
		#!/bin/sh
		echo "bookworm http://archive.example/debian"
		echo "bookworm-security http://archive.example/security"
		echo "bookworm-backports http://archive.example/debian"
	END
	chmod +x bin/apt-get
	# It mounts something, and starts a process that ignores signals.
	cat >>bin/debootstrap <<-'END'
		echo "$@" >arguments
		cat out/fresh/trixie/sources >sources
		mkdir mounted
		mount -t tmpfs tmpfs mounted
		touch mounted/inside out/fresh/trixie/file
		(trap '' INT TERM HUP; exec -a left-behind sleep 100) &
		touch begun
		sleep 100
	END
	sed -i '1s/sh/bash/' bin/debootstrap
}

# interrupted SIGNAL: sends the signal once debootstrap has begun.
interrupted() {
	rm -f begun
	env --default-signal=HUP scripts/fresh-machine trixie check \
		>said 2>&1 3>&- &
	until [ -e begun ]; do
		kill -0 $! || {
			cat said
			return 1
		}
		sleep 0.1
	done
	kill "-$1" $!
	code=0
	wait $! || code=$?
	rmdir mounted # fails if anything is mounted on it
}

# Whether any process that was started in this directory still runs.
running() {
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/cwd")" != "$PWD" ] ||
			tr '\0' ' ' <"$process/cmdline"
	done | grep -E '[f]resh-machine|[d]ebootstrap|[l]eft-behind'
}

@test "wrong usage exits with 2, help with 0" {
	for wrong in --frobnicate --keep; do
		run scripts/fresh-machine $wrong
		[ "$status" -eq 2 ]
	done
	run scripts/fresh-machine --help
	[ "$status" -eq 0 ]
	[[ "$output" == "Usage: "* ]]
}

@test "an interrupted machine leaves no file, no mount and no process" {
	if [ "$(id -u)" -ne 0 ]; then
		run scripts/fresh-machine trixie check
		[ "$status" -eq 1 ]
		[[ "$output" == *"needs root"* ]]
		return
	fi
	for signal in TERM HUP; do
		interrupted $signal
		[ "$code" -gt 128 ]
		[ ! -s said ]
		[ ! -e out/fresh/trixie ]
		run running
		[ "$status" -ne 0 ]
	done
	# After SIGKILL, the kernel and the next run clean up.
	interrupted KILL
	for _ in {1..300}; do
		running || break
		sleep 0.1
	done
	run running
	[ "$status" -ne 0 ]
	[ -e out/fresh/trixie/file ]
	interrupted TERM
	[ ! -e out/fresh/trixie ]
}

@test "the other Debian comes from the archive of this one" {
	[ "$(id -u)" -eq 0 ] || return 0
	interrupted TERM
	grep -q ' trixie /.* http://archive.example/debian$' arguments
	[ "$(cat sources)" = "deb http://archive.example/debian trixie main
deb http://archive.example/security trixie-security main" ]
}
