# SPDX-License-Identifier: Apache-2.0
#
# The shared libraries: libencmnist for devices, libencmnist-owner for the
# workstation. What they export is in their headers, and in abi/.

SO_VERSION	= 0

LIB_DEVICE	= $(OUT)/device/libencmnist.so.$(SO_VERSION)
LIB_OWNER	= $(OUT)/native/libencmnist-owner.so.$(SO_VERSION)
LIB_DEVICE_PARTS = $(filter-out host/cli host/image,$(DEVICE_FOLDERS))
LIB_OWNER_PARTS	= $(filter-out host/cli host/image,$(NATIVE_FOLDERS))

# shared WORLD, PARTS: links all of the API, and what it needs of other folders.
shared		= $(Q)$($1_CC) -shared $(filter-out -pie,$(HOST_LDFLAGS)) \
		  $($1_LDFLAGS) -Wl,-soname,$(@F) -Wl,-z,defs \
		  -Wl,--version-script=lib/encmnist.map -o $@ \
		  -Wl,--whole-archive $(filter $(OUT)/$1/lib/lib/%.a \
		    $(OUT)/$1/lib/lib.a,$^) -Wl,--no-whole-archive \
		  -Wl,--start-group $(filter-out $(OUT)/$1/lib/lib/%.a \
		    $(OUT)/$1/lib/lib.a,$(filter %.a,$^)) -Wl,--end-group

$(LIB_DEVICE): $(call libraries,device,$(LIB_DEVICE_PARTS)) lib/encmnist.map
	$(call say,LD,$@)
	$(call shared,device) -lcrypto -lyajl -lm -lpthread -lteec
	$(Q)ln -sf $(@F) $(@D)/libencmnist.so

$(LIB_OWNER): $(call libraries,native,$(LIB_OWNER_PARTS)) lib/encmnist.map
	$(call say,LD,$@)
	$(call shared,native) -lcrypto -lyajl -lm -lpthread $(P11_LIBS)
	$(Q)ln -sf $(@F) $(@D)/libencmnist-owner.so

.PHONY: lib-device lib-owner
lib-device: $(LIB_DEVICE) ## Build: libencmnist, for programs on a device; install-lib-device
lib-owner: $(LIB_OWNER) ## Build: libencmnist-owner, for an owner's; install-lib-owner

# A program of somebody else's, as doc/LIBRARY.md has it.
LIB_EXAMPLE	= $(OUT)/device/examples/library/label
$(LIB_EXAMPLE): examples/library/label.c $(LIB_DEVICE) $(wildcard lib/*.h)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(device_CC) $(WARNINGS) $(WERROR) $(device_CPPFLAGS) -O2 -Ilib \
		-o $@ $< $(device_LDFLAGS) $(LIB_DEVICE)

# LIB_DIR: where libraries go, below $(PREFIX) or not.
LIB_DIR		?= $(PREFIX)/lib
# install_lib FILE, HEADER, STRIP
define install_lib
	$(Q)install -D -m 644 $(if $3,-s --strip-program=$3) $1 \
		$(DESTDIR)$(LIB_DIR)/$(notdir $1)
	$(Q)ln -sf $(notdir $1) $(DESTDIR)$(LIB_DIR)/$(basename $(notdir $1))
	$(Q)install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIB_DIR)/pkgconfig
	$(Q)install -m 644 lib/encmnist-error.h lib/encmnist-leaves.h lib/$2.h \
		$(DESTDIR)$(PREFIX)/include
	$(Q)sed -e 's,@PREFIX@,$(PREFIX),; s,@LIB_DIR@,$(LIB_DIR),' \
		-e 's,@VERSION@,$(shell sed -n \
			's/^#define ENC_MNIST_VERSION "\(.*\)"/\1/p' \
			proto/enc_mnist_ta.h),' lib/$2.pc.in \
		>$(DESTDIR)$(LIB_DIR)/pkgconfig/$2.pc
endef

# doc/LIBRARY.md
.PHONY: install-lib-device install-lib-owner
install-lib-device: lib-device
	$(call install_lib,$(LIB_DEVICE),encmnist,$(STRIP))
install-lib-owner: lib-owner
	$(call install_lib,$(LIB_OWNER),encmnist-owner,$(if $(STRIP),strip))
