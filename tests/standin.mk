# SPDX-License-Identifier: Apache-2.0
#
# The TA natively, with a stand-in for OP-TEE around it: $(NATIVE_TA_LIB). Of
# OP-TEE's headers those that the TA and its client include, and those that these
# include.

# Tests of tests/ta that run on the stand-in, too.
TA_TESTS	= test_commands test_sealed

# What of tests/lib calls the TA.
CLIENT_LIB_SRCS	= $(addprefix tests/lib/,client.c kept.c kept_sealed.c \
		    killed.c models.c script.c script_sealed.c \
		    sealed_client.c storage_files.c)

# What makes sealed models and envelopes, for those who do not link all of the
# library.
SEALED_MAKER_SRCS = tests/lib/sealed_maker.c $(addprefix host/lib/,crypto.c \
		    error.c file.c hasher.c head.c hex.c owner.c owner_secret.c \
		    public_key.c status.c stream_seal.c)

TEE_INCLUDE	= $(OUT)/native/include/tee
NATIVE_TA_LIB	= $(OUT)/native/tests/ta.a
NATIVE_TA_OBJS	= $(patsubst %.c,$(OUT)/native/obj/%.o, \
		    $(wildcard ta/inference/*.c tests/standin/*.c) \
		    $(CLIENT_LIB_SRCS))
# The host's way to the TA, for a test that has the stand-in at its end.
NATIVE_TEE_OBJS	= $(patsubst %.c,$(OUT)/native/obj/%.o,$(TEE_SRCS))
TA_TEST_OBJS	= $(NATIVE_TA_OBJS) $(NATIVE_TEE_OBJS) \
		  $(TA_TESTS:%=$(OUT)/native/obj/tests/ta/%.o) \
		  $(OUT)/native/obj/tests/tools/replay.o \
		  $(OUT)/native/obj/tests/tools/secrets.o \
		  $(OUT)/native/obj/tests/attack/race.o \
		  $(OUT)/native/obj/tests/attack/race_sealed.o \
		  $(patsubst %.c,$(OUT)/native/obj/%.o, \
		    $(wildcard tests/native/test_ta_*.c))

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

# With what the TA's sources are compiled natively.
NATIVE_TA_CFLAGS = -isystem $(TEE_INCLUDE) -Ita/inference \
		   -I$(dir $(OWNER_HEADER)) $(TA_FLOORS)

$(TA_TEST_OBJS): FILE_CFLAGS = $(NATIVE_TA_CFLAGS)
$(TA_TEST_OBJS): | $(TEE_INCLUDE).done $(OWNER_HEADER)

$(NATIVE_TA_LIB): $(NATIVE_TA_OBJS)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^
