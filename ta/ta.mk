# SPDX-License-Identifier: Apache-2.0
#
# The TA, built by a TA development kit: the board's, or any other's.

TA_UUID		= ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744
TA		= $(OUT)/ta/$(TA_UUID).ta

# Objects lie as deep below $(OUT)/ta/obj as their sources below the top, so
# that the kit can build nn/ and box/, which lie outside of ta/inference.
TA_OBJ		= $(abspath $(OUT))/ta/obj/ta/inference

ifdef TA_DEV_KIT_DIR
TA_KIT		= $(abspath $(TA_DEV_KIT_DIR))
TA_DEPS		=
else
TA_KIT		= $(BOARD_KIT)
TA_DEPS		= $(BOARD)/tree.done need-ta
endif

TA_MAKE		= $(MAKE) -C ta/inference O=$(TA_OBJ) \
		  TA_DEV_KIT_DIR=$(TA_KIT) CROSS_COMPILE=$(CROSS_COMPILE_TA) \
		  PYTHON3=$(PYTHON3) $(if $(TA_SIGN_KEY),TA_SIGN_KEY=$(abspath $(TA_SIGN_KEY))) \
		  $(if $(TA_DATA_SIZE),TA_DATA_SIZE=$(TA_DATA_SIZE)) \
		  ENC_MNIST_ENCRYPT_MODEL=$(if $(filter encrypt-model,$(ENABLED)),y)

# The signing script wants Debian's python modules, which only Debian's own
# interpreter has.
PYTHON3		?= /usr/bin/python3

$(TA): $(wildcard ta/inference/* nn/*.[ch] box/*.[ch] proto/*.h) \
       $(OUT)/config | $(TA_DEPS)
	$(call say,TA,$@)
	$(Q)mkdir -p $(TA_OBJ)
	+$(Q)$(TA_MAKE) $(if $(V),,--silent --no-print-directory)
	$(Q)cp $(TA_OBJ)/$(TA_UUID).ta $@

.PHONY: need-ta
need-ta:
	$(Q)scripts/need gcc-aarch64-linux-gnu python3-cryptography \
		python3-pyelftools
