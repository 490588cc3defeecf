/* SPDX-License-Identifier: Apache-2.0 */
/* From a model's file to a model that answers in the TEE. */
#ifndef HOST_LIB_LOAD_H
#define HOST_LIB_LOAD_H

#include "error.h"
#include "tee.h"

/*
 * path: a sealed model or JSON (model_json.h), "-" for standard input. On error
 * the model of before still answers.
 */
bool enc_load_model(struct enc_tee *tee, const char *path, struct enc_error *e);

#endif
