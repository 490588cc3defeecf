# The engine is not compiled for the bench: it is made of the objects that the TA
# of the product has, see bench/bench.mk. The plain references are compiled as
# well as the engine is.
global-incdirs-y += . ../..
srcs-y += bench_ta.c ../../bench/forward.c ../../testkit/plain.c \
	  ../../testkit/plain8.c
cflags-../../testkit/plain.c-y += -O3 -mno-strict-align
cflags-../../testkit/plain8.c-y += -O3 -mno-strict-align
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
