/* SPDX-License-Identifier: Apache-2.0 */
#include "passphrase.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "host/base/file.h"

#define PROMPT_TEXT 128

/* The file, without one line end. */
static bool read_file(const struct cli_passphrase *p, char *text,
		      struct enc_error *e)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	size_t len = 0;
	bool ok = false;

	if (!enc_file_read(p->file, ENC_PASSPHRASE_MAX + 2, &bytes, &size, e))
		return false;
	len = size;
	if (len && bytes[len - 1] == '\n')
		len--;
	if (len < size && len && bytes[len - 1] == '\r')
		len--;
	ok = len && len <= ENC_PASSPHRASE_MAX && !memchr(bytes, '\n', len) &&
	     !memchr(bytes, '\0', len);
	if (ok)
		memcpy(text, bytes, len);
	OPENSSL_cleanse(bytes, size);
	free(bytes);
	return ok || enc_fail(e, ENC_ERR_FORMAT,
			      "%s: not a passphrase: one line of 1 to %d bytes",
			      enc_file_label(p->file), ENC_PASSPHRASE_MAX);
}

/* OpenSSL would read it from standard input if there is no terminal. */
static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool ask_user(const struct cli_passphrase *p, char *text,
		     struct enc_error *e)
{
	char prompt[PROMPT_TEXT] = "";
	int status = 0;

	if (!has_terminal()) {
		enc_fail(e, ENC_ERR_IO,
			 "%s: there is no terminal to ask for its passphrase",
			 p->of);
		return enc_hint(e, "give --passphrase-file");
	}
	snprintf(prompt, sizeof(prompt), "Passphrase of %.100s: ", p->of);
	enc_one_line(prompt);
	status = EVP_read_pw_string_min(text, 1, ENC_PASSPHRASE_MAX, prompt,
					p->is_new);
	ERR_clear_error();
	return !status ||
	       enc_fail(e, ENC_ERR_IO, "%s: no passphrase was given%s", p->of,
			p->is_new ? " twice alike" : "");
}

static bool ask(void *ctx, char *text, struct enc_error *e)
{
	const struct cli_passphrase *p = ctx;

	return p->file ? read_file(p, text, e) : ask_user(p, text, e);
}

struct enc_passphrase cli_passphrase(struct cli_passphrase *p)
{
	return (struct enc_passphrase){ ask, p };
}
