/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TA of the bench. It does in parts what the TA of the product does in one
 * command.
 */
#ifndef BENCH_TA_H
#define BENCH_TA_H

/* clang-format off */
#define BENCH_TA_UUID \
	{ 0x6b1c7d44, 0x5a0e, 0x4a86, \
	  { 0x9a, 0x4c, 0x0c, 0x6d, 0x15, 0x7a, 0x9e, 0x21 } }
/* clang-format on */

#define BENCH_CHUNK_BYTES 65536

/*
 * The cryptography of a load.
 * in value[0]: a: BENCH_* flags, b: bytes
 * Decrypts (and authenticates) or hashes b bytes, chunk by chunk, in memory of
 * the TA; verifies one signature.
 */
#define BENCH_CMD_CRYPTO 0

#define BENCH_GCM     1u
#define BENCH_SHA256  2u
#define BENCH_ED25519 4u
#define BENCH_CBC     8u

/*
 * The rest of a load, for a piece of a record.
 * in value[0]: a: BENCH_* flags
 * in memref[1]: the piece, at most BENCH_CHUNK_BYTES
 */
#define BENCH_CMD_PIECE 1

#define BENCH_FIRST 1u /* first piece of a record */
#define BENCH_COPY  2u /* copy it to memory of the TA */
#define BENCH_PARSE 4u /* parse the copy: f32 */

/*
 * The forward pass: see bench/forward.h.
 * in value[0]: a: enum bench_forward
 * in value[1]: a: images, b: times
 */
#define BENCH_CMD_FORWARD 2

/*
 * A network: see bench/network.h.
 * in memref[0]: its record
 * in value[1]: a: samples, b: times
 */
#define BENCH_CMD_NETWORK 3

#endif
