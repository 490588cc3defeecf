# SPDX-License-Identifier: Apache-2.0
#
# Training. The record is committed; only `make train` makes it again.

TRAIN_OBJS	= $(call objects,native,train)
TRAIN_FOLDERS	= record/write record host/image host/base nn
TRAIN_LIBS	= -lopenblas -lz -lm -lpthread
TRAIN_NEEDS	= gcc libc6-dev libopenblas-dev zlib1g-dev

# For example --seed 2 or --epochs 10; out/native/train --help lists them.
TRAIN_FLAGS	?=

$(OUT)/native/obj/train/%.o: private FILE_CFLAGS = -O3
$(TRAIN_OBJS): | need-train

$(OUT)/native/train: $(TRAIN_OBJS) $(call libraries,native,$(TRAIN_FOLDERS))
	$(call say,LD,$@)
	$(call link,native) $(TRAIN_LIBS)

.PHONY: train
train: $(OUT)/native/train ## Maintain: train the model anew: models/mnist.bin (2 min)
	$(Q)train/fetch
	$(call say,TRAIN,models/mnist.bin)
	$(Q)$(OUT)/native/train $(TRAIN_FLAGS)

.PHONY: need-train
need-train:
	$(Q)scripts/need $(TRAIN_NEEDS)
