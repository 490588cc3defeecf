# SPDX-License-Identifier: Apache-2.0
#
# Measurements on the board.

$(OUT)/device/bench: $(OUT)/device/obj/bench/bench.o $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(TEST_LIBS) -lteec -lpthread

.PHONY: bench
bench: all board $(OUT)/device/bench ## measure on the board, in instructions
	@bench/run

-include $(OUT)/device/obj/bench/bench.d
