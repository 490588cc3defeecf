# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For suites on the board: to be sourced by a script in tests/board. Goes to
# the top of the project; $share is a directory that is gone at the end.
set -eu

cd "$(dirname "$0")/../.."
share=$(mktemp -d "${TMPDIR:-/tmp}/suite.XXXXXX")
trap 'rm -rf "$share"' EXIT
trap 'exit 1' HUP INT TERM

logs=out/log/$(basename "$0" .suite)
rm -rf "$logs"

# on_board [OPTION...] -- COMMAND...: TAP of a command, run in $share. Where it
# fails, the logs of the two worlds stay.
on_board() {
	mkdir -p "$logs"
	log=$(mktemp -d "$logs/XXXXXX")
	status=0
	board/run --share "$share" --log "$log" "$@" || status=$?
	if [ "$status" -eq 0 ]; then
		rm -r "$log"
		rmdir "$logs" 2>/dev/null || true
	else
		echo "$0: the logs of the board are in $log" >&2
	fi
	return "$status"
}
