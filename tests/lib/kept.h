/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data that the TA keeps in trusted storage, for attacks on it. Its states
 * are numbered; one command, the last of store(), makes the next state.
 *
 *   key       the key of enc_mnist-rs; STORE_KEY
 *   envelope  a key of sealed models and its epoch, n, beside the key before
 *             it; PROVISION, which also retires the key before that
 *   commit    the lowest security version of a model, n; COMMIT
 *   answers   the answers that a model has given, so many times n; RUN
 *
 * For the last three, which() also checks the other stored data: anything from
 * another time ends the test.
 */
#ifndef TEST_KEPT_H
#define TEST_KEPT_H

#include <stdbool.h>
#include <stdint.h>
#include <tee_client_api.h>

struct kept {
	const char *name;
	/* Starts from empty or attacked storage and reaches state n. */
	TEEC_Result (*begin)(TEEC_Session *session, uint32_t *n);
	/* Everything before the command; NULL if there is nothing. */
	TEEC_Result (*prepare)(TEEC_Session *session, uint32_t n);
	/* The command. n is higher than all earlier numbers. */
	TEEC_Result (*command)(TEEC_Session *session, uint32_t n);
	/*
	 * The current state, 0 if there is none. With TEEC_ERROR_ITEM_NOT_FOUND
	 * there is no key, or nothing; *n is then the value that nobody may
	 * lower.
	 */
	TEEC_Result (*which)(TEEC_Session *session, uint32_t *n);
	/*
	 * The last thing that the command does is to update an object in place:
	 * the index alone can undo it.
	 */
	bool undone_by_index;
};

extern const struct kept kept_key;
extern const struct kept kept_envelope;
extern const struct kept kept_commit;
extern const struct kept kept_answers;

/* The kind of this name; an unknown name ends the program. */
const struct kept *kept_named(const char *name);

/* prepare() and command(). */
TEEC_Result kept_store(const struct kept *kept, TEEC_Session *session,
		       uint32_t n);

#endif
