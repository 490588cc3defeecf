# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # bats sets status, output, lines
#
# For bats: after `run`.

# The command fails with this status, and says all of these things in one line,
# besides the object that --json makes of it.
refused() {
	echo "status $status, said: $output"
	local status_wanted=$1 said && shift
	[ "$status" -eq "$status_wanted" ]
	said=$(grep -v '^{"error":' <<<"$output")
	[ "$(wc -l <<<"$said")" -eq 1 ]
	for text in "$@"; do
		[[ "$said" == *"$text"* ]]
	done
}
