# SPDX-License-Identifier: Apache-2.0
#
# The Debian packages: built, checked and installed on a fresh Debian 13, whose
# libraries they need, and then installed with dpkg and used on the board. This
# takes long, so it is no part of `make check`.

DEBS		= out/packages
DPKG		= $(OUT)/dpkg
DEB_NEEDS	= lintian autopkgtest gcc-aarch64-linux-gnu \
		  $(if $(filter armhf,$(DEB_DEVICES)),gcc-arm-linux-gnueabihf)
# Also armhf, if the archive has all of its lists.
DEB_DEVICES	= arm64

# What the fresh machine runs. On another one it would install packages of other
# architectures, and ours.
.PHONY: debs
debs: $(BOARD)/tree.done
	$(Q)scripts/need $(DEB_NEEDS)
	$(Q)tests/packages/build $(DEBS) $(BOARD_KIT) $(DEB_DEVICES)

# The board without our programs, and with dpkg. A Debian knows which packages
# it has.
$(DPKG)/tree.done: board/packages.lock board/unpack
	$(Q)board/unpack $(DPKG)/tree dpkg
	$(Q)rm -rf $(DPKG)/tree/usr/lib/systemd $(DPKG)/tree/usr/share/locale
	$(Q)mkdir -p $(DPKG)/tree/var/lib/dpkg/info $(DPKG)/tree/var/lib/dpkg/updates
	$(Q)for deb in $$(board/fetch --names guest dpkg); do \
		dpkg-deb -f $$deb | sed '1a Status: install ok installed' && \
			echo || exit; \
	done >$(DPKG)/tree/var/lib/dpkg/status
	$(Q)touch $@

$(DPKG)/board/initrd: $(DPKG)/tree.done $(BOARD)/root.cpio | board
	$(call say,BUILD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)ln -sf $(addprefix $(abspath $(BOARD))/,firmware.bin kernel \
		test-tas) $(@D)
	$(Q)(cat $(BOARD)/root.cpio; $(call BOARD_CPIO,$(DPKG)/tree)) >$@

.PHONY: need-packages
need-packages:
	$(Q)scripts/need cmake cpio dpkg-dev

# Packages of HEAD may be there: .ci/run makes them on a fresh machine beside
# another one.
.PHONY: check-packages
check-packages: all board need-test need-packages $(OUT)/device/tools/ask $(DPKG)/board/initrd ## Test: Debian packages, on a fresh Debian 13 and on the board
	$(Q)[ "$$(cat $(DEBS)/commit 2>/dev/null)" = "$$(git rev-parse HEAD)" ] || \
		scripts/fresh-machine --keep $(DEBS) trixie debs
	@$(RUN) $(wildcard tests/packages/*.suite tests/packages/*.bats)
