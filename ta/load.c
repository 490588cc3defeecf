/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each piece is copied to memory of the session, decrypted, and parsed from
 * there straight into the new parameters. So there is never a second copy of
 * the model, and no byte of shared memory is read twice. s->model changes in
 * one place: the end of load_finalize().
 */
#include "load.h"

#include <string_ext.h>

#include "crypto.h"

TEE_Result load_start(struct session *s, const struct load_source *source,
		      enum nn_format format)
{
	struct model *model = &s->load.model;
	size_t size = nn_model_size(&nn_mnist, NN_FORMAT_F32);

	/*
	 * All formats take the size of an f32 model if there is room: a smaller
	 * model would leave holes in the heap that are too small for a larger
	 * one.
	 */
	model->format = format;
	model->packed = TEE_Malloc(size, TEE_MALLOC_FILL_ZERO);
	size = nn_model_size(&nn_mnist, format);
	if (!model->packed && format != NN_FORMAT_F32)
		model->packed = TEE_Malloc(size, TEE_MALLOC_FILL_ZERO);
	if (!model->packed)
		return TEE_ERROR_OUT_OF_MEMORY;
	s->load.source = source;
	record_reader_begin(&s->load.record, &nn_mnist, format, model->packed);
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
}

TEE_Result load_push(struct session *s, const void *data, size_t size)
{
	TEE_Result res = TEE_ERROR_BAD_STATE;

	if (!s->load.model.packed)
		return res;
	res = s->load.source->push(s, data, size);
	if (res != TEE_SUCCESS)
		load_drop(s);
	return res;
}

TEE_Result load_finalize(struct session *s)
{
	TEE_Result res = TEE_ERROR_BAD_FORMAT;

	if (!s->load.model.packed)
		return TEE_ERROR_BAD_STATE;
	if (record_reader_end(&s->load.record))
		res = s->load.source->end(s);
	if (res == TEE_SUCCESS) {
		session_free_model(&s->model);
		s->model = s->load.model;
		s->load.model.packed = NULL;
	}
	load_drop(s);
	return res;
}
