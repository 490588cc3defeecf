# The engine is not compiled for the bench: the linker takes the objects of the
# product's TA, see bench/bench.mk. The plain reference is compiled with the same
# optimisation as the engine.
global-incdirs-y += . ../..
srcs-y += bench_ta.c ../../bench/forward.c ../../bench/network.c \
	  ../../testkit/plain.c
cflags-../../testkit/plain.c-y += -O3 $(call cc-option,-mno-strict-align)
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
