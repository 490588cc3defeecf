include $(sort $(wildcard $(BR2_EXTERNAL_ENC_MNIST_PATH)/package/*/*.mk))
