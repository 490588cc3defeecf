/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequences of TA commands written as bytes, for a fuzzer to make up and for
 * the board to repeat. Any bytes are a script.
 *
 * A script works on two sessions, a few keys and envelopes, and containers and
 * sealed models of two networks, and four small networks that answer RUN in all
 * ways. It prints the result of each step, one line each, the same on the
 * stand-in and on OP-TEE. It fails (as a cmocka test does) on a wrong answer:
 * an answer that is not that of the session's model, a model where there is
 * none, a changed sealed model or envelope that is accepted, a key that is
 * retired, an epoch or a version that goes back.
 */
#ifndef TEST_SCRIPT_H
#define TEST_SCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Makes the models. To be called once, before the first script. */
void script_setup(void);

/* The device is new from now on: nothing is stored there. */
void script_reset(void);

/*
 * Runs a script. Sessions are closed afterwards; stored data stays. out: where
 * the lines go; NULL for nowhere.
 */
void script_run(const uint8_t *script, size_t len, FILE *out);

#endif
