/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface of the enc_mnist Trusted Application, for both worlds.
 *
 * A session holds at most one model and shares nothing with other sessions;
 * only the key is common, in the trusted storage of the TA. To load a model:
 * BEGIN, PUSH as often as needed, FINALIZE. The model answers INFER from the
 * moment FINALIZE has succeeded. Whatever error a command answers, the model of
 * before still answers, and what had been loaded of the new one is wiped.
 *
 * Parameter types are compared exactly: what a command does not list must be
 * TEE_PARAM_TYPE_NONE, else TEE_ERROR_BAD_PARAMETERS. Memory references may be
 * temporary or registered, of any alignment; the TA reads every input byte
 * once, into memory of its own, before it looks at it. When a command returns
 * an error, outputs hold nothing that depends on a secret.
 *
 * Opening a session takes no parameter, or one input memory reference, which
 * is ignored (the client of enc_mnist-rs sends one).
 *
 * Any command may also answer TEE_ERROR_OUT_OF_MEMORY, and
 * TEE_ERROR_NOT_SUPPORTED is the answer to an unknown one. Those that read or
 * write the key may also answer TEE_ERROR_ACCESS_CONFLICT (another session does
 * so at this moment: try again), TEE_ERROR_STORAGE_NOT_AVAILABLE, and
 * TEE_ERROR_CORRUPT_OBJECT (its file was tampered with, and the key is lost).
 * Where trusted storage fails in a way that OP-TEE has no code for, it ends the
 * session: TEE_ERROR_TARGET_DEAD. Its model is gone then, the key is not.
 *
 * Numbers 0 to 6 are those of enc_mnist-rs; new commands start at 16.
 */
#ifndef ENC_MNIST_TA_H
#define ENC_MNIST_TA_H

#define ENC_MNIST_VERSION "0.1.0"

#define ENC_MNIST_TA_UUID_TEXT "ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744"

/* The same as a TEEC_UUID or TEE_UUID. */
/* clang-format off */
#define ENC_MNIST_TA_UUID \
	{ 0xee09aa8a, 0xfbb9, 0x4734, \
	  { 0xae, 0x8c, 0xd7, 0xcd, 0x1a, 0x3f, 0x67, 0x44 } }
/* clang-format on */

#define ENC_MNIST_IMAGE_WIDTH  28 /* pixels */
#define ENC_MNIST_IMAGE_HEIGHT 28 /* pixels */
#define ENC_MNIST_IMAGE_BYTES  (ENC_MNIST_IMAGE_WIDTH * ENC_MNIST_IMAGE_HEIGHT)
#define ENC_MNIST_CLASSES      10
#define ENC_MNIST_KEY_BYTES    32

/* Most images in one INFER: keeps a call well below a second. */
#define ENC_MNIST_BATCH_MAX 256

/*
 * Classifies images.
 * in  memref[0]: n x 784 bytes, row-major, 0 = background; n 1 to 256
 * out memref[1]: n labels, one byte each, 0 to 9
 * BAD_PARAMETERS  n is 0, or the size is not n x 784
 * EXCESS_DATA     n is over ENC_MNIST_BATCH_MAX
 * SHORT_BUFFER    memref[1] is smaller than n; its size is set to n
 * BAD_STATE       no model
 * OVERFLOW        a logit is infinite or not a number: no label for any image
 */
#define ENC_MNIST_CMD_INFER 0

/*
 * Seals a record with the stored key (only with feature encrypt-model).
 * in  memref[0]: record, 1 byte to ENC_MNIST_RECORD_MAX
 * out memref[1]: IV (16) and ciphertext, see doc/FORMAT.md
 * BAD_PARAMETERS  memref[0] is empty
 * EXCESS_DATA     memref[0] is over ENC_MNIST_RECORD_MAX
 * SHORT_BUFFER    memref[1] is too small; its size is set to what is needed
 * ITEM_NOT_FOUND  no key
 */
#define ENC_MNIST_CMD_ENCRYPT 1

/*
 * The reverse of ENCRYPT (only with feature encrypt-model, for it hands the
 * record to the normal world).
 * in  memref[0]: IV and ciphertext
 * out memref[1]: record; as large as memref[0] is always enough
 * BAD_PARAMETERS  memref[0] is empty
 * EXCESS_DATA     memref[0] is longer than its record, or than any
 * SHORT_BUFFER    memref[1] is smaller than memref[0]; its size is set to that
 * ITEM_NOT_FOUND  no key
 * BAD_FORMAT      not a container under this key; memref[1] is wiped
 */
#define ENC_MNIST_CMD_DECRYPT 2

/*
 * Stores the key in trusted storage, in place of the one of before. A power
 * cut leaves the old key or the new one. Models stay loaded.
 * in  memref[0]: 32 bytes
 * BAD_PARAMETERS  another size
 * STORAGE_NO_SPACE, STORAGE_NOT_AVAILABLE  the old key, if any, still stands
 */
#define ENC_MNIST_CMD_STORE_KEY 3

/*
 * Starts to load a model, under the key as it is now; drops what an unfinished
 * load has left.
 * ITEM_NOT_FOUND  no key
 */
#define ENC_MNIST_CMD_BEGIN 4

/*
 * The next bytes of the container. After an error the load is over.
 * in  memref[0]: any number of bytes, also none
 * BAD_STATE    no BEGIN before
 * EXCESS_DATA  longer than the container says it is
 * BAD_FORMAT   not the record of this network under this key
 */
#define ENC_MNIST_CMD_PUSH 5

/*
 * Ends the load: from now on the new model answers.
 * BAD_STATE   no BEGIN before
 * BAD_FORMAT  the container is incomplete
 */
#define ENC_MNIST_CMD_FINALIZE 6

/* Longest record that ENCRYPT and DECRYPT take, bytes. */
#define ENC_MNIST_RECORD_MAX (4u << 20)

#endif
