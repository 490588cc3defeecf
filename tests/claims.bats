# SPDX-License-Identifier: Apache-2.0
#
# Everything that the documents name exists: the tests behind each claim of
# doc/SECURITY.md, links, headings, files. Each kind of error is planted in a
# copy and found.

TOP=$BATS_TEST_DIRNAME/..

setup() {
	cd "$TOP"
	for path in *; do
		ln -s "$PWD/$path" "$BATS_TEST_TMPDIR"
	done
	rm "$BATS_TEST_TMPDIR/doc"
	cp -R doc "$BATS_TEST_TMPDIR"
}

# found SCRIPT WORD...: sed damages a document; the check must report it.
found() {
	sed -i "$2" "$BATS_TEST_TMPDIR/doc/$1"
	if cmp "doc/$1" "$BATS_TEST_TMPDIR/doc/$1"; then
		return 1
	fi
	run tests/tools/claims "$BATS_TEST_TMPDIR"
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *"$3"* ]]
}

@test "each claim has its tests, each link and each path leads somewhere" {
	run tests/tools/claims "$TOP"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" =~ ^([0-9]+)\ claims ]]
	[ "${BASH_REMATCH[1]}" -ge 49 ]
}

@test "a test function that is not there is found" {
	found SECURITY.md 's/`epochs_only_rise`/`epochs_never_rise`/' \
		"no test 'epochs_never_rise' in tests/ta/test_sealed.c"
}

@test "a title that is not there is found" {
	found SECURITY.md 's/`no float decides/`no number decides/' \
		"no test 'no number decides"
}

@test "a test in another file is found" {
	found SECURITY.md 's,native/test_stream_large.c,native/test_stream.c,' \
		"no test 'no_byte_may_flip' in tests/native/test_stream.c"
}

@test "a claim without a test is found" {
	found SECURITY.md '/^| out of memory/s/| [^|]* |$/| proven |/' \
		'names no test'
}

@test "a file of tests without a test is no proof" {
	found SECURITY.md '/^| out of memory/s/: `every_call_may_fail` |$/ |/' \
		'names no test'
}

@test "a dead link is found" {
	found DESIGN.md 's/(FORMAT.md)/(FORMATS.md)/' 'dead link FORMATS.md'
}

@test "a heading that is not there is found" {
	found DESIGN.md 's/^## The format of enc_mnist-rs$/## A format/' \
		"DESIGN.md has no heading 'The format of enc_mnist-rs'"
}

@test "a path that is not there is found" {
	found ENGINE.md 's,`nn/reveal.h`,`nn/conceal.h`,' 'no nn/conceal.h'
}

@test "a file without a folder that is not there is found" {
	found ENGINE.md 's,`nn/reveal.h`,`conceal.h`,' 'no conceal.h'
}
