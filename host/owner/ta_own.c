/* SPDX-License-Identifier: Apache-2.0 */
#include "ta_own.h"

#include <elf.h>
#include <string.h>

#include "box/bytes.h"
#include "proto/enc_mnist_ta.h"
#include "proto/owner_block.h"

#define AT(field) offsetof(struct owner_block, field)

_Static_assert(sizeof(struct owner_block) == 88, "no padding");

/* The public half of the key that comes with every OP-TEE: SHA-256 of it. */
static const uint8_t test_key[BOX_DIGEST_BYTES] = {
	0x3a, 0x21, 0x98, 0x3a, 0xee, 0xda, 0x3a, 0x50, 0x3f, 0x4d, 0x3d,
	0xe2, 0xff, 0x6f, 0xed, 0xba, 0xa8, 0xb4, 0x38, 0x9a, 0xb6, 0xef,
	0x72, 0x61, 0xcb, 0xdb, 0x1d, 0xe8, 0x54, 0x34, 0xfc, 0xc3,
};

static bool refuse(struct enc_error *e, const char *what)
{
	enc_fail(e, ENC_ERR_FORMAT, "%s", what);
	return enc_hint(e, "give the file that `make ta-elf` built");
}

/* Whether it is one, of either word size, up to the table at its end. */
static bool check_elf(const uint8_t *elf, size_t len, struct enc_error *e)
{
	uint64_t at = 0;
	size_t size = 0;

	if (len < sizeof(Elf64_Ehdr) + sizeof(struct owner_block) ||
	    memcmp(elf, ELFMAG, SELFMAG) != 0 || elf[EI_DATA] != ELFDATA2LSB)
		return refuse(e, "not an ELF file");
	if (elf[EI_CLASS] == ELFCLASS64) {
		at = box_load64(elf + offsetof(Elf64_Ehdr, e_shoff));
		size = box_load16(elf + offsetof(Elf64_Ehdr, e_shnum)) *
		       sizeof(Elf64_Shdr);
	} else {
		at = box_load32(elf + offsetof(Elf32_Ehdr, e_shoff));
		size = box_load16(elf + offsetof(Elf32_Ehdr, e_shnum)) *
		       sizeof(Elf32_Shdr);
	}
	return (at <= len && size <= len - at) ||
	       refuse(e, "an ELF file that is cut short");
}

/* Where these bytes are; NULL unless they are there once. */
static uint8_t *find(uint8_t *elf, size_t len, const uint8_t *what, size_t size,
		     const char *name, struct enc_error *e)
{
	uint8_t *at = memmem(elf, len, what, size);

	if (at && !memmem(at + 1, (size_t)(elf + len - at) - 1, what, size))
		return at;
	enc_fail(e, ENC_ERR_FORMAT,
		 "not a TA of this version of enc_mnist: it has %s %s",
		 at ? "more than one" : "no", name);
	enc_hint(e, "give the file that `make ta-elf` built");
	return NULL;
}

static bool check_block(const uint8_t *block, struct enc_error *e)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	if (box_load32(block + AT(format)) != OWNER_BLOCK_FORMAT)
		return refuse(e, "a TA of another version of enc_mnist");
	if (!box_load32(block + AT(is_owned)))
		return true;
	enc_fingerprint(block + AT(key), BOX_OWNER_BYTES, text);
	enc_fail(e, ENC_ERR_FORMAT, "it has an owner already: %s", text);
	return enc_hint(e, "give the file that `make ta-elf` built");
}

/* Who else has the key: a flag of STATUS. */
static uint32_t who_has(const uint8_t *digest, const uint8_t *kit_key)
{
	if (!memcmp(digest, test_key, BOX_DIGEST_BYTES))
		return ENC_MNIST_STATUS_TEST_KEY;
	return memcmp(digest, kit_key, BOX_DIGEST_BYTES) ?
		       0 :
		       ENC_MNIST_STATUS_KIT_KEY;
}

static uint32_t fill(const struct enc_ta_owner *as, uint8_t *block)
{
	const uint32_t who = who_has(as->sign_key->digest, block + AT(key));

	box_store32(block + AT(is_owned), 1);
	box_store32(block + AT(sign_key), who);
	box_store32(block + AT(ta_version), as->ta_version);
	box_store32(block + AT(version_floor), as->version_floor);
	box_store32(block + AT(epoch_floor), as->epoch_floor);
	memcpy(block + AT(uuid), as->uuid, BOX_UUID_BYTES);
	memcpy(block + AT(key), as->owner.key, BOX_OWNER_BYTES);
	return who;
}

/* A TEE_UUID, as it is in the head of the TA: its numbers are little-endian. */
static void store_uuid(const uint8_t uuid[BOX_UUID_BYTES],
		       uint8_t stored[BOX_UUID_BYTES])
{
	static const uint8_t from[] = { 3, 2, 1, 0, 5, 4, 7, 6 };

	memcpy(stored, uuid, BOX_UUID_BYTES);
	for (size_t i = 0; i < sizeof(from); i++)
		stored[i] = uuid[from[i]];
}

bool enc_ta_own(const struct enc_ta_owner *as, uint8_t *elf, size_t len,
		bool *is_shared, struct enc_error *e)
{
	static const uint8_t magic[] = OWNER_BLOCK_MAGIC;
	uint8_t uuid[BOX_UUID_BYTES] = { 0 };
	uint8_t *block = NULL;
	uint8_t *head = NULL;

	if (!check_elf(elf, len, e))
		return false;
	block = find(elf, len - sizeof(struct owner_block) + sizeof(magic),
		     magic, sizeof(magic), "block for an owner", e);
	if (!block || !check_block(block, e))
		return false;
	store_uuid(block + AT(uuid), uuid);
	head = find(elf, len, uuid, sizeof(uuid), "UUID in its head", e);
	if (!head)
		return false;
	store_uuid(as->uuid, head);
	*is_shared = fill(as, block);
	return true;
}
