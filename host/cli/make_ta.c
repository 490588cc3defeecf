/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/base/hex.h"
#include "host/owner/ta_own.h"
#include "host/public/envelope.h"
#include "host/public/fingerprint.h"
#include "passphrase.h"

#define ELF_MAX (64u << 20)

/* What was found on the way. */
struct made {
	uint8_t elf[BOX_DIGEST_BYTES]; /* digest of the file that was given */
	bool is_shared;		       /* others have the key that signs */
};

static bool sign(const struct cli_make_ta *args, const struct enc_ta_key *key,
		 struct enc_ta_image *image, struct enc_error *e)
{
	if (args->signature)
		return enc_ta_image_stitch(image, key, args->signature, e);
	if (!key->is_public)
		return enc_ta_image_sign(image, key, e);
	enc_fail(e, ENC_ERR_FORMAT, "%s: a public key signs nothing",
		 enc_file_label(args->sign_key));
	return enc_hint(e, "have --digest signed by its private half, and give "
			   "the --signature");
}

static bool write_image(const struct cli_make_ta *args,
			const struct enc_ta_image *image, struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, args->digest ? args->digest : args->output,
			  0644, e))
		return false;
	if (args->digest)
		enc_ta_image_digest(image, out.stream);
	else
		fwrite(image->bytes, 1, image->len, out.stream);
	return enc_out_commit(&out, e);
}

static bool make(const struct cli_make_ta *args, struct enc_ta_owner *as,
		 struct made *made, struct enc_error *e)
{
	struct enc_ta_image image = { 0 };
	uint8_t *elf = NULL;
	size_t len = 0;
	bool ok = enc_file_read(args->input, ELF_MAX, &elf, &len, e);

	if (ok) {
		ok = enc_fingerprint_bytes(elf, len, made->elf) ||
		     enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not hash");
		ok = ok && (enc_ta_own(as, elf, len, &made->is_shared, e) ||
			    enc_about(e, enc_file_label(args->input)));
		ok = ok &&
		     enc_ta_image_make(elf, len, as->uuid, as->ta_version,
				       as->sign_key, &image, e) &&
		     (args->digest || sign(args, as->sign_key, &image, e)) &&
		     write_image(args, &image, e);
	}
	enc_ta_image_free(&image);
	free(elf);
	return ok;
}

static bool make_with(const struct cli_make_ta *args, struct enc_ta_owner *as,
		      struct made *made, struct enc_error *e)
{
	struct cli_passphrase from = { .file = args->passphrase };
	const struct enc_passphrase passphrase = cli_passphrase(&from);
	struct enc_ta_key key = { 0 };
	bool ok = false;

	if (!enc_owner_read(args->owner, &as->owner, e) ||
	    !enc_ta_key_read(args->sign_key, &passphrase, &key, e))
		return false;
	as->sign_key = &key;
	ok = make(args, as, made, e);
	as->sign_key = NULL;
	enc_ta_key_close(&key);
	return ok;
}

static void say(const struct cli_make_ta *args, const struct enc_ta_owner *as,
		const struct made *made)
{
	char digest[2 * BOX_DIGEST_BYTES + 1] = "";
	char text[ENC_FINGERPRINT_TEXT] = "";

	if (args->digest)
		cli_line("%s: to be signed, for version %u of the TA",
			 args->digest, (unsigned int)as->ta_version);
	else
		cli_line("%s: version %u of the TA", args->output,
			 (unsigned int)as->ta_version);
	enc_uuid_text(as->uuid, text);
	printf("TA:            %s\n", text);
	printf("floors:        security version %u, epoch %u\n",
	       (unsigned int)as->version_floor, (unsigned int)as->epoch_floor);
	enc_owner_fingerprint(&as->owner, text);
	printf("owner:         %s\n", text);
	enc_hex_text(made->elf, sizeof(made->elf), digest);
	printf("of ELF file:   sha256 %s\n", digest);
}

static uint32_t or_one(uint64_t floor)
{
	return floor ? (uint32_t)floor : 1;
}

int cli_make_ta_run(const void *data)
{
	const struct cli_make_ta *args = data;
	struct enc_ta_owner as = {
		.uuid = args->ta.is_given ? args->ta.bytes : enc_ta_uuid,
		.ta_version = (uint32_t)args->ta_version,
		.version_floor = or_one(args->version_floor),
		.epoch_floor = or_one(args->epoch_floor),
	};
	struct made made = { .is_shared = false };
	struct enc_error e = { 0 };

	if (!make_with(args, &as, &made, &e))
		return cli_fail(&e);
	say(args, &as, &made);
	if (made.is_shared)
		cli_warn("others have the key that signs this TA, and can put "
			 "another one in its place");
	return 0;
}
