# SPDX-License-Identifier: Apache-2.0
#
# Training. The record is committed: only "make train" makes it anew.

TRAIN_SRCS	= $(addprefix train/,adam.c data.c distort.c learn.c \
		    measure.c network.c output.c progress.c random.c \
		    train.c) \
		  $(wildcard nn/*.c)
TRAIN_OBJS	= $(TRAIN_SRCS:%.c=$(OUT)/native/obj/%.o)
TRAIN_LIBS	= -lopenblas -lm -lpthread
TRAIN_NEEDS	= gcc libc6-dev libopenblas-dev

# Such as --seed 2 or --epochs 10; out/native/train --help lists them.
TRAIN_FLAGS	?=

$(OUT)/native/obj/train/%.o: FILE_CFLAGS = -O3
$(filter $(OUT)/native/obj/train/%,$(TRAIN_OBJS)): | need-train

$(OUT)/native/train: $(TRAIN_OBJS)
	$(call say,LD,$@)
	$(Q)$(NATIVE_CC) $(HOST_LDFLAGS) -o $@ $^ $(TRAIN_LIBS)

.PHONY: train
train: $(OUT)/native/train ## train the model anew: models/mnist.bin (2 min)
	$(Q)train/fetch
	$(call say,TRAIN,models/mnist.bin)
	$(Q)$(OUT)/native/train $(TRAIN_FLAGS)

.PHONY: need-train
need-train:
	$(Q)scripts/need $(TRAIN_NEEDS)

-include $(TRAIN_OBJS:.o=.d)
