# SPDX-License-Identifier: Apache-2.0
#
# Tests: native ones of every part, and those on the board. Each speaks TAP;
# tests/run counts.

TEST_NEEDS	= libcmocka-dev bats perl patch

# What any test may link: everything but the command line itself.
TEST_LIB_SRCS	= $(filter-out %/client.c,$(wildcard tests/lib/*.c)) nn/arch.c nn/forward.c \
		  nn/record.c nn/record_write.c box/cbc_open.c box/cbc_seal.c \
		  $(filter-out host/lib/tee%.c host/lib/plot_none.c, \
		    $(wildcard host/lib/*.c))
TEST_LIBS	= -lcmocka -lcrypto -lyajl -lz -lcairo -lm

### Native

NATIVE_TESTS	= $(patsubst tests/native/%.c,$(OUT)/native/tests/%, \
		    $(wildcard tests/native/test_*.c))
NATIVE_TEST_LIB	= $(OUT)/native/tests/lib.a

$(NATIVE_TEST_LIB): $(patsubst %.c,$(OUT)/native/obj/%.o, \
		      $(TEST_LIB_SRCS) host/lib/tee_none.c)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(OUT)/native/tests/%: $(OUT)/native/obj/tests/native/%.o $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

### Device

DEVICE_TESTS	= $(patsubst tests/ta/%.c,$(OUT)/device/tests/%, \
		    $(wildcard tests/ta/test_*.c))
DEVICE_TEST_LIB	= $(OUT)/device/tests/lib.a

$(DEVICE_TEST_LIB): $(patsubst %.c,$(OUT)/device/obj/%.o, \
		      $(TEST_LIB_SRCS) tests/lib/client.c host/lib/tee.c \
		      host/lib/tee_watch.c)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(OUT)/device/tests/%: $(OUT)/device/obj/tests/ta/%.o $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(TEST_LIBS) -lteec

# Programs with which the suites in tests/attack attack the TA on the board.
ATTACKS		= $(patsubst tests/attack/%.c,$(OUT)/device/attack/%, \
		    $(wildcard tests/attack/*.c))

$(OUT)/device/attack/%: $(OUT)/device/obj/tests/attack/%.o $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(TEST_LIBS) -lteec -lpthread

# Preloaded into tee-supplicant on the board.
FAULTS		= $(OUT)/device/attack/faults.so

$(FAULTS): tests/tools/faults.c tests/tools/faults.h $(OUT)/config | $(DEVICE_DEPS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(DEVICE_CC) $(HOST_CPPFLAGS) $(DEVICE_CPPFLAGS) $(HOST_CFLAGS) \
		-fPIC -shared -o $@ $< $(DEVICE_LDFLAGS)

# The engine in the normal world, here and on the board.
LABELS		= $(OUT)/native/tests/labels $(OUT)/device/tests/labels

$(OUT)/native/tests/labels: $(OUT)/native/obj/tests/tools/labels.o \
			    $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(OUT)/device/tests/labels: $(OUT)/device/obj/tests/tools/labels.o \
			    $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Builds that tests are about: without feature encrypt-model, and TAs whose
# heap is too small for a model, or for a second one.
VARIANTS	= $(OUT)/variants

$(VARIANTS)/no-encrypt.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/no-encrypt \
		NO_FEATURES=1 FEATURES=plot all
	$(Q)touch $@

$(VARIANTS)/small-heap.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/small-heap \
		TA_DATA_SIZE=1048576 ta
	$(Q)touch $@

$(VARIANTS)/one-model.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/one-model \
		TA_DATA_SIZE=3500000 ta
	$(Q)touch $@

$(VARIANTS)/four-sessions.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/four-sessions \
		TA_DATA_SIZE=2500000 ta
	$(Q)touch $@

.PHONY: need-test
need-test:
	$(Q)scripts/need $(TEST_NEEDS)

TEST_OBJS	= $(patsubst %.c,$(OUT)/native/obj/%.o, \
		    $(wildcard tests/native/*.c tests/tools/*.c)) \
		  $(patsubst %.c,$(OUT)/device/obj/%.o, \
		    $(wildcard tests/ta/*.c tests/attack/*.c tests/tools/*.c))
$(TEST_OBJS): | need-test

# What is tested, what tests with it, and what has no test of its own but must
# build all the same.
CHECK_NEEDS	= all board need-test $(NATIVE_TESTS) $(DEVICE_TESTS) $(ATTACKS) $(FAULTS) \
		  $(LABELS) \
		  $(VARIANTS)/no-encrypt.done $(VARIANTS)/small-heap.done \
		  $(VARIANTS)/one-model.done $(VARIANTS)/four-sessions.done \
		  $(OUT)/native/train \
		  $(OUT)/device/bench

.PHONY: check
check: $(CHECK_NEEDS) ## all tests, natively and on the board
	@tests/run $(NATIVE_TESTS) $(wildcard tests/*.bats) \
		$(wildcard tests/board/*.suite tests/attack/*.suite)

# The suites in tests/attack are short in make check and long with SOAK=1.
.PHONY: soak
soak: $(CHECK_NEEDS) ## the attacks on the board at full length: an hour
	@SOAK=1 tests/run $(wildcard tests/attack/*.suite)

-include $(TEST_OBJS:.o=.d)
