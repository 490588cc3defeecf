/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are no TA without an owner: ELF files of any length, with tables
 * anywhere. make-ta.bats has what `enc_mnist make-ta` makes of real ones.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "host/owner/ta_own.h"
#include "proto/owner_block.h"
#include "testkit/test.h"

#define BLOCK  100 /* where the block is, at an odd place */
#define HEAD   (BLOCK + sizeof(struct owner_block) + 3) /* the head's UUID */
#define TABLES (HEAD + BOX_UUID_BYTES + 1)
#define AT_END 144 /* where it is in another file */
#define SHNUM  2

static const uint8_t uuid[BOX_UUID_BYTES] = { 0, 1, 2,	3,  4,	5,  6,	7,
					      8, 9, 10, 11, 12, 13, 14, 15 };
static const uint8_t head[BOX_UUID_BYTES] = { 3, 2, 1,	0,  5,	4,  7,	6,
					      8, 9, 10, 11, 12, 13, 14, 15 };
static const uint8_t to[BOX_UUID_BYTES] = "another UUID...";

static size_t elf_size(uint8_t class)
{
	return TABLES + SHNUM * (class == ELFCLASS64 ? sizeof(Elf64_Shdr) :
						       sizeof(Elf32_Shdr));
}

static void make(uint8_t class, uint8_t *elf)
{
	static const struct owner_block block = { .magic = OWNER_BLOCK_MAGIC };

	memset(elf, 0, elf_size(class));
	memcpy(elf, ELFMAG, SELFMAG);
	elf[EI_CLASS] = class;
	elf[EI_DATA] = ELFDATA2LSB;
	if (class == ELFCLASS64) {
		box_store64(elf + offsetof(Elf64_Ehdr, e_shoff), TABLES);
		box_store16(elf + offsetof(Elf64_Ehdr, e_shnum), SHNUM);
	} else {
		box_store32(elf + offsetof(Elf32_Ehdr, e_shoff), TABLES);
		box_store16(elf + offsetof(Elf32_Ehdr, e_shnum), SHNUM);
	}
	memcpy(elf + BLOCK, &block, sizeof(block));
	box_store32(elf + BLOCK + offsetof(struct owner_block, format),
		    OWNER_BLOCK_FORMAT);
	memcpy(elf + BLOCK + offsetof(struct owner_block, uuid), uuid,
	       sizeof(uuid));
	memcpy(elf + HEAD, head, sizeof(head));
}

static bool own(uint8_t *elf, size_t len)
{
	const struct enc_ta_key key = { .digest = { 1 } };
	const struct enc_ta_owner as = { .owner.key = { 2 },
					 .uuid = to,
					 .ta_version = 3,
					 .version_floor = 4,
					 .epoch_floor = 5,
					 .sign_key = &key };
	bool is_shared = true;
	struct enc_error e = { 0 };
	const bool ok = enc_ta_own(&as, elf, len, &is_shared, &e);

	assert_true(ok || e.what[0]);
	assert_true(!ok || !is_shared);
	return ok;
}

/* In memory of exactly that size, so that ASan sees each byte too many. */
static bool own_part(const uint8_t *elf, size_t len)
{
	uint8_t *part = malloc(len + !len);
	bool ok = false;

	memcpy(part, elf, len);
	ok = own(part, len);
	free(part);
	return ok;
}

static void both_word_sizes_are_filled(void **state)
{
	uint8_t elf[512] = { 0 };

	(void)state;
	for (uint8_t class = ELFCLASS32; class <= ELFCLASS64; class ++) {
		const uint8_t *block = elf + BLOCK;

		make(class, elf);
		assert_true(own_part(elf, elf_size(class)));
		assert_true(own(elf, elf_size(class)));
		for (uint32_t i = 3; i <= 5; i++)
			assert_int_equal(box_load32(block + 16 + 4 * i), i);
		assert_memory_equal(block + 40, to, sizeof(to));
		assert_int_equal(block[56], 2);
		assert_int_equal(elf[HEAD], to[3]);
		assert_int_equal(elf[HEAD + 7], to[6]);
		assert_memory_equal(elf + HEAD + 8, to + 8, 8);
		/* once */
		assert_false(own(elf, elf_size(class)));
	}
}

static void any_other_length_is_refused(void **state)
{
	uint8_t elf[512] = { 0 };

	(void)state;
	for (uint8_t class = ELFCLASS32; class <= ELFCLASS64; class ++) {
		make(class, elf);
		for (size_t len = 0; len < elf_size(class); len++)
			assert_false(own_part(elf, len));
	}
}

static void a_block_at_the_end_is_whole(void **state)
{
	uint8_t elf[512] = { 0 };
	uint8_t block[sizeof(struct owner_block)] = { 0 };
	const size_t end = AT_END + sizeof(block);

	(void)state;
	make(ELFCLASS64, elf);
	box_store64(elf + offsetof(Elf64_Ehdr, e_shoff), 0);
	memcpy(block, elf + BLOCK, sizeof(block));
	memset(elf + BLOCK, 0, sizeof(elf) - BLOCK);
	memcpy(elf + AT_END, block, sizeof(block));
	memcpy(elf + BLOCK, head, sizeof(head));
	for (size_t len = 0; len < end; len++)
		assert_false(own_part(elf, len));
	assert_true(own_part(elf, end));
}

static void tables_lie_anywhere(void **state)
{
	uint8_t elf[512] = { 0 };
	uint8_t *at = elf + offsetof(Elf64_Ehdr, e_shoff);

	(void)state;
	make(ELFCLASS64, elf);
	for (uint64_t before = 0; before < 512; before++) {
		box_store64(at, 0 - before);
		assert_int_equal(own_part(elf, elf_size(ELFCLASS64)), !before);
	}
	box_store64(at, TABLES + 1);
	assert_false(own_part(elf, elf_size(ELFCLASS64)));
}

static void each_byte_of_the_magic_counts(void **state)
{
	uint8_t elf[512] = { 0 };

	(void)state;
	for (size_t i = 0; i < 20 + 4; i++) { /* and of the numbers behind it */
		make(ELFCLASS64, elf);
		elf[BLOCK + i] ^= 0x10;
		assert_false(own_part(elf, elf_size(ELFCLASS64)));
	}
	for (size_t i = 0; i < sizeof(head); i++) {
		make(ELFCLASS64, elf);
		elf[HEAD + i] ^= 0x10;
		assert_false(own_part(elf, elf_size(ELFCLASS64)));
	}
}

static void what_is_there_twice_is_refused(void **state)
{
	static const uint8_t magic[] = OWNER_BLOCK_MAGIC;
	uint8_t elf[1024] = { 0 };
	const size_t end = elf_size(ELFCLASS64);

	(void)state;
	make(ELFCLASS64, elf);
	memcpy(elf + end, head, sizeof(head));
	assert_false(own_part(elf, end + sizeof(head)));
	make(ELFCLASS64, elf);
	memcpy(elf + end, magic, sizeof(magic));
	assert_false(own_part(elf, end + sizeof(struct owner_block)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_word_sizes_are_filled),
		cmocka_unit_test(any_other_length_is_refused),
		cmocka_unit_test(a_block_at_the_end_is_whole),
		cmocka_unit_test(tables_lie_anywhere),
		cmocka_unit_test(each_byte_of_the_magic_counts),
		cmocka_unit_test(what_is_there_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
