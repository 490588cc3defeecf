# SPDX-License-Identifier: Apache-2.0
#
# Tests: native ones of every part, and those on the board. Each speaks TAP;
# tests/run counts.

TEST_NEEDS	= libcmocka-dev bats perl patch valgrind gcovr openssl \
		  $(FUZZ_NEEDS)

# What any test may link: everything but the command line itself.
TEST_LIB_SRCS	= $(filter-out $(CLIENT_LIB_SRCS),$(wildcard tests/lib/*.c)) \
		  $(wildcard nn/*.c box/*.c) \
		  $(filter-out host/lib/tee%.c %_none.c, \
		    $(wildcard host/lib/*.c))
TEST_LIBS	= -lcmocka -lcrypto -lyajl -lz -lcairo -lm -lpthread

### Native

NATIVE_TESTS	= $(patsubst tests/native/%.c,$(OUT)/native/tests/%, \
		    $(wildcard tests/native/test_*.c)) \
		  $(TA_TESTS:%=$(OUT)/native/tests/ta/%)
NATIVE_TEST_LIB	= $(OUT)/native/tests/lib.a

$(NATIVE_TEST_LIB): $(patsubst %.c,$(OUT)/native/obj/%.o, \
		      $(TEST_LIB_SRCS) host/lib/tee_none.c)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(OUT)/native/tests/%: $(OUT)/native/obj/tests/native/%.o $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(OUT)/native/tests/test_ta_%: $(OUT)/native/obj/tests/native/test_ta_%.o \
			       $(NATIVE_TA_LIB) $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(OUT)/native/tests/test_ta_tee: $(OUT)/native/obj/tests/native/test_ta_tee.o \
				 $(NATIVE_TEE_OBJS) $(NATIVE_TA_LIB) \
				 $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(OUT)/native/tests/ta/%: $(OUT)/native/obj/tests/ta/%.o $(NATIVE_TA_LIB) \
			  $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(OUT)/%/tests/lib/stb_write.o: FILE_CFLAGS = -fno-sanitize=shift

### Native, with clang's sanitizers, and with coverage counted

SANITIZE	= HOSTCC=clang WARNINGS=-w CFLAGS="-O1 -g $1 \
		  -fno-omit-frame-pointer -fno-sanitize-recover=all" \
		  LDFLAGS="$1"
ASAN		= $(call SANITIZE,-fsanitize=address$(comma)undefined)
MSAN		= $(call SANITIZE,-fsanitize=memory)
COVERAGE	= CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage
comma		= ,

# Tests of the TA and of what is in it.
CORE_TESTS	= $(addprefix $(OUT)/native/tests/,test_box test_envelope \
		    test_forward test_forward8 test_head test_hpke test_record \
		    test_record8 test_stream test_stream_changed test_vectors \
		    test_x25519 \
		    $(TA_TESTS:%=ta/%) \
		    $(basename $(notdir $(wildcard tests/native/test_ta_*.c))))
# MemorySanitizer knows of no write but those of code that was built for it: not
# for tests that go through OpenSSL, yajl, zlib or cairo, but for those that say
# so where they do (tests/lib/secret.h).
MSAN_TESTS	= $(filter-out %/test_box %/test_hpke %/test_stream \
		    %/test_stream_changed %/test_ta_tee %/test_vectors %/test_x25519, \
		    $(CORE_TESTS)) \
		  $(OUT)/native/tests/test_file $(OUT)/native/tests/test_hex

ASAN_TESTS	= $(NATIVE_TESTS:$(OUT)/%=$(OUT)/asan/%)
MSAN_TESTS_BUILT = $(MSAN_TESTS:$(OUT)/%=$(OUT)/msan/%)

# Built by a make of its own, whose OUT they lie in.
.PHONY: sanitized
sanitized: need-test $(NATIVE_TESTS)
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/asan $(ASAN) $(ASAN_TESTS)
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/msan $(MSAN) \
		$(MSAN_TESTS_BUILT)

### Device

DEVICE_TESTS	= $(patsubst tests/ta/%.c,$(OUT)/device/tests/%, \
		    $(wildcard tests/ta/test_*.c))
DEVICE_TEST_LIB	= $(OUT)/device/tests/lib.a

$(DEVICE_TEST_LIB): $(patsubst %.c,$(OUT)/device/obj/%.o, \
		      $(TEST_LIB_SRCS) $(CLIENT_LIB_SRCS) $(TEE_SRCS))
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

# What looks in dumps of the board's memory, and what knows what to look for.
SEARCH		= $(OUT)/native/tests/search $(OUT)/native/tests/owner_side

$(SEARCH): $(OUT)/native/tests/%: $(OUT)/native/obj/tests/tools/%.o \
	   $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(OUT)/device/tests/labels: $(OUT)/device/obj/tests/tools/labels.o \
			    $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ $(TEST_LIBS)

# Scripts of TA commands, on the stand-in and on OP-TEE.
REPLAY		= $(OUT)/native/tests/replay $(OUT)/device/tests/replay

$(OUT)/native/tests/replay: $(OUT)/native/obj/tests/tools/replay.o \
			    $(NATIVE_TA_LIB) $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(OUT)/device/tests/replay: $(OUT)/device/obj/tests/tools/replay.o \
			    $(DEVICE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(TEST_LIBS) -lteec

# All that the TA and a client of it are made of, and nothing else: it is built
# anew for each mutant.
CORE_OBJS	= $(patsubst %.c,$(OUT)/native/obj/%.o,$(wildcard nn/*.c \
		    box/*.c) host/lib/seal.c tests/lib/formula.c \
		    tests/lib/formula8.c \
		    $(SEALED_MAKER_SRCS))

# The races against the TA on the stand-in, too.
RACE		= $(OUT)/native/tests/race $(OUT)/native/tests/race_sealed

$(RACE): $(OUT)/native/tests/%: $(OUT)/native/obj/tests/attack/%.o \
	 $(NATIVE_TA_LIB) $(NATIVE_TEST_LIB)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TEST_LIBS) -lpthread

# The TA for valgrind, which is to report what depends on a secret.
SECRETS		= $(OUT)/secrets/native/tests/secrets

$(OUT)/native/tests/secrets: $(OUT)/native/obj/tests/tools/secrets.o \
			     $(NATIVE_TA_LIB) $(CORE_OBJS)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ -lcmocka -lcrypto -lm -lpthread

$(SECRETS): need-test FORCE
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/secrets \
		CFLAGS="$(CFLAGS) -include tests/lib/reveal.h" $@

# Builds that tests are about: without feature encrypt-model, for a product, a
# TA with floors, one for processors with SDOT, and TAs whose heap is too small for a model, or for a second.
VARIANTS	= $(OUT)/variants

$(VARIANTS)/no-encrypt.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/no-encrypt \
		NO_FEATURES=1 FEATURES="original plot" all
	$(Q)touch $@

$(VARIANTS)/production.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/production \
		OWNER_KEY=$(OWNER_KEY) production
	$(Q)touch $@

$(VARIANTS)/floors.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/floors \
		VERSION_FLOOR=3 EPOCH_FLOOR=8 ta
	$(Q)touch $@

$(VARIANTS)/dotprod.done: all FORCE
	$(Q)$(MAKE) --no-print-directory OUT=$(VARIANTS)/dotprod \
		DOTPROD=1 ta
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

TEST_OBJS	= $(TA_TEST_OBJS) $(patsubst %.c,$(OUT)/native/obj/%.o, \
		    $(wildcard tests/native/*.c tests/tools/*.c)) \
		  $(patsubst %.c,$(OUT)/device/obj/%.o, \
		    $(wildcard tests/ta/*.c tests/attack/*.c tests/tools/*.c))
$(TEST_OBJS): | need-test

# What is tested, what tests with it, and what has no test of its own but must
# build all the same.
CHECK_NEEDS	= all board need-test $(NATIVE_TESTS) $(DEVICE_TESTS) $(ATTACKS) \
		  $(LABELS) $(REPLAY) $(SECRETS) $(SEARCH) $(FAULTS) $(RACE) \
		  $(FUZZ_PROGRAMS) $(VARIANTS)/no-encrypt.done \
		  $(VARIANTS)/production.done $(VARIANTS)/floors.done \
		  $(VARIANTS)/dotprod.done $(VARIANTS)/small-heap.done \
		  $(VARIANTS)/one-model.done $(VARIANTS)/four-sessions.done \
		  $(OUT)/native/train sanitized

# What fontconfig keeps to the end is not our leak. OpenSSL's configuration is
# none of the tests' business, and MemorySanitizer trips over how it is read.
TEST_ENV	= LSAN_OPTIONS=suppressions=tests/lsan.supp:print_suppressions=0 \
		  OPENSSL_CONF=/dev/null

.PHONY: check
check: $(CHECK_NEEDS) ## all tests, natively and on the board
	@$(TEST_ENV) tests/run $(NATIVE_TESTS) $(ASAN_TESTS) \
		$(MSAN_TESTS_BUILT) $(wildcard tests/*.bats tests/*.suite) \
		$(wildcard tests/board/*.suite tests/attack/*.suite)

# Lines of the TA and of what is in it that no native test runs.
.PHONY: coverage
coverage: need-test ## which lines of ta/, nn/, box/ the native tests run
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/coverage $(COVERAGE) \
		$(CORE_TESTS:$(OUT)/%=$(OUT)/coverage/%)
	$(Q)find $(OUT)/coverage -name '*.gcda' -delete
	@$(TEST_ENV) tests/run $(CORE_TESTS:$(OUT)/%=$(OUT)/coverage/%)
	@gcovr --root . --filter '(ta|nn|box)/' --fail-under-line 95 \
		$(OUT)/coverage

# Short in make check and long with SOAK=1: the suites in tests/attack, and these.
SOAK_TESTS	= $(addprefix $(OUT)/native/tests/,test_stream_large \
		    test_ta_faults)

.PHONY: soak
soak: $(CHECK_NEEDS) ## the attacks on the board at full length: an hour
	@SOAK=1 tests/run $(SOAK_TESTS) $(wildcard tests/attack/*.suite)

-include $(TEST_OBJS:.o=.d)
