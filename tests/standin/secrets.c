/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <stdlib.h>
#include <string.h>

#include "standin.h"
#include "testkit/secret.h"

static void (*secrets_hook)(size_t at, uint8_t *data, size_t size);

void standin_secrets(void (*hook)(size_t at, uint8_t *data, size_t size))
{
	secrets_hook = hook;
}

uint8_t *si_plain_copy(const void *data, size_t size)
{
	uint8_t *copy = malloc(size + 1); /* never NULL */

	if (size)
		memcpy(copy, data, size);
	secret_reveal(copy, size);
	return copy;
}

void si_public(void *data, size_t size)
{
	secret_reveal(data, size);
}

void si_secret(void *data, size_t size)
{
	secret_reveal(data, size);
	if (secrets_hook)
		secret_make(data, size);
}

void si_decrypted(size_t at, uint8_t *data, size_t size)
{
	si_secret(data, size);
	if (secrets_hook)
		secrets_hook(at, data, size);
}
