# Sources outside this folder keep their place below the output folder, since
# that one is as deep as this one: see ta/ta.mk.
global-incdirs-y += . ../..

srcs-y += cipher.c entry.c infer.c key.c load.c session.c
srcs-$(ENC_MNIST_ENCRYPT_MODEL) += seal.c
srcs-y += ../../box/cbc_open.c
srcs-$(ENC_MNIST_ENCRYPT_MODEL) += ../../box/cbc_seal.c
srcs-y += ../../nn/arch.c ../../nn/forward.c ../../nn/record.c

# The engine is where the time goes. -Os leaves its loops rolled up, and
# -mstrict-align, of the kit, loads each vector in four pieces; vectors need no
# alignment unless OP-TEE was built with CFG_SCTLR_ALIGNMENT_CHECK.
cflags-../../nn/forward.c-y += -O3
ifeq ($(shell grep -sx CFG_SCTLR_ALIGNMENT_CHECK=y \
	$(TA_DEV_KIT_DIR)/host_include/conf.mk),)
cflags-../../nn/forward.c-y += -mno-strict-align
endif

global-cppflags-$(ENC_MNIST_ENCRYPT_MODEL) += -DENC_MNIST_ENCRYPT_MODEL
ifdef TA_DATA_SIZE
global-cppflags-y += -DTA_DATA_SIZE=$(TA_DATA_SIZE)
endif
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
