/* SPDX-License-Identifier: Apache-2.0 */
/* The fast way through an array of bytes. Part of the reader in json.h. */
#ifndef HOST_COMPAT_JSON_SCAN_H
#define HOST_COMPAT_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>

/*
 * For a parser that waits for an element of an array of numbers. Takes elements
 * from the front of `text`, which ends with a NUL, and puts their values into
 * `out`, at most `room` of them.
 *
 * It only takes JSON numbers from 0 to 255, each with a comma right after it
 * and optional white space before it, and never the last number. So the parser,
 * given the rest, still waits for an element, finds one, and deals itself with
 * everything unusual.
 *
 * Returns the bytes of text taken; *taken: elements put into `out`.
 */
size_t enc_model_scan(const char *text, uint8_t *out, uint32_t room,
		      uint32_t *taken);

/*
 * As enc_model_scan(), for an array that is scanned later. Begins at a number
 * and leaves what follows the last comma, but counts anything before a comma as
 * an element. *taken: their number.
 */
size_t enc_model_skip(const char *text, uint32_t *taken);

#endif
