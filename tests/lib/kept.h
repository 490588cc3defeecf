/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the TA keeps in trusted storage, for those who attack that: states with
 * numbers, of which one command, the last of store(), makes the next.
 *
 *   key       the key of enc_mnist-rs; STORE_KEY
 *   envelope  the key of sealed models and its epoch, n; PROVISION
 *   epoch     the epoch alone, where PROVISION stored the key and no more;
 *             BEGIN_SEALED
 *   version   the highest version of a model, n; FINALIZE
 *
 * Of the last three, which() also looks at all that is none of its number: one
 * that goes with another time ends the test.
 */
#ifndef TEST_KEPT_H
#define TEST_KEPT_H

#include <stdbool.h>
#include <stdint.h>
#include <tee_client_api.h>

struct kept {
	const char *name;
	/* Empty storage, or one that was attacked before: it gets state n. */
	TEEC_Result (*begin)(TEEC_Session *session, uint32_t *n);
	/* All but the command itself; NULL if there is nothing before it. */
	TEEC_Result (*prepare)(TEEC_Session *session, uint32_t n);
	/* The command: n is above all numbers of before. */
	TEEC_Result (*command)(TEEC_Session *session, uint32_t n);
	/*
	 * Which state there is, 0 if none. With TEEC_ERROR_ITEM_NOT_FOUND
	 * there is no key, or nothing; *n is then what nobody may lower.
	 */
	TEEC_Result (*which)(TEEC_Session *session, uint32_t *n);
	/* A write into an object that stays: the index alone can undo it. */
	bool undone_by_index;
};

extern const struct kept kept_key;
extern const struct kept kept_envelope;
extern const struct kept kept_epoch;
extern const struct kept kept_version;

/* That of a name; what is none ends the program. */
const struct kept *kept_named(const char *name);

/* prepare() and command(). */
TEEC_Result kept_store(const struct kept *kept, TEEC_Session *session,
		       uint32_t n);

#endif
