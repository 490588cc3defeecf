# SPDX-License-Identifier: Apache-2.0
#
# The TA, built with a TA development kit: the board's or another one.

# The UUID of the TA. OP-TEE keeps TAs apart by it, and so several owners have
# each their own on one device. The default is in the interface.
default_uuid	= $(shell sed -nE '/define ENC_MNIST_UUID /{n;s/[^0-9a-f]//g; \
		  s/^(.{8})(.{4})(.{4})(.{4})(.{12})$$/\1-\2-\3-\4-\5/p}' \
		  proto/enc_mnist_ta.h)
TA_UUID		?=
override TA_UUID := $(shell echo "$(or $(TA_UUID),$(default_uuid))" | \
		  tr A-F a-f)
ifneq ($(shell echo "$(TA_UUID)" | grep -Ex '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | \
	grep '[1-9a-f]'),$(TA_UUID))
$(call refuse,TA_UUID=$(TA_UUID): not a UUID: `uuidgen` makes one)
endif
UUID_CPPFLAGS	:= -DENC_MNIST_UUID=$(shell echo $(TA_UUID) | \
		   sed 's/-//g; s/../&,/g; s/.$$//')
TA		= $(OUT)/ta/$(TA_UUID).ta

# Objects lie as deep below $(OUT)/ta/obj as their sources below the top, so
# that the kit can build folders outside of ta/.
TA_OBJ		= $(abspath $(OUT))/ta/obj/ta

ifdef TA_DEV_KIT_DIR
TA_KIT		= $(abspath $(TA_DEV_KIT_DIR))
TA_DEPS		=
else
TA_KIT		= $(BOARD_KIT)
TA_DEPS		= $(BOARD)/tree.done need-ta
endif

# Flags for the programs are not the TA's: the kit has its own.
TA_MAKE		= $(MAKE) -C ta O=$(TA_OBJ) CPPFLAGS= CFLAGS= LDFLAGS= \
		  TA_DEV_KIT_DIR=$(TA_KIT) CROSS_COMPILE=$(CROSS_COMPILE_TA) \
		  PYTHON3=$(PYTHON3) $(if $(TA_SIGN_KEY),TA_SIGN_KEY=$(abspath $(TA_SIGN_KEY))) \
		  TA_DATA_SIZE=$$(cat $(HEAP) 2>/dev/null) \
		  ENC_MNIST_UUID=$(TA_UUID) \
		  ENC_MNIST_UUID_CPPFLAGS=$(UUID_CPPFLAGS) \
		  ENC_MNIST_OWNER=$(abspath $(dir $(OWNER_HEADER))) \
		  ENC_MNIST_NUMBERS="$(TA_NUMBERS)" \
		  $(if $(TA_VERSION),CFG_TA_VERSION=$(TA_VERSION)) \
		  ENC_MNIST_DOTPROD="$(DOTPROD_CFLAGS)" \
		  ENC_MNIST_WERROR=$(WERROR) \
		  ENC_MNIST_COMPAT=$(call feature,compat) \
		  ENC_MNIST_ENCRYPT_MODEL=$(call feature,encrypt-model)

# The key that the kit signs the TA with, and whether others have it, too: STATUS
# reports it.
KIT_SIGN_KEY	= $(TA_KIT)/keys/default_ta.pem
SIGN_KEY	= $(or $(TA_SIGN_KEY),$(KIT_SIGN_KEY))
KNOWN_SIGN_KEY	= $(PYTHON3) ta/known-sign-key $(SIGN_KEY) $(KIT_SIGN_KEY)
SIGN_ENCRYPT	= $(PYTHON3) $(TA_KIT)/scripts/sign_encrypt.py

ifneq ($(TA_SIGN_KEY),)
ifeq ($(wildcard $(TA_SIGN_KEY)),)
$(call refuse,TA_SIGN_KEY=$(TA_SIGN_KEY): no such file)
endif
endif

# A public key cannot sign: the TA waits for a signature from elsewhere.
IS_PUBLIC	:= $(if $(TA_SIGN_KEY),$(shell \
		   grep -l 'BEGIN.* PUBLIC KEY' $(TA_SIGN_KEY)))

# The owner of the TA. By default its key is made here, once, even if several
# makes run at the same time; where it exists, no program is built to make it.
OWNER_KEY	?= $(OWN_KEY)
ifneq ($(OWNER_KEY),$(OWN_KEY))
ifneq ($(shell test -f "$(OWNER_KEY)" || echo no),)
$(call refuse,OWNER_KEY=$(OWNER_KEY): no such file; `enc_mnist owner-key` makes one)
endif
endif
OWNER_HEADER	= $(OUT)/ta/owner/owner_key.h

# Without an owner, make-ta must know the key by which the kit signs.
NO_OWNER	?=
kit_key		= echo "\#define KIT_KEY { $$(test ! -e $(KIT_SIGN_KEY) || \
		  $(PYTHON3) ta/known-sign-key $(KIT_SIGN_KEY)) }"

$(OWN_KEY): | $(if $(wildcard $(OWN_KEY)),,$(OUT)/native/enc_mnist)
	$(call say,KEY,$@)
	$(Q)mkdir -p $(@D)
	$(Q)flock $(@D) sh -c 'test -e $@ || $(OUT)/native/enc_mnist \
		owner-key --output $(@:.pub=.pem) --public $@ >/dev/null'

# Checked each time: the file of another owner may be older than the header.
$(OWNER_HEADER): FORCE $(if $(NO_OWNER),ta/known-sign-key | $(TA_DEPS),ta/owner-key $(OWNER_KEY))
	$(Q)mkdir -p $(@D)
	$(Q)$(if $(NO_OWNER),$(kit_key),ta/owner-key $(OWNER_KEY)) >$@.new
	$(Q)cmp -s $@.new $@ || cp $@.new $@

# The version of the TA: OP-TEE refuses lower ones once it has run it. Without
# one, an older TA can be put in its place, and with it older floors.
TA_VERSION	?=
ifneq ($(shell echo "$(TA_VERSION)" | grep -Ex '([1-9][0-9]{0,8})?'),$(TA_VERSION))
$(call refuse,TA_VERSION is a number from 1 to 999999999)
endif

# The lowest security version and key epoch that the TA accepts.
VERSION_FLOOR	?= 1
EPOCH_FLOOR	?= 1
ifneq ($(shell echo "$(VERSION_FLOOR) $(EPOCH_FLOOR)" | \
	grep -Ex '[1-9][0-9]{0,8} [1-9][0-9]{0,8}'),$(VERSION_FLOOR) $(EPOCH_FLOOR))
$(call refuse,VERSION_FLOOR and EPOCH_FLOOR are numbers from 1 to 999999999)
endif
ifeq ($(TA_VERSION)$(filter-out 1,$(VERSION_FLOOR) $(EPOCH_FLOOR)),$(filter-out 1,$(VERSION_FLOOR) $(EPOCH_FLOOR)))
ifneq ($(filter-out 1,$(VERSION_FLOOR) $(EPOCH_FLOOR)),)
$(call refuse,floors need TA_VERSION=N: without it an older TA without them can be put back)
endif
endif
TA_NUMBERS	= -DENC_MNIST_VERSION_FLOOR=$(VERSION_FLOOR) \
		  -DENC_MNIST_EPOCH_FLOOR=$(EPOCH_FLOOR) \
		  -DENC_MNIST_TA_VERSION=$(or $(TA_VERSION),0)

# The heap of the TA: TA_DATA_SIZE, or what a network needs, in a file, so that
# the TA is built anew when it changes. The program that knows what MODEL needs
# must not be built anew then. Empty: the default.
MODEL_FILE	= $(if $(filter command,$(origin MODEL)),$(MODEL))
ifneq ($(MODEL_FILE),)
ifneq ($(TA_DATA_SIZE),)
$(call refuse,TA_DATA_SIZE and MODEL both say how large the heap of the TA is)
endif
ifeq ($(wildcard $(MODEL_FILE)),)
$(call refuse,MODEL=$(MODEL_FILE): no such file)
endif
endif
ifneq ($(shell echo "$(TA_DATA_SIZE)" | grep -Ex '([1-9][0-9]{0,8})?'),$(TA_DATA_SIZE))
$(call refuse,TA_DATA_SIZE is a number of bytes: less than 1000000000)
endif
HEAP		= $(OUT)/ta/heap
heap_of		= $(OUT)/native/enc_mnist inspect --json $1 | \
		  sed -nE 's/.*"secure_memory_to_load":([0-9]+).*/\1/p'

$(HEAP): $(if $(MODEL_FILE),$(OUT)/native/enc_mnist) FORCE
	$(Q)mkdir -p $(@D)
	$(Q)heap=$(if $(MODEL_FILE),$$($(call heap_of,$(MODEL_FILE))) && [ "$$heap" ],$(TA_DATA_SIZE)) && \
		echo "$$heap" >$@.new
	$(Q)cmp -s $@.new $@ || cp $@.new $@

# The signing script needs Debian's Python modules, which only Debian's own
# interpreter finds.
PYTHON3		?= /usr/bin/python3

# What was built, for those who install it.
TA_NOTE		= $(TA:.ta=.txt)
ta_note		= echo 'UUID     $(TA_UUID)'; \
		  echo 'FEATURES $(ENABLED)'; \
		  echo 'VERSION  $(or $(TA_VERSION),none: an older TA can be put in its place)'; \
		  echo 'FLOORS   security version $(VERSION_FLOOR), epoch $(EPOCH_FLOOR)'; \
		  sed -n 's,^/\* owner \(.*\) \*/$$,OWNER    \1,p' $(OWNER_HEADER); \
		  case $$($(KNOWN_SIGN_KEY)) in \
		  1) echo 'SIGNED   with the public key of OP-TEE: anybody can put another TA in its place';; \
		  2) echo 'SIGNED   with the key of the TA development kit: whoever has it can put another TA in its place';; \
		  *) echo 'SIGNED   with $(if $(IS_PUBLIC),the private key of )$(SIGN_KEY)';; \
		  esac

TA_SOURCES	= $(wildcard ta/Makefile ta/sub.mk nn/*.mk $(addsuffix /*.[ch],ta \
		  ta/compat nn record box compat proto)) $(OWNER_HEADER) \
		  $(HEAP) $(OUT)/config

# Of the TA that was built last, under any UUID, for the shell. An unsigned one
# is in a folder of its own: ELF file, digest, public key, note.
UNSIGNED_TA	= $(OUT)/ta/unsigned
UNSIGNED	= $(UNSIGNED_TA)/$(TA_UUID)
BUILT_TA	= $(OUT)/ta/*.ta $(OUT)/ta/*.txt $(UNSIGNED_TA)

# Lets the kit build a target; nothing that was built before stays.
define ta_build
	$(Q)mkdir -p $(TA_OBJ)
	$(Q)rm -rf $(BUILT_TA) $(TA_OBJ)/$(TA_UUID).ta
	+$(Q)known=$(if $(NO_OWNER),0,$$($(KNOWN_SIGN_KEY))) && \
		$(TA_MAKE) ENC_MNIST_SIGN_KEY=$$known \
			$(if $(V),,--silent --no-print-directory) $1
endef

$(TA): $(TA_SOURCES) | $(TA_DEPS)
	$(call say,TA,$@)
	$(Q)$(if $(IS_PUBLIC),echo 'TA_SIGN_KEY=$(TA_SIGN_KEY): a public key' \
		'signs nothing; it is for make production' >&2; exit 1)
	$(call ta_build)
	$(Q)$(SIGN_ENCRYPT) verify --uuid $(TA_UUID) --key $(SIGN_KEY) \
		--in $(TA_OBJ)/$(TA_UUID).ta >/dev/null
	$(Q){ $(ta_note); } >$(TA_NOTE).new
	$(Q)cp $(TA_OBJ)/$(TA_UUID).ta $@
	$(Q)mv $(TA_NOTE).new $(TA_NOTE)

.PHONY: unsigned
unsigned: $(UNSIGNED).dig

$(UNSIGNED).dig: $(TA_SOURCES) | $(TA_DEPS)
	$(call say,TA,$@)
	$(call ta_build,$(TA_OBJ)/$(TA_UUID).stripped.elf)
	$(Q)mkdir $(UNSIGNED_TA)
	$(Q)cp $(TA_OBJ)/$(TA_UUID).stripped.elf $(UNSIGNED).elf
	$(Q)cp $(TA_SIGN_KEY) $(UNSIGNED).pem
	$(Q){ $(ta_note); } >$(UNSIGNED).txt
	$(Q)$(SIGN_ENCRYPT) digest --uuid $(TA_UUID) --ta-version $(TA_VERSION) \
		--key $(TA_SIGN_KEY) --in $(UNSIGNED).elf --dig $@

# Nobody's: for `enc_mnist make-ta`, which makes it that of an owner.
UNOWNED		= $(OUT)/ta/enc_mnist.elf

$(UNOWNED): $(TA_SOURCES) | $(TA_DEPS)
	$(call say,TA,$@)
	$(call ta_build,$(TA_OBJ)/$(TA_UUID).stripped.elf)
	$(Q)install -m 644 $(TA_OBJ)/$(TA_UUID).stripped.elf $@

# Goes on with what `make production` has left, whatever is given here. The TA
# is as old as its digest: `make install` must not take it after other settings.
SIG		?=
.PHONY: stitch
stitch: | $(TA_DEPS)
stitch: ## Build: sign the TA of production with SIG=file, from elsewhere
	$(Q)rm -f $(OUT)/ta/*.ta $(OUT)/ta/*.txt
	$(Q)ls $(UNSIGNED_TA)/*.dig >/dev/null 2>&1 || { echo 'make stitch:' \
		'no unsigned TA: make production with a public TA_SIGN_KEY' \
		'makes one' >&2; exit 1; }
	$(Q)base64 -d "$(SIG)" >/dev/null 2>&1 || { echo 'make stitch:' \
		'SIG=$(SIG): no file with a signature in base64; that of' \
		$(UNSIGNED_TA)/*.dig 'is needed' >&2; exit 1; }
	$(Q)dig=$$(echo $(UNSIGNED_TA)/*.dig) && of=$${dig%.dig} && \
	uuid=$${of##*/} && why=$$($(SIGN_ENCRYPT) stitch --uuid $$uuid \
		--ta-version $$(sed -n 's/^VERSION *//p' $$of.txt) \
		--key $$of.pem --in $$of.elf --sig "$(SIG)" --out $$of.ta 2>&1 && \
		$(SIGN_ENCRYPT) verify --uuid $$uuid --key $$of.pem \
			--in $$of.ta 2>&1) || { \
		rm -f $$of.ta; \
		echo "make stitch: $(SIG) is not the signature of $$dig by the" \
			"key $$of.pem: $$(echo "$$why" | tail -n 1)" >&2; \
		exit 1; \
	}; \
	touch -r $$dig $$of.ta && cp $$of.txt $(OUT)/ta && \
		mv $$of.ta $(OUT)/ta
	$(Q)printf '  BUILT    %s\n' $(OUT)/ta/*.ta
	$(Q)sed 's/^/  /' $(OUT)/ta/*.txt

.PHONY: need-ta
need-ta:
	$(Q)scripts/need gcc-aarch64-linux-gnu python3-cryptography \
		python3-pyelftools
