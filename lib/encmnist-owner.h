/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libencmnist-owner: seals trained networks for devices with libencmnist, on
 * the workstation of their owner. There is no TEE here.
 *
 *	encmnist_network *net = encmnist_import_file("digits.onnx", &error);
 *	encmnist_owner *owner = encmnist_owner_open("owner.pem", NULL, NULL,
 *&error); struct encmnist_seal seal = ENCMNIST_SEAL;
 *
 *	seal.model_id = "digits";
 *	seal.model_version = 3;
 *	if (net && owner &&
 *	    encmnist_seal_file(net, owner, "model.key", &seal, "digits.sealed",
 *			       &error))
 *		...
 *
 * Errors, threads and strings: see encmnist.h. Objects here are for one thread
 * at a time, too. Keys are read from files, so that no secret passes through
 * the program; the library wipes its copies.
 */
#ifndef ENCMNIST_OWNER_H
#define ENCMNIST_OWNER_H

#include "encmnist-error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct encmnist_network encmnist_network;
typedef struct encmnist_owner encmnist_owner;

/* --- Networks ---------------------------------------------------------- */

/*
 * Reads a trained network: TensorFlow Lite, ONNX, a Burn record, or what
 * `enc_mnist import` wrote; from a file ("-": standard input) or from memory.
 * NULL: it failed. Free it with encmnist_network_free().
 */
ENCMNIST_API encmnist_network *encmnist_import_file(const char *path,
						    encmnist_error **error);
ENCMNIST_API encmnist_network *
encmnist_import_memory(const void *data, size_t len, encmnist_error **error);
ENCMNIST_API void encmnist_network_free(encmnist_network *net);

/* Multiply-accumulates of a sample; bytes of weights; layers. */
ENCMNIST_API uint64_t encmnist_network_macs(const encmnist_network *net);
ENCMNIST_API uint64_t encmnist_network_weights(const encmnist_network *net);
ENCMNIST_API size_t encmnist_network_nodes(const encmnist_network *net);

/* --- Keys -------------------------------------------------------------- */

/*
 * The owner's private key: a PEM file, or a `pkcs11:` URI of a token. ask: is
 * called for a passphrase or PIN, if one is needed: it writes up to `room`
 * bytes with a NUL to `text` and returns true, or false to give up. NULL: a key
 * that needs one is refused. NULL: it failed.
 */
ENCMNIST_API encmnist_owner *
encmnist_owner_open(const char *key,
		    bool (*ask)(void *context, char *text, size_t room),
		    void *context, encmnist_error **error);
ENCMNIST_API void encmnist_owner_close(encmnist_owner *owner);

/* For people to compare. The owner's own. */
ENCMNIST_API const char *
encmnist_owner_fingerprint(const encmnist_owner *owner);

/* Makes an owner's key: two new files, the private one not encrypted. */
ENCMNIST_API bool encmnist_owner_make(const char *private_path,
				      const char *public_path,
				      encmnist_error **error);

/* Makes a model key: a new file with mode 0600. */
ENCMNIST_API bool encmnist_model_key_make(const char *path,
					  encmnist_error **error);

/* --- Sealing ----------------------------------------------------------- */

/* Begin with ENCMNIST_SEAL. */
struct encmnist_seal {
	size_t size;		   /* of this struct, as the program knows it */
	const char *model_id;	   /* 1 to 32 of a-z 0-9 . _ - */
	uint32_t model_version;	   /* which release it is, from 1 */
	uint32_t security_version; /* 0: that of the model */
	uint64_t answers_per_load; /* 0: any number */
	uint64_t answers_in_life;  /* of a device; 0: any number */
	/* enum encmnist_leaves; 0: the label of a classifier, or all outputs */
	uint32_t leaves;
	uint32_t amount;    /* of TOP, 1 to 10, and SCORES, 1 to 24 */
	const char *labels; /* file of class names, one a line, or NULL */
};

#define ENCMNIST_SEAL                                \
	{                                            \
		.size = sizeof(struct encmnist_seal) \
	}

/* Seals the network to file `output`. model_key: its file. */
ENCMNIST_API bool
encmnist_seal_file(const encmnist_network *net, const encmnist_owner *owner,
		   const char *model_key, const struct encmnist_seal *seal,
		   const char *output, encmnist_error **error);

/*
 * Puts a model key into envelopes for devices, whose public keys are in file
 * `devices`, `count` of them: whoever can slip a key into that file would get
 * the model key, so compare fingerprints. epoch: from 1, above that of the
 * devices' last envelope. retired: keys of epochs up to it are forgotten; 0:
 * none.
 */
ENCMNIST_API bool encmnist_wrap_file(const encmnist_owner *owner,
				     const char *model_key, const char *devices,
				     size_t count, uint32_t epoch,
				     uint32_t retired, const char *output,
				     encmnist_error **error);

/* --- Inspection -------------------------------------------------------- */

typedef struct encmnist_inspection encmnist_inspection;

/*
 * Reads a sealed model or a file of envelopes, without any secret. NULL: it is
 * neither. What it claims counts only if encmnist_inspect_verdict() is true.
 */
ENCMNIST_API encmnist_inspection *encmnist_inspect_file(const char *path,
							encmnist_error **error);
ENCMNIST_API void encmnist_inspection_free(encmnist_inspection *i);

/*
 * Whether the file is intact, signed, and, unless `owner_public` is NULL, from
 * the owner whose public key is in that file.
 */
ENCMNIST_API bool encmnist_inspect_verdict(const encmnist_inspection *i,
					   const char *owner_public,
					   encmnist_error **error);

/* Envelopes in the file; 0: it is a sealed model. */
ENCMNIST_API size_t encmnist_inspect_envelopes(const encmnist_inspection *i);

/* Of a sealed model. The inspection's own. */
ENCMNIST_API const char *encmnist_inspect_id(const encmnist_inspection *i);
ENCMNIST_API uint32_t encmnist_inspect_version(const encmnist_inspection *i);
ENCMNIST_API uint32_t
encmnist_inspect_security_version(const encmnist_inspection *i);

#ifdef __cplusplus
}
#endif

#endif
