/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: private to the stand-in. */
#ifndef OPERATION_H
#define OPERATION_H

#include <openssl/evp.h>

#include "object.h"

struct si_algorithm {
	uint32_t id;
	uint32_t operation_class; /* TEE_OPERATION_* */
	TEE_ObjectType key_type;
};

struct __TEE_OperationHandle {
	TEE_OperationHandle next;
	const struct si_algorithm *algorithm;
	uint32_t mode;
	uint32_t usage; /* that its key needs */
	uint32_t max_bits;
	bool key_set;
	bool initialized;
	bool active; /* some data has been processed */
	struct si_key key;
	EVP_CIPHER_CTX *cipher;
	size_t done;	  /* bytes since the IV */
	size_t tag_size;  /* bytes */
	uint8_t *message; /* the whole message to digest */
	size_t message_size;
	size_t message_room;
};

/* Panics unless the operation is of that class. */
void si_check_operation(TEE_OperationHandle operation, uint32_t wanted);

/* Back to the state after the key was set, or to the initial one. */
void si_operation_reset(TEE_OperationHandle operation);

/* Sets up the cipher with the operation's AES key. */
void si_cipher_start(TEE_OperationHandle operation, bool gcm, const uint8_t *iv,
		     size_t iv_size);

/* `size` bytes, in place, or as associated data. */
void si_cipher_run(TEE_OperationHandle operation, uint8_t *data, size_t size,
		   bool associated);

#endif
