# SPDX-License-Identifier: Apache-2.0
#
# The manual page and the shell completions agree with --help, and `make help`
# lists every target.

OUT=$BATS_TEST_DIRNAME/../out

setup() {
	cd "$BATS_TEST_TMPDIR"
	page=$OUT/native/share/enc_mnist.1
}

# commands WORLD: the commands that `enc_mnist --help` lists. The device's
# program does not run here; it lacks the commands for the owner's keys.
commands() {
	"$OUT/native/enc_mnist" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' |
		if [ "$1" = device ]; then
			grep -vxE 'owner-key|model-key|import|quantize|seal|wrap|make-ta'
		else
			cat
		fi
}

# options COMMAND: the long options in `enc_mnist COMMAND --help`.
options() {
	"$OUT/native/enc_mnist" "$1" --help |
		sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p'
}

@test "the manual page is without fault, for mandoc and for groff" {
	mandoc -T lint -W warning "$page"
	run groff -ww -mdoc -T utf8 -z "$page"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	sed 's/^\.Bl/&x/' "$page" >bad.1
	run mandoc -T lint -W warning bad.1
	[ "$status" -ne 0 ]
}

@test "the page of enc-mnistd is without fault, and has every option" {
	page=$BATS_TEST_DIRNAME/../host/daemon/enc-mnistd.8
	mandoc -T lint -W warning "$page"
	mandoc -T ascii "$page" | sed 's/.\x08//g' >text
	# The program does not run here.
	sed -nE 's/^.*"  (-., |    )(--[a-z]+[=A-Z]*).*/\1\2/p' \
		"$BATS_TEST_DIRNAME/../host/daemon/main.c" >options
	cat options
	[ "$(wc -l <options)" -eq 9 ]
	while read -r option; do
		grep -q -- "^     $option$" text
	done <options
}

@test "the manual page has every command, and every option of each" {
	mandoc -T ascii "$page" | sed 's/.\x08//g' >text
	[ "$(commands native | wc -l)" -eq 17 ]
	for command in $(commands native); do
		awk -v "command=   $command: " '
			/^   [a-z]/ || /^[A-Z]/ { on = index($0, command) == 1 }
			on' text >section
		grep -qF "enc_mnist $command " section
		for option in $(options "$command"); do
			[ "$option" = --help ] || [ "$option" = --version ] ||
				grep -qE -- "^     (-., )?$option(=[A-Z]+(\[=N\])?)?( .*)?$" section
		done
	done
}

@test "the manual page has every exit status" {
	mandoc -T ascii "$page" | sed 's/.\x08//g' >text
	"$OUT/native/enc_mnist" --help | sed -n '/^Exit status/,/^$/p' >help
	cat help
	[ "$(grep -c '^  [0-6]  ' help)" -eq 7 ]
	diff <(sed -E '1d; s/^  [0-9]  //' help | tr -s ' \n' '\n') \
		<(sed -n '/^     0 /,/^     After 3/p' text | sed '$d' |
			sed -E 's/^     [0-6] +(\([a-z-]+\))?//' | tr -s ' \n' '\n')
}

@test "bash is told of every command and option, of those that its program has" {
	compopt() { :; }
	for world in native device; do
		# shellcheck disable=SC1090 # made by the build
		. "$OUT/$world/share/enc_mnist.bash"
		COMP_WORDS=(enc_mnist "") COMP_CWORD=1
		_enc_mnist enc_mnist "" enc_mnist
		diff <(printf '%s\n' "${COMPREPLY[@]}") \
			<(printf '%s\n' --help --version && commands $world)
		for command in $(commands $world); do
			COMP_WORDS=(enc_mnist "$command" --) COMP_CWORD=2
			_enc_mnist enc_mnist -- "$command"
			diff <(printf '%s\n' "${COMPREPLY[@]}") <(options "$command")
		done
	done
}

@test "zsh is told of every command and option, of those that its program has" {
	for world in native device; do
		file=$OUT/$world/share/_enc_mnist
		diff <(sed -n "s/^\t'\([a-z-]*\):.*/\1/p" "$file") \
			<(commands $world)
		for command in $(commands $world); do
			awk -v "start=$command)" '
				$0 == start { on = 1 } $1 == ";;" { on = 0 }
				on' "$file" >section
			diff <(sed -nE 's/.*(--[a-z-]+)=?}?\x27?\[.*/\1/p' section) \
				<(options "$command")
		done
	done
}

# typed SHELL...: the command line after typing this in the shell: commands,
# options and files, each completed by a tab.
typed() {
	touch model.bin "a b.png"
	printf '%s\n' \
		$'enc_mnist sea\t--inp\tmod\t--model-v\t3' \
		$'enc_mnist inf\t--im\ta\t-m mod\t--js\t' \
		$'enc_mnist infer --image=mod\t' \
		$'enc_mnist ins\tmod\t' \
		$'enc_mnist seal --model-id mod\t' \
		exit >keys
	timeout 60 script -qec "$*" /dev/null <keys >log 2>&1 || true
	cat log
	diff - said <<-'E'
		<seal><--input><model.bin><--model-version><3>
		<infer><--image><a b.png><-m><model.bin><--json>
		<infer><--image><model.bin>
		<inspect><model.bin>
		<seal><--model-id><mod>
	E
}

# Both shells use it. They differ in the text between option and value.
ENC_MNIST='enc_mnist() { printf "<%s>" "${@/=/><}" >>said; echo >>said; }'

@test "bash completes what is typed" {
	printf '%s\n' "$ENC_MNIST" ". '$OUT/native/share/enc_mnist.bash'" >rc
	typed bash --noprofile --rcfile rc -i
}

@test "zsh completes what is typed" {
	printf '%s\n' "$ENC_MNIST" "fpath=('$OUT/native/share' \$fpath)" \
		"autoload -Uz compinit; compinit -u -D" >.zshrc
	export ZDOTDIR=$PWD
	typed zsh -d -i
}

@test "make help has each target that has words, and variables that are read" {
	cd "$BATS_TEST_DIRNAME/.."
	unset MAKEFLAGS MAKELEVEL
	make -s help >"$BATS_TEST_TMPDIR/help"
	run grep -E '.{81}' "$BATS_TEST_TMPDIR/help"
	echo "$output"
	[ "$status" -eq 1 ]
	diff <(sed -n 's/^  make \([a-z-]*\) .*/\1/p' "$BATS_TEST_TMPDIR/help" | sort) \
		<(sed -n 's/^\([a-z-]*\):.*[^#]## .*/\1/p' Makefile ./*/*.mk ./*/*/*.mk | sort)
	for name in $(grep -owE '[A-Z][A-Z_]+[A-Z]' "$BATS_TEST_TMPDIR/help"); do
		case $name in TEE | UUID | QEMU | SDOT | ONNX | README | BOARDS) continue ;; esac
		grep -qE "[$][({]?$name\b" Makefile ./*/*.mk scripts/need \
			tests/*/*.suite ||
			{ echo "$name"; false; }
	done
}
