/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a sealed model: what the network takes and gives, the memory that
 * it needs, what may leave the TEE, and the signature. doc/FORMAT.md, section
 * 1, has its bytes.
 *
 *   sealed model = head (568) || class names || stream (box/stream.h)
 *
 * The first BOX_HEAD_BOUND_BYTES are the associated data of the stream, so each
 * chunk authenticates them. The owner signs the first BOX_HEAD_SIGNED_BYTES,
 * which end with the digest of the whole stream: someone who holds the model
 * key but is not the owner can neither make nor change a model. Class names are
 * public; the head has their digest.
 *
 * Freestanding; no state. The caller checks signature, digests, key and
 * network; nothing that box_head_read() gives is authenticated before that.
 */
#ifndef BOX_HEAD_H
#define BOX_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define BOX_HEAD_BYTES	      568
#define BOX_HEAD_BOUND_BYTES  472
#define BOX_HEAD_SIGNED_BYTES 504
#define BOX_HEAD_MAGIC	      "ENCMODEL" /* the first 8 bytes */
#define BOX_HEAD_MAGIC_BYTES  8
#define BOX_HEAD_CHUNK_BYTES  65536 /* of the stream; no other is read */
#define BOX_MODEL_ID_BYTES    32
#define BOX_KEY_ID_BYTES      16
#define BOX_OWNER_BYTES	      32 /* Ed25519 public key */
#define BOX_DIGEST_BYTES      32 /* SHA-256 */
#define BOX_SIGNATURE_BYTES   64 /* Ed25519 */
#define BOX_CLIENT_BYTES      16 /* UUID, in the order of its text form */

/* Limits of a network: those of nn/net.h, but for the last one. */
#define BOX_PORTS_MAX	 4 /* inputs; outputs */
#define BOX_RANK_MAX	 6
#define BOX_DIM_MAX	 65536u
#define BOX_ELEMENTS_MAX (1u << 28)
#define BOX_BATCH_MAX	 64
#define BOX_ARENA_ALIGN	 64
#define BOX_ARENA_MAX	 ((uint64_t)1 << 30) /* of a batch */
#define BOX_PARAMS_MAX	 ((uint64_t)1 << 31)
#define BOX_RECORD_HEAD	 64	       /* bytes of a record before its tables */
#define BOX_TABLES_MIN	 (2 * 40 + 64) /* one input, one node */
#define BOX_TABLES_MAX	 (516 * 40 + 512 * 64) /* 4 inputs, 512 nodes */
#define BOX_MACS_MAX	 ((uint64_t)1 << 36)   /* of a sample */
#define BOX_NAMES_MAX	 65536u		       /* bytes of class names */

/* What an element of a tensor is: enum nn_type. */
enum box_type {
	BOX_F32 = 1,
	BOX_INT8,
	BOX_UINT8,
	BOX_INT32
};

/* What may leave the TEE of an answer; proto/enc_mnist_ta.h defines each. */
enum box_policy {
	BOX_LABEL = 1,
	BOX_TOP,    /* amount: 1 to BOX_TOP_MAX labels, at most all */
	BOX_SCORES, /* amount: 1 to BOX_SCORE_BITS_MAX bits */
	BOX_RAW
};
#define BOX_TOP_MAX	   32
#define BOX_SCORE_BITS_MAX 16
#define BOX_CLASSES_MIN	   2
#define BOX_CLASSES_MAX	   65536u

/* How a client must have opened its session: TEE_LOGIN_* of GlobalPlatform. */
enum box_login {
	BOX_LOGIN_ANY = 0, /* TEE_LOGIN_PUBLIC, and so all others */
	BOX_LOGIN_USER = 1,
	BOX_LOGIN_GROUP = 2,
	BOX_LOGIN_APPLICATION = 4
};

/* An input or an output of a sample. */
struct box_port {
	uint32_t type;	/* enum box_type; BOX_UINT8: an input */
	uint32_t rank;	/* 1 to BOX_RANK_MAX */
	int32_t zero;	/* of BOX_INT8, -128 to 127; else 0 */
	uint32_t scale; /* bits of an f32, positive and normal; else 0 */
	uint32_t dims[BOX_RANK_MAX]; /* 1 to BOX_DIM_MAX; from rank on: 1 */
};

struct box_head {
	uint32_t number_type; /* BOX_F32; BOX_INT8 if a node gives int8 */
	uint32_t policy;      /* enum box_policy */
	uint32_t amount;      /* of BOX_TOP and BOX_SCORES; else 0 */
	uint32_t batch;	      /* samples at once, 1 to BOX_BATCH_MAX */
	uint32_t inputs;      /* 1 to BOX_PORTS_MAX */
	uint32_t outputs;
	uint64_t length;	/* bytes of plaintext: of the record */
	uint64_t params;	/* bytes of parameters */
	uint64_t macs;		/* multiply-accumulates of a sample */
	uint32_t arena;		/* bytes for a sample */
	uint32_t model_version; /* which release it is, from 1 */
	uint32_t names;		/* bytes of class names; 0: none */
	/* 1 to 32 characters a-z 0-9 . _ -, then zeros */
	uint8_t model_id[BOX_MODEL_ID_BYTES];
	uint8_t key_id[BOX_KEY_ID_BYTES];
	uint8_t owner[BOX_OWNER_BYTES];
	uint8_t names_digest[BOX_DIGEST_BYTES]; /* of names; 0 without */
	/* from 1; a device takes none below the highest committed one */
	uint32_t security_version;
	uint32_t login;			  /* enum box_login */
	uint8_t client[BOX_CLIENT_BYTES]; /* identity; 0 for BOX_LOGIN_ANY */
	/* Samples that may be answered; 0: any number. */
	uint64_t load_answers; /* after one load */
	uint64_t life_answers; /* of this model id, in the life of a device */
	struct box_port input[BOX_PORTS_MAX]; /* behind the last: 0 */
	struct box_port output[BOX_PORTS_MAX];
	uint8_t digest[BOX_DIGEST_BYTES]; /* of the stream */
	uint8_t signature[BOX_SIGNATURE_BYTES];
};

/*
 * Reads a head. BOX_MAGIC, BOX_VERSION; BOX_FIELD for any other difference from
 * what box_head_write() writes. After an error, `head` is incomplete.
 */
enum box_error box_head_read(const uint8_t bytes[BOX_HEAD_BYTES],
			     struct box_head *head);

/* Writes a head. Readers refuse it if a field is out of range. */
void box_head_write(const struct box_head *head, uint8_t bytes[BOX_HEAD_BYTES]);

/*
 * Whether `count` of BOX_PORTS_MAX ports are what a head may name, and those
 * behind them 0.
 */
bool box_are_ports(const struct box_port *ports, uint32_t count,
		   bool are_inputs);

/* Elements of a port of a head that has been read. */
uint32_t box_port_elements(const struct box_port *port);

#define BOX_PORT_BYTES 32

/* The bytes of a port, as in a head. */
void box_port_write(const struct box_port *port, uint8_t bytes[BOX_PORT_BYTES]);
void box_port_read(const uint8_t bytes[BOX_PORT_BYTES], struct box_port *port);

#endif
