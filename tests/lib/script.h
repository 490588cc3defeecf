/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequences of TA commands written as bytes, for a fuzzer to make up and for
 * the board to repeat: any bytes are a script.
 *
 * A script works on two sessions, a few keys and envelopes, and containers and
 * sealed models of two networks. It says of each step what came out, one line
 * each, the same on the stand-in and on OP-TEE. It fails (as a cmocka test
 * does) where an answer is wrong: labels that are not those of the session's
 * model, a model where there is none, a sealed model or an envelope that was
 * changed and is taken, an epoch or a version that goes back.
 */
#ifndef TEST_SCRIPT_H
#define TEST_SCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Makes the models. Once, before the first script. */
void script_setup(void);

/* The device is a new one: nothing is stored there. */
void script_reset(void);

/*
 * Runs a script; sessions are closed afterwards, what is stored stays.
 * out: where the lines go; NULL for nowhere.
 */
void script_run(const uint8_t *script, size_t len, FILE *out);

#endif
