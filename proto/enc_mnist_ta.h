/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface of the enc_mnist Trusted Application (TA), for both worlds.
 *
 * A session holds at most one active model and shares no model with other
 * sessions. Common to all sessions is what trusted storage holds: keys, the
 * epoch, the models that may be loaded and the lowest security version of each.
 * To load a model: BEGIN_SEALED (or BEGIN), PUSH as often as needed, FINALIZE.
 * The model answers RUN and INFER as soon as FINALIZE has succeeded. After any
 * error the previous model stays active, and whatever was loaded of the new one
 * is wiped. Loading changes nothing that lasts; COMMIT does.
 *
 * There are two kinds of models. A sealed model is any network. It has an
 * owner, whose public key is in the TA: the TA accepts only models that this
 * owner has signed, encrypted under a key that this owner has sent to this
 * device in an envelope. A model of enc_mnist-rs is one network of fixed shape,
 * and not authenticated. Commands 1 to 4 are for these models and exist only
 * with feature `compat`.
 *
 * Parameter types are compared exactly: a parameter that a command does not
 * list must be TEE_PARAM_TYPE_NONE, else the answer is
 * TEE_ERROR_BAD_PARAMETERS. Memory references may be temporary or registered,
 * of any alignment. The TA reads every input byte once, into its own memory,
 * before it interprets it. After an error, outputs hold nothing that depends on
 * a secret.
 *
 * Opening a session takes no parameter, or one input memory reference, which is
 * ignored (the client of enc_mnist-rs sends one). It answers
 * TEE_ERROR_BAD_STATE if the TA has no owner (owner_block.h).
 *
 * Any command may also answer TEE_ERROR_OUT_OF_MEMORY. An unknown command is
 * answered with TEE_ERROR_NOT_SUPPORTED. Commands that read or write trusted
 * storage may also answer TEE_ERROR_ACCESS_CONFLICT (for a second, another
 * session was using it: try again; an unfinished load stays as it is),
 * TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_ERROR_CORRUPT_OBJECT (its file was
 * tampered with, and its contents are lost), and TEE_ERROR_UNSUPPORTED_VERSION
 * (a newer TA has stored it). Where trusted storage fails in a way for which
 * OP-TEE has no error code, OP-TEE ends the session: TEE_ERROR_TARGET_DEAD. The
 * session's model is then lost, the stored keys are not.
 *
 * Below, sizes are bytes, and results stand without their prefix TEE_ERROR_.
 *
 * Numbers 0 to 6 are those of enc_mnist-rs; new commands start at 16.
 */
#ifndef ENC_MNIST_TA_H
#define ENC_MNIST_TA_H

#define ENC_MNIST_VERSION "0.2.0"

/* clang-format off */
/*
 * The TA's UUID, byte by byte in the order of its text: that of enc_mnist-rs.
 * `make TA_UUID=` defines another one.
 */
#ifndef ENC_MNIST_UUID
#define ENC_MNIST_UUID \
	ee, 09, aa, 8a, fb, b9, 47, 34, ae, 8c, d7, cd, 1a, 3f, 67, 44
#endif

/* The UUID as a TEEC_UUID or TEE_UUID, and as 16 bytes. */
#define ENC_MNIST_TA_UUID \
	ENC_MNIST_FORM(ENC_MNIST_FIELDS, ENC_MNIST_UUID)
#define ENC_MNIST_TA_UUID_OCTETS \
	ENC_MNIST_FORM(ENC_MNIST_OCTETS, ENC_MNIST_UUID)
#define ENC_MNIST_FORM(form, ...) form(__VA_ARGS__)
#define ENC_MNIST_FIELDS(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) \
	{ 0x##a##b##c##d, 0x##e##f, 0x##g##h, \
	  { 0x##i, 0x##j, 0x##k, 0x##l, 0x##m, 0x##n, 0x##o, 0x##p } }
#define ENC_MNIST_OCTETS(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) \
	{ 0x##a, 0x##b, 0x##c, 0x##d, 0x##e, 0x##f, 0x##g, 0x##h, \
	  0x##i, 0x##j, 0x##k, 0x##l, 0x##m, 0x##n, 0x##o, 0x##p }
/* clang-format on */

#define ENC_MNIST_IMAGE_WIDTH  28 /* pixels */
#define ENC_MNIST_IMAGE_HEIGHT 28 /* pixels */
#define ENC_MNIST_IMAGE_BYTES  (ENC_MNIST_IMAGE_WIDTH * ENC_MNIST_IMAGE_HEIGHT)
#define ENC_MNIST_CLASSES      10
#define ENC_MNIST_KEY_BYTES    32

/* Most images in one INFER: keeps a call well below a second. */
#define ENC_MNIST_BATCH_MAX 256

/*
 * Classifies images, with a network that takes 784 bytes and gives 10 values:
 * the label is the first of the largest values, whatever the owner lets RUN
 * give.
 * in  memref[0]: n x 784 bytes, row-major, 0 = background; n is 1 to 256
 * out memref[1]: n labels, one byte each, 0 to 9
 * BAD_PARAMETERS  n is 0, or the size is not a multiple of 784
 * EXCESS_DATA     n is over ENC_MNIST_BATCH_MAX, or what DESCRIBE says
 * SHORT_BUFFER    memref[1] is smaller than n; its size is set to n
 * BAD_STATE       the session has no model
 * NOT_SUPPORTED   its model is another network: RUN
 * OVERFLOW        a value is infinite or not a number: no label for any image
 * ACCESS_DENIED, STORAGE_NO_SPACE  as for RUN
 */
#define ENC_MNIST_CMD_INFER 0

/*
 * Encrypts a record under the key of STORE_KEY (only with feature
 * encrypt-model).
 * in  memref[0]: record, 1 byte to ENC_MNIST_RECORD_MAX
 * out memref[1]: IV (16) and ciphertext, see doc/FORMAT.md, section 5
 * BAD_PARAMETERS  memref[0] is empty
 * EXCESS_DATA     memref[0] is over ENC_MNIST_RECORD_MAX
 * SHORT_BUFFER    memref[1] is too small; its size is set to what is needed
 * ITEM_NOT_FOUND  no key is stored
 */
#define ENC_MNIST_CMD_ENCRYPT 1

/*
 * The reverse of ENCRYPT (only with feature encrypt-model, because it hands the
 * record to the normal world).
 * in  memref[0]: IV and ciphertext
 * out memref[1]: record; a buffer as large as memref[0] is always enough
 * BAD_PARAMETERS  memref[0] is empty
 * EXCESS_DATA     memref[0] goes on after the end of its record, or is longer
 *                 than the container of any record
 * SHORT_BUFFER    memref[1] is smaller than memref[0]; its size is set to that
 *                 of memref[0]
 * ITEM_NOT_FOUND  no key is stored
 * BAD_FORMAT      not a container under this key; memref[1] is wiped
 */
#define ENC_MNIST_CMD_DECRYPT 2

/*
 * Stores the AES-256 key for models of enc_mnist-rs in trusted storage and
 * replaces the previous one (only with feature compat). A power cut leaves the
 * old key or the new one. Loaded models stay loaded.
 * in  memref[0]: 32 bytes
 * BAD_PARAMETERS  another size
 * STORAGE_NO_SPACE, STORAGE_NOT_AVAILABLE  the old key, if any, stays stored
 */
#define ENC_MNIST_CMD_STORE_KEY 3

/*
 * Starts to load a model of enc_mnist-rs (only with feature compat), under the
 * key that STORE_KEY stored last. Drops an unfinished load.
 * no parameters
 * ITEM_NOT_FOUND  no key is stored
 */
#define ENC_MNIST_CMD_BEGIN 4

/*
 * Takes the next bytes of the model. After an error the load is over.
 * in  memref[0]: after BEGIN, any number of bytes of the container, also none;
 *     after BEGIN_SEALED, exactly the next chunk: 65,536 bytes of the stream,
 *     fewer only for the last chunk
 * BAD_STATE    no load has begun
 * EXCESS_DATA  longer than the rest of the container, or than the chunk
 * BAD_FORMAT   not a stream, or not a record under this key, or one of another
 *              network than the head describes; or shorter than the chunk
 * MAC_INVALID  not a chunk of this model, or not the next one
 */
#define ENC_MNIST_CMD_PUSH 5

/*
 * Ends the load: from now on the new model answers. What BEGIN_SEALED has
 * checked of the device is checked again: keys and versions may have changed.
 * no parameters
 * BAD_STATE          no load has begun
 * BAD_FORMAT         the model is incomplete
 * SIGNATURE_INVALID  the owner has signed other chunks
 * ITEM_NOT_FOUND, SECURITY  as for BEGIN_SEALED
 */
#define ENC_MNIST_CMD_FINALIZE 6

/*
 * Starts to load a sealed model (doc/FORMAT.md, section 1). Drops an unfinished
 * load. The memory that the network needs follows from the head, and is taken
 * here: what does not fit is refused before any of it is decrypted.
 * in  memref[0]: the head of the model, 568 bytes
 * BAD_PARAMETERS     another size
 * BAD_FORMAT         not a head, or a field that is out of range
 * UNSUPPORTED_VERSION  a version or suite that this TA does not know
 * OUT_OF_MEMORY      it needs more memory than is left of the TA's heap
 * ACCESS_DENIED      the model of another owner, or for other clients: the
 *                    session was not opened with the login that the head names
 * SIGNATURE_INVALID  not signed by the owner that it names
 * SECURITY           its security version is below the one committed, below
 *                    that of the last envelope, or below the floor; or that
 *                    envelope does not allow this model id
 * ITEM_NOT_FOUND     the device has no key with the id that it names
 */
#define ENC_MNIST_CMD_BEGIN_SEALED 16

/*
 * Gives the device's public key; the first call makes the key pair. The private
 * key never leaves trusted storage.
 * out memref[0]: 32 bytes, X25519
 * SHORT_BUFFER      memref[0] is smaller; its size is set to 32
 * STORAGE_NO_SPACE  trusted storage is full
 */
#define ENC_MNIST_CMD_DEVICE_KEY 17

/*
 * Takes an envelope (doc/FORMAT.md, section 2): adds its model key to those of
 * the device, removes the keys that it retires, and from then on allows the
 * models that it names. A power cut leaves all as it was, or all done; an error
 * other than TARGET_DEAD leaves all as it was. A removed key does not count any
 * more; if its object cannot be deleted now, the next envelope deletes it.
 * Loaded models stay loaded.
 * in  memref[0]: one envelope, 552 bytes
 * BAD_PARAMETERS  another size
 * BAD_FORMAT      not an envelope
 * UNSUPPORTED_VERSION  a version or suite that this TA does not know
 * ACCESS_DENIED   an envelope of another owner
 * SIGNATURE_INVALID  not signed by the owner that it names
 * ITEM_NOT_FOUND  for another TA or another device, or there is no device key
 * MAC_INVALID     its key was not sealed for this device
 * SECURITY        its epoch is not above that of the last envelope, or is below
 *                 the floor
 * STORAGE_NO_SPACE  the device has ENC_MNIST_KEYS_MAX keys, and the envelope
 *                 retires none of them; or trusted storage is full
 */
#define ENC_MNIST_CMD_PROVISION 18

/* Most model keys of a device. */
#define ENC_MNIST_KEYS_MAX 8

/* Most model ids of which a device keeps numbers. */
#define ENC_MNIST_MODELS_MAX 8

/*
 * Describes the TA and the device; nothing in it is secret. Numbers are
 * little-endian.
 * out memref[0]: ENC_MNIST_STATUS_BYTES:
 *       0   4  flags, ENC_MNIST_STATUS_*
 *       4   4  version of the TA; OP-TEE refuses lower ones. 0: none was given
 *       8   4  lowest epoch that is accepted (floor)
 *      12   4  lowest security version that is accepted (floor)
 *      16   4  heap of the TA, bytes: what a session has for its models
 *      20  16  UUID of the TA, in the order of its text form
 *      36  32  owner: Ed25519 public key
 *      68  32  device: X25519 public key; 0 without ENC_MNIST_STATUS_DEVICE
 *     100   4  epoch of the last envelope; 0: none yet
 *     104   4  number of model keys: how many of the next entries are in use
 *     108      ENC_MNIST_KEYS_MAX entries: key id (16), epoch (4)
 *     268   4  number of models: how many of the next entries are in use
 *     272      ENC_MNIST_MODELS_MAX entries: model id (32), lowest security
 *              version (4), 0 (4), answers given (8), if the owner has them
 *              counted
 * SHORT_BUFFER  memref[0] is smaller; its size is set to that
 */
#define ENC_MNIST_CMD_STATUS 19

#define ENC_MNIST_STATUS_COMPAT	   1u /* feature compat: not production */
#define ENC_MNIST_STATUS_TEST_KEY  2u /* signed with OP-TEE's test key */
#define ENC_MNIST_STATUS_KIT_KEY   4u /* signed with another key of the kit's */
#define ENC_MNIST_STATUS_DEVICE	   8u /* the device key has been made */
#define ENC_MNIST_STATUS_LISTED	   16u	/* other models are refused */
#define ENC_MNIST_STATUS_HUK_ZERO  32u	/* OP-TEE's hardware key is 0 */
#define ENC_MNIST_STATUS_HUK_OTHER 64u	/* it is not; neither: cannot tell */
#define ENC_MNIST_STATUS_HAS_RPMB  128u /* OP-TEE says that it has one */
#define ENC_MNIST_STATUS_IN_RPMB   256u /* the device object lies there */
#define ENC_MNIST_STATUS_IN_FILES  512u /* in files of the normal world */

#define ENC_MNIST_STATUS_AT_TA_VERSION	  4
#define ENC_MNIST_STATUS_AT_EPOCH_FLOOR	  8
#define ENC_MNIST_STATUS_AT_VERSION_FLOOR 12
#define ENC_MNIST_STATUS_AT_HEAP	  16
#define ENC_MNIST_STATUS_AT_UUID	  20
#define ENC_MNIST_STATUS_AT_OWNER	  36
#define ENC_MNIST_STATUS_AT_DEVICE	  68
#define ENC_MNIST_STATUS_AT_EPOCH	  100
#define ENC_MNIST_STATUS_AT_KEYS	  104
#define ENC_MNIST_STATUS_AT_KEY		  108
#define ENC_MNIST_STATUS_KEY_BYTES	  20
#define ENC_MNIST_STATUS_AT_MODELS	  268
#define ENC_MNIST_STATUS_AT_MODEL	  272
#define ENC_MNIST_STATUS_MODEL_BYTES	  48

#define ENC_MNIST_STATUS_BYTES       \
	(ENC_MNIST_STATUS_AT_MODEL + \
	 ENC_MNIST_MODELS_MAX * ENC_MNIST_STATUS_MODEL_BYTES)

/*
 * Describes the session's model; nothing in it is secret. Numbers are
 * little-endian.
 * out memref[0]: ENC_MNIST_DESCRIBE_BYTES:
 *       0   4  what RUN gives, ENC_MNIST_OUTPUT_*
 *       4   4  K of TOP, BITS of SCORES; else 0
 *       8   4  batch: samples that the network computes at once
 *      12   4  number type: 1 f32, 2 int8 with f32 or without
 *      16   4  number of inputs, 1 to 4
 *      20   4  number of outputs, 1 to 4
 *      24   4  classes: elements of the only output; 0: there are several, or
 *              they are indices
 *      28   4  model version: which release it is
 *      32   8  bytes of a sample for RUN
 *      40   8  bytes of a sample's answer
 *      48   8  multiply-accumulates of a sample
 *      56   8  most samples of one RUN
 *      64  32  model id
 *      96   4  security version: what a device does not go back behind
 *     100   4  0
 *     104   8  samples that are answered after a load; 0: any number
 *     112   8  the same for this model id in the life of the device
 *     120      four inputs, then four outputs, 32 bytes each; those that the
 *              network does not have are 0:
 *               0   1  type: 1 f32, 2 int8, 3 uint8, 4 int32
 *               1   1  rank, 1 to 6
 *               2   1  zero point of int8, signed; else 0
 *               3   1  0
 *               4   4  scale of int8, f32: (q - zero) * scale; else 0
 *               8  24  six dimensions of a sample, the first one outermost;
 *                      from rank on 1. Pictures are (height, width, channels)
 * BAD_STATE      the session has no model
 * NOT_SUPPORTED  its model is one of enc_mnist-rs
 * SHORT_BUFFER   memref[0] is smaller; its size is set to that
 */
#define ENC_MNIST_CMD_DESCRIBE 20

/* What RUN gives, as the owner has decided. */
#define ENC_MNIST_OUTPUT_LABEL	1u
#define ENC_MNIST_OUTPUT_TOP	2u
#define ENC_MNIST_OUTPUT_SCORES 3u
#define ENC_MNIST_OUTPUT_RAW	4u

#define ENC_MNIST_DESCRIBE_AT_POLICY	       0
#define ENC_MNIST_DESCRIBE_AT_AMOUNT	       4
#define ENC_MNIST_DESCRIBE_AT_BATCH	       8
#define ENC_MNIST_DESCRIBE_AT_TYPE	       12
#define ENC_MNIST_DESCRIBE_AT_INPUTS	       16
#define ENC_MNIST_DESCRIBE_AT_OUTPUTS	       20
#define ENC_MNIST_DESCRIBE_AT_CLASSES	       24
#define ENC_MNIST_DESCRIBE_AT_VERSION	       28
#define ENC_MNIST_DESCRIBE_AT_SAMPLE	       32
#define ENC_MNIST_DESCRIBE_AT_ANSWER	       40
#define ENC_MNIST_DESCRIBE_AT_MACS	       48
#define ENC_MNIST_DESCRIBE_AT_MOST	       56
#define ENC_MNIST_DESCRIBE_AT_ID	       64
#define ENC_MNIST_DESCRIBE_AT_SECURITY_VERSION 96
#define ENC_MNIST_DESCRIBE_AT_LOAD_ANSWERS     104
#define ENC_MNIST_DESCRIBE_AT_LIFE_ANSWERS     112
#define ENC_MNIST_DESCRIBE_AT_PORTS	       120
#define ENC_MNIST_DESCRIBE_PORTS	       4 /* inputs; outputs */
#define ENC_MNIST_DESCRIBE_PORT_BYTES	       32

#define ENC_MNIST_DESCRIBE_BYTES       \
	(ENC_MNIST_DESCRIBE_AT_PORTS + \
	 2 * ENC_MNIST_DESCRIBE_PORTS * ENC_MNIST_DESCRIBE_PORT_BYTES)

/*
 * Computes n samples and gives what the owner lets leave of the outputs. Values
 * of int8 are (q - zero) * scale here. A sample's answer is, little-endian:
 *
 *   LABEL        the label, a 32-bit number: the index of the first of the
 *                largest values
 *   TOP          K labels, of the largest values in descending order; of two
 *                equal values the lower index comes first
 *   SCORES       each value, output by output, as f32, rounded to a multiple of
 *                m / 2^BITS, half to even. m is the smallest power of two, from
 *                1 on, that is not below any magnitude in this output of this
 *                sample. So probabilities are multiples of 2^-BITS
 *   RAW          each element, output by output, in the output's type
 *
 * in  memref[0]: n samples, each of them the elements of the first input in its
 *     type, row-major, then those of the next input; n is 1 or more
 * out memref[1]: n answers; must not overlap memref[0]
 * BAD_STATE       the session has no model
 * NOT_SUPPORTED   its model is one of enc_mnist-rs: INFER
 * BAD_PARAMETERS  n is 0, or the size is not a multiple of a sample
 * EXCESS_DATA     n is over what DESCRIBE says
 * SHORT_BUFFER    memref[1] is too small; its size is set to what is needed
 * OVERFLOW        a value is infinite, not a number, or with SCORES over 2^127
 *                 (never with RAW): memref[1] is 0
 * ACCESS_DENIED   the owner allows fewer answers, after a load or in the life
 *                 of the device, or has taken the model off the list. Those
 *                 that a call could not give count, too
 * STORAGE_NO_SPACE  there is no room to count the answers of another model id
 */
#define ENC_MNIST_CMD_RUN 21

/*
 * Raises the lowest security version of the session's model id to that of the
 * model, for all sessions and for good. Until then, older models may be loaded
 * again.
 * no parameters
 * BAD_STATE         the session has no sealed model, or it has not answered yet
 * SECURITY, ITEM_NOT_FOUND  the device would not load it any more
 * STORAGE_NO_SPACE  ENC_MNIST_MODELS_MAX other model ids have been committed:
 *                   an envelope that names ids forgets others; or trusted
 *                   storage is full
 */
#define ENC_MNIST_CMD_COMMIT 22

/*
 * Most multiply-accumulates in one RUN or INFER: no sample of any network has
 * more. With TOP, each of its classes is a pass over all scores, which counts.
 */
#define ENC_MNIST_RUN_MACS_MAX (1ull << 36)

/*
 * Bytes of TA heap besides models: to work in during a load, or for the
 * activations of a network that needs more; and for the rest.
 */
#define ENC_MNIST_TA_LOAD_BYTES	 (80u * 1024)
#define ENC_MNIST_TA_OTHER_BYTES (16u * 1024)

/* Longest record of ENCRYPT and DECRYPT, bytes. */
#define ENC_MNIST_RECORD_MAX (4u << 20)

#endif
