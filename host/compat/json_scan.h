/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast way through an array of bytes. Part of the reader of model_json.h.
 */
#ifndef HOST_COMPAT_JSON_SCAN_H
#define HOST_COMPAT_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>

/*
 * For a parser that waits for an element of an array of numbers: takes
 * elements off the front of `text`, which ends with a NUL, and puts their
 * values into `out`, at most `room` of them.
 *
 * What it takes is always a number from 0 to 255 as JSON writes it and a comma
 * right behind it, with white space before; and never the last number there
 * is. So the parser, given the rest, waits for an element as before and finds
 * one, and can tell by itself whatever is unusual.
 *
 * Returns the bytes of text taken; *taken: elements put into `out`.
 */
size_t enc_model_scan(const char *text, uint8_t *out, uint32_t room,
		      uint32_t *taken);

/*
 * The same for an array that is scanned later: begins at a number and leaves
 * what is behind the last comma, but takes for an element whatever stands
 * before one. *taken: how many.
 */
size_t enc_model_skip(const char *text, uint32_t *taken);

#endif
