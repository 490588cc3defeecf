################################################################################
#
# enc-mnist-stb
#
################################################################################

ENC_MNIST_STB_VERSION = 5c205738c191bcb0abc65c4febfa9bd25ff35234
ENC_MNIST_STB_SITE = https://raw.githubusercontent.com/nothings/stb/$(ENC_MNIST_STB_VERSION)
ENC_MNIST_STB_SOURCE = stb_image.h
ENC_MNIST_STB_EXTRA_DOWNLOADS = stb_image_resize2.h
ENC_MNIST_STB_LICENSE = Public Domain or MIT
ENC_MNIST_STB_INSTALL_STAGING = YES
ENC_MNIST_STB_INSTALL_TARGET = NO

define ENC_MNIST_STB_EXTRACT_CMDS
	cp $(ENC_MNIST_STB_DL_DIR)/stb_image.h \
		$(ENC_MNIST_STB_DL_DIR)/stb_image_resize2.h $(@D)
endef

define ENC_MNIST_STB_INSTALL_STAGING_CMDS
	$(INSTALL) -D -m 0644 -t $(STAGING_DIR)/usr/include/enc-mnist/stb \
		$(@D)/stb_image.h $(@D)/stb_image_resize2.h
endef

$(eval $(generic-package))
