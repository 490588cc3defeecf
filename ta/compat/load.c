/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "cipher.h"
#include "infer.h"
#include "nn/pack.h"
#include "record/burn.h"
#include "ta/load.h"

/* Of a load. */
struct state {
	struct box_cbc box;
	struct record_burn record;
};

_Static_assert(sizeof(struct state) <= sizeof(((struct load *)0)->other),
	       "a load has room for the container's state");

static struct state *state_of(struct load *load)
{
	return (void *)load->other;
}

static bool start(void *ctx, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	struct load *load = ctx;

	cipher_start(load->cipher, iv);
	return true;
}

static bool decrypt(void *ctx, uint8_t *data, size_t len)
{
	struct load *load = ctx;

	return cipher_blocks(load->cipher, data, len);
}

static bool parse(void *ctx, const uint8_t *data, size_t len)
{
	struct load *load = ctx;

	return record_burn_push(&state_of(load)->record, data, len) ==
	       RECORD_BURN_OK;
}

static const struct box_cbc_ops ops = {
	.start = start,
	.crypt = decrypt,
	.sink = parse,
};

/* Errors of the container and the record as results of the TA. */
static TEE_Result to_result(enum box_error error)
{
	if (error == BOX_OK)
		return TEE_SUCCESS;
	if (error == BOX_TRAILING)
		return TEE_ERROR_EXCESS_DATA;
	return TEE_ERROR_BAD_FORMAT;
}

static TEE_Result push(struct session *s, const void *data, size_t size)
{
	return to_result(cipher_push(s, &state_of(&s->load)->box,
				     box_cbc_open_push, data, size));
}

static TEE_Result end(struct session *s)
{
	struct state *state = state_of(&s->load);
	TEE_Result res = to_result(box_cbc_open_end(&state->box));

	if (record_burn_end(&state->record) != RECORD_BURN_OK)
		return TEE_ERROR_BAD_FORMAT;
	return res;
}

static const struct load_source source = {
	.work_size = CIPHER_WORK_BYTES,
	.push = push,
	.end = end,
};

static const struct model_kind kind = { .classify = compat_classify };

TEE_Result compat_load_begin(struct session *s)
{
	struct load *load = &s->load;
	TEE_OperationHandle cipher = TEE_HANDLE_NULL;
	TEE_Result res = TEE_ERROR_GENERIC;

	load_drop(s);
	res = cipher_open(TEE_MODE_DECRYPT, &cipher);
	if (res != TEE_SUCCESS)
		return res;
	load->model.size =
		session_round(nn_packed_count(&nn_mnist) * sizeof(float));
	load->model.work_size = compat_work_size();
	res = load_start(s, &source);
	if (res != TEE_SUCCESS) {
		TEE_FreeOperation(cipher);
		load_drop(s);
		return res;
	}
	load->model.kind = &kind;
	load->model.params = load->model.memory;
	load->cipher = cipher;
	record_burn_begin(&state_of(load)->record, &nn_mnist,
			  load->model.params);
	box_cbc_open_begin(&state_of(load)->box, &ops, load,
			   record_burn_max_size(&nn_mnist));
	return TEE_SUCCESS;
}
