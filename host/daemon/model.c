/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "box/bytes.h"
#include "done.h"
#include "frame.h"

#define FIRST_ROOM	(1u << 20) /* bytes; until a model is there */
#define PAUSE_MIN	100	   /* milliseconds */
#define PAUSE_MAX	10000
#define BATCH		256 /* requests of a call */
#define FAILURES_IN_ROW 3   /* after which a session is opened anew */

struct daemon_model {
	const char *name;
	const char *path;
	struct encmnist_options options;
	struct daemon_done *done;
	pthread_t thread;
	/* of both threads */
	atomic_size_t room;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct daemon_request *first;
	struct daemon_request **last;
	bool reload;
	bool ending;
	bool ended; /* its session is closed */
	/* of the thread alone */
	encmnist_session *session; /* it has a model; or NULL */
	struct stat tried;	   /* the file that was loaded, or refused */
	bool again;		   /* its load may succeed another time */
	int64_t pause;		   /* milliseconds before the next try */
	int64_t next;		   /* when that is */
	unsigned int failures;	   /* in a row */
	uint32_t status;	   /* why there is no session */
	char why[FRAME_MESSAGE_MAX];
};

static int64_t now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void
tell(const struct daemon_model *m, const char *what, ...)
{
	char text[2 * FRAME_MESSAGE_MAX] = "";
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	fprintf(stderr, "enc-mnistd: %s: %s\n", m->name, text);
}

/* --- Answers ----------------------------------------------------------- */

static void finish(struct daemon_model *m, struct daemon_request *r,
		   uint32_t status, const void *answer, size_t bytes)
{
	r->status = status;
	r->answer = malloc(bytes + 1);
	r->answer_bytes = r->answer ? bytes : 0;
	if (r->answer)
		memcpy(r->answer, answer, bytes);
	else
		r->status = ENCMNIST_TRY_AGAIN;
	daemon_done_put(m->done, r);
}

static void fail(struct daemon_model *m, struct daemon_request *r,
		 uint32_t status, const char *why)
{
	finish(m, r, status, why, strlen(why));
}

static void describe(struct daemon_model *m, struct daemon_request *r)
{
	const encmnist_session *s = m->session;
	uint8_t about[FRAME_ABOUT_BYTES] = { 0 };

	box_store32(about + FRAME_ABOUT_AT_SAMPLE,
		    (uint32_t)encmnist_sample_bytes(s));
	box_store32(about + FRAME_ABOUT_AT_ANSWER,
		    (uint32_t)encmnist_answer_bytes(s));
	box_store32(about + FRAME_ABOUT_AT_ROOM, (uint32_t)encmnist_room(s));
	box_store32(about + FRAME_ABOUT_AT_VERSION, encmnist_model_version(s));
	box_store32(about + FRAME_ABOUT_AT_SECURITY,
		    encmnist_security_version(s));
	finish(m, r, FRAME_DONE, about, sizeof(about));
}

/* Whether a request has samples for the model; if not, it has its answer. */
static bool fits(struct daemon_model *m, struct daemon_request *r)
{
	const size_t sample = encmnist_sample_bytes(m->session);
	const size_t room = encmnist_room(m->session);
	char why[200] = "";

	if (!r->count && !r->bytes) {
		describe(m, r);
		return false;
	}
	if (r->count && r->count <= room && r->bytes == r->count * sample)
		return true;
	snprintf(why, sizeof(why),
		 "%u samples in %zu bytes: the model takes 1 to %zu at a time, "
		 "%zu bytes each",
		 (unsigned int)r->count, r->bytes, room, sample);
	fail(m, r, FRAME_USAGE, why);
	return false;
}

static void set_why(struct daemon_model *m, encmnist_error *e)
{
	const char *hint = encmnist_error_hint(e);

	m->status = encmnist_error_kind(e);
	snprintf(m->why, sizeof(m->why), "%s%s%s", encmnist_error_what(e),
		 *hint ? "; " : "", hint);
	encmnist_error_free(e);
}

/* The next load is due after a pause, which doubles each time. */
static void put_off(struct daemon_model *m)
{
	m->pause = m->pause ? 2 * m->pause : PAUSE_MIN;
	if (m->pause > PAUSE_MAX)
		m->pause = PAUSE_MAX;
	m->next = now() + m->pause;
}

/*
 * A run has failed. Whose fault is it? What the owner does not allow is passed
 * on. What is in the way may go away by itself. Everything else ends the
 * session: the TA is dead, or nobody knows.
 */
static void blame(struct daemon_model *m, encmnist_error *e)
{
	set_why(m, e);
	if (m->status == ENCMNIST_REFUSED ||
	    m->status == ENCMNIST_NOT_FOR_DEVICE)
		return;
	if (m->status != ENCMNIST_TRY_AGAIN ||
	    ++m->failures >= FAILURES_IN_ROW) {
		tell(m, "%s; opening a new session", m->why);
		encmnist_close(m->session);
		m->session = NULL;
		put_off(m);
	}
	m->status = ENCMNIST_TRY_AGAIN;
}

static bool run(struct daemon_model *m, struct daemon_request *const *batch,
		size_t requests)
{
	uint8_t *at = encmnist_samples(m->session);
	encmnist_error *e = NULL;
	size_t n = 0;

	for (size_t i = 0; i < requests; i++) {
		memcpy(at, batch[i]->samples, batch[i]->bytes);
		at += batch[i]->bytes;
		n += batch[i]->count;
	}
	if (!encmnist_run_shared(m->session, n, &e)) {
		blame(m, e);
		return false;
	}
	m->failures = 0;
	m->pause = 0;
	return true;
}

static void give(struct daemon_model *m, struct daemon_request **batch,
		 size_t requests)
{
	const uint8_t *at = encmnist_answers(m->session);

	for (size_t i = 0; i < requests; i++) {
		const size_t bytes =
			batch[i]->count * encmnist_answer_bytes(m->session);

		finish(m, batch[i], FRAME_DONE, at, bytes);
		at += bytes;
	}
}

/*
 * Answers requests that fit together. If that fails, one by one: the TA may
 * have answers left for one, but not for all.
 */
static void answer(struct daemon_model *m, struct daemon_request **batch,
		   size_t requests)
{
	if (run(m, batch, requests)) {
		give(m, batch, requests);
		return;
	}
	for (size_t i = 0; i < requests; i++) {
		if (requests > 1 && m->session &&
		    m->status != ENCMNIST_TRY_AGAIN && run(m, &batch[i], 1))
			give(m, &batch[i], 1);
		else
			fail(m, batch[i], m->status, m->why);
	}
}

/* What is in the queue for the next call into the TEE. */
static size_t take(struct daemon_model *m, struct daemon_request **batch)
{
	size_t left = m->session ? encmnist_room(m->session) : 0;
	size_t n = 0;

	pthread_mutex_lock(&m->lock);
	while (m->first && n < BATCH && (!n || m->first->count <= left)) {
		batch[n] = m->first;
		m->first = m->first->next;
		left -= batch[n]->count < left ? batch[n]->count : left;
		n++;
	}
	if (!m->first)
		m->last = &m->first;
	pthread_mutex_unlock(&m->lock);
	return n;
}

static void answer_some(struct daemon_model *m)
{
	struct daemon_request *batch[BATCH];
	const size_t n = take(m, batch);
	size_t fitting = 0;

	for (size_t i = 0; i < n; i++) {
		if (!m->session)
			fail(m, batch[i], m->status, m->why);
		else if (fits(m, batch[i]))
			batch[fitting++] = batch[i];
	}
	if (fitting)
		answer(m, batch, fitting);
}

/* --- Its session ------------------------------------------------------- */

/* Whether the file is another one than that which was tried last. */
static bool is_new(const struct daemon_model *m, const struct stat *file)
{
	return file->st_ino != m->tried.st_ino ||
	       file->st_dev != m->tried.st_dev ||
	       file->st_size != m->tried.st_size ||
	       /* nobody can set this time, as packages do the other */
	       file->st_ctim.tv_sec != m->tried.st_ctim.tv_sec ||
	       file->st_ctim.tv_nsec != m->tried.st_ctim.tv_nsec;
}

/* The session has its former model, or is closed. */
static void go_on(struct daemon_model *m)
{
	const bool has_model = m->session && encmnist_room(m->session);

	tell(m, "%s%s", m->why, has_model ? "; the former model goes on" : "");
	if (m->session && !has_model) {
		encmnist_close(m->session);
		m->session = NULL;
		m->status = ENCMNIST_TRY_AGAIN;
	}
	put_off(m);
}

static bool load(struct daemon_model *m, encmnist_session *s)
{
	encmnist_error *e = NULL;

	if (!encmnist_load_file(s, m->path, &e)) {
		set_why(m, e);
		m->again = m->status == ENCMNIST_TRY_AGAIN ||
			   m->status == ENCMNIST_STORAGE;
		go_on(m);
		return false;
	}
	atomic_store(&m->room, encmnist_room(s) * encmnist_sample_bytes(s));
	m->again = false;
	tell(m, "loaded %s, version %u", m->path,
	     (unsigned int)encmnist_model_version(s));
	return true;
}

static void open_session(struct daemon_model *m)
{
	encmnist_session *s = NULL;
	encmnist_error *e = NULL;

	if (!encmnist_open(&m->options, &s, &e)) {
		set_why(m, e);
		tell(m, "%s", m->why);
		put_off(m);
	} else if (load(m, s)) {
		m->session = s;
		m->failures = 0;
		return;
	} else {
		encmnist_close(s);
	}
	if (m->status == ENCMNIST_OTHER || m->status == ENCMNIST_STORAGE)
		m->status = ENCMNIST_TRY_AGAIN; /* it does, by itself */
}

/* Loads what is to be loaded, if it is time. */
static void refresh(struct daemon_model *m)
{
	struct stat file = { 0 };
	const bool is_there = !stat(m->path, &file);
	const bool replaced = is_there && is_new(m, &file);

	if (m->session && !replaced && !m->again)
		return;
	if (!replaced && now() < m->next)
		return;
	if (is_there)
		m->tried = file;
	if (m->session)
		load(m, m->session);
	else
		open_session(m);
}

/* --- The thread -------------------------------------------------------- */

static void wait_for_change(struct daemon_model *m)
{
	const struct timespec until = { .tv_sec = m->next / 1000,
					.tv_nsec = (long)(m->next % 1000) *
						   1000000 };

	if (m->session && !m->again)
		pthread_cond_wait(&m->changed, &m->lock);
	else
		pthread_cond_timedwait(&m->changed, &m->lock, &until);
}

/* False: it is over. */
static bool has_work(struct daemon_model *m)
{
	bool has = false;

	pthread_mutex_lock(&m->lock);
	if (!m->first && !m->reload && !m->ending)
		wait_for_change(m);
	if (m->reload) {
		m->reload = false;
		m->again = true;
		m->next = 0;
	}
	has = m->first || !m->ending;
	pthread_mutex_unlock(&m->lock);
	return has;
}

static void *work(void *context)
{
	struct daemon_model *m = context;

	while (has_work(m)) {
		refresh(m);
		answer_some(m);
	}
	encmnist_close(m->session);
	pthread_mutex_lock(&m->lock);
	m->ended = true;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

struct daemon_model *daemon_model_start(const char *name, const char *path,
					const struct encmnist_options *options,
					struct daemon_done *done)
{
	struct daemon_model *m = calloc(1, sizeof(*m));
	pthread_condattr_t clock;

	if (!m)
		return NULL;
	m->name = name;
	m->path = path;
	m->options = *options;
	m->done = done;
	m->last = &m->first;
	m->reload = true;
	atomic_store(&m->room, FIRST_ROOM);
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&m->changed, &clock);
	pthread_condattr_destroy(&clock);
	if (pthread_create(&m->thread, NULL, work, m)) {
		free(m);
		return NULL;
	}
	return m;
}

const char *daemon_model_name(const struct daemon_model *m)
{
	return m->name;
}

size_t daemon_model_room(const struct daemon_model *m)
{
	return atomic_load(&m->room);
}

void daemon_model_ask(struct daemon_model *m, struct daemon_request *request)
{
	request->next = NULL;
	pthread_mutex_lock(&m->lock);
	*m->last = request;
	m->last = &request->next;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

bool daemon_model_forget(struct daemon_model *m, struct daemon_request *request)
{
	struct daemon_request **at = &m->first;
	bool found = false;

	pthread_mutex_lock(&m->lock);
	while (*at && *at != request)
		at = &(*at)->next;
	found = *at;
	if (found)
		*at = request->next;
	if (found && !*at)
		m->last = at;
	pthread_mutex_unlock(&m->lock);
	return found;
}

void daemon_model_reload(struct daemon_model *m)
{
	pthread_mutex_lock(&m->lock);
	m->reload = true;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

void daemon_model_stop(struct daemon_model *m)
{
	pthread_mutex_lock(&m->lock);
	m->ending = true;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

bool daemon_model_free(struct daemon_model *m, unsigned int seconds)
{
	struct timespec until = { 0 };
	int late = 0;
	bool ended = false;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&m->lock);
	while (!m->ended && !late)
		late = pthread_cond_timedwait(&m->changed, &m->lock, &until);
	ended = m->ended;
	pthread_mutex_unlock(&m->lock);
	if (!ended)
		return false;
	pthread_join(m->thread, NULL);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m);
	return true;
}
