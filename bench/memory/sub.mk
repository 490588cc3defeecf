# The TA of the product, linked from its own objects: see bench/bench.mk.
global-incdirs-y += . ../..
srcs-y += memory.c
# The kit's library has statistics of its heap; its header declares them only
# with this.
global-cppflags-y += -DCFG_WITH_STATS
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
