# The engine is not compiled for the bench: the linker takes the objects of the
# product's TA, see bench/bench.mk. The plain references are compiled with the
# same optimisation as the engine.
global-incdirs-y += . ../..
srcs-y += bench_ta.c ../../bench/forward.c ../../testkit/plain.c \
	  ../../testkit/plain8.c
cflags-../../testkit/plain.c-y += -O3 -mno-strict-align
cflags-../../testkit/plain8.c-y += -O3 -mno-strict-align
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
