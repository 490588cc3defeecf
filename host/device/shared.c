/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that a session shares with the TEE. To share memory, Linux pins
 * its pages and OP-TEE maps them. For one call alone, that costs more than
 * copying an image.
 */
#include "box/head.h"
#include "call.h"
#include "proto/enc_mnist_ta.h"

/* Its parts. Images and chunk are whole pages of 4 KiB. */
#define IMAGES_AT    0u
#define CHUNK_AT     (ENC_MNIST_BATCH_MAX * (size_t)ENC_MNIST_IMAGE_BYTES)
#define LABELS_AT    (CHUNK_AT + BOX_HEAD_CHUNK_BYTES)
#define SHARED_BYTES (LABELS_AT + ENC_MNIST_BATCH_MAX)

TEEC_Result enc_tee_share(struct enc_tee *tee)
{
	tee->shared.size = SHARED_BYTES;
	tee->shared.flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
	return TEEC_AllocateSharedMemory(&tee->context, &tee->shared);
}

void enc_tee_unshare(struct enc_tee *tee)
{
	TEEC_ReleaseSharedMemory(&tee->shared);
}

static uint8_t *part(struct enc_tee *tee, size_t at)
{
	return (uint8_t *)tee->shared.buffer + at;
}

uint8_t *enc_tee_images(struct enc_tee *tee)
{
	return part(tee, IMAGES_AT);
}

uint8_t *enc_tee_chunk(struct enc_tee *tee)
{
	return part(tee, CHUNK_AT);
}

uint8_t *enc_tee_labels(struct enc_tee *tee)
{
	return part(tee, LABELS_AT);
}

static void set_type(TEEC_Operation *op, size_t i, uint32_t type)
{
	op->paramTypes |= TEEC_PARAM_TYPES(type, 0, 0, 0) << 4 * i;
}

void enc_tee_refer(struct enc_tee *tee, TEEC_Operation *op, size_t i,
		   uint32_t direction, const uint8_t *part, size_t size)
{
	set_type(op, i,
		 direction == TEEC_MEM_INPUT ? TEEC_MEMREF_PARTIAL_INPUT :
					       TEEC_MEMREF_PARTIAL_OUTPUT);
	op->params[i].memref.parent = &tee->shared;
	op->params[i].memref.offset =
		(size_t)(part - (const uint8_t *)tee->shared.buffer);
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
