# SPDX-License-Identifier: Apache-2.0
#
# The host program, twice from one source: $(OUT)/native/enc_mnist for the
# owner's workstation, which has no TEE, and $(OUT)/device/enc_mnist for the
# device.

HOST_SRCS	= $(addprefix host/cli/,answers.c clock.c device_key.c eval.c \
		    infer.c inspect.c inspect_json.c json.c main.c options.c progress.c \
		    provision.c show.c status.c) \
		  $(addprefix host/lib/,crypto.c envelope.c error.c file.c \
		    format.c hex.c idx.c image.c image_text.c inspect.c load.c \
		    owner.c provision.c public_key.c status.c stb.c) \
		  $(addprefix box/,envelope.c head.c stream.c x25519.c) \
		  $(addprefix nn/,arch.c dense8.c model_size.c pack.c)
HOST_LIBS	= -lcrypto -lyajl -lz -lm -lpthread
HOST_CPPFLAGS	= -I. -D_GNU_SOURCE

# What only the owner of models does, with keys that no device has.
OWNER_SRCS	= $(addprefix host/cli/,key.c owner_key.c quantize.c seal.c \
		    wrap.c) \
		  $(addprefix host/lib/,accuracy.c hasher.c head.c \
		    owner_secret.c quantize.c sealed.c stream_seal.c wrap.c) \
		  box/hpke.c box/stream_seal.c $(RECORD_SRCS) \
		  $(addprefix nn/,dense.c forward.c label.c model.c \
		    record8_write.c)

# Records, as the TA reads them.
RECORD_SRCS	= $(addprefix host/lib/,record.c record_words.c) \
		  $(addprefix nn/,model_reader.c record.c record8.c)

# The way to the TA.
TEE_SRCS	= $(addprefix host/lib/,tee.c tee_error.c tee_keys.c tee_load.c \
		    tee_shared.c tee_watch.c)

# The key and the models of enc_mnist-rs.
ifneq ($(filter original,$(ENABLED)),)
HOST_SRCS	+= $(addprefix host/cli/,key.c store_key.c) \
		   $(addprefix host/lib/,load_json.c model_json.c \
		     model_json_check.c model_json_doc.c model_json_scan.c)
TEE_SRCS	+= host/lib/tee_original.c
HOST_CPPFLAGS	+= -DENC_MNIST_ORIGINAL
else
HOST_SRCS	+= host/lib/load_json_none.c
endif
ifneq ($(filter encrypt-model,$(ENABLED)),)
HOST_SRCS	+= host/cli/encrypt_model.c host/cli/verify_model.c \
		   $(addprefix host/lib/,model_json_write.c seal.c) \
		   box/cbc_open.c box/cbc_seal.c $(RECORD_SRCS)
HOST_CPPFLAGS	+= -DENC_MNIST_ENCRYPT_MODEL
endif
ifneq ($(filter plot,$(ENABLED)),)
HOST_SRCS	+= host/lib/plot.c
HOST_LIBS	+= -lcairo
CAIRO_INCLUDE	= /usr/include/cairo
else
HOST_SRCS	+= host/lib/plot_none.c
endif

CFLAGS		?= -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2
WARNINGS	= -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
		  -Wstrict-prototypes -Wmissing-prototypes -Werror
HOST_CFLAGS	= -std=gnu11 $(WARNINGS) $(CFLAGS) -fPIE
HOST_LDFLAGS	= -pie -Wl,-z,relro,-z,now $(LDFLAGS)

# The engine's tiles want to be unrolled, and their sums to stay in registers:
# GCC's first scheduler, for aarch64, moves so much that they do not.
$(OUT)/%/nn/dense.o: FILE_CFLAGS = -O3
$(OUT)/%/nn/dense8.o: FILE_CFLAGS = -O3
$(OUT)/%/nn/forward.o: FILE_CFLAGS = -O3
$(OUT)/device/obj/nn/dense.o: FILE_CFLAGS = -O3 -fno-schedule-insns \
					   -fira-algorithm=priority \
					   -fno-rerun-cse-after-loop
$(OUT)/device/obj/nn/dense8.o: FILE_CFLAGS = -O3 -fno-schedule-insns \
					    -fno-tree-ter $(DOTPROD_CFLAGS)

# The images' decoder is not ours to warn about, nor that it shifts into the sign
# bit, moves two floats at once wherever they lie, adds 0 to a null pointer, and
# copies 0 bytes there. A colour that is not in a picture's palette it takes from
# its stack: the compiler makes it black, if it can (from gcc 12 on; clang before
# 16 wants to be asked twice).
STB_CFLAGS	= -w $(call init_stack,$1) \
		  -fno-sanitize=shift,alignment,pointer-overflow,nonnull-attribute
$(OUT)/native/obj/host/lib/stb.o: FILE_CFLAGS = $(call STB_CFLAGS,$(NATIVE_CC))
$(OUT)/device/obj/host/lib/stb.o: FILE_CFLAGS = $(call STB_CFLAGS,$(DEVICE_CC))

init_stack	= $(shell for flags in $(STACK_ZERO) \
		  "$(STACK_ZERO) $(STACK_ZERO_CLANG)"; do \
			$1 $$flags -fsyntax-only -x c /dev/null 2>/dev/null && \
				echo $$flags && break; \
		  done)
STACK_ZERO	= -ftrivial-auto-var-init=zero
STACK_ZERO_CLANG = \
	-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang

# stb has only headers: those of the board's tree serve both builds, so that
# both resize an image to the same pixels.
STB_INCLUDE	= $(OUT)/native/include

$(STB_INCLUDE)/stb: $(BOARD)/tree.done
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn $(BOARD_TREE)/usr/include/stb $@

### Native

NATIVE_CC	= $(HOSTCC)
NATIVE_NEEDS	= gcc libc6-dev libyajl-dev zlib1g-dev libssl-dev \
		  libcairo2-dev
NATIVE_CPPFLAGS	= -DENC_MNIST_OWNER_TOOLS
NATIVE_OBJS	= $(patsubst %.c,$(OUT)/native/obj/%.o, \
		    $(sort $(HOST_SRCS) $(OWNER_SRCS) host/lib/tee_none.c))

$(OUT)/native/obj/%.o: %.c $(OUT)/config | $(STB_INCLUDE)/stb need-native
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(NATIVE_CC) $(HOST_CPPFLAGS) $(NATIVE_CPPFLAGS) -isystem $(STB_INCLUDE) \
		$(CAIRO_INCLUDE:%=-isystem %) -MMD -MP \
		$(HOST_CFLAGS) $(FILE_CFLAGS) -c -o $@ $<

$(OUT)/native/enc_mnist: $(NATIVE_OBJS)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(HOST_LIBS)

.PHONY: need-native
need-native:
	$(Q)scripts/need $(NATIVE_NEEDS)

### Device

DEVICE_CC	= $(CROSS_COMPILE_HOST)gcc
DEVICE_OBJS	= $(patsubst %.c,$(OUT)/device/obj/%.o, \
		    $(sort $(HOST_SRCS) $(TEE_SRCS)))

ifdef OPTEE_CLIENT_EXPORT
DEVICE_CPPFLAGS	= -I$(OPTEE_CLIENT_EXPORT)/include \
		  -I$(OPTEE_CLIENT_EXPORT)/usr/include
DEVICE_LDFLAGS	= -L$(OPTEE_CLIENT_EXPORT)/lib -L$(OPTEE_CLIENT_EXPORT)/usr/lib
DEVICE_DEPS	=
else
DEVICE_CPPFLAGS	= $(BOARD_CFLAGS)
DEVICE_LDFLAGS	= $(BOARD_LDFLAGS)
DEVICE_DEPS	= $(BOARD)/tree.done need-device
endif

$(OUT)/device/obj/%.o: %.c $(OUT)/config | $(DEVICE_DEPS)
	$(call say,CC,$< (device))
	$(Q)mkdir -p $(@D)
	$(Q)$(DEVICE_CC) $(HOST_CPPFLAGS) $(DEVICE_CPPFLAGS) \
		$(CAIRO_INCLUDE:%=-isystem =%) -MMD -MP \
		$(HOST_CFLAGS) $(FILE_CFLAGS) -c -o $@ $<

$(OUT)/device/enc_mnist: $(DEVICE_OBJS)
	$(call say,LD,$@)
	$(Q)$(DEVICE_CC) $(HOST_LDFLAGS) $(DEVICE_LDFLAGS) -o $@ $^ \
		$(HOST_LIBS) -lteec

.PHONY: need-device
need-device:
	$(Q)scripts/need gcc-aarch64-linux-gnu libc6-dev-arm64-cross

-include $(NATIVE_OBJS:.o=.d) $(DEVICE_OBJS:.o=.d)
