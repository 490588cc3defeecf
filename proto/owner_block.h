/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a TA its owner's: a block of the TA's constants. The build fills
 * it; in a TA that was built without an owner, `enc_mnist make-ta` finds it by
 * its magic and fills it. doc/FORMAT.md, section 8. Numbers are little-endian.
 */
#ifndef OWNER_BLOCK_H
#define OWNER_BLOCK_H

#include <stdint.h>

/* Not a string: there is no 0 behind it. */
#define OWNER_BLOCK_MAGIC                                                    \
	{                                                                    \
		0xe5, 'E', 'N', 'C', '-', 'T', 'A', ' ', 'O', 'W', 'N', 'E', \
			'R', 0, 0x0d, 0x0a                                   \
	}
#define OWNER_BLOCK_FORMAT 1u

struct owner_block {
	uint8_t magic[16];
	uint32_t format;
	uint32_t is_owned; /* 0: nobody's: the TA opens no session */
	uint32_t sign_key; /* flag of STATUS: who else has it; 0: nobody */
	uint32_t ta_version;
	uint32_t version_floor;
	uint32_t epoch_floor;
	uint8_t uuid[16]; /* of the TA, in the order of its text */
	/*
	 * The owner's, Ed25519. Without an owner: SHA-256 of the public key by
	 * which the TA development kit signs; zeros: it has none.
	 */
	uint8_t key[32];
};

#endif
