# SPDX-License-Identifier: Apache-2.0
#
# ONNX's backend tests, from Debian's package: the operators that the importer
# accepts compute what ONNX's reference computes.

ONNX_TESTS	= $(OUT)/native/tests/onnx/backend

$(ONNX_TESTS): $(OUT)/native/obj/tests/onnx/backend.o $(call libraries,native, \
	       host/import host/base record/write record nn)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(call link,native) -lm

.PHONY: need-onnx
need-onnx:
	$(Q)scripts/need libonnx-testdata

.PHONY: onnx-tests
onnx-tests: $(ONNX_TESTS) need-test need-onnx ## Test: ONNX's own tests of operators, here
	@$(RUN) $(ONNX_TESTS)
