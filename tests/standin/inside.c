/* SPDX-License-Identifier: Apache-2.0 */
#include "inside.h"

#include "ta/session.h"
#include "tests/standin/standin.h"

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

struct inside inside_of(const TEEC_Session *session)
{
	const struct session *s = standin_session(session);
	const uint8_t *rest = s->work;
	struct inside in = {
		.models = s->model.size + s->load.model.size,
		.work = larger(s->model.work_size, s->load.model.work_size),
	};

	if (s->load.source)
		in.work = larger(in.work, s->load.source->work_size);
	for (size_t i = 0; i < s->work_size; i++)
		in.dirt += rest[i] != 0;
	return in;
}
