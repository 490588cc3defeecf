# SPDX-License-Identifier: Apache-2.0
#
# enc_mnist: an encrypted neural network inside OP-TEE. `make help` lists the
# targets. Missing packages are installed on the way.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Everything is built below $(OUT), which may be elsewhere, so that the source
# tree can be read-only. Builds with another OUT share the board, the downloads
# and the owner's keys of the source tree, if it has them.
OUT		?= out
BOARD		?= $(if $(wildcard out/board),out,$(OUT))/board
DOWNLOADS	?= $(if $(wildcard downloads)$(filter out,$(OUT)),,$(OUT)/)downloads
OWN_KEY		?= $(if $(wildcard out/owner),out,$(OUT))/owner/owner.pub
export BOARD DOWNLOADS OWN_KEY

# An empty one, as an environment may have it, would be the root directory.
$(foreach name,OUT BOARD DOWNLOADS OWN_KEY,\
	$(if $(strip $($(name))),,$(error $(name) is empty)))

# For a board other than the one in QEMU: see doc/BOARDS.md.
CROSS_COMPILE	   ?= aarch64-linux-gnu-
CROSS_COMPILE_HOST ?= $(CROSS_COMPILE)
CROSS_COMPILE_TA   ?= $(if $(filter file%ta_arm32,$(origin \
	CROSS_COMPILE)$(KIT_SM)),arm-linux-gnueabihf-,$(CROSS_COMPILE))
PREFIX		   ?= /usr/local
TA_DIR		   ?= $(PREFIX)/lib/optee_armtz

# A kit says whether its TAs have 32 bits.
KIT_SM		   := $(if $(TA_DEV_KIT_DIR),$(shell sed -n 's/^sm := //p' \
	"$(TA_DEV_KIT_DIR)/mk/conf.mk"))

# CC, as packagers set it, compiles for the other board if its client library is
# given, and for the workstation otherwise. BUILD_CC compiles what runs during
# the build, where HOSTCC compiles for a workstation of another kind.
GIVEN_CC	= $(if $(filter-out default,$(origin CC)),$(CC))
HOSTCC		?= $(or $(if $(OPTEE_CLIENT_EXPORT),,$(GIVEN_CC)),cc)
BUILD_CC	?= $(HOSTCC)
DEVICE_CC	?= $(or $(if $(OPTEE_CLIENT_EXPORT),$(GIVEN_CC)),$(CROSS_COMPILE_HOST)gcc)
STRIP		?= $(CROSS_COMPILE_HOST)strip

# Warnings are errors in CI.
WERROR		?= $(if $(CI),-Werror)

# By default, as many jobs at once as there are processors.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS	+= -j$(shell nproc)
endif

# V=1 shows every command.
Q		= $(if $(filter 1,$(V)),,@)
say		= @printf '  %-7s %s\n' $1 '$(strip $2)'

# What `make install` installs: there is one TA at a time, under any UUID, which
# the shell finds. `unbuild` removes it, and what belongs to it.
BUILT		= $(OUT)/device/enc_mnist $(OUT)/ta/*.ta
unbuild		= rm -rf $(BUILT) $(BUILT_TA) $(SHARE)

# Stops make. If a product was asked for, what an earlier build has left must not
# be taken for it. A dry run removes nothing.
is_dry		= $(findstring n,$(firstword -$(MAKEFLAGS)))
refuse		= $(if $(is_dry),,$(if $(filter production,$(MAKECMDGOALS)),$(shell \
		    $(unbuild))))$(error $1)

### Features: FEATURES adds features, NO_FEATURES removes the default ones.

KNOWN_FEATURES	= compat encrypt-model plot
FEATURES	?=
NO_FEATURES	?=
ENABLED		= $(sort $(if $(NO_FEATURES),,$(KNOWN_FEATURES)) $(FEATURES) \
		    $(if $(filter encrypt-model,$(FEATURES)),compat))
feature		= $(if $(filter $1,$(ENABLED)),y)

include board/board.mk
include host/host.mk
include lib/lib.mk
include host/daemon/daemon.mk
include ta/ta.mk
include tests/standin.mk
include train/train.mk
include tests/fuzz.mk
include bench/bench.mk
include tests/musl.mk
include tests/onnx.mk
include tests/python.mk
include tests/tests.mk
include tests/torch.mk
include tests/update.mk
include tests/arm32.mk
include tests/packages.mk
ifneq ($(filter-out $(KNOWN_FEATURES),$(FEATURES)),)
$(call refuse,unknown feature in FEATURES="$(FEATURES)"; there are: $(KNOWN_FEATURES))
endif
$(foreach name,native device fuzz,$(eval $(call world,$(name))) \
	$(eval $(call test_world,$(name))))

BOARD_APP_DEPS	= $(OUT)/device/enc_mnist $(TA)

.PHONY: FORCE
FORCE:

# DOTPROD=1: for processors with the instruction SDOT, from Armv8.2 on.
DOTPROD		?=
DOTPROD_CFLAGS	= $(if $(filter 1,$(DOTPROD)),-march=armv8.2-a+dotprod)
ifeq ($(DOTPROD)$(KIT_SM),1ta_arm32)
$(call refuse,DOTPROD=1 is for TAs of 64 bits; this kit makes 32-bit ones)
endif

# Changes whenever something changes that objects depend on and that is no file.
CONFIG		= features=$(ENABLED) cc=$(HOSTCC) $(BUILD_CC) $(DEVICE_CC) \
		  $(CROSS_COMPILE_TA) cflags=$(CPPFLAGS) $(CFLAGS) \
		  $(WARNINGS) $(WERROR) ldflags=$(LDFLAGS) \
		  kit=$(TA_DEV_KIT_DIR) \
		  key=$(if $(TA_SIGN_KEY),$(shell sha256sum $(TA_SIGN_KEY))) \
		  numbers=$(UUID_CPPFLAGS) $(TA_NUMBERS) $(NO_OWNER) dotprod=$(DOTPROD_CFLAGS) fuzz=$(FUZZ_CC),$(FUZZ_SANITIZE) \
		  client=$(OPTEE_CLIENT_EXPORT)
$(OUT)/config: export CONFIG_TEXT = $(CONFIG)
$(OUT)/config: FORCE
	@mkdir -p $(@D)
	@echo "$$CONFIG_TEXT" | cmp -s - $@ || echo "$$CONFIG_TEXT" >$@

### Targets. `make help` prints the text behind ##, in the group before the colon.

.PHONY: help
help: ## Try it: list the targets
	@echo 'enc_mnist: an encrypted neural network inside OP-TEE'
	@for group in 'Try it' Build Test Maintain; do \
		printf '\n%s\n' "$$group"; \
		sed -nE "s/^([a-z-]+):.*## $$group: (.*)/  make \1\t\2/p" \
			tests/tests.mk \
			$(filter-out tests/tests.mk,$(MAKEFILE_LIST)) | \
			expand -t 22; \
	done
	@printf '%s\n' '' 'Variables' \
		'  OWNER_KEY=file      public key of the TA'"'"'s owner; default: made here' \
		'  TA_UUID=8-4-4-4-12  UUID of the TA: one for each owner on a device' \
		'  TA_VERSION=N        devices that have run N refuse lower TAs' \
		'  VERSION_FLOOR=N     lowest security version that the TA takes' \
		'  EPOCH_FLOOR=N       lowest epoch of a key that the TA takes' \
		'  NO_FEATURES=1       only those in FEATURES="...": $(KNOWN_FEATURES)' \
		'  MODEL=file          a network: the TA has the heap that it needs' \
		'  TA_DATA_SIZE=bytes  heap of the TA, for a session and its models' \
		'  DOTPROD=1           for processors with SDOT, from Armv8.2 on' \
		'  DESTDIR, PREFIX     where make install puts things; TA_DIR: the TA' \
		'  T=, TARGET=, SOAK=1 what to test, for how long: see check, fuzz, soak' \
		'  MODELS=dir          published networks to test: see tests/README.md' \
		'  OUT=dir, V=1        where everything is built; show every command' \
		'' 'Another board: see doc/BOARDS.md' \
		'  TA_DEV_KIT_DIR, OPTEE_CLIENT_EXPORT   OP-TEE'"'"'s kit and client' \
		'  CROSS_COMPILE_HOST, CROSS_COMPILE_TA  compilers, without gcc' \
		'  NO_INSTALL=1                          install no package' \
		'  TA_SIGN_KEY=file                      private key to sign the TA with,' \
		'                                        or its public half: see stitch'

.PHONY: demo
demo: all board ## Try it: seal, send and run a model on a real OP-TEE in QEMU
	$(Q)scripts/need openssl
	@OUT=$(OUT) scripts/demo

.PHONY: all
all: host ta share ## Build: both programs, the TA, manual page and completion

.PHONY: host workstation device
host: workstation device ## Build: both programs only
workstation: $(OUT)/native/enc_mnist ## Build: the owner's program only
device: $(OUT)/device/enc_mnist ## Build: the device's program only

.PHONY: ta
ta: $(TA) ## Build: the trusted application (TA) only

.PHONY: ta-elf
ta-elf: ## Build: a TA for a product of any owner: see `enc_mnist make-ta`
	$(Q)$(MAKE) --no-print-directory NO_FEATURES=1 FEATURES= NO_OWNER=1 \
		$(UNOWNED)
	$(Q)printf '  BUILT    %s\n' $(UNOWNED)

.PHONY: share
share: $(SHARE) ## Build: manual page, and completion for bash and zsh

.PHONY: no-encrypt
no-encrypt: ## Build: all, without commands and code that encrypt models
	$(Q)$(MAKE) --no-print-directory all NO_FEATURES=1 \
		FEATURES="compat plot"

# A product needs a named owner, and not the one whose key a build makes by
# itself; and a version, without which no update of the TA holds.
IS_OWN		= $(or $(filter file,$(origin OWNER_KEY)),$(filter \
		    $(abspath $(OWN_KEY)),$(abspath $(OWNER_KEY))))
.PHONY: production
production: | $(filter board toolchain,$(MAKECMDGOALS))
production: ## Build: for a product of OWNER_KEY's owner: sealed models only
ifneq ($(IS_OWN),)
	$(Q)$(unbuild)
	@echo 'make production: whose? OWNER_KEY=owner.pub, which' \
		'`enc_mnist owner-key` makes; not the key of the demo' >&2; exit 1
else ifeq ($(TA_VERSION),)
	$(Q)$(unbuild)
	@echo 'make production: TA_VERSION=N? A device that has run N refuses' \
		'lower ones: raise it with each release' >&2; exit 1
else
	$(Q)$(unbuild)
	$(Q)$(MAKE) --no-print-directory device $(if $(IS_PUBLIC),unsigned,ta) \
		NO_FEATURES=1 FEATURES=plot $(if $(OPTEE_CLIENT_EXPORT),,share)
	$(Q)printf '  BUILT    %s\n' $(OUT)/device/enc_mnist \
		$(if $(IS_PUBLIC),$(UNSIGNED).elf,$(TA))
ifeq ($(IS_PUBLIC),)
	$(Q)sed 's/^/  /' $(TA_NOTE)
else
	$(Q)sed 's/^SIGNED  /TO SIGN /; s/^/  /' $(UNSIGNED).txt
	@echo '  UNSIGNED sign the digest in $(UNSIGNED).dig, then:' \
		'make stitch SIG=file'
endif
	$(Q)case $$($(KNOWN_SIGN_KEY)) in \
	0) ;; \
	*) echo 'make production: warning: others have the key that signed' \
		'this TA, and can put another one in its place;' \
		'TA_SIGN_KEY=key.pem' >&2 ;; \
	esac
endif

.PHONY: toolchain
toolchain: need-native need-device need-ta $(BOARD)/tree.done ## Build: install compilers and libraries only

.PHONY: shell
shell: all board ## Try it: a console on the board, everything installed
	@board/run --shell

# Installs after the targets of the same command line. The manual page and the
# completions are installed if they were built with the features of the programs.
SHARE_DIR	= $(DESTDIR)$(PREFIX)/share
.PHONY: install
install: | $(filter all host device ta share no-encrypt production stitch,$(MAKECMDGOALS))
install: ## Build: install for a device what was built last
	$(Q)ls $(BUILT) >/dev/null 2>&1 || { echo 'nothing to install:' \
		$$(ls $(UNSIGNED_TA) >/dev/null 2>&1 && \
			echo 'the TA is not signed: make stitch SIG=file;') \
		'make all or make production' >&2; exit 1; }
	$(Q)for file in $(BUILT); do \
		[ ! $(OUT)/config -nt $$file ] && \
			[ ! $(OWNER_HEADER) -nt $(OUT)/ta/*.ta ] || { \
			echo "make install: $$file was built with other settings than" \
				'those of the last make: make all or make production' >&2; \
			exit 1; \
		}; \
	done
	$(Q)sed 's/^/  /' $(OUT)/ta/*.txt
	$(Q)! grep -q '^FEATURES .*compat' $(OUT)/ta/*.txt || echo '  NOTE    ' \
		'not for a product: `make production` builds one'
	$(Q)install -D -m 755 $(if $(STRIP),-s --strip-program=$(STRIP)) \
		$(OUT)/device/enc_mnist $(DESTDIR)$(PREFIX)/bin/enc_mnist
	$(Q)install -d $(DESTDIR)$(TA_DIR)
	$(Q)install -m 444 $(OUT)/ta/*.ta $(DESTDIR)$(TA_DIR)
	$(Q)[ ! $(OUT)/native/share/enc_mnist.1 -nt $(OUT)/config ] || { \
		install -D -m 644 $(OUT)/native/share/enc_mnist.1 \
			$(SHARE_DIR)/man/man1/enc_mnist.1 && \
		install -D -m 644 $(OUT)/device/share/enc_mnist.bash \
			$(SHARE_DIR)/bash-completion/completions/enc_mnist && \
		install -D -m 644 $(OUT)/device/share/_enc_mnist \
			$(SHARE_DIR)/zsh/site-functions/_enc_mnist; }

# Static analysis sees the sources with the default features. Sources that need
# the headers of a TEE are compiled with warnings as errors, and checked by
# cppcheck.
LINT_C		= $(filter-out host/image/stb.c,$(wildcard $(addsuffix /*.c, \
		    nn record record/write box box/seal compat host/base \
		    host/public host/image host/record host/import host/owner \
		    host/token host/compat host/cli host/daemon host/describe \
		    lib lib/device lib/owner train)))
LINT_SH		= $(wildcard scripts/* tests/board/*.suite tests/board/*.sh \
		    tests/attack/*.suite tests/attack/*.sh) \
		  tests/models/tee.suite tests/fuzz.suite tests/fuzz/run \
		  tests/fuzz/pack tests/mutant tests/sign .ci/run board/archive board/fetch \
		  board/pins board/run board/unpack board/panics.sh train/fetch \
		  bench/run bench/board examples/mlperf-tiny/seal \
		  examples/update/enc_mnist-update examples/update/probe \
		  $(filter-out %.md,$(wildcard examples/update/*/*)) \
		  tests/python.suite tests/python/board.suite \
		  $(wildcard tests/update/*.suite tests/arm32/*.suite) \
		  $(wildcard tests/packages/*.suite tests/packages/*.sh) \
		  tests/packages/build debian/enc-mnist-make-ta \
		  $(wildcard debian/*.p*) \
		  $(filter-out %/control,$(wildcard debian/tests/*))

.PHONY: lint
lint: $(STB_INCLUDE)/stb need-native need-train ## Test: format and static analysis
	$(Q)scripts/need clang-format clang-tidy cppcheck shellcheck patch
	$(call say,FORMAT,all sources)
	$(Q)clang-format --dry-run --Werror $(filter-out out/%, \
		$(wildcard */*.[ch] */*/*.[ch] */*/*/*.[ch]))
	$(call say,SHELL,all scripts)
	$(Q)shellcheck $(LINT_SH)
	$(call say,PATCH,all mutants)
	$(Q)for patch in tests/mutants/*.patch; do \
		patch --dry-run -s -p1 <$$patch || exit; \
	done
	$(call say,CHECK,cppcheck)
	$(Q)cppcheck --quiet --enable=warning,performance,portability \
		--error-exitcode=1 --inline-suppr --std=c11 -I. \
		--suppress=normalCheckLevelMaxBranches \
		--suppress='nullPointerOutOfMemory:tests/*' \
		--suppress='ctunullpointerOutOfMemory:tests/*' \
		--suppress='nullPointerArithmeticOutOfMemory:tests/*' \
		-D__unused= -DTEE_ERROR_UNSUPPORTED_VERSION=0 \
		-DENC_MNIST_ENCRYPT_MODEL -DENC_MNIST_OWNER_TOOLS \
		nn record box compat host lib ta train testkit tests bench
	$(call say,TIDY,clang-tidy)
	$(Q)clang-tidy --quiet $(LINT_C) -- -std=gnu11 $(HOST_CPPFLAGS) \
		$(native_CPPFLAGS) 2>&1 | \
		{ ! grep -vE '^[0-9]+ warnings? generated'; }

# An OUT that another project has left in the environment is not to be emptied.
must_be_ours	= $(if $(wildcard $(OUT)/*),$(if $(wildcard \
		    $(addprefix $(OUT)/,board config log owner)),,$(error \
		    $(OUT) holds no build of this project)))

.PHONY: clean
clean: ## Maintain: remove what was built, keep downloads and the owner's keys
	$(must_be_ours)
	$(Q)rm -rf $(filter-out $(OUT)/owner,$(wildcard $(OUT)/*))

.PHONY: distclean
distclean: ## Maintain: remove also downloads (not a given DOWNLOADS) and keys
	$(must_be_ours)
	$(Q)rm -rf $(OUT) $(if $(filter file,$(origin DOWNLOADS)),$(DOWNLOADS))
