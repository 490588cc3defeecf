# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats sets status
#
# For bats: what a build, $VARIANT, leaves out. It is looked for in the default
# build, $OUT, too: there it must be found.

# has FILE NAME: whether a program has a function of this name.
has() {
	nm "$1" | grep -Eq " [Tt] $2\$"
}

# leaves_out FILE NAME...: these functions are in the default build alone.
leaves_out() {
	local file=$1 name
	shift
	for name; do
		has "$OUT/$file" "$name"
		run has "$VARIANT/$file" "$name"
		[ "$status" -ne 0 ]
	done
}

# leaves_out_words FILE WORD...: the same for what is in strings.
leaves_out_words() {
	local file=$1 word
	shift
	for word; do
		grep -qaF "$word" "$OUT/$file"
		run grep -qaF "$word" "$VARIANT/$file"
		[ "$status" -eq 1 ]
	done
}
