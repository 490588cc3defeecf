/* SPDX-License-Identifier: Apache-2.0 */
/* enc-mnistd: models in the TEE that several clients share. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "frame.h"
#include "listen.h"
#include "serve.h"

#define CLOSING 5		    /* seconds for a session to end */
#define BYTES	((size_t)192 << 20) /* below MemoryMax of the unit */
#define FILES	64		    /* descriptors besides those of clients */

enum {
	CLIENTS = 'z' + 1,
	IDLE,
	STALL,
	WAIT
};

struct settings {
	struct daemon_options options;
	struct encmnist_options session;
	const char *socket;
	char *names[DAEMON_MODELS_MAX];
	const char *paths[DAEMON_MODELS_MAX];
	size_t count;
};

static int control = -1; /* the end that signals write to */

static void usage(FILE *to)
{
	fputs("Usage: enc-mnistd --model=NAME=FILE [OPTION...]\n"
	      "Answers several clients with models in the TEE that they share: "
	      "doc/SERVICE.md.\n\n"
	      "  -m, --model=NAME=FILE  a model for this name; up to 8, each\n"
	      "                         with a session of its own\n"
	      "  -s, --socket=PATH      listen there; default: the socket that\n"
	      "                         systemd hands over\n"
	      "      --clients=N        connections at a time, half of them of "
	      "one user; 128\n"
	      "      --idle=SECONDS     end a connection without requests; 300\n"
	      "      --stall=SECONDS    end one that is in the middle of a "
	      "request, or does\n"
	      "                         not take its answer; 10\n"
	      "      --wait=SECONDS     end if the TEE does not answer; 120; 0: "
	      "never\n"
	      "  -t, --ta=UUID          of another owner's TA\n"
	      "  -h, --help             show this text\n"
	      "  -V, --version          print the version\n\n"
	      "SIGHUP: loads all models anew. SIGTERM: answers what was asked, "
	      "and ends.\n",
	      to);
}

static int misused(const char *what, const char *value)
{
	fprintf(stderr,
		"enc-mnistd: %s%s%s%s; `enc-mnistd --help' lists the options\n",
		what, value ? ", not `" : "", value ? value : "",
		value ? "'" : "");
	return FRAME_USAGE;
}

/* --- The command line -------------------------------------------------- */

static bool read_number(const char *text, unsigned long min, unsigned long max,
			unsigned int *to)
{
	char *end = NULL;
	const unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < min || n > max)
		return false;
	*to = (unsigned int)n;
	return true;
}

static bool read_model(struct settings *s, char *text)
{
	char *is = strchr(text, '=');

	if (!is || is == text || !is[1] || s->count == DAEMON_MODELS_MAX ||
	    is - text >= FRAME_MODEL_BYTES)
		return false;
	*is = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (!strcmp(s->names[i], text))
			return false;
	}
	s->names[s->count] = text;
	s->paths[s->count++] = is + 1;
	return true;
}

static int read_option(struct settings *s, int option)
{
	unsigned int n = 0;

	switch (option) {
	case 'm':
		return read_model(s, optarg) ?
			       0 :
			       misused("--model: NAME=FILE, up to 8 names of "
				       "up to 31 bytes, each once",
				       optarg);
	case 's':
		s->socket = optarg;
		return 0;
	case 't':
		s->session.ta = optarg;
		return 0;
	case CLIENTS:
		if (!read_number(optarg, 1, DAEMON_CLIENTS_MAX, &n))
			return misused("--clients: a number from 1 to 1000",
				       optarg);
		s->options.clients = n;
		return 0;
	case IDLE:
	case STALL:
	case WAIT:
		if (!read_number(optarg, option != WAIT, 86400,
				 option == IDLE	 ? &s->options.idle :
				 option == STALL ? &s->options.stall :
						   &s->session.wait))
			return misused("a number of seconds up to 86400",
				       optarg);
		return 0;
	default:
		return misused("wrong option", NULL);
	}
}

/* Returns -1, or the exit status. */
static int read_words(struct settings *s, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "model", required_argument, NULL, 'm' },
		{ "socket", required_argument, NULL, 's' },
		{ "clients", required_argument, NULL, CLIENTS },
		{ "idle", required_argument, NULL, IDLE },
		{ "stall", required_argument, NULL, STALL },
		{ "wait", required_argument, NULL, WAIT },
		{ "ta", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int option = 0;
	int status = 0;

	while ((option = getopt_long(argc, argv, "m:s:t:hV", longs, NULL)) >=
	       0) {
		if (option == 'h') {
			usage(stdout);
			return 0;
		}
		if (option == 'V') {
			printf("enc-mnistd %s\n", encmnist_version());
			return 0;
		}
		status = read_option(s, option);
		if (status)
			return status;
	}
	if (optind < argc)
		return misused("a word that belongs to no option",
			       argv[optind]);
	return s->count ? -1 : misused("no --model", NULL);
}

/* --- The process ------------------------------------------------------- */

static void on_signal(int signal)
{
	const char command = signal == SIGHUP ? DAEMON_RELOAD : DAEMON_STOP;
	const int kept = errno;

	/* a full pipe has the same commands already */
	(void)!write(control, &command, 1);
	errno = kept;
}

/* poll() takes no more descriptors than may be open, and models have files. */
static bool allow_files(size_t clients)
{
	const rlim_t need = clients + FILES;
	struct rlimit limit = { 0 };

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	if (limit.rlim_cur >= need)
		return true;
	if (limit.rlim_max < need) {
		errno = EMFILE;
		return false;
	}
	limit.rlim_cur = need;
	return !setrlimit(RLIMIT_NOFILE, &limit);
}

static bool take_signals(struct settings *s)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_RESTART };
	int ends[2] = { -1, -1 };

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return false;
	s->options.control = ends[0];
	control = ends[1];
	/* who reads the log may end */
	return signal(SIGPIPE, SIG_IGN) != SIG_ERR &&
	       !sigaction(SIGTERM, &action, NULL) &&
	       !sigaction(SIGINT, &action, NULL) &&
	       !sigaction(SIGHUP, &action, NULL);
}

/* A call into the TEE never returns: only a new process can help. */
static void late(void *context, const encmnist_error *why)
{
	(void)context;
	fprintf(stderr, "enc-mnistd: %s; %s; ending\n",
		encmnist_error_what(why), encmnist_error_hint(why));
	_exit(ENCMNIST_TRY_AGAIN);
}

static int fail(const char *what)
{
	fprintf(stderr, "enc-mnistd: %s: %s\n", what, strerror(errno));
	return ENCMNIST_OTHER;
}

/* False: one waits for the TEE, or for its file. */
static bool close_sessions(struct daemon_model *const *models, size_t count)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		daemon_model_stop(models[i]);
	for (size_t i = 0; ok && i < count; i++)
		ok = daemon_model_free(models[i], CLOSING);
	return ok;
}

static int serve(const struct settings *s)
{
	struct daemon_model *models[DAEMON_MODELS_MAX] = { NULL };
	struct daemon_done *done = daemon_done_new();
	bool ok = done;

	for (size_t i = 0; ok && i < s->count; i++) {
		models[i] = daemon_model_start(s->names[i], s->paths[i],
					       &s->session, done);
		ok = models[i];
	}
	if (!ok)
		return fail("cannot start");
	if (!daemon_serve(&s->options, models, s->count, done)) {
		fputs("enc-mnistd: ended before all was answered\n", stderr);
		_exit(ENCMNIST_TRY_AGAIN);
	}
	if (!close_sessions(models, s->count)) {
		fputs("enc-mnistd: the TEE does not end; ending\n", stderr);
		_exit(ENCMNIST_TRY_AGAIN);
	}
	daemon_done_free(done);
	return 0;
}

int main(int argc, char **argv)
{
	struct settings s = { .options = { .clients = 128,
					   .bytes = BYTES,
					   .idle = 300,
					   .stall = 10,
					   .drain = 10 },
			      .session = ENCMNIST_OPTIONS };
	int status = 0;

	s.session.wait = 120;
	s.session.late = late;
	status = read_words(&s, argc, argv);
	if (status >= 0)
		return status;
	s.options.clients_of_user = (s.options.clients + 1) / 2;
	if (!allow_files(s.options.clients))
		return fail("cannot have that many --clients (`ulimit -n')");
	s.options.listener =
		s.socket ? daemon_listen_at(s.socket) : daemon_listen_given();
	if (s.options.listener < 0 && !s.socket && errno == ENOENT)
		return misused("no socket: systemd has given none, and there "
			       "is no --socket",
			       NULL);
	if (s.options.listener < 0)
		return fail(s.socket ? s.socket : "the socket of systemd");
	s.options.path = s.socket;
	if (!take_signals(&s))
		return fail("cannot start");
	return serve(&s);
}
