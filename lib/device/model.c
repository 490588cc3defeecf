/* SPDX-License-Identifier: Apache-2.0 */
/* The session's model: what it is, and its answers. */
#include <string.h>

#include "lib/error.h"
#include "session.h"

/* --- What it is -------------------------------------------------------- */

const char *encmnist_model_id(const encmnist_session *session)
{
	return session->network.model_id[0] ? session->network.model_id : NULL;
}

uint32_t encmnist_model_version(const encmnist_session *session)
{
	return session->network.model_version;
}

uint32_t encmnist_security_version(const encmnist_session *session)
{
	return session->network.security_version;
}

size_t encmnist_inputs(const encmnist_session *session)
{
	return session->network.inputs;
}

size_t encmnist_outputs(const encmnist_session *session)
{
	return session->network.outputs;
}

/* encmnist_tensor is struct box_port under another name. */
static const encmnist_tensor *tensor(const struct box_port *ports,
				     uint32_t count, size_t i)
{
	return i < count ? (const encmnist_tensor *)&ports[i] : NULL;
}

static const struct box_port *port(const encmnist_tensor *t)
{
	return (const struct box_port *)t;
}

const encmnist_tensor *encmnist_input(const encmnist_session *session, size_t i)
{
	return tensor(session->network.input, session->network.inputs, i);
}

const encmnist_tensor *encmnist_output(const encmnist_session *session,
				       size_t i)
{
	return tensor(session->network.output, session->network.outputs, i);
}

enum encmnist_type encmnist_tensor_type(const encmnist_tensor *t)
{
	return (enum encmnist_type)port(t)->type;
}

size_t encmnist_tensor_rank(const encmnist_tensor *t)
{
	return port(t)->rank;
}

size_t encmnist_tensor_dim(const encmnist_tensor *t, size_t d)
{
	return d < port(t)->rank ? port(t)->dims[d] : 1;
}

float encmnist_tensor_scale(const encmnist_tensor *t)
{
	return enc_port_scale(port(t));
}

int32_t encmnist_tensor_zero_point(const encmnist_tensor *t)
{
	return port(t)->zero;
}

enum encmnist_leaves encmnist_leaves(const encmnist_session *session)
{
	return (enum encmnist_leaves)session->network.policy;
}

uint32_t encmnist_leaves_amount(const encmnist_session *session)
{
	return session->network.amount;
}

size_t encmnist_classes(const encmnist_session *session)
{
	return session->network.classes;
}

const char *encmnist_class_name(const encmnist_session *session, size_t i)
{
	const struct enc_labels *names = &session->names;

	return names->names && i < names->count ? names->names[i] : NULL;
}

size_t encmnist_sample_bytes(const encmnist_session *session)
{
	return (size_t)session->network.sample_bytes;
}

size_t encmnist_answer_bytes(const encmnist_session *session)
{
	return (size_t)session->network.answer_bytes;
}

size_t encmnist_room(const encmnist_session *session)
{
	return session->network.room;
}

/* --- Its answers ------------------------------------------------------- */

void *encmnist_samples(encmnist_session *session)
{
	return session->network.room ? enc_tee_samples(session->tee) : NULL;
}

const void *encmnist_answers(const encmnist_session *session)
{
	return session->network.room ? enc_tee_answers(session->tee) : NULL;
}

static bool run(encmnist_session *s, size_t n, struct enc_error *e)
{
	if (!s->network.room)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"no model has been loaded");
	if (!n || n > s->network.room)
		return enc_fail(e, ENC_ERR_LIMIT,
				"%zu sample%s: the session has room for 1 to "
				"%zu",
				n, enc_s(n), s->network.room);
	return enc_tee_run(s->tee, n, e);
}

bool encmnist_run_shared(encmnist_session *session, size_t n,
			 encmnist_error **error)
{
	struct enc_error e = { 0 };

	return run(session, n, &e) || lib_fail(error, &e);
}

bool encmnist_run(encmnist_session *session, const void *samples, size_t n,
		  void *answers, encmnist_error **error)
{
	const size_t sample = encmnist_sample_bytes(session);
	const size_t answer = encmnist_answer_bytes(session);
	const size_t room = session->network.room;
	const uint8_t *from = samples;
	uint8_t *to = answers;

	do {
		const size_t some = n < room ? n : room;

		if (some)
			memcpy(encmnist_samples(session), from, some * sample);
		if (!encmnist_run_shared(session, some, error))
			return false;
		memcpy(to, encmnist_answers(session), some * answer);
		from += some * sample;
		to += some * answer;
		n -= some;
	} while (n);
	return true;
}

bool encmnist_commit(encmnist_session *session, encmnist_error **error)
{
	struct enc_error e = { 0 };

	return enc_tee_commit(session->tee, &e) || lib_fail(error, &e);
}
