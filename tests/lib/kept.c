/* SPDX-License-Identifier: Apache-2.0 */
#include "kept.h"

#include <stdlib.h>
#include <string.h>

#include "testkit/client.h"
#include "testkit/test.h"

static TEEC_Result store_key(TEEC_Session *session, uint32_t n)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };

	ta_numbered_key((uint8_t)n, key);
	return ta_store_key(session, key);
}

static TEEC_Result begin_key(TEEC_Session *session, uint32_t *n)
{
	*n = 1;
	return store_key(session, *n);
}

static TEEC_Result which_key(TEEC_Session *session, uint32_t *n)
{
	int key = -1;
	TEEC_Result res = ta_which_key(session, &key);

	*n = 0;
	if (res == TEEC_SUCCESS && key < 0)
		fail_msg("a key that nobody has stored");
	if (res == TEEC_SUCCESS)
		*n = (uint32_t)key;
	return res;
}

const struct kept kept_key = {
	.name = "key",
	.begin = begin_key,
	.command = store_key,
	.which = which_key,
};

const struct kept *kept_named(const char *name)
{
	const struct kept *all[] = { &kept_key, &kept_envelope, &kept_commit,
				     &kept_answers };

	for (size_t i = 0; i < COUNT(all); i++) {
		if (!strcmp(name, all[i]->name))
			return all[i];
	}
	abort();
}

TEEC_Result kept_store(const struct kept *kept, TEEC_Session *session,
		       uint32_t n)
{
	TEEC_Result res =
		kept->prepare ? kept->prepare(session, n) : TEEC_SUCCESS;

	return res == TEEC_SUCCESS ? kept->command(session, n) : res;
}
