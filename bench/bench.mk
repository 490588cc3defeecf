# SPDX-License-Identifier: Apache-2.0
#
# Measurements: on the board, and, of sealing, on the workstation.

$(OUT)/device/bench: $(OUT)/device/obj/bench/bench.o $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(TEST_LIBS) -lteec -lpthread

.PHONY: bench
bench: all board $(OUT)/device/bench ## measure on the board, in instructions
	@bench/run

$(OUT)/native/bench-seal: $(OUT)/native/obj/bench/seal.o $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

.PHONY: bench-seal
bench-seal: $(OUT)/native/bench-seal ## measure how fast models are sealed here
	@$<

-include $(OUT)/device/obj/bench/bench.d $(OUT)/native/obj/bench/seal.d
