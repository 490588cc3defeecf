################################################################################
#
# enc-mnist
#
################################################################################

ENC_MNIST_VERSION = 0.2.0
# The tree that this folder is in: contrib/buildroot.
ENC_MNIST_SITE = $(realpath $(BR2_EXTERNAL_ENC_MNIST_PATH)/../..)
ENC_MNIST_SITE_METHOD = local
ENC_MNIST_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /out --exclude /downloads
ENC_MNIST_LICENSE = Apache-2.0
ENC_MNIST_LICENSE_FILES = LICENSE
ENC_MNIST_INSTALL_STAGING = YES
ENC_MNIST_DEPENDENCIES = enc-mnist-stb openssl optee-client optee-os yajl zlib

ENC_MNIST_OWNER_KEY = $(call qstrip,$(BR2_PACKAGE_ENC_MNIST_OWNER_KEY))
ENC_MNIST_TA_SIGN_KEY = $(call qstrip,$(BR2_PACKAGE_ENC_MNIST_TA_SIGN_KEY))

ENC_MNIST_MAKE_OPTS = \
	NO_INSTALL=1 NO_FEATURES=1 \
	OWNER_KEY=$(ENC_MNIST_OWNER_KEY) \
	TA_VERSION=$(BR2_PACKAGE_ENC_MNIST_TA_VERSION) \
	BUILD_CC="$(HOSTCC)" \
	DEVICE_CC="$(TARGET_CC)" AR="$(TARGET_AR)" STRIP= \
	CROSS_COMPILE_TA=$(TARGET_CROSS) \
	OPTEE_CLIENT_EXPORT=$(STAGING_DIR)/usr \
	TA_DEV_KIT_DIR=$(OPTEE_OS_SDK) \
	PYTHON3=$(HOST_DIR)/bin/python3 \
	PREFIX=/usr TA_DIR=/lib/optee_armtz

ifneq ($(ENC_MNIST_TA_SIGN_KEY),)
ENC_MNIST_MAKE_OPTS += TA_SIGN_KEY=$(ENC_MNIST_TA_SIGN_KEY)
endif

ifeq ($(BR2_PACKAGE_ENC_MNIST_PLOT),y)
ENC_MNIST_DEPENDENCIES += cairo
ENC_MNIST_MAKE_OPTS += FEATURES=plot
endif

# CFLAGS and LDFLAGS are the programs', not the TA's.
ENC_MNIST_MAKE = $(TARGET_MAKE_ENV) \
	CFLAGS="$(TARGET_CFLAGS) -isystem $(STAGING_DIR)/usr/include/enc-mnist" \
	LDFLAGS="$(TARGET_LDFLAGS)" $(MAKE) -C $(@D) $(ENC_MNIST_MAKE_OPTS)

define ENC_MNIST_BUILD_CMDS
	$(ENC_MNIST_MAKE) device ta lib-device
endef

define ENC_MNIST_INSTALL_STAGING_CMDS
	$(ENC_MNIST_MAKE) DESTDIR=$(STAGING_DIR) install-lib-device
endef

define ENC_MNIST_INSTALL_TARGET_CMDS
	$(ENC_MNIST_MAKE) DESTDIR=$(TARGET_DIR) install install-lib-device
endef

ifeq ($(BR2_PACKAGE_ENC_MNIST)$(BR_BUILDING),yy)
ifeq ($(ENC_MNIST_OWNER_KEY),)
$(error BR2_PACKAGE_ENC_MNIST_OWNER_KEY names no owner's public key)
endif
endif

$(eval $(generic-package))
