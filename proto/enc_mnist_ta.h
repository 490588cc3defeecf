/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface of the enc_mnist Trusted Application, for both worlds.
 *
 * A session holds at most one model and shares nothing with other sessions;
 * only keys, and what must not go back, are common, in the trusted storage of
 * the TA. To load a model: BEGIN_SEALED (or BEGIN), PUSH as often as needed,
 * FINALIZE. The model answers INFER from the moment FINALIZE has succeeded.
 * Whatever error a command answers, the model of before still answers, and what
 * had been loaded of the new one is wiped.
 *
 * There are two ways for a model to come. The sealed one has an owner, whose
 * public keys are compiled into the TA: it takes models that this owner has
 * signed, under a key that came in an envelope from this owner for this device.
 * The other one is that of enc_mnist-rs, without authentication, and is only
 * there with feature `compat`: commands 1 to 4.
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
 * write trusted storage may also answer TEE_ERROR_ACCESS_CONFLICT (another
 * session does so at this moment: try again), TEE_ERROR_STORAGE_NOT_AVAILABLE,
 * and TEE_ERROR_CORRUPT_OBJECT (its file was tampered with, and what was in it
 * is lost). Where trusted storage fails in a way that OP-TEE has no code for,
 * it ends the session: TEE_ERROR_TARGET_DEAD. Its model is gone then, the key
 * is not.
 *
 * Numbers 0 to 6 are those of enc_mnist-rs; new commands start at 16.
 */
#ifndef ENC_MNIST_TA_H
#define ENC_MNIST_TA_H

#define ENC_MNIST_VERSION "0.2.0"

#define ENC_MNIST_TA_UUID_TEXT "ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744"

/* The same as a TEEC_UUID or TEE_UUID, and as 16 bytes in that order. */
/* clang-format off */
#define ENC_MNIST_TA_UUID \
	{ 0xee09aa8a, 0xfbb9, 0x4734, \
	  { 0xae, 0x8c, 0xd7, 0xcd, 0x1a, 0x3f, 0x67, 0x44 } }
#define ENC_MNIST_TA_UUID_OCTETS \
	{ 0xee, 0x09, 0xaa, 0x8a, 0xfb, 0xb9, 0x47, 0x34, \
	  0xae, 0x8c, 0xd7, 0xcd, 0x1a, 0x3f, 0x67, 0x44 }
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
 * Stores the key in trusted storage (only with feature compat), in place of
 * the one of before. A power cut leaves the old key or the new one. Models stay
 * loaded.
 *
 * in  memref[0]: 32 bytes
 *
 * BAD_PARAMETERS  another size
 * STORAGE_NO_SPACE, STORAGE_NOT_AVAILABLE  the old key, if any, still stands
 */
#define ENC_MNIST_CMD_STORE_KEY 3

/*
 * Starts to load a model of enc_mnist-rs (only with feature compat), under
 * the key of STORE_KEY as it is now; drops what an unfinished load has left.
 * ITEM_NOT_FOUND  no key
 */
#define ENC_MNIST_CMD_BEGIN 4

/*
 * The next bytes of the model. After an error the load is over.
 * in  memref[0]: after BEGIN, any number of bytes of the container, also none;
 *     after BEGIN_SEALED, exactly the next chunk: 65,536 bytes of the stream,
 *     or what is left of it
 * BAD_STATE    no BEGIN or BEGIN_SEALED before
 * EXCESS_DATA  longer than the container, or the chunk, is
 * BAD_FORMAT   not the record of this network under this key; or shorter than
 *              the chunk
 * MAC_INVALID  not a chunk of this model, or not the one that is next
 */
#define ENC_MNIST_CMD_PUSH 5

/*
 * Ends the load: from now on the new model answers. The version of a sealed one
 * is stored first: an older one is not taken any more.
 * BAD_STATE          no BEGIN or BEGIN_SEALED before
 * BAD_FORMAT         the model is incomplete
 * SIGNATURE_INVALID  its owner has signed other chunks
 * SECURITY, STORAGE_NO_SPACE  as for BEGIN_SEALED
 */
#define ENC_MNIST_CMD_FINALIZE 6

/*
 * Starts to load a sealed model (doc/FORMAT.md); drops what an unfinished load
 * has left.
 * in  memref[0]: its head, 248 bytes
 * BAD_PARAMETERS     another size
 * BAD_FORMAT         not a head, or one for another network; or the second
 *                    half of its signature is out of range
 * UNSUPPORTED_VERSION  of a version that this TA does not know
 * ACCESS_DENIED      another owner's
 * SIGNATURE_INVALID  not signed by the owner that it names
 * SECURITY           older than one that was loaded before, or it or the key
 *                    is below its floor
 * ITEM_NOT_FOUND     the key with its id is not here
 * STORAGE_NO_SPACE   there have been ENC_MNIST_MODELS_MAX other model ids
 */
#define ENC_MNIST_CMD_BEGIN_SEALED 16

/*
 * The device's public key, made when it is first asked for. The private one
 * never leaves trusted storage.
 * out memref[0]: 32 bytes, X25519
 * SHORT_BUFFER  memref[0] is smaller; its size is set to that
 */
#define ENC_MNIST_CMD_DEVICE_KEY 17

/*
 * Takes a model's key out of an envelope (doc/FORMAT.md), in place of the one
 * of before. A power cut leaves the old key or the new one. Models stay loaded.
 * in  memref[0]: 192 bytes
 * BAD_PARAMETERS  another size
 * BAD_FORMAT      not an envelope
 * UNSUPPORTED_VERSION  of a version that this TA does not know
 * ACCESS_DENIED   another owner's
 * ITEM_NOT_FOUND  for another TA or another device
 * MAC_INVALID     not made by the owner for this device as it stands
 * SECURITY        its epoch is not above the last one's, or is below the floor
 * STORAGE_NO_SPACE, STORAGE_NOT_AVAILABLE  the old key, if any, or the new one:
 *                 try again
 */
#define ENC_MNIST_CMD_PROVISION 18

/*
 * What there is and what it protects. Numbers are little endian.
 * out memref[0]: ENC_MNIST_STATUS_BYTES:
 *       0   4  flags, ENC_MNIST_STATUS_*
 *       4   4  gpd.tee.trustedStorage.antiRollback.protectionLevel: 1000 where
 *              hardware (RPMB) keeps storage from going back
 *       8   4  lowest epoch that is taken, 12  4  lowest model version
 *      16  32  owner: Ed25519 public key, 48  32  its X25519 public key
 *      80  32  device: X25519 public key; 0 without ENC_MNIST_STATUS_DEVICE
 *     112   4  epoch of the last envelope; 0: none yet
 *     116  16  id of the key that is stored; 0 without ENC_MNIST_STATUS_KEY
 *     132   4  models: how many of the entries that follow are in use
 *     136      ENC_MNIST_MODELS_MAX entries: model id (32), highest version (4)
 * SHORT_BUFFER  memref[0] is smaller; its size is set to that
 */
#define ENC_MNIST_CMD_STATUS 19

#define ENC_MNIST_STATUS_COMPAT	  1u /* feature compat: not production */
#define ENC_MNIST_STATUS_TEST_KEY 2u /* signed with the kit's public key */
#define ENC_MNIST_STATUS_DEVICE	  4u /* there is a device key */
#define ENC_MNIST_STATUS_KEY	  8u /* there is a key from an envelope */

#define ENC_MNIST_STATUS_AT_ROLLBACK	  4
#define ENC_MNIST_STATUS_AT_EPOCH_FLOOR	  8
#define ENC_MNIST_STATUS_AT_VERSION_FLOOR 12
#define ENC_MNIST_STATUS_AT_OWNER_SIGN	  16
#define ENC_MNIST_STATUS_AT_OWNER_WRAP	  48
#define ENC_MNIST_STATUS_AT_DEVICE	  80
#define ENC_MNIST_STATUS_AT_EPOCH	  112
#define ENC_MNIST_STATUS_AT_KEY_ID	  116
#define ENC_MNIST_STATUS_AT_MODELS	  132
#define ENC_MNIST_STATUS_AT_ENTRIES	  136
#define ENC_MNIST_STATUS_ENTRY_BYTES	  36

/* Model ids of which a device keeps the highest version. */
#define ENC_MNIST_MODELS_MAX 8

#define ENC_MNIST_STATUS_BYTES         \
	(ENC_MNIST_STATUS_AT_ENTRIES + \
	 ENC_MNIST_MODELS_MAX * ENC_MNIST_STATUS_ENTRY_BYTES)

/*
 * Secure memory that a session takes beside the parameters of its model, and,
 * while a new one replaces it, of that: bytes of TA heap.
 */
#define ENC_MNIST_TA_WORK_BYTES (136u * 1024)

/* Longest record that ENCRYPT and DECRYPT take, bytes. */
#define ENC_MNIST_RECORD_MAX (4u << 20)

#endif
