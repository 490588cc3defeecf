# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats sets status, output, lines
#
# For bats: after `run`.

# The command fails with this status, and says all of these things; what is no
# usage error takes one line.
refused() {
	echo "status $status, said: $output"
	local status_wanted=$1 && shift
	[ "$status" -eq "$status_wanted" ]
	[ "$status" -eq 2 ] || [ "${#lines[@]}" -eq 1 ]
	for text in "$@"; do
		[[ "$output" == *"$text"* ]]
	done
}
