# Sources outside this folder keep their place below the output folder, since
# that one is as deep as this one: see ta/ta.mk.
global-incdirs-y += . ../..
global-cppflags-y += -I$(ENC_MNIST_OWNER)

srcs-y += crypto.c device.c entry.c infer.c load.c load_sealed.c \
	  model_key.c object.c owner.c provision.c session.c status.c
srcs-y += ../../nn/arch.c ../../nn/dense.c ../../nn/dense8.c \
	  ../../nn/forward.c ../../nn/label.c ../../nn/model.c \
	  ../../nn/model_reader.c ../../nn/model_size.c ../../nn/pack.c \
	  ../../nn/record.c ../../nn/record8.c
srcs-y += ../../box/envelope.c ../../box/head.c ../../box/hpke.c \
	  ../../box/stream.c ../../box/stream_open.c ../../box/x25519.c

# The commands and the container of enc_mnist-rs.
srcs-$(ENC_MNIST_ORIGINAL) += cipher.c key.c load_cbc.c ../../box/cbc_open.c
srcs-$(ENC_MNIST_ENCRYPT_MODEL) += seal.c ../../box/cbc_seal.c

# The engine is where the time goes. -Os leaves its loops rolled up, GCC's first
# scheduler moves so much that sums do not stay in registers, and -mstrict-align,
# of the kit, loads each vector in four pieces; vectors need no alignment unless
# OP-TEE was built with CFG_SCTLR_ALIGNMENT_CHECK.
engine-cflags = -O3
ifeq ($(shell grep -sx CFG_SCTLR_ALIGNMENT_CHECK=y \
	$(TA_DEV_KIT_DIR)/host_include/conf.mk),)
engine-cflags += -mno-strict-align
endif
cflags-../../nn/forward.c-y += $(engine-cflags)
cflags-../../nn/record.c-y += $(engine-cflags)
cflags-../../nn/record8.c-y += $(engine-cflags)
cflags-../../nn/dense.c-y += $(engine-cflags) -fno-schedule-insns \
			     -fira-algorithm=priority -fno-rerun-cse-after-loop
cflags-../../nn/dense8.c-y += $(engine-cflags) -fno-schedule-insns \
			      -fno-tree-ter $(ENC_MNIST_DOTPROD)

global-cppflags-$(ENC_MNIST_ORIGINAL) += -DENC_MNIST_ORIGINAL
global-cppflags-$(ENC_MNIST_ENCRYPT_MODEL) += -DENC_MNIST_ENCRYPT_MODEL
global-cppflags-$(ENC_MNIST_KNOWN_SIGN_KEY) += -DENC_MNIST_KNOWN_SIGN_KEY
global-cppflags-y += $(ENC_MNIST_FLOORS)
ifdef TA_DATA_SIZE
global-cppflags-y += -DTA_DATA_SIZE=$(TA_DATA_SIZE)
endif
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
