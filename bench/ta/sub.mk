global-incdirs-y += .
srcs-y += bench_ta.c
cflags-y += -std=gnu11 -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	    -Werror
