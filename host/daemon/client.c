/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "box/bytes.h"

void daemon_client_begin(struct daemon_client *c, int fd)
{
	*c = (struct daemon_client){ .state = DAEMON_READING, .fd = fd };
}

static void forget_request(struct daemon_client *c)
{
	free(c->samples);
	free(c->request.answer);
	c->samples = NULL;
	c->request = (struct daemon_request){ 0 };
	c->got = 0;
}

void daemon_client_end(struct daemon_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (c->state == DAEMON_WAITING &&
	    !daemon_model_forget(c->model, &c->request))
		return;
	forget_request(c);
	c->state = DAEMON_NONE;
}

size_t daemon_client_holds(const struct daemon_client *c)
{
	/* the answer is the model's until it is done */
	return c->samples ? c->request.bytes : c->request.answer_bytes;
}

/* --- Requests ---------------------------------------------------------- */

void daemon_client_refuse(struct daemon_client *c, uint32_t status,
			  const char *why)
{
	c->request.status = status;
	c->request.answer = strdup(why);
	c->request.answer_bytes = c->request.answer ? strlen(why) : 0;
	c->is_last = true;
	daemon_client_answered(c);
}

/* Up to `size` bytes, in addition to what is there. False: no more for now. */
static bool read_more(struct daemon_client *c, uint8_t *to, size_t size)
{
	const ssize_t n = recv(c->fd, to, size, MSG_DONTWAIT);

	if (n > 0) {
		c->got += (size_t)n;
		return true;
	}
	if (!n || (errno != EAGAIN && errno != EINTR))
		daemon_client_end(c);
	return false;
}

static struct daemon_model *find(struct daemon_model *const *models,
				 size_t count, const uint8_t *name)
{
	char wanted[FRAME_MODEL_BYTES] = "";

	for (size_t i = 0; i < count; i++) {
		memset(wanted, 0, sizeof(wanted));
		memcpy(wanted, daemon_model_name(models[i]),
		       strlen(daemon_model_name(models[i])));
		if (!memcmp(wanted, name, sizeof(wanted)))
			return models[i];
	}
	return NULL;
}

/* The head is there. False: it is refused. */
static bool read_head(struct daemon_client *c,
		      struct daemon_model *const *models, size_t count,
		      size_t most)
{
	struct daemon_request *r = &c->request;

	r->count = box_load32(c->head + FRAME_AT_COUNT);
	r->bytes = box_load32(c->head + FRAME_AT_BYTES);
	c->model = find(models, count, c->head + FRAME_AT_MODEL);
	if (box_load32(c->head) != FRAME_MAGIC)
		daemon_client_refuse(c, FRAME_USAGE,
				     "no request of this version");
	else if (!c->model)
		daemon_client_refuse(c, FRAME_USAGE, "no model of that name");
	else if (r->bytes > daemon_model_room(c->model))
		daemon_client_refuse(c, FRAME_USAGE,
				     "too many samples for one request");
	else if (r->bytes > most || !(c->samples = malloc(r->bytes + 1)))
		daemon_client_refuse(c, ENCMNIST_TRY_AGAIN, "out of memory");
	return c->samples;
}

void daemon_client_read(struct daemon_client *c,
			struct daemon_model *const *models, size_t count,
			size_t most)
{
	size_t there = 0; /* of the samples */

	if (c->got < sizeof(c->head) &&
	    (!read_more(c, c->head + c->got, sizeof(c->head) - c->got) ||
	     c->got < sizeof(c->head)))
		return;
	if (!c->samples && !read_head(c, models, count, most))
		return;
	there = c->got - sizeof(c->head);
	if (there < c->request.bytes &&
	    (!read_more(c, c->samples + there, c->request.bytes - there) ||
	     c->got - sizeof(c->head) < c->request.bytes))
		return;
	c->request.samples = c->samples;
	c->state = DAEMON_WAITING;
}

/* --- Answers ----------------------------------------------------------- */

void daemon_client_answered(struct daemon_client *c)
{
	c->state = DAEMON_WRITING;
	c->got = 0;
	free(c->samples);
	c->samples = NULL;
	if (c->fd < 0)
		daemon_client_end(c);
	else
		daemon_client_write(c);
}

void daemon_client_write(struct daemon_client *c)
{
	const struct daemon_request *r = &c->request;
	uint8_t head[FRAME_ANSWER_BYTES] = { 0 };
	struct iovec parts[2] = { { head, sizeof(head) },
				  { r->answer, r->answer_bytes } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	const size_t skip = c->got < sizeof(head) ? c->got : sizeof(head);
	ssize_t n = 0;

	box_store32(head, FRAME_MAGIC);
	memcpy(head + FRAME_AT_ID, c->head + FRAME_AT_ID, 4);
	box_store32(head + FRAME_AT_COUNT, r->status);
	box_store32(head + FRAME_AT_BYTES, (uint32_t)r->answer_bytes);
	parts[0].iov_base = head + skip;
	parts[0].iov_len -= skip;
	parts[1].iov_base = (uint8_t *)r->answer + (c->got - skip);
	parts[1].iov_len -= c->got - skip;
	n = sendmsg(c->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		daemon_client_end(c);
		return;
	}
	c->got += n > 0 ? (size_t)n : 0;
	if (c->got < sizeof(head) + r->answer_bytes)
		return;
	forget_request(c);
	c->state = DAEMON_READING;
	if (c->is_last)
		daemon_client_end(c);
}
