# The TA of the product, made of its objects: see bench/bench.mk.
global-incdirs-y += . ../..
srcs-y += memory.c
# The kit's library has the figures of its heap, and its header hides them.
global-cppflags-y += -DCFG_WITH_STATS
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
