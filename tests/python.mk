# SPDX-License-Identifier: Apache-2.0
#
# Module enc_mnist on a board that has Python. Its packages are large, so this
# is no part of `make check`.

PYTHON_BOARD	= $(OUT)/python

$(PYTHON_BOARD)/tree.done: board/packages.lock board/unpack
	$(Q)board/unpack $(PYTHON_BOARD)/tree python
	$(Q)cd $(PYTHON_BOARD)/tree/usr/lib/aarch64-linux-gnu && \
		ln -sf blas/libblas.so.3 lapack/liblapack.so.3 .
	$(Q)touch $@

# The board, with the module and its library in a third archive in its initrd.
$(PYTHON_BOARD)/board/initrd: $(PYTHON_BOARD)/tree.done $(BOARD)/initrd \
		$(LIB_DEVICE) $(wildcard python/enc_mnist/*) | need-python
	$(call say,BUILD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)ln -sf $(addprefix $(abspath $(BOARD))/,firmware.bin kernel \
		test-tas) $(@D)
	$(Q)mkdir -p $(PYTHON_BOARD)/tree/usr/lib/python3/dist-packages/enc_mnist
	$(Q)cp python/enc_mnist/*.py \
		$(PYTHON_BOARD)/tree/usr/lib/python3/dist-packages/enc_mnist
	$(Q)cp $(LIB_DEVICE) $(PYTHON_BOARD)/tree/usr/lib
	$(Q)(cat $(BOARD)/initrd; $(call BOARD_CPIO,$(PYTHON_BOARD)/tree)) >$@

.PHONY: need-python
need-python:
	$(Q)scripts/need cpio python3-numpy

.PHONY: python-tests
python-tests: all board need-test need-python $(LIB_OWNER) $(OUT)/native/tools/tiny_tflite $(PYTHON_BOARD)/board/initrd ## Test: module enc_mnist for Python, on the board
	@$(RUN) tests/python/board.suite
