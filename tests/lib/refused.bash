# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats sets status, output, lines
#
# For bats: after `run`.

# The command fails with this status, and says all of these things in one line.
refused() {
	echo "status $status, said: $output"
	local status_wanted=$1 && shift
	[ "$status" -eq "$status_wanted" ]
	[ "${#lines[@]}" -eq 1 ]
	for text in "$@"; do
		[[ "$output" == *"$text"* ]]
	done
}
