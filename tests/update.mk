# SPDX-License-Identifier: Apache-2.0
#
# examples/update with the update agents themselves, SWUpdate and Mender, on a
# board that has them. They are many packages, so this is no part of `make
# check`.

UPDATE		= $(OUT)/update
UPDATE_NEEDS	= cpio mender-artifact openssl rauc

.PHONY: need-update
need-update:
	$(Q)scripts/need $(UPDATE_NEEDS)

$(UPDATE)/tree.done: board/packages.lock board/unpack
	$(Q)board/unpack $(UPDATE)/tree update
	$(Q)rm -rf $(UPDATE)/tree/usr/lib/systemd $(UPDATE)/tree/usr/share/locale
	$(Q)touch $@

# The board, with a third archive of files in its initrd.
$(UPDATE)/board/initrd: $(UPDATE)/tree.done $(BOARD)/initrd | need-update
	$(call say,BUILD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)ln -sf $(addprefix $(abspath $(BOARD))/,firmware.bin kernel \
		test-tas) $(@D)
	$(Q)(cat $(BOARD)/initrd; $(call BOARD_CPIO,$(UPDATE)/tree)) >$@

.PHONY: update-tests
update-tests: all board need-test need-update $(UPDATE)/board/initrd ## Test: examples/update, with update agents on the board
	@$(RUN) $(wildcard tests/update/*.suite tests/update/*.bats)
