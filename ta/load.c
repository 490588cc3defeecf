/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each piece is copied to memory of the session, decrypted, and parsed from
 * there straight into the new parameters. So there is never a second copy of
 * the model, and no byte of shared memory is read twice. s->model changes in
 * one place: the end of load_finalize().
 */
#include "load.h"

#include <string.h>
#include <string_ext.h>

#include "crypto.h"
#include "policy.h"

TEE_Result load_start(struct session *s, const struct load_source *source)
{
	TEE_Result res = session_place(s, source->work_size);

	if (res == TEE_SUCCESS)
		s->load.source = source;
	return res;
}

void load_drop(struct session *s)
{
	session_drop(s, &s->load.model);
	crypto_free(s->load.cipher);
	crypto_free(s->load.digest);
	crypto_free(s->load.derive);
	memzero_explicit(&s->load, sizeof(s->load));
	s->load.cipher = TEE_HANDLE_NULL;
	s->load.digest = TEE_HANDLE_NULL;
	s->load.derive = TEE_HANDLE_NULL;
}

TEE_Result load_push(struct session *s, const void *data, size_t size)
{
	TEE_Result res = TEE_ERROR_BAD_STATE;

	if (!s->load.source)
		return res;
	res = s->load.source->push(s, data, size);
	if (res != TEE_SUCCESS)
		load_drop(s);
	return res;
}

TEE_Result load_finalize(struct session *s)
{
	TEE_Result res = TEE_ERROR_BAD_STATE;

	if (!s->load.source)
		return res;
	res = s->load.source->end(s);
	/* the device is in use: the caller may try again */
	if (res == TEE_ERROR_ACCESS_CONFLICT)
		return res;
	if (res == TEE_SUCCESS) {
		policy_give_back(s);
		session_switch(s);
	}
	load_drop(s);
	return res;
}
