# SPDX-License-Identifier: Apache-2.0
#
# 32-bit Arm: the tests of the TA's parts, which qemu-user runs here, and the TA
# and its clients, which the board runs. Debian has all but a TA development kit
# of 32 bits: OP-TEE's source makes one, so this is no part of `make check`.

ARM32		= $(OUT)/arm32
ARM32_TREE	= $(abspath $(ARM32))/tree
ARM32_LIB	= $(ARM32_TREE)/usr/lib/arm-linux-gnueabihf
ARM32_FLAGS	= --sysroot=$(ARM32_TREE) -B$(ARM32_LIB)
ARM32_NEEDS	= gcc-arm-linux-gnueabihf qemu-user
ARM32_CLIENTS	= test_commands test_mnist test_network test_sealed
# Parts of the TA, the TA and its clients on the stand-in, and both programs and
# the service with them.
ARM32_UNITS	= $(patsubst %,$(ARM32)/units/%,$(PART_TESTS) ta/test_commands \
		    ta/test_life ta/test_sealed test_cli test_daemon test_lib \
		    test_make_ta)

# As a packager builds it, but for both worlds: what a workstation runs runs here.
ARM32_MAKE	= $(MAKE) -s --no-print-directory OUT=$(ARM32)/build \
		  CROSS_COMPILE=arm-linux-gnueabihf- NO_FEATURES=1 \
		  FEATURES="compat encrypt-model" \
		  HOSTCC=arm-linux-gnueabihf-gcc \
		  OPTEE_CLIENT_EXPORT=$(ARM32_TREE)/usr \
		  STB_INCLUDE=$(ARM32_TREE)/usr/include \
		  P11_INCLUDE=$(ARM32_TREE)/usr/include/p11-kit-1 \
		  CPPFLAGS="$(ARM32_FLAGS) \
		    -isystem =/usr/include/arm-linux-gnueabihf \
		    -isystem =/usr/include" \
		  LDFLAGS="$(ARM32_FLAGS) -L$(ARM32_LIB)"

.PHONY: need-arm32
need-arm32:
	$(Q)scripts/need $(ARM32_NEEDS)

$(ARM32)/tree.done: board/packages.lock board/unpack
	$(Q)board/unpack $(ARM32)/tree arm32
	$(Q)touch $@

# The libraries and the service must build; test_lib and test_daemon run them.
$(ARM32)/build.done: $(ARM32)/tree.done $(OWN_KEY) FORCE | need-arm32 need-test
	+$(Q)$(ARM32_MAKE) host lib-device lib-owner daemon \
		$(ARM32_UNITS:$(ARM32)/units/%=$(ARM32)/build/native/tests/%) \
		$(ARM32_CLIENTS:%=$(ARM32)/build/device/tests/%)
	$(Q)touch $@

# A program of 32-bit Arm that runs here.
$(ARM32)/units/%: $(ARM32)/build.done
	$(Q)mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec qemu-arm -L %s %s "$$@"\n' $(ARM32_TREE) \
		$(ARM32)/build/native/tests/$* >$@
	$(Q)chmod +x $@

ARM32_KIT	= $(abspath $(ARM32))/kit

$(ARM32)/kit.done: board/packages.lock board/unpack tests/arm32.mk | need-arm32 need-ta
	$(Q)board/unpack $(ARM32)/optee kit32
	$(call say,BUILD,$(ARM32)/kit)
	$(Q)rm -rf $(ARM32_KIT)
	$(Q)env -i PATH="$$PATH" make -C $(ARM32)/optee -j "$$(nproc)" \
		O=$(ARM32_KIT) PLATFORM=vexpress-qemu_armv8a CFG_ARM64_core=y \
		CFG_USER_TA_TARGETS=ta_arm32 PYTHON3=$(PYTHON3) \
		CROSS_COMPILE=arm-linux-gnueabihf- \
		CROSS_COMPILE64=aarch64-linux-gnu- ta_dev_kit \
		>$(ARM32)/kit.log 2>&1 || \
		{ tail -n 20 $(ARM32)/kit.log >&2; exit 1; }
	$(Q)touch $@

# The compiler follows from the kit, the key from the board's OP-TEE. The second
# TA has the engine alone, to count its instructions.
ARM32_TA	= $(ARM32)/ta

$(ARM32_TA).done: $(ARM32)/kit.done $(BOARD)/tree.done FORCE | $(OWN_KEY)
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(ARM32_TA) \
		TA_DEV_KIT_DIR=$(ARM32_KIT)/export-ta_arm32 \
		TA_SIGN_KEY=$(BOARD_KIT)/keys/default_ta.pem \
		ta $(BENCH_TA:$(OUT)/%=$(ARM32_TA)/%)
	$(Q)touch $@

.PHONY: arm32-tests
arm32-tests: all board $(ARM32_UNITS) $(ARM32_TA).done $(OUT)/device/bench/engine ## Test: 32-bit Arm: parts here, the TA and its clients on the board
	@$(RUN) $(ARM32_UNITS) tests/arm32/board.suite
