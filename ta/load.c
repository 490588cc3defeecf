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

TEE_Result load_start(struct session *s, const struct load_source *source)
{
	struct model *model = &s->load.model;
	const size_t work = model->work_size > source->work_size ?
				    model->work_size :
				    source->work_size;
	TEE_Result res = session_work(s, work);

	if (res != TEE_SUCCESS)
		return res;
	if (model->network_size) {
		model->network =
			TEE_Malloc(model->network_size, TEE_MALLOC_FILL_ZERO);
		if (!model->network)
			return TEE_ERROR_OUT_OF_MEMORY;
	}
	model->params = TEE_Malloc(model->params_size, TEE_MALLOC_FILL_ZERO);
	if (!model->params)
		return TEE_ERROR_OUT_OF_MEMORY;
	s->load.source = source;
	return TEE_SUCCESS;
}

void load_drop(struct session *s)
{
	session_free_model(&s->load.model);
	session_free(s->load.chunk, BOX_HEAD_CHUNK_BYTES);
	crypto_free(s->load.cipher);
	crypto_free(s->load.digest);
	crypto_free(s->load.derive);
	memzero_explicit(&s->load, sizeof(s->load));
	s->load.cipher = TEE_HANDLE_NULL;
	s->load.digest = TEE_HANDLE_NULL;
	s->load.derive = TEE_HANDLE_NULL;
	if (!s->model.kind)
		session_free_work(s);
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
	if (res == TEE_SUCCESS) {
		session_free_model(&s->model);
		s->model = s->load.model;
		memset(&s->load.model, 0, sizeof(s->load.model));
	}
	load_drop(s);
	return res;
}
