/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "box/stream.h"
#include "fingerprint.h"
#include "host/base/file.h"

static bool cannot_read(struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_IO, "cannot read: %s", strerror(errno));
}

/* Hashes the next `left` bytes of the file, or what there is of them. */
static bool digest_part(int fd, EVP_MD_CTX *sha, uint64_t left,
			struct enc_inspection *i,
			uint8_t digest[BOX_DIGEST_BYTES], struct enc_error *e)
{
	uint8_t chunk[BOX_HEAD_CHUNK_BYTES] = { 0 };
	bool ok = EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1;
	ssize_t n = 1;

	while (ok && left && n > 0) {
		n = enc_file_fill(fd, chunk,
				  left < sizeof(chunk) ? (size_t)left :
							 sizeof(chunk));
		if (n < 0)
			return cannot_read(e);
		ok = EVP_DigestUpdate(sha, chunk, (size_t)n) == 1;
		i->file_bytes += (uint64_t)n;
		left -= (uint64_t)n;
	}
	return (ok && EVP_DigestFinal_ex(sha, digest, NULL) == 1) ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not hash");
}

/* Hashes the rest of the file, and compares with the head's digests. */
static bool digest_rest(int fd, EVP_MD_CTX *sha, struct enc_inspection *i,
			struct enc_error *e)
{
	const struct box_head *head = &i->head;
	uint8_t names[BOX_DIGEST_BYTES] = { 0 };
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	if ((head->names && !digest_part(fd, sha, head->names, i, names, e)) ||
	    !digest_part(fd, sha, UINT64_MAX, i, digest, e))
		return false;
	i->digest_ok = !memcmp(digest, head->digest, sizeof(digest)) &&
		       !memcmp(names, head->names_digest, sizeof(names));
	return true;
}

static bool read_head(const uint8_t bytes[BOX_HEAD_BYTES],
		      struct enc_inspection *i, struct enc_error *e)
{
	struct box_head *head = &i->head;
	enum box_error error = box_head_read(bytes, head);

	if (error == BOX_VERSION) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "a sealed model of a format version that this "
			 "program does not know");
		return enc_hint(e,
				"a newer enc_mnist made it: update this one");
	}
	if (error != BOX_OK) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "a sealed model with a damaged head");
		return enc_hint(e, "get it again");
	}
	i->signature_ok = enc_ed25519_verify(
		head->owner, bytes, BOX_HEAD_SIGNED_BYTES, head->signature);
	i->heap = enc_heap_of(head);
	i->file_bytes_wanted =
		box_stream_sealed_size(head->length, BOX_HEAD_CHUNK_BYTES);
	i->chunks = (i->file_bytes_wanted - BOX_STREAM_HEADER_BYTES -
		     head->length) /
		    BOX_STREAM_TAG_BYTES;
	i->file_bytes_wanted += BOX_HEAD_BYTES + head->names;
	return true;
}

/* have: bytes of the head that were read already. */
static bool inspect_model(int fd, uint8_t head[BOX_HEAD_BYTES], size_t have,
			  struct enc_inspection *i, struct enc_error *e)
{
	ssize_t n = enc_file_fill(fd, head + have, BOX_HEAD_BYTES - have);
	EVP_MD_CTX *sha = NULL;
	bool ok = false;

	if (n < 0)
		return cannot_read(e);
	i->file_bytes = have + (size_t)n;
	if (i->file_bytes < BOX_HEAD_BYTES) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "a sealed model that ends in its head, after %" PRIu64
			 " bytes",
			 i->file_bytes);
		return enc_hint(e, "get it again");
	}
	if (!read_head(head, i, e))
		return false;
	sha = EVP_MD_CTX_new();
	ok = sha ? digest_rest(fd, sha, i, e) :
		   enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	EVP_MD_CTX_free(sha);
	return ok;
}

static bool inspect(int fd, struct enc_inspection *i, struct enc_error *e)
{
	uint8_t head[BOX_HEAD_BYTES] = { 0 };
	ssize_t n = enc_file_fill(fd, head, BOX_ENVELOPE_BYTES);

	if (n < 0)
		return cannot_read(e);
	if (!memcmp(head, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES))
		return inspect_model(fd, head, (size_t)n, i, e);
	if (memcmp(head, BOX_ENVELOPE_MAGIC, BOX_ENVELOPE_MAGIC_BYTES)) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "neither a sealed model nor envelopes");
		return enc_hint(e, "give a file that `enc_mnist seal` or "
				   "`enc_mnist wrap` wrote, or, on the "
				   "workstation, a network");
	}
	i->is_envelopes = true;
	if (!enc_envelopes_add(&i->envelopes, head, (size_t)n, e) ||
	    !enc_envelopes_read(fd, &i->envelopes, e))
		return false;
	i->signature_ok = true;
	for (size_t k = 0; k < i->envelopes.count; k++)
		i->signature_ok &= enc_envelope_is_signed(&i->envelopes.all[k]);
	return true;
}

bool enc_inspect(const char *path, struct enc_inspection *i,
		 struct enc_error *e)
{
	int fd = enc_file_open(path, e);
	bool ok = false;

	*i = (struct enc_inspection){ 0 };
	if (fd < 0)
		return false;
	ok = inspect(fd, i, e) || enc_about(e, enc_file_label(path));
	close(fd);
	return ok;
}

void enc_inspect_free(struct enc_inspection *i)
{
	enc_envelopes_free(&i->envelopes);
}

bool enc_inspect_names(const struct enc_inspection *i,
		       const struct enc_owner *owner)
{
	if (!i->is_envelopes)
		return !memcmp(i->head.owner, owner->key, BOX_OWNER_BYTES);
	for (size_t n = 0; n < i->envelopes.count; n++) {
		if (memcmp(i->envelopes.all[n].owner, owner->key,
			   BOX_OWNER_BYTES))
			return false;
	}
	return true;
}

bool enc_inspect_verdict(const struct enc_inspection *i,
			 const struct enc_owner *owner, struct enc_error *e)
{
	const bool is_model = !i->is_envelopes;
	const bool intact =
		i->signature_ok &&
		(i->is_envelopes ||
		 (i->file_bytes == i->file_bytes_wanted && i->digest_ok));
	const bool wrong[] = {
		is_model && i->file_bytes != i->file_bytes_wanted,
		!i->signature_ok,
		is_model && !i->digest_ok,
		owner && !enc_inspect_names(i, owner),
	};
	const char *const what[] = {
		"its size does not match its head",
		i->is_envelopes ? "a signature is not its owner's" :
				  "its signature is not its owner's",
		"its digest does not match its chunks",
		"it is from another owner",
	};
	char text[256] = "";
	size_t len = 0;

	for (size_t n = 0; n < sizeof(wrong); n++) {
		if (wrong[n])
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"%s%s", len ? ", " : "",
						what[n]);
	}
	if (!len)
		return true;
	enc_fail(e, ENC_ERR_FORMAT, "%s", text);
	if (intact)
		return enc_hint(e, "get it from the owner that you expect");
	return enc_hint(e,
			"it was changed or cut off on its way: get it again");
}
