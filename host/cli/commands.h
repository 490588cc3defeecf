/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of enc_mnist. Each has its words and options in commands.c, the
 * values of its options in a struct here, and its code in a file of its own.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

/* The commands of this build, in the order of `--help`. */
extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;

/*
 * The highest epoch and version that may be given: after the one above it, a
 * device could never accept another.
 */
#define CLI_RISING_MAX (UINT32_MAX - 1)

#define CLI_DEVICES_MAX 1000000 /* of one `enc_mnist wrap` */

/* --key and --key-file; exactly one is given. */
struct cli_key {
	char *hex; /* in argv */
	const char *file;
};

/* --owner and --passphrase-file. */
struct cli_owner {
	const char *key;	/* PEM file, or pkcs11: URI */
	const char *passphrase; /* file, or NULL: asked for if it is needed */
};

struct cli_owner_key {
	const char *output; /* NULL: owner.key is there already */
	const char *public;
	bool encrypt;
	struct cli_owner owner;
};

struct cli_model_key {
	const char *output;
};

struct cli_import {
	const char *input;
	const char *output;
	struct cli_list shapes; /* NAME=SIZE */
	const char *image;	/* HEIGHTxWIDTHxCHANNELS */
	const char *mean;
	const char *std;
	const char *divisor;
	bool json;
};

struct cli_quantize {
	const char *input;
	const char *output;
	struct cli_list calibration;
	struct cli_list images; /* a test set, or none */
	const char *labels;
	bool json;
};

struct cli_seal {
	const char *input;
	const char *output;
	struct cli_owner owner;
	const char *model_id;
	uint64_t model_version;
	uint64_t security_version; /* 0: the model version */
	uint64_t load_answers;	   /* 0: any number; so is the next one */
	uint64_t life_answers;
	const char *login; /* NULL: any */
	const char *outputs;
	const char *labels;
	struct cli_key key;
};

struct cli_wrap {
	struct cli_owner owner;
	const char *output;
	struct cli_list devices;
	uint64_t count; /* of devices; 0: one in each file */
	struct cli_list fingerprints;
	struct cli_list models; /* ID or ID=N */
	struct cli_uuid ta;	/* of the devices */
	uint64_t epoch;
	uint64_t retire; /* 0: none */
	struct cli_key key;
};

struct cli_make_ta {
	const char *input;
	const char *owner; /* public key */
	struct cli_uuid ta;
	uint64_t ta_version;
	uint64_t version_floor; /* 0: 1; so is the next one */
	uint64_t epoch_floor;
	const char *sign_key;
	const char *passphrase;
	const char *digest;    /* to write, for a signature from elsewhere */
	const char *signature; /* which came from there */
	const char *output;
};

struct cli_inspect {
	const char *file;
	const char *owner;
	const char *device; /* what `status --json` printed there */
	const char *plot;   /* of a network */
	bool json;
};

struct cli_encrypt_model {
	const char *input;
	const char *output;
	struct cli_key key;
};

struct cli_verify_model {
	const char *input;
};

struct cli_store_key {
	struct cli_key key;
	struct cli_tee tee;
};

struct cli_device_key {
	const char *output; /* NULL: standard output only */
	struct cli_tee tee;
};

struct cli_provision {
	const char *input;
	bool json;
	struct cli_tee tee;
};

struct cli_status {
	bool json;
	struct cli_tee tee;
};

struct cli_commit {
	const char *model;
	bool json;
	struct cli_tee tee;
};

struct cli_infer {
	const char *model;
	struct cli_list inputs; /* letters: CLI_INFER_RAW, or an image file's */
	bool invert;
	bool fit;
	bool json;
	bool show;
	bool time;
	struct cli_list tensors;
	const char *output;
	bool dequantize;
	bool commit;
	const char *labels;
	uint64_t top; /* 0: the label alone */
	bool scores;
	struct cli_tee tee;
};

#define CLI_INFER_RAW 'b'

struct cli_eval {
	const char *model;
	struct cli_list images;
	const char *labels; /* NULL: those of a folder */
	const char *plot;
	uint64_t limit; /* 0: all */
	uint64_t top;	/* 0: the label alone */
	bool json;
	struct cli_tee tee;
};

/* The code of the commands: args is the command's struct. */
int cli_owner_key_run(const void *args);
int cli_model_key_run(const void *args);
int cli_import_run(const void *args);
int cli_quantize_run(const void *args);
int cli_seal_run(const void *args);
int cli_wrap_run(const void *args);
int cli_make_ta_run(const void *args);
int cli_inspect_run(const void *args);
int cli_inspect_any_run(const void *args); /* of a network, too */
int cli_encrypt_model_run(const void *args);
int cli_verify_model_run(const void *args);
int cli_store_key_run(const void *args);
int cli_device_key_run(const void *args);
int cli_provision_run(const void *args);
int cli_status_run(const void *args);
int cli_commit_run(const void *args);
int cli_infer_run(const void *args); /* in the TEE */
int cli_infer_here_run(const void *args);
int cli_eval_run(const void *args); /* in the TEE */
int cli_eval_here_run(const void *args);

#endif
