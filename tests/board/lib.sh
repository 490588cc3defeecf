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

# on_board [OPTION...] -- COMMAND...: TAP of a command, run in $share.
on_board() {
	board/run --share "$share" "$@"
}
