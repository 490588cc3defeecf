# SPDX-License-Identifier: Apache-2.0
#
# What boards' build systems call: CMake, ta/Makefile alone, and the commands of
# the recipes in contrib/, with the board's tree as the sysroot. Each builds a
# copy of the sources, as these systems do.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || exit
	unset MAKEFLAGS MAKELEVEL OUT BOARD DOWNLOADS OWN_KEY CI
	TREE=$(realpath out/board/tree)
	KIT=$TREE/usr/lib/optee-os-dev/vexpress-qemu_armv8a
	LIB=$TREE/usr/lib/aarch64-linux-gnu
	FLAGS="--sysroot=$TREE -B$LIB -isystem =/usr/include/aarch64-linux-gnu -isystem =/usr/include -L$LIB"
	OWNER=$(realpath out/owner/owner.pub)
	ABI=$(realpath lib/abi)
	export TREE KIT LIB FLAGS OWNER ABI
	mkdir "$BATS_FILE_TMPDIR/src"
	git ls-files -z | tar -c --null -T - | tar -x -C "$BATS_FILE_TMPDIR/src"
}

setup() {
	cp -R "$BATS_FILE_TMPDIR/src" "$BATS_TEST_TMPDIR/src"
	cd "$BATS_TEST_TMPDIR/src" || exit
}

# quietly COMMAND...: shows what it said if it fails.
quietly() {
	"$@" >"$BATS_TEST_TMPDIR/said" 2>&1 ||
		{ tail -n 30 "$BATS_TEST_TMPDIR/said"; return 1; }
}

# is_for_device FOLDER: the program is one, and the library exports what it
# should.
is_for_device() {
	find "$1" -type f -o -type l | sort
	file "$1/usr/bin/enc_mnist" | grep 'ELF 64-bit LSB pie.*aarch64'
	[ "$(readlink "$1/usr/lib/libencmnist.so")" = libencmnist.so.0 ]
	nm -D --defined-only --with-symbol-versions "$1/usr/lib/libencmnist.so.0" |
		awk '$2 != "A" { sub("@@", "@"); print "export libencmnist.so.0", $3 }' |
		sort | diff - <(grep '^export libencmnist\.so' "$ABI" | sort)
	grep -qx 'Version: [0-9.]*' "$1/usr/lib/pkgconfig/encmnist.pc"
	grep -qx 'libdir=/usr/lib' "$1/usr/lib/pkgconfig/encmnist.pc"
	[ -e "$1/usr/include/encmnist.h" ]
	[ -e "$1/usr/include/encmnist-error.h" ]
}

# is_a_ta FILE: signed with the kit's key. Behind the signature it has the bits of
# all others here: the same owner, kit and version.
is_a_ta() {
	/usr/bin/python3 "$KIT/scripts/sign_encrypt.py" verify \
		--uuid "$(basename "$1" .ta)" --key "$KIT/keys/default_ta.pem" --in "$1"
	tail -c +329 "$1" >"$BATS_TEST_TMPDIR/bits"
	[ -s "$BATS_TEST_TMPDIR/bits" ]
	cp -n "$BATS_TEST_TMPDIR/bits" "$BATS_FILE_TMPDIR/bits"
	cmp "$BATS_TEST_TMPDIR/bits" "$BATS_FILE_TMPDIR/bits"
}

@test "CMake builds the device's program and library" {
	quietly cmake -S . -B build -DCMAKE_SYSTEM_NAME=Linux \
		-DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_SYSROOT="$TREE" \
		-DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc \
		-DCMAKE_C_FLAGS="$FLAGS" -DCMAKE_INSTALL_PREFIX=/usr \
		-DCMAKE_INSTALL_LIBDIR=lib
	quietly cmake --build build -j2
	DESTDIR=$PWD/root quietly cmake --install build
	is_for_device root
}

@test "make -C ta, alone" {
	quietly make -C ta TA_DEV_KIT_DIR="$KIT" OWNER_KEY="$OWNER" TA_VERSION=2 \
		CROSS_COMPILE=aarch64-linux-gnu- -j2
	is_a_ta ta/out/*.ta
	run make -C ta TA_DEV_KIT_DIR="$KIT" CROSS_COMPILE=aarch64-linux-gnu-
	[ "$status" -ne 0 ]
	[[ "$output" == *"OWNER_KEY is not set"* ]]
	run make -C ta OWNER_KEY="$OWNER"
	[ "$status" -ne 0 ]
	[[ "$output" == *"TA_DEV_KIT_DIR is not set"* ]]
}

# oemake: what bitbake makes of EXTRA_OEMAKE, with variables of the environment.
oemake() {
	perl -0777 -ne 's/\\\n//g; /^EXTRA_OEMAKE = "(.*)"$/m or die;
		$_ = $1; s/\$\{\@[^}]*\}//g;
		s/\$\{(\w+)\}/$ENV{$1} \/\/ die "$1 is not set\n"/ge; print' \
		contrib/yocto/recipes-security/enc-mnist/*.bb
}

@test "the commands of the recipe for Yocto" {
	mkdir -p unpacked/include
	ln -s "$TREE/usr/include/stb" unpacked/include
	words=$(UNPACKDIR=$PWD/unpacked B=$PWD/build D=$PWD/root \
		CC="aarch64-linux-gnu-gcc $FLAGS" BUILD_CC=gcc \
		AR=aarch64-linux-gnu-ar LDFLAGS=-Wl,-O1 CFLAGS="-O2 -g" \
		STAGING_DIR_HOST=$TREE prefix=/usr libdir=/usr/lib \
		nonarch_base_libdir=/usr/lib TA_DEV_KIT_DIR=$KIT \
		HOST_PREFIX=aarch64-linux-gnu- PYTHON=/usr/bin/python3 \
		ENC_MNIST_OWNER_KEY=$OWNER ENC_MNIST_TA_VERSION=2 \
		ENC_MNIST_VERSION_FLOOR=1 ENC_MNIST_EPOCH_FLOOR=1 oemake)
	echo "$words"
	eval "quietly make -j2 $words device ta lib-device"
	eval "quietly make $words install install-lib-device"
	is_for_device root
	is_a_ta root/usr/lib/optee_armtz/*.ta
}

@test "the commands of the packages for Buildroot" {
	mkdir -p staging/usr/include
	ln -s "$TREE/usr/lib" staging/usr/lib
	# shellcheck disable=SC2016 # for make
	{
		echo 'qstrip = $(strip $(subst ",,$(1)))'
		echo 'include $(wildcard contrib/buildroot/package/*/*.mk)'
		echo all:
		printf '\t$(%s)\n' ENC_MNIST_STB_EXTRACT_CMDS \
			ENC_MNIST_STB_INSTALL_STAGING_CMDS ENC_MNIST_BUILD_CMDS \
			ENC_MNIST_INSTALL_TARGET_CMDS
	} >br.mk
	# What Buildroot's own makefiles define. $(@D) is the folder of the build.
	sed 's,\$(@D),.,g' -i contrib/buildroot/package/*/*.mk
	quietly make -j2 -f br.mk all INSTALL=install HOSTCC=gcc \
		ENC_MNIST_STB_DL_DIR="$TREE/usr/include/stb" \
		BR2_PACKAGE_ENC_MNIST_PLOT=y \
		BR2_PACKAGE_ENC_MNIST_OWNER_KEY="\"$OWNER\"" \
		BR2_PACKAGE_ENC_MNIST_TA_VERSION=2 \
		TARGET_CC="aarch64-linux-gnu-gcc $FLAGS" \
		TARGET_AR=aarch64-linux-gnu-ar TARGET_CROSS=aarch64-linux-gnu- \
		TARGET_CFLAGS=-O2 STAGING_DIR="$PWD/staging" OPTEE_OS_SDK="$KIT" \
		HOST_DIR=/usr TARGET_DIR="$PWD/root"
	is_for_device root
	is_a_ta root/lib/optee_armtz/*.ta
}
