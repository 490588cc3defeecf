# SPDX-License-Identifier: Apache-2.0
#
# Fuzz targets: tests/fuzz/NAME.c is built with clang's libFuzzer and both
# sanitizers to $(OUT)/fuzz/bin/NAME; tests/fuzz/run runs it. They are a world
# of their own (host/host.mk). FUZZ_SANITIZE=memory works only for targets that
# need no library: record, net, container, head, stream, hex and image.

FUZZ_CC		= clang
FUZZ_NEEDS	= clang libclang-rt-dev
FUZZ_SANITIZE	= address,undefined

fuzz_CC		= $(FUZZ_CC)
fuzz_CPPFLAGS	= $(native_CPPFLAGS)
fuzz_CFLAGS	= -O1 -g -fno-omit-frame-pointer -U_FORTIFY_SOURCE \
		  -fsanitize=$(FUZZ_SANITIZE) -fno-sanitize-recover=all \
		  -fsanitize=fuzzer-no-link
fuzz_LDFLAGS	= -fsanitize=fuzzer,$(FUZZ_SANITIZE)
# For an instrumented engine at -O3, clang takes minutes.
$(ENGINE:%=$(OUT)/fuzz/obj/nn/%.o): private FILE_CFLAGS =
fuzz_WAITS	= $(native_WAITS) need-fuzz

FUZZ_NAMES	= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_PROGRAMS	= $(FUZZ_NAMES:%=$(OUT)/fuzz/bin/%)

# The objects that each target links, and their libraries.
FUZZ_LINKS_record	= record/write record nn
FUZZ_LINKS_net		= record nn
FUZZ_LINKS_container	= compat
FUZZ_LINKS_head		= box
FUZZ_LINKS_stream	= box/seal box
FUZZ_LINKS_model_json	= host/compat host/base
FUZZ_LIBS_model_json	= -lyajl
FUZZ_LINKS_image	= host/image host/base
FUZZ_LIBS_image		= -Wl,--wrap=realloc -Wl,--wrap=enc_stb_limit
FUZZ_LINKS_idx		= host/image host/base
FUZZ_LIBS_idx		= -lz
FUZZ_LINKS_npy		= host/image host/base
FUZZ_LINKS_hex		= host/base
FUZZ_LINKS_tflite	= host/import host/base
FUZZ_LINKS_onnx		= host/import host/base
FUZZ_LINKS_quantize	= host/import host/base record/write record nn
FUZZ_LINKS_commands	= $(TA_LINKS)
FUZZ_LIBS_commands	= -lcmocka -lcrypto

define fuzz_program
$(OUT)/fuzz/bin/$1: $(OUT)/fuzz/obj/tests/fuzz/$1.o \
		    $(FUZZ_LINKS_$1:%=$(OUT)/fuzz/lib/%.a)
	$$(call say,LD,$$@)
	$$(call test_link,fuzz) $(FUZZ_LIBS_$1) -lm
endef
$(foreach name,$(FUZZ_NAMES),$(eval $(call fuzz_program,$(name))))

# The initial inputs of a target; tests/fuzz/pack packs them.
$(FUZZ_PROGRAMS): $(OUT)/fuzz/bin/%: | $(OUT)/fuzz/corpus/%.done

$(OUT)/fuzz/corpus/%.done: tests/fuzz/corpus/%.tar.gz
	$(Q)mkdir -p $(@D)
	$(Q)rm -rf $(OUT)/fuzz/corpus/$*
	$(Q)tar -xzf $< --no-same-owner -C $(@D)
	$(Q)touch $@

.PHONY: need-fuzz
need-fuzz:
	$(Q)scripts/need $(FUZZ_NEEDS)

# T: seconds for each target; TARGET: only this target or these.
T		= 60
TARGET		= $(FUZZ_NAMES)

ifeq ($(MAKECMDGOALS),fuzz)
ifneq ($(filter-out $(FUZZ_NAMES),$(TARGET)),)
$(error no fuzz target "$(TARGET)"; there are: $(FUZZ_NAMES))
endif
endif

.PHONY: fuzz
fuzz: $(TARGET:%=$(OUT)/fuzz/bin/%) ## Test: fuzz parsers and TA: T=60 seconds each, TARGET=record
	@OUT=$(OUT) RUNS= tests/fuzz/run $(T) $(TARGET)
