/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data that the TA keeps in trusted storage, for attacks on it. Its states
 * are numbered; one command, the last of store(), makes the next state.
 *
 *   key       the key of enc_mnist-rs; STORE_KEY
 *   envelope  the key of sealed models and its epoch, n; PROVISION
 *   epoch     the epoch alone, after PROVISION stored only the key;
 *             BEGIN_SEALED
 *   version   the highest version of a model, n; FINALIZE
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
	 * The command updates an object in place: the index alone can undo it.
	 */
	bool undone_by_index;
};

extern const struct kept kept_key;
extern const struct kept kept_envelope;
extern const struct kept kept_epoch;
extern const struct kept kept_version;

/* The kind of this name; an unknown name ends the program. */
const struct kept *kept_named(const char *name);

/* prepare() and command(). */
TEEC_Result kept_store(const struct kept *kept, TEEC_Session *session,
		       uint32_t n);

#endif
