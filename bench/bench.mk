# SPDX-License-Identifier: Apache-2.0
#
# Measurements: on the board, and, of sealing, on the workstation.

$(OUT)/device/bench: $(OUT)/device/obj/bench/bench.o $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(TEST_LIBS) -lteec -lpthread

# What loading is compared with.
BENCH_TA	= $(OUT)/bench/ta/6b1c7d44-5a0e-4a86-9a4c-0c6d157a9e21.ta

$(BENCH_TA): $(wildcard bench/ta/*) $(OUT)/config | $(TA_DEPS)
	$(call say,TA,$@)
	+$(Q)$(MAKE) -C bench/ta O=$(abspath $(@D)) TA_DEV_KIT_DIR=$(TA_KIT) \
		CROSS_COMPILE=$(CROSS_COMPILE_TA) PYTHON3=$(PYTHON3) \
		$(if $(TA_SIGN_KEY),TA_SIGN_KEY=$(abspath $(TA_SIGN_KEY))) \
		$(if $(V),,--silent --no-print-directory)

.PHONY: bench
bench: all board $(OUT)/device/bench $(BENCH_TA) ## measure on the board, in instructions
	@bench/run

$(OUT)/native/bench-seal: $(OUT)/native/obj/bench/seal.o $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

.PHONY: bench-seal
bench-seal: $(OUT)/native/bench-seal ## measure how fast models are sealed here
	@$<

# tests/board/cost.suite measures with them, and the others must build.
check soak: $(OUT)/device/bench $(BENCH_TA) $(OUT)/native/bench-seal

-include $(OUT)/device/obj/bench/bench.d $(OUT)/native/obj/bench/seal.d
