# SPDX-License-Identifier: Apache-2.0
SUMMARY = "Sealed neural networks in OP-TEE"
DESCRIPTION = "enc_mnist runs neural networks inside Arm TrustZone: the normal \
world only ever holds ciphertext. The device's program, library and Trusted \
Application."
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

# Where the sources are: a URI of git, in local.conf. stb, which reads images, has
# no recipe.
ENC_MNIST_SRC ?= ""
SRC_URI = "${ENC_MNIST_SRC};name=enc-mnist ${ENC_MNIST_STB};name=stb;destsuffix=include/stb"
ENC_MNIST_STB ?= "git://github.com/nothings/stb.git;protocol=https;branch=master"
SRCREV_FORMAT = "enc-mnist"
SRCREV_enc-mnist ?= "${AUTOREV}"
SRCREV_stb ?= "5c205738c191bcb0abc65c4febfa9bd25ff35234"
# The folder that git unpacks into by default, before and after whinlatter.
UNPACKDIR ??= "${WORKDIR}"
S = "${UNPACKDIR}/${@'git' if d.getVar('UNPACKDIR') == d.getVar('WORKDIR') else d.getVar('BP')}"
B = "${WORKDIR}/build"

DEPENDS = "optee-client optee-os-tadevkit python3-cryptography-native \
	   openssl yajl zlib cairo"

inherit python3native
# TA_DEV_KIT_DIR, COMPATIBLE_MACHINE, OPENSSL_MODULES.
require recipes-security/optee/optee.inc

# The owner of the models: the file that `enc_mnist owner-key --public` writes.
ENC_MNIST_OWNER_KEY ?= ""
# Raise it with each release: a device that has run one refuses lower ones.
ENC_MNIST_TA_VERSION ?= "1"
# The key whose TAs the board takes; empty: the one of the kit.
ENC_MNIST_TA_SIGN_KEY ?= ""
ENC_MNIST_VERSION_FLOOR ?= "1"
ENC_MNIST_EPOCH_FLOOR ?= "1"

python () {
    for name in "ENC_MNIST_SRC", "ENC_MNIST_OWNER_KEY":
        if not d.getVar(name):
            raise bb.parse.SkipRecipe(name + " is not set: see README.md of the layer")
}
do_compile[file-checksums] += "${ENC_MNIST_OWNER_KEY}:True ${@'${ENC_MNIST_TA_SIGN_KEY}:True' if d.getVar('ENC_MNIST_TA_SIGN_KEY') else ''}"

# CC knows the sysroot; the kit takes the compilers of CROSS_COMPILE_TA, and
# links with ld, which does not know LDFLAGS.
EXTRA_OEMAKE = "V=1 NO_INSTALL=1 OUT=${B} NO_FEATURES=1 FEATURES=plot \
		'DEVICE_CC=${CC}' 'HOSTCC=${BUILD_CC}' 'BUILD_CC=${BUILD_CC}' \
		'AR=${AR}' 'LDFLAGS=${LDFLAGS}' STRIP= \
		'CFLAGS=${CFLAGS} -isystem ${UNPACKDIR}/include' \
		OPTEE_CLIENT_EXPORT=${STAGING_DIR_HOST}${prefix} \
		TA_DEV_KIT_DIR=${TA_DEV_KIT_DIR} \
		CROSS_COMPILE_TA=${HOST_PREFIX} PYTHON3=${PYTHON} \
		OWNER_KEY=${ENC_MNIST_OWNER_KEY} \
		TA_VERSION=${ENC_MNIST_TA_VERSION} \
		VERSION_FLOOR=${ENC_MNIST_VERSION_FLOOR} \
		EPOCH_FLOOR=${ENC_MNIST_EPOCH_FLOOR} \
		${@'TA_SIGN_KEY=' + d.getVar('ENC_MNIST_TA_SIGN_KEY') if d.getVar('ENC_MNIST_TA_SIGN_KEY') else ''} \
		PREFIX=${prefix} LIB_DIR=${libdir} DESTDIR=${D} \
		TA_DIR=${nonarch_base_libdir}/optee_armtz"
LDFLAGS[unexport] = "1"

do_configure[noexec] = "1"

do_compile() {
	oe_runmake -C ${S} device ta lib-device
}
do_compile[cleandirs] = "${B}"

do_install() {
	oe_runmake -C ${S} install install-lib-device
}

PACKAGES =+ "${PN}-ta"
FILES:${PN}-ta = "${nonarch_base_libdir}/optee_armtz/"
RDEPENDS:${PN} = "optee-client"
RRECOMMENDS:${PN} = "${PN}-ta"

# The TA is built for one machine's OP-TEE.
PACKAGE_ARCH = "${MACHINE_ARCH}"
