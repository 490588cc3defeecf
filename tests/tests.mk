# SPDX-License-Identifier: Apache-2.0
#
# Tests: native ones for every part, and those on the board. Each speaks TAP,
# and tests/run counts.

TEST_NEEDS	= libcmocka-dev bats file perl patch procps valgrind gcovr openssl \
		  gcc-arm-linux-gnueabihf groff-base mandoc musl-tools zsh \
		  softhsm2 opensc pkgconf \
		  mypy python3-numpy python3-pip python3-setuptools \
		  python3-venv python3-wheel python3-kconfiglib \
		  gstreamer1.0-tools gstreamer1.0-plugins-base \
		  $(FUZZ_NEEDS)

# Any test may link this: everything but the command line.
TEST_LIBS	= -lcmocka -lcrypto -lyajl -lz $(PLOT_LIBS) -lm -lpthread

### Native

# Tests in tests/ta also run on the stand-in, except those that need the board.
TA_TESTS	= test_commands test_life test_sealed test_network

NATIVE_TESTS	= $(patsubst tests/native/%.c,$(OUT)/native/tests/%, \
		    $(wildcard tests/native/test_*.c)) \
		  $(TA_TESTS:%=$(OUT)/native/tests/ta/%)

# Programs of tests, from tests/native, tests/ta, tests/tools and tests/attack.
native_test	= $(OUT)/native/obj/tests/$1/%.o $(call test_libraries,native)
define native_test_link
	$(call say,LD,$@)
	$(call test_link,native) $(TEST_LIBS) $(P11_LIBS)
endef
$(OUT)/native/tests/%: $(call native_test,native)
	$(native_test_link)
# libencmnist with the TA itself and the stand-in, in one process: for bindings.
LIB_STANDIN	= $(OUT)/native/tests/libencmnist.so.0

$(LIB_STANDIN): $(call libraries,native,$(filter-out \
		host/device,$(LIB_DEVICE_PARTS)) host/device host/compat/device \
		host/compat compat record) $(patsubst %,$(OUT)/native/lib/%.a, \
		tests/standin ta ta/compat) lib/encmnist.map
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(call shared,native) -lcrypto -lyajl -lz -lm -lpthread

# Those of the command line, with the stand-in as TEE.
$(OUT)/native/tests/test_cli $(OUT)/native/tests/test_exit: \
	$(OUT)/native/lib/host/cli.a
# The service, likewise; and the whole of it, for what its process does.
$(OUT)/native/tests/test_daemon: $(OUT)/native/lib/host/daemon.a
DAEMON_STANDIN	= $(OUT)/native/tests/enc-mnistd

$(DAEMON_STANDIN): $(OUT)/native/obj/host/daemon/main.o \
		   $(OUT)/native/lib/host/daemon.a \
		   $(call test_libraries,native)
	$(native_test_link)
$(OUT)/native/tests/ta/%: $(call native_test,ta)
	$(native_test_link)
$(OUT)/native/tools/%: $(call native_test,tools)
	$(native_test_link)
$(OUT)/native/attack/%: $(call native_test,attack)
	$(native_test_link)

### Native, with clang's sanitizers, and with coverage counted

# As it is built for devices: in larger frames, the keys that the stand-in leaves
# lie where the TA has been.
AS_BUILT	= test_ta_stack

SANITIZE	= HOSTCC=clang WARNINGS=-w CFLAGS="-O1 -g $1 \
		  -fno-omit-frame-pointer -fno-sanitize-recover=all" \
		  LDFLAGS="$1"
ASAN		= $(call SANITIZE,-fsanitize=address$(comma)undefined)
MSAN		= $(call SANITIZE,-fsanitize=memory)
COVERAGE	= CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage
comma		= ,

# Tests of the TA and of its parts.
PART_TESTS	= test_box test_envelope test_forward test_head test_hpke \
		  test_net_conv test_net_math test_net_memory test_net_ops \
		  test_record test_record_net test_stream test_stream_changed \
		  test_vectors test_x25519
CORE_TESTS	= $(addprefix $(OUT)/native/tests/,$(PART_TESTS) \
		    $(TA_TESTS:%=ta/%) \
		    $(filter-out $(AS_BUILT),$(basename $(notdir $(wildcard \
		      tests/native/test_ta_*.c)))))
# MemorySanitizer knows of no write but those of code that was built for it: not
# for tests that go through OpenSSL, yajl, zlib or cairo, but for those that say
# so where they do (testkit/secret.h).
MSAN_TESTS	= $(filter-out %/test_box %/test_hpke %/test_stream \
		    %/test_stream_changed %/test_ta_tee %/test_vectors %/test_x25519, \
		    $(CORE_TESTS)) \
		  $(OUT)/native/tests/test_file $(OUT)/native/tests/test_hex

# test_wait waits, with a sanitizer as long as without; test_cli and test_exit
# make the same calls.
ASAN_TESTS	= $(patsubst $(OUT)/%,$(OUT)/asan/%,$(filter-out \
		    %/$(AS_BUILT) %/test_wait,$(NATIVE_TESTS)))
MSAN_TESTS_BUILT = $(MSAN_TESTS:$(OUT)/%=$(OUT)/msan/%)

# Built by a separate make, whose OUT contains them.
.PHONY: sanitized
sanitized: need-test $(NATIVE_TESTS)
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/asan $(ASAN) $(ASAN_TESTS)
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/msan $(MSAN) \
		$(MSAN_TESTS_BUILT)

### Device

DEVICE_TESTS	= $(patsubst tests/ta/%.c,$(OUT)/device/tests/%, \
		    $(wildcard tests/ta/test_*.c)) \
		  $(OUT)/device/tests/test_net_memory
# Programs for the suites in tests/attack, which attack the TA on the board.
ATTACKS		= $(patsubst tests/attack/%.c,$(OUT)/device/attack/%, \
		    $(wildcard tests/attack/*.c))

device_test	= $(OUT)/device/obj/tests/$1/%.o $(call test_libraries,device)
define device_test_link
	$(call say,LD,$@)
	$(call test_link,device) $(TEST_LIBS) -lteec
endef
$(OUT)/device/tests/%: $(call device_test,ta)
	$(device_test_link)
# The engine alone, for the kernels that only the device has.
$(OUT)/device/tests/test_net_memory: $(addprefix $(OUT)/device/obj/tests/, \
		native/test_net_memory.o $(addprefix lib/,guarded.o \
		operators.o vary.o)) $(addprefix $(OUT)/device/lib/, \
		record/write.a record.a nn.a)
	$(call say,LD,$@)
	$(call test_link,device) -lcmocka
$(OUT)/device/tools/%: $(call device_test,tools)
	$(device_test_link)
$(OUT)/device/attack/%: $(call device_test,attack)
	$(device_test_link)

# Preloaded into tee-supplicant on the board. Unlike a program's, the functions of
# such a library are to be found by others.
FAULTS		= $(OUT)/device/attack/faults.so

$(FAULTS): tests/tools/faults.c tests/tools/faults.h $(OUT)/config | $(device_WAITS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(DEVICE_CC) $(HOST_CPPFLAGS) $(device_CPPFLAGS) $(HOST_CFLAGS) \
		-fvisibility=default -shared -o $@ $< $(device_LDFLAGS)

# A PKCS#11 module that is not as SoftHSM's in every way.
ODD_TOKEN	= $(OUT)/native/tools/odd_token.so

$(ODD_TOKEN): tests/tools/odd_token.c $(OUT)/config | $(native_WAITS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(native_CC) $(HOST_CPPFLAGS) $(native_CPPFLAGS) $(HOST_CFLAGS) \
		-fvisibility=default -shared -o $@ $<

### Tools

# The engine in the normal world, here and on the board; scripts of TA commands,
# on the stand-in and on OP-TEE; what looks in dumps of the board's memory, and
# what knows what to look for; the races, on the stand-in, too.
TOOLS		= $(addprefix $(OUT)/native/,tools/labels tools/replay \
		    tools/search tools/owner_side tools/tiny_tflite \
		    attack/race) \
		  $(DAEMON) $(addprefix $(OUT)/device/tools/,ask labels replay) $(FAULTS) \
		  $(ODD_TOKEN)

# The TA for valgrind, which is to report what depends on a secret. It is built
# anew for each mutant: of no more than it needs.
SECRETS		= $(OUT)/secrets/native/tools/secrets

$(OUT)/native/tools/secrets: $(OUT)/native/obj/tests/tools/secrets.o \
			     $(TA_LINKS:%=$(OUT)/native/lib/%.a)
	$(call say,LD,$@)
	$(call test_link,native) -lcmocka -lcrypto -lm -lpthread

$(SECRETS): need-test FORCE
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/secrets \
		CFLAGS="$(CFLAGS) -include testkit/reveal.h" $@

# Builds under test: without feature encrypt-model, for a product, the product's
# next TA, a TA with floors that has the heap of `make ta MODEL=...`, and so no
# room for a second model, one for processors with SDOT, and TAs whose heap is
# too small for a model, for more than four sessions. The product has an owner of
# its own. A device does not go back behind a version of the TA that it has run,
# so suites run them in this order.
# The product of another owner has a UUID of its own, floors, and the signature of
# a machine that is on no network. The TA in `elf` has no owner.
VARIANTS	= $(OUT)/variants
VARIANT_NAMES	= no-encrypt production next floors other elf dotprod small-heap \
		  four-sessions
VARIANT_OWNER	= $(VARIANTS)/owner/owner.pub
OTHER_UUID	= 7C0D8E59-2c27-4D32-9bbb-1d2a64a95e03
OTHER_OWNER	= $(VARIANTS)/owner/other.pub
SIGNER		= $(VARIANTS)/owner/signer.pub
VARIANT_no-encrypt	= NO_FEATURES=1 FEATURES="compat plot" all
VARIANT_production	= OWNER_KEY=$(VARIANT_OWNER) TA_VERSION=1 production && \
			  $(MAKE) -s OUT=$(VARIANTS)/production TA_VERSION=1 \
				NO_FEATURES=1 FEATURES=plot workstation
VARIANT_next		= OWNER_KEY=$(VARIANT_OWNER) TA_VERSION=2 \
			  NO_FEATURES=1 FEATURES=plot ta
VARIANT_floors		= VERSION_FLOOR=3 EPOCH_FLOOR=8 TA_VERSION=3 \
			  TA_DATA_SIZE=$$$$($(call heap_of,models/mnist.bin)) ta
VARIANT_other		= OWNER_KEY=$(OTHER_OWNER) TA_VERSION=2 \
			  TA_UUID=$(OTHER_UUID) TA_SIGN_KEY=$(SIGNER) \
			  VERSION_FLOOR=3 EPOCH_FLOOR=4 \
			  production && \
			  tests/sign $(KIT_SIGN_KEY) \
				$(VARIANTS)/other/ta/unsigned/*.dig \
				>$(VARIANTS)/other/signature && \
			  $(MAKE) -s OUT=$(VARIANTS)/other \
				SIG=$(VARIANTS)/other/signature stitch
VARIANT_elf		= ta-elf
VARIANT_dotprod		= DOTPROD=1 ta \
			  $(VARIANTS)/dotprod/device/tests/test_net_memory
VARIANT_small-heap	= TA_DATA_SIZE=1048576 ta
VARIANT_four-sessions	= TA_DATA_SIZE=2500000 ta

$(VARIANT_OWNER) $(OTHER_OWNER): | $(OUT)/native/enc_mnist
	$(call say,KEY,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(OUT)/native/enc_mnist owner-key --output $(@:.pub=.pem) \
		--public $@ >/dev/null

# The public half of the key whose signature the board's OP-TEE wants.
$(SIGNER): | $(TA_DEPS) need-test
	$(Q)mkdir -p $(@D)
	$(Q)openssl pkey -in $(KIT_SIGN_KEY) -pubout -out $@

define variant
$(VARIANTS)/$1.done: all $(VARIANT_OWNER) $(OTHER_OWNER) $(SIGNER) FORCE
	+$$(Q)$$(MAKE) --no-print-directory OUT=$(VARIANTS)/$1 $(VARIANT_$1)
	$$(Q)touch $$@
endef
$(foreach name,$(VARIANT_NAMES),$(eval $(call variant,$(name))))

.PHONY: need-test
need-test:
	$(Q)scripts/need $(TEST_NEEDS)

# What is tested, what tests with it, and what has no test of its own but must
# build all the same.
CHECK_NEEDS	= all board need-test $(NATIVE_TESTS) $(DEVICE_TESTS) $(ATTACKS) \
		  $(TOOLS) $(SECRETS) $(FUZZ_PROGRAMS) $(ONNX_TESTS) \
		  $(VARIANT_NAMES:%=$(VARIANTS)/%.done) $(OUT)/native/train \
		  sanitized $(BENCH_BOARD) $(OUT)/native/bench/seal \
		  $(LIB_EXAMPLE) $(LIB_STANDIN) $(LIB_OWNER) \
		  $(DAEMON_STANDIN) $(MUSL)/program.done

# Memory that fontconfig keeps until the end is not our leak. Tests do not use
# OpenSSL's configuration, and MemorySanitizer reports how it is read.
TEST_ENV	= LSAN_OPTIONS=suppressions=tests/lsan.supp:print_suppressions=0 \
		  OPENSSL_CONF=/dev/null

# J: suites at a time, one more than processors: some wait for a clock. T: the
# only one. make fuzz has a T of its own.
J		?= $(shell echo $$(($$(nproc) + 1)))
RUN		= $(TEST_ENV) tests/run -j $(J) \
		  $(if $(filter command,$(origin T)),-t '$(T)')

SUITES		= $(NATIVE_TESTS) $(ASAN_TESTS) $(MSAN_TESTS_BUILT) \
		  $(wildcard tests/*.bats tests/*.suite \
		    tests/board/*.suite tests/attack/*.suite)

# MODELS: a folder of published networks, for more suites.
PUBLISHED	= $(wildcard tests/models/*.suite)
PUBLISHED_NEEDS	= $(OUT)/native/enc_mnist
ifneq ($(MODELS),)
export MODELS
export PYTHON3
SUITES		+= $(PUBLISHED)
PUBLISHED_NEEDS	+= all board $(VARIANTS)/models.done need-published
CHECK_NEEDS	+= $(PUBLISHED_NEEDS)
VARIANT_NAMES	+= models
VARIANT_models	= TA_DATA_SIZE=9437184 ta
$(eval $(call variant,models))
else
unexport MODELS
endif

.PHONY: need-published
need-published:
	$(Q)scripts/need python3-onnx python3-numpy

# A wrong T is refused here, before the minutes that building takes.
ifneq ($(filter check,$(MAKECMDGOALS)),)
ifeq ($(if $(T),$(origin T))$(findstring $(T),$(SUITES)),command line)
$(error no suite named "$(T)"; there are: $(sort $(basename $(notdir $(SUITES)))))
endif
endif

.PHONY: check
check: $(CHECK_NEEDS) ## Test: all tests, here and on the board; T=demo: one suite
	@$(RUN) $(SUITES)

.PHONY: build-check
build-check: $(CHECK_NEEDS) ## Test: build what make check needs, run nothing

.PHONY: model-tests
model-tests: $(PUBLISHED_NEEDS) need-test need-published ## Test: published networks, in the folder MODELS=dir
	@$(RUN) $(PUBLISHED)

# Lines of the TA and its parts that no native test runs.
.PHONY: coverage
coverage: need-test ## Test: which lines of the TA the native tests run
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(OUT)/coverage $(COVERAGE) \
		$(CORE_TESTS:$(OUT)/%=$(OUT)/coverage/%)
	$(Q)find $(OUT)/coverage -name '*.gcda' -delete
	@$(RUN) $(CORE_TESTS:$(OUT)/%=$(OUT)/coverage/%)
	@gcovr --root . --filter '(ta|nn|record|box|compat)/' --fail-under-line 95 \
		$(OUT)/coverage

# Short in make check and long with SOAK=1: the suites in tests/attack, and these.
SOAK_TESTS	= $(addprefix $(OUT)/native/tests/,test_daemon test_net_memory \
		    test_stream_large test_ta_faults) \
		  $(addsuffix /native/tests/test_ta_turns,$(OUT)/asan $(OUT)/msan) \
		  tests/update-script.bats \
		  $(addprefix tests/board/,bench.suite commands.suite \
		    device.suite dotprod.suite life.suite mnist.suite \
		    network.suite sealed.suite sealed-device.suite \
		    xtest.suite)

.PHONY: soak
soak: $(CHECK_NEEDS) ## Test: the attacks on the board at full length
	@SOAK=1 $(RUN) $(SOAK_TESTS) $(wildcard tests/attack/*.suite)
