# The TA of the product, linked from its own objects: see bench/bench.mk.
global-incdirs-y += . ../..
global-cppflags-y += $(ENC_MNIST_UUID_CPPFLAGS)
srcs-y += memory.c
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
