/* SPDX-License-Identifier: Apache-2.0 */
/* JSON on standard output; the layout between begin and end is yajl_gen's. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <yajl/yajl_gen.h>

#include "cli.h"

/* NULL: out of memory. */
yajl_gen cli_json_begin(void);

/* A string, or the key of what comes next. */
void cli_json_text(yajl_gen gen, const char *text);

/* A key and its number. */
void cli_json_number(yajl_gen gen, const char *key, uint64_t value);

/* A key and its number, to one decimal. */
void cli_json_decimal(yajl_gen gen, const char *key, double value);

/* A key and its number, with the digits of a float. */
void cli_json_float(yajl_gen gen, const char *key, float value);

/* A key and its string, or its truth value. */
void cli_json_string(yajl_gen gen, const char *key, const char *value);
void cli_json_bool(yajl_gen gen, const char *key, bool value);

/* Member "error" of an open object. */
void cli_error_json(yajl_gen gen, enum cli_exit status, const char *message,
		    const char *hint);

void cli_json_end(yajl_gen gen);

#endif
