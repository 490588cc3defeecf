# SPDX-License-Identifier: Apache-2.0
#
# The parts that tests link besides the product, and the native TA on the
# stand-in for OP-TEE. Of OP-TEE's headers it uses those that the TA and its
# client include, and the headers that these include.

TEST_FOLDERS	= tests/lib testkit tests/standin ta ta/compat

TEE_INCLUDE	= $(OUT)/native/include/tee

$(TEE_INCLUDE).done: tests/standin.mk $(BOARD)/tree.done
	$(Q)mkdir -p $(TEE_INCLUDE)
	$(Q)for h in tee_internal_api tee_internal_api_extensions tee_api \
		tee_api_compat tee_api_defines tee_api_defines_extensions \
		tee_api_types user_ta_header util trace trace_levels \
		compiler string_ext; do \
		ln -sf $(BOARD_KIT)/include/$$h.h $(TEE_INCLUDE); \
	done
	$(Q)ln -sf $(BOARD_TREE)/usr/include/tee_client_api.h $(TEE_INCLUDE)
	$(Q)touch $@

# Everything compiled for tests waits for the packages that tests need. Native
# builds, including the TA and its client, also wait for OP-TEE's headers.
test_objects	= $(patsubst %.c,$(OUT)/$1/obj/%.o,$(wildcard \
		    $(addsuffix /*.c,testkit tests/* $2)))
with_tee	= ta ta/compat lib/device host/device host/compat/device

define test_world
$(call test_objects,$1): | need-test
$(if $(filter-out device,$1),
$(call test_objects,$1,$(with_tee)): private \
	FILE_CFLAGS = -isystem $(TEE_INCLUDE) -I$(dir $(OWNER_HEADER)) \
	$(TA_NUMBERS) -DENC_MNIST_SIGN_KEY=1
$(OUT)/$1/obj/tests/lib/stb_write.o: private FILE_CFLAGS = -fno-sanitize=shift
$(call test_objects,$1,$(with_tee)): | $(TEE_INCLUDE).done
$(call objects,$1,ta) $(OUT)/$1/obj/tests/native/test_ta_floors.o: | $(OWNER_HEADER))
endef

# Linked by tests; the stand-in and the TA call each other.
TEST_LINKS	= tests/lib testkit lib/device lib/owner lib host/import host/owner host/compat/device host/device \
		  host/compat host/record host/image host/public host/base \
		  box/seal record/write record compat box nn
# The subset that the TA and a client of it need, with the stand-in.
TA_LINKS	= tests/lib testkit tests/standin ta ta/compat host/import \
		  host/owner host/device host/compat host/record host/public host/base \
		  box/seal record/write record compat box nn
test_libraries	= $(patsubst %,$(OUT)/$1/lib/%.a,$(TEST_LINKS) \
		    $(if $(filter-out device,$1),host/token tests/standin ta ta/compat))
test_link	= $(Q)mkdir -p $(@D) && $($1_CC) $(HOST_LDFLAGS) $($1_LDFLAGS) \
		  -o $@ -Wl,--start-group $(filter %.o %.a,$^) -Wl,--end-group
