# SPDX-License-Identifier: Apache-2.0
#
# examples/update/enc_mnist-update with a device that is made of files: what it
# does after each exit status of enc_mnist, and when it is cut off between any
# two steps. update/agents.suite runs it on the board.

# A model is a line "VERSION KEY"; an envelope a line "EPOCH KEY RETIRED". The
# device's tee/keys has a line "EPOCH KEY" for each key. Each step of the script,
# here also those that are not enc_mnist's, is counted.
setup() {
	cd "$BATS_TEST_TMPDIR"
	UPDATE=$BATS_TEST_DIRNAME/../examples/update/enc_mnist-update
	export ENC_MNIST_MODEL=$PWD/models/model.sealed ENC_MNIST_PAUSE=0
	export DEVICE=$PWD/tee
	mkdir bin tee models
	cat >bin/enc_mnist <<-'EOF'
		#!/bin/sh
		# Answers as the program does, and fails as the file tee/fail says:
		# COMMAND STATUS TIMES.
		d=$DEVICE
		if read -r command status times <"$d/fail" && [ "$command" = "$1" ] &&
			[ "$times" -gt 0 ]; then
			echo "$command $status $((times - 1))" >"$d/fail"
			exit "$status"
		fi
		epoch=$(cat "$d/epoch") lowest=$(cat "$d/lowest")
		loads() {
			read -r version key <"$1"
			[ "$version" -ge "$lowest" ] && grep -q " $key$" "$d/keys"
		}
		case $1 in
		status) echo "{\"device\":\"dd\",\"keys\":[{\"epoch\":9}],\"epoch\":$epoch}" ;;
		inspect)
			if [ "$2" = --device ]; then
				cat >/dev/null
				loads "$4"
			else
				read -r epoch _ <"$3"
				echo "{\"envelopes\":[{\"device\":\"dd\",\"epoch\":1},{\"device\":\"ee\",\"epoch\":99},{\"device\":\"dd\",\"epoch\":$epoch}]}"
			fi
			;;
		provision)
			read -r new key retired <"$3"
			[ "$new" -gt "$epoch" ] || exit 4
			echo "$new $key" >>"$d/keys"
			awk -v r="$retired" '$1 > r' "$d/keys" >"$d/new"
			cat "$d/new" >"$d/keys"
			echo "$new" >"$d/epoch"
			;;
		infer) loads "$3" && cut -d ' ' -f 1 "$3" || exit 4 ;;
		commit)
			loads "$3" || exit 4
			read -r lowest _ <"$3"
			echo "$lowest" >"$d/lowest"
			;;
		esac
	EOF
	# What counts steps, and is the last one: before it, or after it.
	for name in enc_mnist cp ln mv rm sync; do
		real=$(PATH=$PWD/bin:$PATH command -v $name)
		mkdir -p steps
		cat >steps/$name <<-EOF
			#!/bin/sh
			n=\$((\$(cat "\$DEVICE/steps") + 1))
			echo \$n >"\$DEVICE/steps"
			[ \$n -ne "\${CUT_BEFORE:-0}" ] || kill -KILL 0
			status=0
			$real "\$@" || status=\$?
			[ \$n -ne "\${CUT_AFTER:-0}" ] || kill -KILL 0
			exit \$status
		EOF
	done
	chmod +x bin/* steps/*
	PATH=$PWD/steps:$PATH
	new_device
	folder new '2 newkey' '2 newkey 0' '3 none 1'
	folder bad '9 oldkey'
	echo 'exit 1' >bad/probe
}

# new_device: version 1 is installed and committed.
new_device() {
	echo 0 >tee/steps
	echo 1 >tee/epoch
	echo 1 >tee/lowest
	echo '1 oldkey' >tee/keys
	: >tee/fail
	/bin/rm -f models/*
	echo '1 oldkey' >models/model.sealed
}

# folder NAME MODEL [KEY-ENVELOPE] [AFTER-ENVELOPE]: an update.
folder() {
	mkdir "$1"
	echo "$2" >"$1/model.sealed"
	echo 'enc_mnist infer --model "$1" >/dev/null' >"$1/probe"
	[ -z "${3:-}" ] || echo "$3" >"$1/key.envelope"
	[ -z "${4:-}" ] || echo "$4" >"$1/after.envelope"
}

# In a process group of its own, which a cut kills.
update() {
	run setsid -w "$UPDATE" "$@"
	echo "$output"
}

# answers VERSION: applications get it.
answers() {
	run bin/enc_mnist infer --model "$ENC_MNIST_MODEL"
	echo "answers: $output"
	[ "$output" = "$1" ]
}

# settled: nothing is left of an update.
settled() {
	ls models
	[ "$(ls models)" = model.sealed ]
}

@test "wrong usage: status 2" {
	for words in '' apply 'apply new new' install commit\ new frob; do
		update $words
		[ "$status" -eq 2 ]
		[[ "$output" == "Usage: "* ]]
	done
	update --help
	[ "$status" -eq 0 ]
}

@test "commit and rollback of nothing leave nothing" {
	for word in commit rollback; do
		ENC_MNIST_MODEL=none/model.sealed update $word
		[ "$status" -eq 0 ]
		[ ! -e none ]
	done
}

@test "an update is committed, and then the old key goes" {
	update apply new
	[ "$status" -eq 0 ]
	answers 2
	settled
	[ "$(cat tee/lowest)" -eq 2 ]
	! grep oldkey tee/keys
	update apply new
	[ "$status" -eq 0 ]
	answers 2
	settled
}

@test "the first model of a device" {
	/bin/rm models/model.sealed
	update install new
	[ "$status" -eq 0 ]
	answers 2
	update rollback
	[ "$status" -eq 0 ]
	[ -z "$(ls models)" ]
	update apply new
	[ "$status" -eq 0 ]
	answers 2
	settled
}

@test "a model that fails its probe is never where applications load it" {
	update apply bad
	[ "$status" -eq 1 ]
	answers 1
	settled
	[ "$(cat tee/lowest)" -eq 1 ]
	update apply new
	[ "$status" -eq 0 ]
	answers 2
}

@test "between install and commit one can go back, after it no more" {
	update install new
	[ "$status" -eq 0 ]
	answers 2
	grep -q oldkey tee/keys
	update rollback
	[ "$status" -eq 0 ]
	answers 1
	settled
	update rollback
	[ "$status" -eq 0 ]
	update install new
	update commit
	[ "$status" -eq 0 ]
	settled
	update commit
	[ "$status" -eq 0 ]
	update rollback
	[ "$status" -eq 0 ]
	answers 2
}

@test "a commit that the agent does not know of is not taken back" {
	update install new
	echo 'provision 4 1' >tee/fail
	update commit
	[ "$status" -eq 1 ]
	update rollback
	[ "$status" -eq 1 ]
	[[ "$output" == *"the new model is committed"* ]]
	answers 2
	update apply new
	[ "$status" -eq 0 ]
	answers 2
	settled
	! grep oldkey tee/keys
}

@test "another update takes the place of one that was not committed" {
	folder third '3 oldkey'
	update install new
	update apply bad
	[ "$status" -eq 1 ]
	answers 1
	settled
	update install new
	update apply third
	[ "$status" -eq 0 ]
	answers 3
	settled
}

@test "an update that can be neither committed nor taken back is no dead end" {
	update install new
	: >tee/keys
	folder third '3 thirdkey' '4 thirdkey 0'
	update apply third
	[ "$status" -eq 0 ]
	answers 3
	settled
}

# The device's word, the script's status: what is to be tried again, and what
# has failed for good. Whatever it is, the old model answers.
@test "each exit status of enc_mnist, at each command" {
	for command in status provision infer commit; do
		for code in 1 2 3 4 5 6 139; do
			new_device
			echo "$command $code 99" >tee/fail
			update apply new
			echo "$command $code"
			case $code in
			3) [ "$status" -eq 3 ] ;;
			*) [ "$status" -eq 1 ] ;;
			esac
			: >tee/fail
			answers 1
			[ "$(cat tee/lowest)" -eq 1 ]
			update apply new
			[ "$status" -eq 0 ]
			answers 2
			settled
		done
	done
}

@test "a TEE that is busy is asked again, as often as one wants" {
	for command in status provision infer commit; do
		new_device
		echo "$command 3 4" >tee/fail
		update apply new
		[ "$status" -eq 0 ]
		answers 2
		new_device
		echo "$command 3 4" >tee/fail
		ENC_MNIST_TRIES=4 update apply new
		[ "$status" -eq 3 ]
		[[ "$output" == *"try again later"* ]]
		: >tee/fail
		answers 1
	done
}

@test "an update that lacks its model or its probe is refused" {
	for name in model.sealed probe; do
		folder without-$name '2 oldkey'
		/bin/rm without-$name/$name
		update apply without-$name
		[ "$status" -eq 1 ]
		[[ "$output" == *"without-$name/$name is missing"* ]]
		answers 1
	done
	update apply nowhere
	[ "$status" -eq 1 ]
}

# cut_at EACH COMMAND...: kills it before and after its n-th step, for each EACH-th
# n, and then says COMMAND... until nothing is cut any more.
cut_at() {
	each=$1
	shift
	for when in BEFORE AFTER; do
		n=0
		while :; do
			n=$((n + each))
			new_device
			eval "CUT_$when=$n update apply new"
			[ "$status" -ne 0 ] || break
			[ "$status" -eq 137 ]
			run bin/enc_mnist infer --model "$ENC_MNIST_MODEL"
			echo "cut $when $n: $output"
			[ "$output" = 1 ] || [ "$output" = 2 ]
			"$@"
		done
		# All steps were cut, and there are as many as there should be.
		[ "$n" -gt 15 ]
	done
}

again() {
	update apply new
	[ "$status" -eq 0 ]
	answers 2
	settled
	[ "$(cat tee/lowest)" -eq 2 ]
	! grep oldkey tee/keys
}

taken_back() {
	update rollback
	case $status in
	0 | 1) ;;
	*) false ;;
	esac
	run bin/enc_mnist infer --model "$ENC_MNIST_MODEL"
	[ "$output" = 1 ] || [ "$output" = 2 ]
	again
}

@test "cut off at any step: the old or the new model, and the next try is done" {
	cut_at 1 again
}

@test "cut off at any step, and taken back: the same" {
	each=4
	[ -z "${SOAK:-}" ] || each=1
	cut_at $each taken_back
}
