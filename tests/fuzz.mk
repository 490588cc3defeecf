# SPDX-License-Identifier: Apache-2.0
#
# Fuzz targets: tests/fuzz/NAME.c is built with clang's libFuzzer and both
# sanitizers to $(OUT)/fuzz/bin/NAME, from sources of its own in
# $(OUT)/fuzz/obj; tests/fuzz/run runs it. FUZZ_SANITIZE=memory is for
# those targets that need no library: record, record8, container, head, stream,
# hex and image.

FUZZ_CC		= clang
FUZZ_NEEDS	= clang libclang-rt-dev
FUZZ_SANITIZE	= address,undefined
FUZZ_CFLAGS	= -std=gnu11 $(WARNINGS) -O1 -g -fno-omit-frame-pointer \
		  -fsanitize=$(FUZZ_SANITIZE) -fno-sanitize-recover=all

# What each target is about, and the libraries behind that.
FUZZ_SRCS_record	= nn/arch.c nn/pack.c nn/record.c \
			  nn/record_write.c
FUZZ_SRCS_record8	= nn/arch.c nn/dense8.c nn/pack.c nn/record8.c \
			  nn/record8_write.c
FUZZ_SRCS_container	= box/cbc_open.c box/cbc_seal.c
FUZZ_SRCS_head		= box/head.c box/envelope.c
FUZZ_SRCS_stream	= box/stream.c box/stream_open.c box/stream_seal.c
FUZZ_SRCS_model_json	= host/lib/error.c host/lib/file.c \
			  $(wildcard host/lib/model_json*.c)
FUZZ_LIBS_model_json	= -lyajl
FUZZ_SRCS_image		= host/lib/error.c host/lib/file.c host/lib/image.c \
			  host/lib/image_text.c host/lib/stb.c
FUZZ_LIBS_image		= -Wl,--wrap=realloc -Wl,--wrap=enc_stb_limit
FUZZ_SRCS_idx		= host/lib/error.c host/lib/file.c host/lib/idx.c
FUZZ_LIBS_idx		= -lz
FUZZ_SRCS_hex		= host/lib/error.c host/lib/file.c host/lib/hex.c

FUZZ_TA			= tests/fuzz/commands.c $(CLIENT_LIB_SRCS) \
			  $(wildcard ta/inference/*.c tests/standin/*.c)
FUZZ_SRCS_commands	= $(filter-out tests/fuzz/%,$(FUZZ_TA)) \
			  tests/lib/formula.c tests/lib/formula8.c host/lib/seal.c \
			  $(SEALED_MAKER_SRCS) \
			  $(wildcard nn/*.c box/*.c)
FUZZ_LIBS_commands	= -lcmocka -lcrypto -lm

FUZZ_NAMES	= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_PROGRAMS	= $(FUZZ_NAMES:%=$(OUT)/fuzz/bin/%)

$(OUT)/fuzz/obj/%.o: %.c $(OUT)/config | $(STB_INCLUDE)/stb need-native \
					 need-fuzz
	$(call say,CC,$< (fuzz))
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(HOST_CPPFLAGS) -isystem $(STB_INCLUDE) -MMD -MP \
		$(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link $(FILE_CFLAGS) \
		-c -o $@ $<

define fuzz_program
$(OUT)/fuzz/bin/$1: $(patsubst %.c,$(OUT)/fuzz/obj/%.o,tests/fuzz/$1.c \
		      $(FUZZ_SRCS_$1))
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $$@ $$^ \
		$(FUZZ_LIBS_$1)
endef
$(foreach name,$(FUZZ_NAMES),$(eval $(call fuzz_program,$(name))))

$(OUT)/fuzz/obj/host/lib/stb.o: FILE_CFLAGS = $(call STB_CFLAGS,$(FUZZ_CC))
$(FUZZ_TA:%.c=$(OUT)/fuzz/obj/%.o): FILE_CFLAGS = $(NATIVE_TA_CFLAGS)
$(FUZZ_TA:%.c=$(OUT)/fuzz/obj/%.o): | $(TEE_INCLUDE).done $(OWNER_HEADER)

.PHONY: need-fuzz
need-fuzz:
	$(Q)scripts/need $(FUZZ_NEEDS)

# T: seconds for each target; TARGET: one, or a few, instead of all.
T		= 60
TARGET		= $(FUZZ_NAMES)

ifeq ($(MAKECMDGOALS),fuzz)
ifneq ($(filter-out $(FUZZ_NAMES),$(TARGET)),)
$(error no fuzz target "$(TARGET)"; there are: $(FUZZ_NAMES))
endif
endif

.PHONY: fuzz
fuzz: $(TARGET:%=$(OUT)/fuzz/bin/%) ## parsers and TA fuzzed: T=60 seconds each, TARGET=record
	@OUT=$(OUT) RUNS= tests/fuzz/run $(T) $(TARGET)

-include $(wildcard $(OUT)/fuzz/obj/*/*.d $(OUT)/fuzz/obj/*/*/*.d)
