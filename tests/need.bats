# SPDX-License-Identifier: Apache-2.0
#
# scripts/need, with fake dpkg and apt: nothing is installed.

NEED=$BATS_TEST_DIRNAME/../scripts/need

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir bin tmp
	export TMPDIR=$PWD/tmp PATH=$PWD/bin:$PATH
	: >installed # lines "ARCHITECTURE PACKAGE"
	: >calls
	fake id 'echo 0'
	fake sleep 'echo sleep >>calls'
	fake dpkg-query "sed 's/^/installed /' installed"
	fake dpkg 'case $1 in
		--print-architecture) echo amd64 ;;
		*) echo "dpkg $*" >>calls ;;
		esac'
	can 'exit 0' "echo amd64 hello >>installed"
}

teardown() {
	[ -z "$(ls -A tmp)" ]
}

fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
	chmod +x "bin/$1"
}

# can UPDATE INSTALL: the behaviour of apt-get.
can() {
	fake apt-get "case \" \$* \" in
		*' update '*) echo update >>calls; $1 ;;
		*' install '*) echo \"install \$*\" >>calls; $2 ;;
		esac"
}

calls() {
	sed -E 's/^(install) .*/\1/' calls | xargs
}

@test "what is installed needs neither apt nor words" {
	echo amd64 hello >installed
	echo all world >>installed
	run "$NEED" hello world
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ -z "$(calls)" ]
}

@test "what is missing is installed, and only that" {
	echo amd64 world >installed
	run "$NEED" hello world
	[ "$status" -eq 0 ]
	[ "$output" = "need: installs hello" ]
	[ "$(calls)" = install ]
	grep -q ' hello$' calls
}

@test "NO_INSTALL=1 installs nothing, and asks neither dpkg nor apt" {
	rm bin/dpkg-query bin/apt-get
	NO_INSTALL=1 run "$NEED" hello
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output$(calls)" ]
}

@test "a package of another architecture is not the one" {
	echo arm64 hello >installed
	run "$NEED" hello
	[ "$status" -eq 0 ]
	[ "$(calls)" = install ]
}

@test "nothing is removed for it" {
	run "$NEED" hello
	grep -q '^install .* --no-remove ' calls
}

@test "package lists that are missing or old are refreshed" {
	can ': >fresh' '[ -e fresh ] && echo amd64 hello >>installed'
	run "$NEED" hello
	[ "$status" -eq 0 ]
	[ "$(calls)" = "install update install" ]
}

@test "package lists that somebody else refreshes are waited for" {
	can 'n=$(grep -c update calls); [ "$n" -gt 3 ] || {
		echo "E: Could not get lock /var/lib/apt/lists/lock."; exit 100; }' \
		'[ "$(grep -c update calls)" -gt 3 ] &&
			echo amd64 hello >>installed'
	run "$NEED" hello
	[ "$status" -eq 0 ]
	[ "$(calls)" = \
		"install update sleep update sleep update sleep update install" ]
}

@test "without a network: what apt said, and what is missing" {
	can 'exit 100' 'echo "E: Unable to fetch"; exit 100'
	run "$NEED" hello world
	[ "$status" -eq 1 ]
	[[ "$output" == *"E: Unable to fetch"* ]]
	[[ "$output" == *"could not be installed (no network?): hello world" ]]
	[ "$(calls)" = "install update install" ]
}

@test "an interrupted installation is finished first" {
	can 'exit 0' 'grep -q "dpkg --configure -a" calls &&
		echo amd64 hello >>installed || {
		echo "E: dpkg was interrupted, you must manually run" \
			"'\''dpkg --configure -a'\''"; exit 100; }'
	run "$NEED" hello
	[ "$status" -eq 0 ]
	[ "$(calls)" = "install dpkg --configure -a update install" ]
}

@test "two at a time install once" {
	can 'exit 0' '/bin/sleep 1; echo amd64 hello >>installed'
	"$NEED" hello &
	"$NEED" hello
	wait $!
	[ "$(calls)" = install ]
}

@test "without root and sudo: what to type" {
	fake id 'echo 1000'
	for program in sh awk sed env flock mktemp rm dpkg dpkg-query apt-get id \
		tail; do
		[ -e "bin/$program" ] || ln -s "$(command -v $program)" bin
	done
	PATH=$PWD/bin run "$NEED" hello
	[ "$status" -eq 1 ]
	[[ "$output" == *"as root, run: apt-get install hello" ]]
	[ -z "$(calls)" ]
}
