# SPDX-License-Identifier: Apache-2.0
#
# What other build systems read of this tree: debian/, contrib/, CMakeLists.txt.
# Here they are only read; tests/packages builds by them.

BUILDROOT=contrib/buildroot/package/enc-mnist
YOCTO=contrib/yocto/recipes-security/enc-mnist

setup() {
	cd "$BATS_TEST_DIRNAME/.." || exit
	unset MAKEFLAGS MAKELEVEL
}

@test "every build system has the same version" {
	version=$(sed -n 's/^#define ENC_MNIST_VERSION "\(.*\)"/\1/p' \
		proto/enc_mnist_ta.h)
	echo "$version"
	[ -n "$version" ]
	head -n 1 debian/changelog | grep -F "enc-mnist ($version) "
	grep -Fx "ENC_MNIST_VERSION = $version" $BUILDROOT/enc-mnist.mk
	[ -e "$YOCTO/enc-mnist_$version.bb" ]
	grep -Fx "VERSION = \"$version\"" python/enc_mnist/_library.py
}

@test "Debian's symbols are those that the libraries export" {
	for lib in libencmnist libencmnist-owner; do
		sed -nE 's/^ ([^ ]*) [0-9.]+$/\1/p' debian/${lib}0.symbols |
			grep -v '^ENCMNIST_' | sort >"$BATS_TEST_TMPDIR/debian"
		sed -n "s/^export $lib\.so\.0 //p" lib/abi | grep -v '^ENCMNIST_' |
			sort >"$BATS_TEST_TMPDIR/abi"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/abi")" -gt 20 ]
		diff "$BATS_TEST_TMPDIR/debian" "$BATS_TEST_TMPDIR/abi"
	done
}

# kconfig SYMBOL=VALUE...: enc-mnist is asked for, where Buildroot's own symbols
# have these values. Prints what is then set, comments, warnings.
kconfig() {
	BR2_EXTERNAL_ENC_MNIST_PATH=$PWD/contrib/buildroot \
		/usr/bin/python3 - "$BATS_TEST_TMPDIR/Config.in" "$@" <<-'END'
	import re, sys
	import kconfiglib
	top = sys.argv[1]
	theirs = dict(word.split("=") for word in sys.argv[2:])
	for name in ("OPENSSL", "OPTEE_CLIENT", "YAJL", "ZLIB", "CAIRO",
	             "CAIRO_PNG", "CAIRO_SVG"):
	    theirs["BR2_PACKAGE_" + name] = "n"
	theirs["BR2_TARGET_OPTEE_OS_SDK"] = "n"
	with open(top, "w") as f:
	    for name in theirs:
	        f.write(f"config {name}\n\tbool \"{name}\"\n")
	    f.write('source "$BR2_EXTERNAL_ENC_MNIST_PATH/Config.in"\n')
	kconf = kconfiglib.Kconfig(top, warn_to_stderr=False)
	kconf.warn_assign_undef = True
	for name, value in theirs.items():
	    kconf.syms[name].set_value(value)
	kconf.syms["BR2_PACKAGE_ENC_MNIST"].set_value("y")
	kconf.syms["BR2_PACKAGE_ENC_MNIST_PLOT"].set_value("y")
	for sym in kconf.unique_defined_syms:
	    print(f"{sym.name}={sym.str_value}")
	for node in kconf.node_iter():
	    if node.item is kconfiglib.COMMENT and kconfiglib.expr_value(node.dep):
	        print("comment:", node.prompt[0])
	for warning in kconf.warnings:
	    print("warning:", warning)
	END
}

BOARD="BR2_aarch64=y BR2_TARGET_OPTEE_OS=y BR2_USE_MMU=y
	BR2_TOOLCHAIN_HAS_THREADS=y BR2_TOOLCHAIN_HEADERS_AT_LEAST_4_3=y"

@test "Buildroot's menu offers the package to boards that can have it" {
	# shellcheck disable=SC2086 # words
	run kconfig $BOARD BR2_STATIC_LIBS=n
	echo "$output"
	[ "$status" -eq 0 ]
	for name in PACKAGE_ENC_MNIST PACKAGE_ENC_MNIST_STB PACKAGE_OPENSSL \
		PACKAGE_OPTEE_CLIENT PACKAGE_YAJL PACKAGE_ZLIB PACKAGE_CAIRO \
		TARGET_OPTEE_OS_SDK; do
		grep -qx "BR2_$name=y" <<<"$output"
	done
	grep -qx BR2_PACKAGE_ENC_MNIST_TA_VERSION=1 <<<"$output"
	[[ "$output" != *warning:* && "$output" != *comment:* ]]
	# shellcheck disable=SC2086
	run kconfig $BOARD BR2_STATIC_LIBS=y
	echo "$output"
	[ "$status" -eq 0 ]
	grep -qx BR2_PACKAGE_ENC_MNIST=n <<<"$output"
	grep -q '^comment: enc-mnist needs a toolchain' <<<"$output"
}

# handed FILE: the variables that a recipe hands over to make.
handed() {
	grep -oE "(^|[[:space:]\"'])[A-Z][A-Z_0-9]+=" "$1" | tr -d " \t'\"=" |
		sort -u
}

@test "make knows each variable that recipes hand over" {
	for recipe in $BUILDROOT/enc-mnist.mk $YOCTO/*.bb debian/rules; do
		handed $recipe >"$BATS_TEST_TMPDIR/names"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/names")" -gt 7 ]
		while read -r name; do
			echo "$recipe: $name"
			# GNU make's own, or one that the makefiles use
			[ "$name" = AR ] || [ "$name" = V ] ||
				grep -qE "\\$\\($name[):]|NO_INSTALL" \
					Makefile host/*.mk lib/*.mk ta/*.mk board/*.mk
			grep -qE "^\| .*\b$name\b" CONTRIBUTING.md ||
				grep -qE "^(override )?$name[[:space:]]*\?=" \
					Makefile host/*.mk host/*/*.mk lib/*.mk ta/*.mk ||
				[ "$name" = AR ]
		done <"$BATS_TEST_TMPDIR/names"
	done
}

@test "the recipe for Yocto: its licence, its sources, its variables" {
	[ "$(md5sum <LICENSE | cut -d' ' -f1)" = \
		"$(sed -n 's/.*file:..LICENSE;md5=\(.*\)"/\1/p' $YOCTO/*.bb)" ]
	# Both fetch the same commit of stb.
	stb=$(sed -n 's/^SRCREV_stb ?= "\(.*\)"/\1/p' $YOCTO/*.bb)
	[[ "$stb" =~ ^[0-9a-f]{40}$ ]]
	grep -qx "ENC_MNIST_STB_VERSION = $stb" \
		contrib/buildroot/package/enc-mnist-stb/enc-mnist-stb.mk
	# What it uses and does not set is bitbake's or a class's.
	grep -oE '\$\{[A-Za-z_]+\}' $YOCTO/*.bb | tr -d '${}' | sort -u >"$BATS_TEST_TMPDIR/used"
	while read -r name; do
		grep -qE "^$name \??\??=" $YOCTO/*.bb || echo "$name"
	done <"$BATS_TEST_TMPDIR/used" >"$BATS_TEST_TMPDIR/theirs"
	diff "$BATS_TEST_TMPDIR/theirs" - <<-'END'
	AR
	AUTOREV
	BUILD_CC
	CC
	CFLAGS
	D
	HOST_PREFIX
	LDFLAGS
	MACHINE_ARCH
	PN
	PYTHON
	STAGING_DIR_HOST
	TA_DEV_KIT_DIR
	WORKDIR
	libdir
	nonarch_base_libdir
	prefix
	END
}

@test "CMake compiles what the makefiles do, with their flags" {
	make -s --no-print-directory NO_FEATURES=1 FEATURES=plot \
		--eval 'show:; @printf "%s\n" $(sort $(DEVICE_FOLDERS) $(LIB_DEVICE_PARTS))' \
		show >"$BATS_TEST_TMPDIR/make"
	sed -n 's/^folders([a-z]* \(.*\))$/\1/p' CMakeLists.txt | tr ' ' '\n' |
		sort >"$BATS_TEST_TMPDIR/cmake"
	diff "$BATS_TEST_TMPDIR/make" "$BATS_TEST_TMPDIR/cmake"
	grep -o ' -f[a-z-]*=*[a-z]*' host/host.mk | sort -u |
		grep -E 'no-schedule|ira|no-tree|no-rerun' |
		while read -r flag; do
			grep -qF -- "$flag" CMakeLists.txt || {
				echo "$flag"
				exit 1
			}
		done
}
