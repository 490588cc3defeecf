/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labelled samples for a model, from
 *
 *   a folder    that has a folder of pictures for each class, as torchvision's
 *               ImageFolder and Keras read it: the folders in the order of
 *               their names are classes 0, 1, ...; but where classes have
 *               names, in the model or a file of labels, folders have these
 *   .npy files  an array for each input of the network, and one of labels
 *   IDX files   MNIST's: host/image/idx.h
 */
#ifndef CLI_TESTSET_H
#define CLI_TESTSET_H

#include "cli.h"
#include "model.h"

struct cli_testset;

/* CLI_GO, or the status after one line about what the command line lacks. */
int cli_testset_check(const char *command, const struct cli_eval *args);

/* NULL on failure; otherwise close it. */
struct cli_testset *cli_testset_open(const struct cli_eval *args,
				     const struct cli_model *model,
				     struct enc_error *e);

size_t cli_testset_count(const struct cli_testset *set);

/* "image" or "sample" */
const char *cli_testset_unit(const struct cli_testset *set);

/*
 * Reads the next n samples to where the model takes them from; labels: of
 * classes that it has. n: 1 to its room, and no more than are left.
 */
bool cli_testset_next(struct cli_testset *set, size_t n,
		      uint32_t labels[ENC_ROOM_MAX], struct enc_error *e);

/* set may be NULL. */
void cli_testset_close(struct cli_testset *set);

#endif
