/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each piece that comes in is copied to memory of the session, decrypted, and
 * parsed from there straight into the new parameters. So the model is never
 * here twice, and no byte of shared memory is read twice. s->params changes in
 * one place: the end of load_finalize().
 */
#include "load.h"

#include <string_ext.h>

#include "crypto.h"

TEE_Result load_start(struct session *s, const struct load_source *source)
{
	s->load.params = TEE_Malloc(nn_packed_count(&nn_mnist) * sizeof(float),
				    TEE_MALLOC_FILL_ZERO);
	if (!s->load.params)
		return TEE_ERROR_OUT_OF_MEMORY;
	s->load.source = source;
	nn_record_begin(&s->load.record, &nn_mnist, s->load.params);
	return TEE_SUCCESS;
}

bool load_record(struct load *load, const uint8_t *data, size_t len)
{
	return nn_record_push(&load->record, data, len) == NN_RECORD_OK;
}

void load_drop(struct session *s)
{
	session_free_params(s->load.params);
	session_free(s->load.chunk, BOX_HEAD_CHUNK_BYTES);
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

	if (!s->load.params)
		return res;
	res = s->load.source->push(s, data, size);
	if (res != TEE_SUCCESS)
		load_drop(s);
	return res;
}

TEE_Result load_finalize(struct session *s)
{
	TEE_Result res = TEE_ERROR_BAD_FORMAT;

	if (!s->load.params)
		return TEE_ERROR_BAD_STATE;
	if (nn_record_end(&s->load.record) == NN_RECORD_OK)
		res = s->load.source->end(s);
	if (res == TEE_SUCCESS) {
		session_free_params(s->params);
		s->params = s->load.params;
		s->load.params = NULL;
	}
	load_drop(s);
	return res;
}
