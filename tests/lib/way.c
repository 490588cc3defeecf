/* SPDX-License-Identifier: Apache-2.0 */
#include "way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testkit/sealed_client.h"

static TEEC_Result give_compat_key(TEEC_Session *session)
{
	return ta_store_key(session, models_key);
}

const struct way way_compat = {
	.name = "compat",
	.begin = ENC_MNIST_CMD_BEGIN,
	.piece = TA_PIECE_BYTES,
	.give_key = give_compat_key,
};

/* In the next envelope that the device takes. */
static TEEC_Result give_sealed_key(TEEC_Session *session)
{
	struct enc_status status = { 0 };
	TEEC_Result res = ta_status(session, &status);

	if (res != TEEC_SUCCESS)
		return res;
	return ta_provision_epoch(session, &models_owner, status.epoch + 1);
}

const struct way way_sealed = {
	.name = "sealed",
	.begin = ENC_MNIST_CMD_BEGIN_SEALED,
	.head = BOX_HEAD_BYTES,
	.piece = BOX_HEAD_CHUNK_BYTES,
	.give_key = give_sealed_key,
};

const struct way *way_named(const char *name)
{
	if (!strcmp(name, way_compat.name))
		return &way_compat;
	if (!strcmp(name, way_sealed.name))
		return &way_sealed;
	abort();
}

void way_name_tests(const struct way *way, struct CMUnitTest *tests,
		    size_t count)
{
	static char names[16][80];

	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "%s: %s", way->name,
			 tests[i].name);
		tests[i].name = names[i];
	}
}

struct way_model way_model(const struct way *way, const struct model *model)
{
	if (way == &way_compat)
		return (struct way_model){ way, model->container,
					   model->container_len };
	return (struct way_model){ way, model->sealed, model->sealed_len };
}

size_t way_pushes(const struct way_model *model)
{
	const struct way *way = model->way;

	return (model->len - way->head + way->piece - 1) / way->piece;
}

TEEC_Result way_begin(const struct way_model *model, TEEC_Session *session)
{
	const struct way *way = model->way;

	return ta_send(session, way->begin, way->head ? model->bytes : NULL,
		       way->head);
}

TEEC_Result way_push(const struct way_model *model, TEEC_Session *session,
		     size_t n)
{
	const struct way *way = model->way;
	const size_t at = way->head + n * way->piece;
	const size_t left = model->len - at;

	return ta_push(session, model->bytes + at,
		       left < way->piece ? left : way->piece);
}

TEEC_Result way_push_first(const struct way_model *model, TEEC_Session *session,
			   size_t n)
{
	TEEC_Result res = way_begin(model, session);

	for (size_t i = 0; i < n && res == TEEC_SUCCESS; i++)
		res = way_push(model, session, i);
	return res;
}

TEEC_Result way_load(const struct way_model *model, TEEC_Session *session)
{
	TEEC_Result res = way_push_first(model, session, way_pushes(model));

	return res == TEEC_SUCCESS ? ta_finalize(session) : res;
}
