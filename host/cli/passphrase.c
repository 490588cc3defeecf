/* SPDX-License-Identifier: Apache-2.0 */
#include "passphrase.h"

#include <ctype.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

#define PROMPT_TEXT 128

/* OpenSSL would read it from standard input if there is no terminal. */
static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool ask_user(const struct cli_passphrase *p, const char *what,
		     const char *of, char *text, struct enc_error *e)
{
	char prompt[PROMPT_TEXT] = "";
	int status = 0;

	if (!has_terminal()) {
		enc_fail(e, ENC_ERR_IO,
			 "%s: there is no terminal to ask for its %s", of,
			 what);
		return enc_hint(e, "give --passphrase-file");
	}
	snprintf(prompt, sizeof(prompt), "%s of %.100s: ", what, of);
	enc_one_line(prompt);
	prompt[0] = (char)toupper(prompt[0]);
	status = EVP_read_pw_string_min(text, 1, ENC_PASSPHRASE_MAX, prompt,
					p->is_new);
	ERR_clear_error();
	return !status || enc_fail(e, ENC_ERR_IO, "%s: no %s was given%s", of,
				   what, p->is_new ? " twice alike" : "");
}

static bool ask(void *ctx, const char *what, const char *of, char *text,
		struct enc_error *e)
{
	const struct cli_passphrase *p = ctx;

	return p->file ? enc_passphrase_file(p->file, what, text, e) :
			 ask_user(p, what, of, text, e);
}

struct enc_passphrase cli_passphrase(struct cli_passphrase *p)
{
	return (struct enc_passphrase){ ask, p };
}

bool cli_passphrase_ask(void *context, const char *what, const char *of,
			char *text, size_t room)
{
	struct cli_passphrase *p = context;

	return room > ENC_PASSPHRASE_MAX && ask(p, what, of, text, &p->e);
}

bool cli_passphrase_failed(const struct cli_passphrase *p,
			   encmnist_error *error, struct enc_error *e)
{
	cli_failed(error, e);
	if (p->e.code)
		*e = p->e;
	return false;
}
