/* SPDX-License-Identifier: Apache-2.0 */
#include "public_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "fingerprint.h"
#include "host/base/file.h"

#define FILE_MAX     (16u << 20) /* 70,000 keys with fingerprints */
#define PREFIX_BYTES 12
#define DER_BYTES    (PREFIX_BYTES + ENC_PUBLIC_KEY_BYTES)

/*
 * SEQUENCE { SEQUENCE { OBJECT IDENTIFIER 1.3.101.112 or .110 }, BIT STRING },
 * up to the key itself. DER has no other way to write it.
 */
static const uint8_t prefixes[][PREFIX_BYTES] = {
	[ENC_ED25519] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
			  0x03, 0x21, 0x00 },
	[ENC_X25519] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e,
			 0x03, 0x21, 0x00 },
};

void enc_public_key_write(FILE *f, const struct enc_public_key *key)
{
	uint8_t der[DER_BYTES] = { 0 };

	memcpy(der, prefixes[key->type], PREFIX_BYTES);
	memcpy(der + PREFIX_BYTES, key->bytes, ENC_PUBLIC_KEY_BYTES);
	PEM_write(f, PEM_STRING_PUBLIC, "", der, DER_BYTES);
}

static bool decode(const char *name, const char *header, const uint8_t *der,
		   long len, struct enc_public_key *key, struct enc_error *e)
{
	if (strcmp(name, PEM_STRING_PUBLIC) || *header)
		return enc_fail(e, ENC_ERR_FORMAT,
				"a PEM block \"%.64s\", expected \"%s\"", name,
				PEM_STRING_PUBLIC);
	for (unsigned int t = ENC_ED25519; t <= ENC_X25519; t++) {
		if (len != DER_BYTES || memcmp(der, prefixes[t], PREFIX_BYTES))
			continue;
		key->type = (enum enc_public_key_type)t;
		memcpy(key->bytes, der + PREFIX_BYTES, ENC_PUBLIC_KEY_BYTES);
		return true;
	}
	return enc_fail(e, ENC_ERR_FORMAT,
			"a public key that is neither Ed25519 nor X25519");
}

/* Reads the next key. *found is false at the end of the file. */
static bool next_key(BIO *bio, struct enc_public_key *key, bool *found,
		     struct enc_error *e)
{
	char *name = NULL;
	char *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	bool ok = false;

	ERR_clear_error();
	*found = PEM_read_bio(bio, &name, &header, &der, &len) == 1;
	if (!*found) {
		ok = ERR_GET_REASON(ERR_peek_last_error()) ==
		     PEM_R_NO_START_LINE;
		ERR_clear_error();
		return ok || enc_fail(e, ENC_ERR_FORMAT, "a damaged PEM block");
	}
	ok = decode(name, header, der, len, key, e);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)len); /* might be a private key */
	return ok;
}

struct list {
	struct enc_public_key *keys;
	size_t count;
	size_t room;
};

static bool append(struct list *list, const struct enc_public_key *key,
		   struct enc_error *e)
{
	if (list->count == list->room) {
		size_t room = 2 * list->room + 2;
		struct enc_public_key *keys =
			reallocarray(list->keys, room, sizeof(*keys));

		if (!keys)
			return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		list->keys = keys;
		list->room = room;
	}
	list->keys[list->count++] = *key;
	return true;
}

static bool refuse_line(struct enc_error *e)
{
	enc_fail(e, ENC_ERR_FORMAT,
		 "a line \"fingerprint:\" that is not of the key behind it");
	return enc_hint(e, "somebody may have put another key there: get it "
			   "again, and compare its fingerprint with what the "
			   "device shows");
}

/*
 * Whether each line of the text before a key that begins with "fingerprint:"
 * is its fingerprint. key: NULL: there is none, and must be no such line.
 */
static bool check_lines(const uint8_t *text, size_t len,
			const struct enc_public_key *key, struct enc_error *e)
{
	static const char word[] = "fingerprint:";
	const char *line = (const char *)text;
	const char *end = line + len;

	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((stop ? stop : end) - line);
		uint8_t said[BOX_DIGEST_BYTES] = { 0 };
		uint8_t is[BOX_DIGEST_BYTES] = { 0 };

		if (n && line[n - 1] == '\r')
			n--;
		while (n && (*line == ' ' || *line == '\t')) {
			line++;
			n--;
		}
		if (n >= sizeof(word) - 1 &&
		    !strncasecmp(line, word, sizeof(word) - 1) &&
		    !(key &&
		      enc_fingerprint_parse(line + sizeof(word) - 1,
					    n - (sizeof(word) - 1), said) &&
		      enc_fingerprint_bytes(key->bytes, sizeof(key->bytes),
					    is) &&
		      !memcmp(said, is, sizeof(is))))
			return refuse_line(e);
		line = stop ? stop + 1 : end;
	}
	return true;
}

static bool read_list(const uint8_t *text, size_t len, struct list *list,
		      struct enc_error *e)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	struct enc_public_key key = { 0 };
	bool found = true;
	bool ok = bio || enc_fail(e, ENC_ERR_MEMORY, "out of memory");

	while (ok && found) {
		const uint8_t *from = text + len - BIO_ctrl_pending(bio);
		const uint8_t *to = NULL;

		ok = next_key(bio, &key, &found, e);
		to = text + len - BIO_ctrl_pending(bio);
		ok = ok && check_lines(from, (size_t)(to - from),
				       found ? &key : NULL, e);
		if (ok && found)
			ok = append(list, &key, e);
	}
	BIO_free(bio);
	if (ok && !list->count)
		return enc_fail(e, ENC_ERR_FORMAT, "has no public key");
	return ok;
}

bool enc_public_keys_read(const char *path, struct enc_public_key **keys,
			  size_t *count, struct enc_error *e)
{
	struct list list = { 0 };
	uint8_t *text = NULL;
	size_t len = 0;
	bool ok = false;

	if (!enc_file_read(path, FILE_MAX, &text, &len, e))
		return false;
	ok = read_list(text, len, &list, e);
	explicit_bzero(text, len); /* might be the private keys */
	free(text);
	if (!ok) {
		free(list.keys);
		if (e->code == ENC_ERR_FORMAT && !e->hint[0])
			enc_hint(e,
				 "give the public keys that `enc_mnist "
				 "owner-key` or `enc_mnist device-key` wrote");
		return enc_about(e, enc_file_label(path));
	}
	*keys = list.keys;
	*count = list.count;
	return true;
}
