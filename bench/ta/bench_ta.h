/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TA that does by itself what loading a sealed model cannot do without, for
 * the bench to compare with: nothing of the product is in it.
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
 * in value[0]: a: BENCH_* together, b: bytes. Decrypts and authenticates, or
 * hashes, as many bytes, chunk by chunk, in memory of the TA; verifies once.
 */
#define BENCH_CMD_RUN 0

#define BENCH_GCM     1u
#define BENCH_SHA256  2u
#define BENCH_ED25519 4u

#endif
