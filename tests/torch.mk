# SPDX-License-Identifier: Apache-2.0
#
# The way from a PyTorch script to a label out of the TEE, as README.md tells
# it. PyTorch is a large package, so this is no part of `make check`.

.PHONY: need-torch
need-torch:
	$(Q)scripts/need python3-torch

.PHONY: torch-tests
torch-tests: all board need-test need-torch ## Test: README.md's way from PyTorch into the TEE
	$(Q)train/fetch
	@$(RUN) tests/torch/lenet.bats
