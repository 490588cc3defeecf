# SPDX-License-Identifier: Apache-2.0
#
# The includes that each folder may have: doc/DESIGN.md, "The house". A folder
# is a library and does not know the folders that it does not include.

# may_include FOLDER FILE: the folders it may include besides its own. Only
# the file that lists the way of enc_mnist-rs may include it.
may_include() {
	case $1 in
	proto | nn | box) ;;
	record) echo nn ;;
	record/write) echo nn record ;;
	box/seal | compat) echo box ;;
	ta) echo nn record box proto "$([ "$2" != ta/entry.c ] || echo ta/compat)" ;;
	ta/compat) echo nn record box proto ta compat ;;
	host/base) ;;
	host/public) echo nn box proto host/base ;;
	host/image) echo host/base ;;
	host/record) echo nn record host/base ;;
	host/import) echo nn record record/write host/base host/record ;;
	host/owner) echo nn record box box/seal proto host/base host/public ;;
	host/token) echo box host/base host/public host/owner ;;
	host/device) echo nn record box proto host/base host/public ;;
	host/compat) echo compat proto host/base ;;
	host/compat/device) echo box proto host/base host/compat host/device ;;
	lib) echo proto host/base ;;
	lib/device) echo box proto lib host/base host/public host/device \
		"$([ "$2" != lib/device/load.c ] || echo host/compat/device)" ;;
	lib/owner) echo nn record box lib host/base host/public host/import \
		host/owner host/token ;;
	host/cli) echo nn record box proto lib host/base host/public host/image \
		host/import host/record host/owner host/compat ;;
	host/daemon) echo box lib ;;
	host/describe) echo proto host/cli ;;
	train) echo nn record record/write host/base host/image ;;
	testkit) echo nn record record/write box box/seal compat proto host/base \
		host/public host/owner host/device host/compat ;;
	bench) echo nn record record/write box proto host/base host/public \
		host/import host/owner host/device host/compat testkit bench/ta \
		bench/memory ;;
	bench/ta) echo nn record bench ;;
	bench/memory) echo proto ta ;;
	bench/peers) echo bench ;;
	*) return 1 ;;
	esac
}

# arrows DIR: "FILE FOLDER INCLUDED-FOLDER" for each include of a project file
# in DIR; an include without a folder is from the file's own.
arrows() {
	(cd "$1" && grep -rHoE --include='*.[ch]' --include='*.cc' \
		'^#[[:space:]]*include "[^"]+/[^"]+"' \
		proto nn record box compat ta host lib train testkit bench) |
		sed -E 's,^(.*)/([^/]*):.*"(.*)/[^/]*"$,\1/\2 \1 \3,'
}

# wrong DIR: the arrows that are not allowed.
wrong() {
	arrows "$1" | while read -r file from to; do
		may=$(may_include "$from" "$file") || { echo "$file: $from is not listed"; continue; }
		[ "$from" = "$to" ] || [[ " ${may//$'\n'/ } " == *" $to "* ]] ||
			echo "$file: $from includes $to"
	done
}

@test "no folder includes what it must not know" {
	cd "$BATS_TEST_DIRNAME/.."
	[ "$(arrows . | wc -l)" -gt 200 ]
	wrong .
	[ "$(wrong . | wc -l)" -eq 0 ]
}

# Adds one include to a copy; it must be found.
@test "an include upwards, or of a folder of another, is found" {
	cd "$BATS_TEST_DIRNAME/.."
	cp -R proto nn record box compat ta host lib train testkit bench "$BATS_TEST_TMPDIR"
	for plant in nn/arch.c:record/burn.h box/head.c:host/base/error.h \
		ta/load.c:ta/compat/key.h host/device/load.c:host/owner/secret.h \
		host/public/owner.c:host/owner/crypto.h \
		bench/seal.c:tests/lib/formula.h; do
		file=${plant%%:*} included=${plant#*:}
		cp "$BATS_TEST_TMPDIR/$file" "$BATS_TEST_TMPDIR/kept"
		echo "#include \"$included\"" >>"$BATS_TEST_TMPDIR/$file"
		[ "$(wrong "$BATS_TEST_TMPDIR")" = \
			"$file: ${file%/*} includes ${included%/*}" ]
		mv "$BATS_TEST_TMPDIR/kept" "$BATS_TEST_TMPDIR/$file"
	done
}

@test "the engine and the container need nothing but a freestanding compiler" {
	cd "$BATS_TEST_DIRNAME/.."
	allowed='std(bool|def|int)\.h|string\.h|arm_neon\.h|math\.h'
	run grep -rnE --include='*.[ch]' '#include <' nn record box compat
	[ "$status" -eq 0 ]
	[ "$(grep -cvE "<($allowed)>" <<<"$output")" -eq 0 ] ||
		{ grep -vE "<($allowed)>" <<<"$output"; false; }
}
