# SPDX-License-Identifier: Apache-2.0
#
# Programs and libraries outside of the TEE. A folder is a library: its sources
# become $(OUT)/WORLD/lib/FOLDER.a. There are two worlds: native, the
# workstation, and device; tests/fuzz.mk adds a third one.
#
# Each program links the folders that it may know. The linker reads them once,
# in this order, so a folder can only call the folders behind it.

FOLDERS		= host/cli host/daemon lib/device lib/owner lib host/import \
		  host/token host/owner host/compat/device host/device \
		  host/compat host/record host/image host/public host/base \
		  box/seal record/write record compat box nn

# The workstation has the owner's keys and no TEE; the device is the reverse.
# Its program explains the commands of a device, too. It does not reference their
# code, and so the linker leaves it out.
NATIVE_FOLDERS	= host/cli lib/owner lib host/import host/token host/owner \
		  host/record host/image host/public host/base box/seal \
		  record/write record box nn
DEVICE_FOLDERS	= host/cli lib/device lib host/device host/image host/public host/base box nn

# Not those of the environment.
HOST_FEATURES	=
PLOT_LIBS	=
CAIRO_INCLUDE	=

# The format of enc_mnist-rs.
ifneq ($(filter compat,$(ENABLED)),)
NATIVE_FOLDERS	+= host/compat
DEVICE_FOLDERS	+= host/compat/device host/compat
HOST_FEATURES	+= -DENC_MNIST_COMPAT
endif
ifneq ($(filter encrypt-model,$(ENABLED)),)
NATIVE_FOLDERS	+= compat
DEVICE_FOLDERS	+= host/record record compat
HOST_FEATURES	+= -DENC_MNIST_ENCRYPT_MODEL
endif

HOST_LIBS	= -lcrypto -lyajl -lz -lm -lpthread
ifneq ($(filter plot,$(ENABLED)),)
LEFT_OUT	= host/image/plot_none.c
HOST_FEATURES	+= -DENC_MNIST_PLOT
PLOT_LIBS	= -lcairo
CAIRO_INCLUDE	= /usr/include/cairo
else
LEFT_OUT	= host/image/plot.c
endif

# objects WORLD, FOLDERS; libraries WORLD, FOLDERS: in the linker's order
objects		= $(patsubst %.c,$(OUT)/$1/obj/%.o,$(filter-out \
		    $(LEFT_OUT),$(wildcard $(addsuffix /*.c,$2))))
libraries	= $(patsubst %,$(OUT)/$1/lib/%.a,$(filter $2,$(FOLDERS)))

### Flags

# _FORTIFY_SOURCE, unless the compiler sets it by itself. Each compiler is asked
# once: see define world.
FORTIFY		= $(if $(findstring _FORTIFY_SOURCE,$(shell $1 -O2 -dM -E -x c \
		    /dev/null 2>/dev/null)),,-D_FORTIFY_SOURCE=2)
CFLAGS		?= -O2 -g -fstack-protector-strong $(WORLD_FORTIFY)
WARNINGS	?= -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
		   -Wstrict-prototypes -Wmissing-prototypes
# Files of 2 GiB and more, and years after 2038, on processors of 32 bits.
LARGE		= -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
# The programs do not depend on the path of the sources.
HOST_CPPFLAGS	= -I. -D_GNU_SOURCE $(LARGE) $(UUID_CPPFLAGS) $(HOST_FEATURES) \
		  $(CPPFLAGS) \
		  -ffile-prefix-map=$(CURDIR)=.
HOST_CFLAGS	= -std=gnu11 $(WARNINGS) $(WERROR) $(CFLAGS) -fPIC \
		  -fvisibility=hidden \
		  -ffunction-sections -fdata-sections
HOST_LDFLAGS	= -pie -Wl,-z,relro,-z,now -Wl,--gc-sections $(LDFLAGS)

# known COMPILER, FLAGS: those that the compiler has.
known		= $(foreach flag,$2,$(shell $1 -Werror $(flag) -fsyntax-only \
		    -x c /dev/null 2>/dev/null && echo " $(flag)"))

# The engine's tiles need unrolled loops, and sums that stay in registers. On
# Arm, GCC's first scheduler moves so much that they do not.
ENGINE		= dense forward binary conv conv32 conv8 convert \
		  depthwise gather matmul move norm pool reduce resize softmax unary
$(foreach file,$(ENGINE),$(eval \
	$(OUT)/%/nn/$(file).o: private FILE_CFLAGS = -O3))
$(OUT)/device/obj/nn/dense.o: private FILE_CFLAGS = -O3 $(call \
	known,$(WORLD_CC),-fno-schedule-insns -fira-algorithm=priority \
	  -fno-rerun-cse-after-loop)
TILE_CFLAGS	= -O3 $(call known,$(WORLD_CC),-fno-schedule-insns \
		    -fno-tree-ter -fno-rerun-cse-after-loop)
$(OUT)/device/obj/nn/conv32.o: private FILE_CFLAGS = $(TILE_CFLAGS)
$(OUT)/device/obj/nn/conv8.o $(OUT)/device/obj/nn/depthwise.o: private \
	FILE_CFLAGS = $(TILE_CFLAGS) $(DOTPROD_CFLAGS)
$(OUT)/device/obj/nn/binary.o: private FILE_CFLAGS = -O3 $(DOTPROD_CFLAGS)

# On 32-bit Arm. Tests keep lengths of 64 bits in a size_t.
include nn/arm32.mk
ARM32_CFLAGS	= $(call arm32_fpu,$(WORLD_CC) $(CFLAGS)) \
		  $(if $(filter nn/% %/test_net_math.c,$<),$(call \
		    known,$(WORLD_CC),$(arm32_math))) \
		  $(if $(filter tests/% testkit/%,$<),-Wno-conversion)

# The image decoder is not ours: no warnings. UBSan must not report that it
# shifts into the sign bit, moves two floats at once at any address, adds 0 to a
# null pointer, and copies 0 bytes there. It takes a colour that is not in a
# picture's palette from its uninitialised stack. The compiler makes that black,
# if it can: gcc from 12 on; clang before 16 needs a second option.
$(OUT)/%/host/image/stb.o: private FILE_CFLAGS = -w $(call init_stack,$(WORLD_CC)) \
	-fno-sanitize=shift,alignment,pointer-overflow,nonnull-attribute

init_stack	= $(shell for flags in $(STACK_ZERO) \
		  "$(STACK_ZERO) $(STACK_ZERO_CLANG)"; do \
			$1 $$flags -fsyntax-only -x c /dev/null 2>/dev/null && \
				echo $$flags && break; \
		  done)
STACK_ZERO	= -ftrivial-auto-var-init=zero
STACK_ZERO_CLANG = \
	-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang

### Worlds

# world NAME: rules for the objects and libraries of a world. It has $(NAME_CC),
# $(NAME_CPPFLAGS), $(NAME_LDFLAGS), and $(NAME_WAITS): what must exist before
# anything is compiled.
define world
$(OUT)/$1/%: private WORLD_CC = $$($1_CC)
$(OUT)/$1/%: private WORLD_FORTIFY = $$($1_FORTIFY)
$(OUT)/$1/%: private WORLD_ARM32 = $$($1_ARM32)
$1_ARM32	= $$(eval $1_ARM32 := $$(call is_arm32,$$($1_CC)))$$($1_ARM32)
$1_FORTIFY	= $$(eval $1_FORTIFY := $$(call FORTIFY,$$($1_CC)))$$($1_FORTIFY)

$(OUT)/$1/obj/%.o: %.c $(OUT)/config | $($1_WAITS)
	$$(call say,CC,$$<$(if $(filter-out native,$1), ($1)))
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$($1_CC) $$(HOST_CPPFLAGS) $$($1_CPPFLAGS) -MMD -MP \
		$$(HOST_CFLAGS) $$(if $$(WORLD_ARM32),$$(ARM32_CFLAGS)) \
		$$($1_CFLAGS) $$(FILE_CFLAGS) -c -o $$@ $$<

$(OUT)/$1/lib/%.a:
	$$(Q)mkdir -p $$(@D)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^

$(foreach folder,$(FOLDERS) $(TEST_FOLDERS),
$(OUT)/$1/lib/$(folder).a: $(call objects,$1,$(folder)))

-include $(wildcard $(addprefix $(OUT)/$1/obj/,*/*.d */*/*.d */*/*/*.d))
endef

# Links a program of a world: its own objects, then libraries.
link		= $(Q)$($1_CC) $(HOST_LDFLAGS) $($1_LDFLAGS) -o $@ $^

### The workstation

native_CC	= $(HOSTCC)
native_CPPFLAGS	= -DENC_MNIST_OWNER_TOOLS -isystem $(STB_INCLUDE) \
		  -isystem $(P11_INCLUDE) $(CAIRO_INCLUDE:%=-isystem %)
native_WAITS	= $(STB_INCLUDE)/stb need-native
NATIVE_NEEDS	= gcc libc6-dev libyajl-dev zlib1g-dev libssl-dev \
		  libcairo2-dev libp11-kit-dev
P11_INCLUDE	= /usr/include/p11-kit-1
P11_LIBS	= -lp11-kit
NATIVE_LIBS	= $(call libraries,native,$(NATIVE_FOLDERS))

$(OUT)/native/enc_mnist: $(OUT)/native/obj/host/cli/main.o $(NATIVE_LIBS)
	$(call say,LD,$@)
	$(call link,native) $(HOST_LIBS) $(PLOT_LIBS) $(P11_LIBS)

.PHONY: need-native
need-native:
	$(Q)scripts/need $(NATIVE_NEEDS)

# stb has only headers. Both builds use those of the board's tree, so that both
# resize an image to the same pixels.
STB_INCLUDE	?= $(OUT)/native/include
ifeq ($(origin STB_INCLUDE),file)
$(STB_INCLUDE)/stb: $(BOARD)/tree.done
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn $(BOARD_TREE)/usr/include/stb $@
endif

### The device

device_CC	= $(DEVICE_CC)
DEVICE_LIBS	= $(call libraries,device,$(DEVICE_FOLDERS))

# A board other than the one in QEMU comes with its own compiler, libraries and
# headers: nothing is installed or downloaded for it.
ifdef OPTEE_CLIENT_EXPORT
device_CPPFLAGS	= -I$(OPTEE_CLIENT_EXPORT)/include \
		  -I$(OPTEE_CLIENT_EXPORT)/usr/include
device_LDFLAGS	= -L$(OPTEE_CLIENT_EXPORT)/lib -L$(OPTEE_CLIENT_EXPORT)/usr/lib
device_WAITS	=
else
device_CPPFLAGS	= $(BOARD_CFLAGS)
device_LDFLAGS	= $(BOARD_LDFLAGS)
device_WAITS	= $(BOARD)/tree.done need-device
endif
device_CPPFLAGS	+= $(CAIRO_INCLUDE:%=-isystem =%)

$(OUT)/device/enc_mnist: $(OUT)/device/obj/host/cli/main.o $(DEVICE_LIBS)
	$(call say,LD,$@)
	$(call link,device) $(HOST_LIBS) $(PLOT_LIBS) -lteec

.PHONY: need-device
need-device:
	$(Q)scripts/need gcc-aarch64-linux-gnu libc6-dev-arm64-cross

### Manual page and shell completion

# All of it comes from the tables by which the programs parse their options. The
# manual page has the commands of both programs, the completion those of its
# own.
SHARE		= $(OUT)/native/share/enc_mnist.1 \
		  $(foreach world,native device,$(addprefix \
		    $(OUT)/$(world)/share/,enc_mnist.bash _enc_mnist))
DESCRIBE	= host/describe/describe.c host/cli/commands.c host/cli/help.c

define share
$(OUT)/$1/share/describe: $(DESCRIBE) $(OUT)/config \
	$(wildcard host/cli/*.h proto/*.h) | need-describe
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(BUILD_CC) -std=gnu11 $$(WARNINGS) $$(WERROR) -I. -D_GNU_SOURCE \
		$$(HOST_FEATURES) $2 -DENC_MNIST_WORDS_ALONE \
		-o $$@ $$(DESCRIBE)

$(OUT)/$1/share/%: host/describe/%.in $(OUT)/$1/share/describe
	$$(Q)$$(@D)/describe $$< >$$@
endef
$(eval $(call share,native,-DENC_MNIST_OWNER_TOOLS))
$(eval $(call share,device))

.PHONY: need-describe
need-describe:
	$(if $(OPTEE_CLIENT_EXPORT),,$(Q)scripts/need gcc libc6-dev)
