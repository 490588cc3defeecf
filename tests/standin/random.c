/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/rand.h>
#include <stdlib.h>

#include "instance.h"
#include "testkit/secret.h"

void TEE_GenerateRandom(void *buffer, size_t size)
{
	FAULT_PANIC();
	secret_library(true);
	if (RAND_bytes(buffer, (int)size) != 1)
		abort();
	secret_library(false);
	secret_reveal(buffer, size);
}
