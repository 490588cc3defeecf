# SPDX-License-Identifier: Apache-2.0
#
# Measurements: on the board in instructions, natively as ratios.

BENCH_UUID	= 6b1c7d44-5a0e-4a86-9a4c-0c6d157a9e21

# TAs that consist of the product's own objects. $1 is their folder in bench/
# and in $(OUT)/bench, $2 further arguments of the linker. Objects lie as deep
# as their sources.
bench_ta	= +$(Q)$(MAKE) -C bench/$1 O=$(abspath $(OUT))/bench/$1/bench/$1 \
		  TA_DEV_KIT_DIR=$(TA_KIT) CROSS_COMPILE=$(CROSS_COMPILE_TA) \
		  PYTHON3=$(PYTHON3) LDADD="$2" ENC_MNIST_UUID=$(TA_UUID) \
		  ENC_MNIST_UUID_CPPFLAGS=$(UUID_CPPFLAGS) \
		  $(if $(TA_SIGN_KEY),TA_SIGN_KEY=$(abspath $(TA_SIGN_KEY))) \
		  $(if $(V),,--silent --no-print-directory)
# The kit does not know these objects, so it must link again.
bench_fresh	= $(Q)rm -rf $(OUT)/bench/$1

TA_OBJ_TOP	= $(abspath $(OUT))/ta/obj
ENGINE_OBJS	= $(TA_OBJ_TOP)/nn/*.o $(TA_OBJ_TOP)/record/*.o

# The engine alone, and the plain reference that it is compared with.
BENCH_TA	= $(OUT)/bench/ta/bench/ta/$(BENCH_UUID).ta

$(BENCH_TA): $(TA) $(wildcard bench/*.[ch] bench/ta/* testkit/plain*)
	$(call say,TA,$@)
	$(call bench_fresh,ta)
	$(call bench_ta,ta,$(ENGINE_OBJS))

# The product's TA, with a command that reports its use of memory.
BENCH_MEMORY_TA	= $(OUT)/bench/memory/bench/memory/$(TA_UUID).ta

$(BENCH_MEMORY_TA): $(TA) $(wildcard bench/memory/*)
	$(call say,TA,$@)
	$(call bench_fresh,memory)
	$(call bench_ta,memory,--wrap=TA_InvokeCommandEntryPoint \
		$$(find $(TA_OBJ_TOP) -name '*.o' ! -name 'user_ta_header*' | \
		  xargs))

### Programs on the device

BENCH_DEVICE	= $(patsubst %,$(OUT)/device/bench/%,engine load memory sessions)

$(call objects,native,bench) $(call objects,device,bench): | need-test

# The same engine in the normal world: the same objects.
$(OUT)/device/bench/engine: $(OUT)/device/obj/bench/engine.o \
  $(OUT)/device/lib/host/base.a $(BENCH_TA)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(device_LDFLAGS) -o $@ \
		$(filter %.o %.a,$^) \
		$(addprefix $(OUT)/bench/ta/,bench/forward.o bench/network.o \
		  testkit/plain.o) $(ENGINE_OBJS) -lteec

$(OUT)/device/bench/load: $(OUT)/device/obj/bench/parts.o

$(OUT)/device/bench/%: $(OUT)/device/obj/bench/%.o $(call test_libraries,device)
	$(call say,LD,$@)
	$(call test_link,device) $(TEST_LIBS) -lteec -lpthread

# The engine for processors with SDOT.
$(OUT)/bench/sdot.done: all FORCE
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/bench/sdot DOTPROD=1 \
		$(OUT)/bench/sdot/device/bench/engine
	$(Q)touch $@

### Natively, against other libraries

BENCH_NEEDS	= gcc g++ libc6-dev gnuplot-nox libdnnl-dev libopenblas-dev \
		  libpthreadpool-dev libxnnpack-dev
BENCH_NATIVE	= $(OUT)/bench/native/libraries
BENCH_CFLAGS	= -O3 -march=native
BENCH_NATIVE_OBJS = $(patsubst %,$(OUT)/bench/native/%.o,$(basename \
		      $(wildcard bench/native*.c*) $(addprefix nn/,arch.c \
			dense.c forward.c pack.c) record/write/pack.c))

.PHONY: need-bench
need-bench:
	$(Q)scripts/need $(BENCH_NEEDS)

$(OUT)/bench/native/%.o: %.c $(OUT)/config | need-bench
	$(call say,CC,$< (bench))
	$(Q)mkdir -p $(@D)
	$(Q)$(native_CC) $(HOST_CPPFLAGS) -MMD -MP -std=gnu11 $(WARNINGS) \
		$(BENCH_CFLAGS) -c -o $@ $<

$(OUT)/bench/native/%.o: %.cc $(OUT)/config | need-bench
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) -I. -MMD -MP -Wall -Wextra $(BENCH_CFLAGS) -c -o $@ $<

$(BENCH_NATIVE): $(BENCH_NATIVE_OBJS)
	$(call say,LD,$@)
	$(Q)$(CXX) -o $@ $^ -ldnnl -lXNNPACK -lpthreadpool -lopenblas -lm

### On the board, against other engines

# Their packages are for the board; only those who measure need them.
PEERS		= $(OUT)/bench/peers
PEER_TREE	= $(PEERS)/tree/usr
PEER_FLAGS	= -O2 -I. $(addprefix -isystem $(PEER_TREE)/include,/ \
		    /onnxruntime) -L$(PEER_TREE)/lib/aarch64-linux-gnu \
		  -Wl,--allow-shlib-undefined

$(PEERS)/tree.done: board/packages.lock board/unpack | need-device
	$(Q)scripts/need g++-aarch64-linux-gnu
	$(Q)board/unpack $(PEERS)/tree peer peer-dev
	$(Q)touch $@

$(PEERS)/onnxruntime: bench/peers/onnxruntime.c bench/bench.h $(PEERS)/tree.done
	$(call say,CC,$@)
	$(Q)aarch64-linux-gnu-gcc -std=gnu11 $(WARNINGS) $(PEER_FLAGS) \
		-o $@ $< -lonnxruntime

$(PEERS)/armnn: bench/peers/armnn.cc bench/bench.h $(PEERS)/tree.done
	$(call say,CXX,$@)
	$(Q)aarch64-linux-gnu-g++ -std=gnu++17 -Wall -Wextra $(PEER_FLAGS) \
		-o $@ $< -larmnn -larmnnTfLiteParser

### Targets

BENCH_BOARD	= all board $(BENCH_DEVICE) $(BENCH_TA) $(BENCH_MEMORY_TA) \
		  $(OUT)/bench/sdot.done
BENCH_PEERS	= $(if $(MODELS),$(PEERS)/onnxruntime $(PEERS)/armnn)

.PHONY: bench
bench: $(BENCH_BOARD) $(BENCH_NATIVE) $(BENCH_PEERS) ## Test: count instructions on the board, compare libraries here
	@bench/run

.PHONY: bench-board
bench-board: $(BENCH_BOARD) ## Test: count instructions on the board, print the figures
	@bench/board

.PHONY: figures
figures: bench ## Maintain: bench, and keep its figures for make check
	@bench/report --update out/bench/measured

$(OUT)/native/bench/%: $(OUT)/native/obj/bench/%.o $(call test_libraries,native)
	$(call say,LD,$@)
	$(call test_link,native) $(TEST_LIBS)

.PHONY: bench-seal
bench-seal: $(OUT)/native/bench/seal ## Test: measure how fast models are sealed here
	@$<

-include $(BENCH_NATIVE_OBJS:.o=.d)
