# SPDX-License-Identifier: Apache-2.0
#
# The board: a real OP-TEE in QEMU, made of Debian's arm64 packages, which
# packages.lock pins.
#
# $(BOARD)/tree          files of the packages: the sysroot of device programs
# $(BOARD)/firmware.bin  boot firmware and OP-TEE OS
# $(BOARD)/kernel        Linux
# $(BOARD)/initrd        user land, OP-TEE's test suite, our programs
#
# The makefile that includes this sets BOARD and DOWNLOADS, and BOARD_APP_DEPS
# to the files that `make install` installs on the board.

BOARD_TREE	= $(abspath $(BOARD))/tree
BOARD_KIT	= $(BOARD_TREE)/usr/lib/optee-os-dev/vexpress-qemu_armv8a
BOARD_OPTEE	= $(abspath $(BOARD))/optee/usr/lib/optee/vexpress-qemu_armv8a
BOARD_APP_DEPS	?=

# With these flags the machine's cross compiler builds against the tree and not
# against its own, older or newer, C library.
BOARD_LIB	= $(BOARD_TREE)/usr/lib/aarch64-linux-gnu
BOARD_CFLAGS	= --sysroot=$(BOARD_TREE) -B$(BOARD_LIB) \
		  -ffile-prefix-map=$(BOARD_TREE)= \
		  -isystem =/usr/include/aarch64-linux-gnu \
		  -isystem =/usr/include
BOARD_LDFLAGS	= --sysroot=$(BOARD_TREE) -B$(BOARD_LIB) -L$(BOARD_LIB)

# Host packages: to build the board, and to run it.
BOARD_BUILD_NEEDS = gcc libc6-dev libssl-dev xz-utils cpio \
		    gcc-aarch64-linux-gnu
BOARD_RUN_NEEDS	= qemu-system-arm
BOARD_NEEDS	= $(BOARD_BUILD_NEEDS) $(BOARD_RUN_NEEDS)

# Kernel modules that the board uses, in the order of loading.
BOARD_MODULES	= tee optee netfs 9pnet 9pnet_virtio 9p

# Linux is already in memory when the board comes out of reset, and the firmware
# jumps straight to it: there is no boot loader. The address is just above the
# shared memory that OP-TEE reserves; board/run loads Linux there.
BOARD_KERNEL_ADDRESS = 0x42200000

BOARD_CPIO	= (cd $1 && find . | LC_ALL=C sort | \
		   cpio --quiet -o -H newc -R 0:0)

TFA_FLAGS	= PLAT=qemu DEBUG=0 SPD=opteed \
		  CROSS_COMPILE=aarch64-linux-gnu- \
		  BUILD_STRING=board BUILD_MESSAGE_TIMESTAMP='""' \
		  QEMU_USE_GIC_DRIVER=QEMU_GICV3 BL32_RAM_LOCATION=tdram \
		  BL32=$(BOARD_OPTEE)/tee-header_v2.bin \
		  BL32_EXTRA1=$(BOARD_OPTEE)/tee-pager_v2.bin \
		  BL32_EXTRA2=$(BOARD_OPTEE)/tee-pageable_v2.bin \
		  ARM_LINUX_KERNEL_AS_BL33=1 \
		  PRELOADED_BL33_BASE=$(BOARD_KERNEL_ADDRESS)

.PHONY: board pins
board: $(BOARD)/firmware.bin $(BOARD)/kernel $(BOARD)/initrd ## Build: the board: OP-TEE in QEMU
	$(Q)scripts/need $(BOARD_RUN_NEEDS)

pins: ## Maintain: move the board to today's packages of Debian
	$(Q)board/pins

# `make host` and `make ta` need only the tree.
$(BOARD)/tree.done: board/packages.lock board/unpack
	$(Q)board/unpack $(BOARD)/tree guest sysroot
	$(Q)touch $@

$(BOARD)/firmware.bin: board/packages.lock board/unpack board/board.mk
	$(Q)scripts/need $(BOARD_BUILD_NEEDS)
	$(Q)board/unpack $(BOARD)/optee firmware
	$(Q)board/unpack $(BOARD)/tf-a source
	$(Q)echo "  BUILD   $@"
	$(Q)env -i PATH="$$PATH" $(MAKE) -C $(BOARD)/tf-a -j "$$(nproc)" \
		$(TFA_FLAGS) all fip qemu_fw.bios >$(BOARD)/tf-a.log 2>&1 || \
		{ tail -n 20 $(BOARD)/tf-a.log >&2; exit 1; }
	$(Q)cp $(BOARD)/tf-a/build/qemu/release/qemu_fw.bios $@

$(BOARD)/modules.done: board/packages.lock board/unpack board/board.mk
	$(Q)scripts/need $(BOARD_BUILD_NEEDS)
	$(Q)board/unpack $(BOARD)/linux kernel
	$(Q)rm -rf $(BOARD)/modules && mkdir $(BOARD)/modules
	$(Q)for m in $(BOARD_MODULES); do \
		xz -dc $$(find $(BOARD)/linux/usr/lib/modules -name $$m.ko.xz) \
			>$(BOARD)/modules/$$m.ko || exit; \
		echo $$m; \
	done >$(BOARD)/modules/order
	$(Q)touch $@

$(BOARD)/kernel: $(BOARD)/modules.done
	$(Q)cp $(BOARD)/linux/boot/vmlinuz-* $@

# The guest's files, without those that only an installed Debian uses. The test
# suite also needs the TAs of the kit.
$(BOARD)/root.cpio: board/packages.lock board/unpack board/board.mk board/init \
		    $(BOARD)/tree.done $(BOARD)/modules.done
	$(Q)board/unpack $(BOARD)/root guest
	$(Q)cd $(BOARD)/root && rm -rf usr/lib/systemd usr/share/locale \
		usr/lib/aarch64-linux-gnu/gconv
	$(Q)ls $(BOARD)/root/usr/lib/optee_armtz >$(BOARD)/test-tas
	$(Q)cp $(BOARD_KIT)/ta/*.ta $(BOARD)/root/usr/lib/optee_armtz
	$(Q)cp -R $(BOARD)/modules $(BOARD)/root/usr/lib
	$(Q)cp board/init $(BOARD)/root
	$(Q)$(call BOARD_CPIO,$(BOARD)/root) >$@

# An initramfs may consist of several archives: the second one has our programs.
# Second expansion, because BOARD_APP_DEPS is set later in the makefile.
.SECONDEXPANSION:
$(BOARD)/initrd: $(BOARD)/root.cpio $$(BOARD_APP_DEPS)
	$(Q)echo "  BUILD   $@"
	$(Q)rm -rf $(BOARD)/app && mkdir -p $(BOARD)/app
	$(if $(BOARD_APP_DEPS),$(Q)$(MAKE) --no-print-directory install \
		DESTDIR=$(BOARD)/app PREFIX=/usr)
	$(Q)(cat $(BOARD)/root.cpio; $(call BOARD_CPIO,$(BOARD)/app)) >$@
