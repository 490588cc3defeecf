# SPDX-License-Identifier: Apache-2.0
#
# The device's program with musl, static, as an embedded Linux may have it. Debian
# has musl for arm64, but builds OpenSSL, yajl and zlib for glibc: tests/musl has
# what their static archives want of it, and takes the place of libteec.

MUSL		= $(abspath $(OUT))/musl
MUSL_CC		= aarch64-linux-gnu-gcc -specs=$(MUSL)/specs \
		  -idirafter $(BOARD_TREE)/usr/include \
		  -idirafter $(BOARD_TREE)/usr/include/aarch64-linux-gnu
MUSL_LIBS	= $(BOARD_TREE)/usr/lib/aarch64-linux-gnu
MUSL_TESTS	= $(wildcard tests/musl/*.c)

$(MUSL)/tree.done: board/packages.lock board/unpack
	$(Q)board/unpack $(MUSL)/tree musl
	$(Q)touch $@

# -lcrypto brings what it needs, in any order.
$(MUSL)/lib.done: $(MUSL)/tree.done $(BOARD)/tree.done $(MUSL_TESTS) tests/musl.mk | need-device
	$(call say,CC,$(MUSL_TESTS))
	$(Q)sed 's,/usr/\(include\|lib\)/,$(MUSL)/tree&,g' \
		$(MUSL)/tree/usr/lib/aarch64-linux-musl/musl-gcc.specs \
		>$(MUSL)/specs
	$(Q)rm -rf $(MUSL)/lib && mkdir -p $(MUSL)/lib
	$(Q)cd $(MUSL)/lib && for source in $(abspath $(MUSL_TESTS)); do \
		$(MUSL_CC) -std=gnu11 -O2 $(WARNINGS) $(WERROR) \
			-Wno-missing-prototypes -c $$source || exit; \
	done && $(AR) rc libteec.a *.o
	$(Q)ln -s $(MUSL_LIBS)/libyajl_s.a $(MUSL)/lib/libyajl.a
	$(Q)ln -s $(MUSL_LIBS)/libz.a $(MUSL)/lib
	$(Q)echo 'GROUP($(MUSL_LIBS)/libcrypto.a $(MUSL_LIBS)/libzstd.a' \
		'$(MUSL)/lib/libz.a $(MUSL)/lib/libteec.a)' \
		>$(MUSL)/lib/libcrypto.a
	$(Q)touch $@

$(MUSL)/program.done: $(MUSL)/lib.done $(OWN_KEY) FORCE
	+$(Q)$(MAKE) -s --no-print-directory OUT=$(MUSL) \
		DEVICE_CC="$(MUSL_CC)" OPTEE_CLIENT_EXPORT=$(MUSL) \
		STB_INCLUDE=$(BOARD_TREE)/usr/include NO_FEATURES=1 \
		LDFLAGS=-static-pie device
	$(Q)touch $@
