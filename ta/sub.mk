# SPDX-License-Identifier: Apache-2.0
#
# The TA consists of whole folders. Sources outside of ta/ keep their place
# below the output folder, because that lies as deep as ta/: see ta.mk.
global-incdirs-y += ..
# Flags for all files: kits before 4.5 have no global-cppflags-y.
cppflags$(sm) += -I$(ENC_MNIST_OWNER)

folders = ../ta ../nn ../record ../box
# Sealed models are networks; Burn records, and the engine for them alone, are
# there for models of enc_mnist-rs.
left-out =
ifeq ($(ENC_MNIST_COMPAT),y)
folders += ../ta/compat ../compat
else
left-out += ../record/burn.c $(patsubst %,../nn/%.c, \
	    arch dense forward label pack)
endif
ifneq ($(ENC_MNIST_ENCRYPT_MODEL),y)
left-out += compat/crypt.c ../compat/cbc_seal.c
endif
srcs-y += $(filter-out $(left-out),$(patsubst ../ta/%,%, \
	    $(wildcard $(addsuffix /*.c,$(folders)))))

# The engine takes most of the time. -Os leaves its loops rolled up. GCC's first
# scheduler moves so much that sums do not stay in registers. The kit's
# -mstrict-align (-mno-unaligned-access with 32 bits) loads each vector in
# pieces; vectors need no alignment unless OP-TEE was built with
# CFG_SCTLR_ALIGNMENT_CHECK.
include ../nn/arm32.mk
known = $(foreach f,$1,$(call cc-option,$f))
engine-cflags = -O3
ifeq ($(sm),ta_arm32)
engine-cflags += $(call arm32_fpu,$(cflags$(sm))) $(call known,$(arm32_math))
endif
ifeq ($(shell grep -sx CFG_SCTLR_ALIGNMENT_CHECK=y \
	$(TA_DEV_KIT_DIR)/host_include/conf.mk),)
engine-cflags += $(call cc-option,-mno-strict-align,-munaligned-access)
endif
engine = forward binary convert gather matmul move norm pool reduce resize \
	 softmax unary conv conv32 conv8 depthwise
$(foreach f,$(engine),$(eval cflags-../nn/$(f).c-y += $(engine-cflags)))
tile-cflags = $(call known,-fno-schedule-insns -fno-tree-ter \
		-fno-rerun-cse-after-loop)
cflags-../nn/conv32.c-y += $(tile-cflags)
cflags-../nn/conv8.c-y += $(tile-cflags)
cflags-../nn/depthwise.c-y += $(tile-cflags)
$(foreach f,binary conv8 depthwise,$(eval \
	cflags-../nn/$(f).c-y += $(ENC_MNIST_DOTPROD)))
cflags-../record/burn.c-y += $(engine-cflags)
cflags-../nn/dense.c-y += $(engine-cflags) $(call known,-fno-schedule-insns \
			  -fira-algorithm=priority -fno-rerun-cse-after-loop)

cppflags$(sm) += $(if $(ENC_MNIST_COMPAT),-DENC_MNIST_COMPAT) \
		 $(if $(ENC_MNIST_ENCRYPT_MODEL),-DENC_MNIST_ENCRYPT_MODEL) \
		 -DENC_MNIST_SIGN_KEY=$(ENC_MNIST_SIGN_KEY) \
		 $(ENC_MNIST_UUID_CPPFLAGS) $(ENC_MNIST_NUMBERS)
ifdef TA_DATA_SIZE
cppflags$(sm) += -DTA_DATA_SIZE=$(TA_DATA_SIZE)
endif
# A kit of 32 bits lets the compiler change sums of floats.
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    $(call known,-fno-unsafe-math-optimizations) $(ENC_MNIST_WERROR)
