# SPDX-License-Identifier: Apache-2.0
#
# Measurements: on the board, in instructions, and natively, as ratios.

BENCH_UUID	= 6b1c7d44-5a0e-4a86-9a4c-0c6d157a9e21

# TAs that are made of the product's own objects: $1 is the folder in bench/ and
# in $(OUT)/bench, $2 what else the linker gets. Objects lie as deep as sources.
bench_ta	= +$(Q)$(MAKE) -C bench/$1 O=$(abspath $(OUT))/bench/$1/bench/$1 \
		  TA_DEV_KIT_DIR=$(TA_KIT) CROSS_COMPILE=$(CROSS_COMPILE_TA) \
		  PYTHON3=$(PYTHON3) LDADD="$2" \
		  $(if $(TA_SIGN_KEY),TA_SIGN_KEY=$(abspath $(TA_SIGN_KEY))) \
		  $(if $(V),,--silent --no-print-directory)
# The kit does not know of those objects: it is to link anew.
bench_fresh	= $(Q)rm -rf $(OUT)/bench/$1

TA_OBJ_TOP	= $(abspath $(OUT))/ta/obj
ENGINE_OBJS	= $(TA_OBJ_TOP)/nn/*.o

# The engine by itself, and what it is compared with.
BENCH_TA	= $(OUT)/bench/ta/bench/ta/$(BENCH_UUID).ta

$(BENCH_TA): $(TA) $(wildcard bench/*.[ch] bench/ta/* tests/lib/plain.*)
	$(call say,TA,$@)
	$(call bench_fresh,ta)
	$(call bench_ta,ta,$(ENGINE_OBJS))

# The product's TA, with a command that tells what memory it has taken.
BENCH_MEMORY_TA	= $(OUT)/bench/memory/bench/memory/$(TA_UUID).ta

$(BENCH_MEMORY_TA): $(TA) $(wildcard bench/memory/*)
	$(call say,TA,$@)
	$(call bench_fresh,memory)
	$(call bench_ta,memory,--wrap=TA_InvokeCommandEntryPoint \
		$(TA_OBJ_TOP)/nn/*.o $(TA_OBJ_TOP)/box/*.o \
		$$(ls $(TA_OBJ)/*.o | grep -v user_ta_header | xargs))

### Programs on the device

BENCH_OBJS	= $(patsubst %,$(OUT)/device/obj/bench/%.o, \
		    engine load memory parts sessions)

# The same engine in the normal world: not its sources, its objects.
$(OUT)/device/bench-engine: $(OUT)/device/obj/bench/engine.o $(BENCH_TA)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $< \
		$(OUT)/bench/ta/bench/forward.o $(OUT)/bench/ta/bench/plain8.o \
		$(OUT)/bench/ta/tests/lib/plain.o $(ENGINE_OBJS) -lteec

$(OUT)/device/bench-load: $(OUT)/device/obj/bench/parts.o

$(OUT)/device/bench-%: $(OUT)/device/obj/bench/%.o $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(TEST_LIBS) -lteec

BENCH_DEVICE	= $(patsubst %,$(OUT)/device/bench-%,engine load memory sessions)

$(BENCH_OBJS): | $(DEVICE_DEPS)

$(OUT)/native/bench-seal: $(OUT)/native/obj/bench/seal.o $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

.PHONY: bench-seal
bench-seal: $(OUT)/native/bench-seal ## measure how fast models are sealed here
	@$<

-include $(BENCH_OBJS:.o=.d) $(OUT)/native/obj/bench/seal.d
