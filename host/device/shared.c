/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that a session shares with the TEE: for a chunk of a model from
 * its opening on, for samples and answers once there is a model. To share
 * memory, Linux pins its pages and OP-TEE maps them. For one call alone, that
 * costs more than copying an image.
 */
#include "box/head.h"
#include "call.h"

#define ANSWERS_ALIGN 64u

static TEEC_Result allocate(struct enc_tee *tee, TEEC_SharedMemory *memory,
			    size_t size)
{
	memory->size = size;
	memory->flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
	return TEEC_AllocateSharedMemory(&tee->context, memory);
}

static void release(TEEC_SharedMemory *memory)
{
	if (memory->buffer)
		TEEC_ReleaseSharedMemory(memory);
	*memory = (TEEC_SharedMemory){ 0 };
}

TEEC_Result enc_tee_share(struct enc_tee *tee)
{
	return allocate(tee, &tee->chunk, BOX_HEAD_CHUNK_BYTES);
}

TEEC_Result enc_tee_share_samples(struct enc_tee *tee)
{
	const struct enc_network *n = &tee->network;
	const size_t samples = n->room * (size_t)n->sample_bytes;

	release(&tee->samples);
	tee->answers_at =
		(samples + ANSWERS_ALIGN - 1) / ANSWERS_ALIGN * ANSWERS_ALIGN;
	return allocate(tee, &tee->samples,
			tee->answers_at + n->room * (size_t)n->answer_bytes);
}

void enc_tee_unshare(struct enc_tee *tee)
{
	release(&tee->samples);
	release(&tee->chunk);
}

uint8_t *enc_tee_chunk(struct enc_tee *tee)
{
	return tee->chunk.buffer;
}

uint8_t *enc_tee_samples(struct enc_tee *tee)
{
	return tee->samples.buffer;
}

uint8_t *enc_tee_answers(struct enc_tee *tee)
{
	return (uint8_t *)tee->samples.buffer + tee->answers_at;
}

static void set_type(TEEC_Operation *op, size_t i, uint32_t type)
{
	op->paramTypes |= TEEC_PARAM_TYPES(type, 0, 0, 0) << 4 * i;
}

void enc_tee_refer(TEEC_SharedMemory *memory, TEEC_Operation *op, size_t i,
		   uint32_t direction, size_t at, size_t size)
{
	set_type(op, i,
		 direction == TEEC_MEM_INPUT ? TEEC_MEMREF_PARTIAL_INPUT :
					       TEEC_MEMREF_PARTIAL_OUTPUT);
	op->params[i].memref.parent = memory;
	op->params[i].memref.offset = at;
	op->params[i].memref.size = size;
}

void enc_tee_lend(TEEC_Operation *op, size_t i, uint32_t direction,
		  const void *memory, size_t size)
{
	set_type(op, i,
		 direction == TEEC_MEM_INPUT ? TEEC_MEMREF_TEMP_INPUT :
					       TEEC_MEMREF_TEMP_OUTPUT);
	op->params[i].tmpref.buffer = (void *)(uintptr_t)memory;
	op->params[i].tmpref.size = size;
}
