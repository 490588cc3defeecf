/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libencmnist-owner: seals trained networks for devices with libencmnist, on
 * the workstation of their owner. There is no TEE here.
 *
 *	struct encmnist_seal seal = ENCMNIST_SEAL;
 *	encmnist_error *error = NULL;
 *	encmnist_network *net = NULL;
 *	encmnist_owner *owner = NULL;
 *	encmnist_model_key *key = NULL;
 *
 *	seal.model_id = "digits";
 *	seal.model_version = 3;
 *	if ((net = encmnist_import_file("digits.net", &error)) &&
 *	    (owner = encmnist_owner_open("owner.pem", 0, 0, &error)) &&
 *	    (key = encmnist_model_key_open("model.key", &error)) &&
 *	    encmnist_seal_file(net, owner, key, &seal, "digits.sealed",
 *			       &error))
 *		...
 *	encmnist_model_key_close(key);
 *	encmnist_owner_close(owner);
 *	encmnist_network_free(net);
 *	encmnist_error_free(error);
 *
 * Errors: see encmnist-error.h. An object is for one thread at a time; threads
 * may use objects of their own at the same time. Names of files and other text
 * are read during the call only. A pointer may be NULL where this says so.
 *
 * Keys are read from files, so that no secret has to pass through the program;
 * the library wipes its copies. A file that exists is replaced at once, when
 * the new one is complete, but keys are never overwritten.
 */
#ifndef ENCMNIST_OWNER_H
#define ENCMNIST_OWNER_H

#include "encmnist-error.h"
#include "encmnist-leaves.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct encmnist_network encmnist_network;
typedef struct encmnist_owner encmnist_owner;
typedef struct encmnist_model_key encmnist_model_key;

/* --- Networks ---------------------------------------------------------- */

/*
 * Reads a trained network: TensorFlow Lite, ONNX, a Burn record, or what
 * `enc_mnist import` wrote; from a file ("-": standard input) or from memory.
 * It reads its own numbers; `enc_mnist import --image` makes it read pixels.
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
 * Is called for a secret, if one is needed. what: "passphrase" or "PIN"; of:
 * what it opens. Writes up to `room` bytes with a NUL to `text` and returns
 * true, or false to give up.
 */
typedef bool encmnist_ask(void *context, const char *what, const char *of,
			  char *text, size_t room);

/*
 * The owner's private key: a PEM file, or a `pkcs11:` URI of a token. ask:
 * NULL: a key that needs a passphrase or PIN is refused. NULL: it failed.
 */
ENCMNIST_API encmnist_owner *encmnist_owner_open(const char *key,
						 encmnist_ask *ask,
						 void *context,
						 encmnist_error **error);
ENCMNIST_API void encmnist_owner_close(encmnist_owner *owner);

/* For people to compare. The owner's own. */
ENCMNIST_API const char *
encmnist_owner_fingerprint(const encmnist_owner *owner);

/* Writes the public key to a new file. */
ENCMNIST_API bool encmnist_owner_publish(const encmnist_owner *owner,
					 const char *public_path,
					 encmnist_error **error);

/*
 * Makes an owner's key: two new files, the private one with mode 0600. ask: for
 * the passphrase that it is encrypted under; NULL: it is not encrypted.
 */
ENCMNIST_API bool encmnist_owner_make(const char *private_path,
				      const char *public_path,
				      encmnist_ask *ask, void *context,
				      encmnist_error **error);

/*
 * A model key: what models are sealed under, and what envelopes bring. Makes a
 * new file with mode 0600, and opens it; opens such a file ("-": standard
 * input); takes its 64 hexadecimal digits from memory. NULL: it failed.
 */
ENCMNIST_API encmnist_model_key *
encmnist_model_key_make(const char *path, encmnist_error **error);
ENCMNIST_API encmnist_model_key *
encmnist_model_key_open(const char *path, encmnist_error **error);
ENCMNIST_API encmnist_model_key *encmnist_model_key_of(const char *digits,
						       encmnist_error **error);
ENCMNIST_API void encmnist_model_key_close(encmnist_model_key *key);

/* What sealed models and envelopes call it, in hexadecimal. The key's own. */
ENCMNIST_API const char *encmnist_model_key_id(const encmnist_model_key *key);

/* --- Sealing ----------------------------------------------------------- */

/* Begin with ENCMNIST_SEAL. Of what is 0 or NULL, the owner says nothing. */
struct encmnist_seal {
	size_t size;		   /* of this struct, as the program knows it */
	const char *model_id;	   /* 1 to 32 of a-z 0-9 . _ -; needed */
	uint32_t model_version;	   /* which release it is, from 1; needed */
	uint32_t security_version; /* 0: the model version */
	uint64_t answers_per_load; /* the most of them; so is the next one */
	uint64_t answers_in_life;  /* of a device */
	/* enum encmnist_leaves; 0: the label of a classifier, else RAW */
	uint32_t leaves;
	uint32_t amount;    /* of TOP, 1 to 32, and SCORES, 1 to 16 */
	const char *labels; /* file of class names, one a line */
	/*
	 * Who may use it, as the device's kernel knows: "user:1000",
	 * "group:1000", "application:" and a UUID. NULL: anybody.
	 */
	const char *login;
	/* Is called about once a MiB, with bytes of the network. */
	void (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

#define ENCMNIST_SEAL                                                       \
	{                                                                   \
		sizeof(struct encmnist_seal), NULL, 0, 0, 0, 0, 0, 0, NULL, \
			NULL, NULL, NULL                                    \
	}

/* Seals the network to file `output`. */
ENCMNIST_API bool encmnist_seal_file(const encmnist_network *net,
				     const encmnist_owner *owner,
				     const encmnist_model_key *key,
				     const struct encmnist_seal *seal,
				     const char *output,
				     encmnist_error **error);

/* --- Envelopes --------------------------------------------------------- */

/* A model that devices may load. */
struct encmnist_allowed {
	const char *model_id;
	uint32_t security_version; /* the lowest, from 1 */
};

/*
 * Begin with ENCMNIST_WRAP. Whoever can slip a public key into a file on its
 * way would get the model key: so the owner says how many devices there are,
 * and which, by fingerprints that came another way.
 */
struct encmnist_wrap {
	size_t size;	  /* of this struct, as the program knows it */
	uint32_t epoch;	  /* from 1, above that of the devices' last envelope */
	uint32_t retired; /* keys of epochs up to it are forgotten; 0: none */
	const char *const *devices; /* files of public keys; needed */
	size_t device_files;
	size_t device_count;		 /* in all of them; 0: one in each */
	const char *const *fingerprints; /* each device's, in any order, or 0 */
	size_t fingerprint_count;
	const struct encmnist_allowed *models; /* 0: any of the owner */
	size_t model_count;
	const char *ta; /* UUID of the devices' TA; NULL: the default */
};

#define ENCMNIST_WRAP                                                          \
	{                                                                      \
		sizeof(struct encmnist_wrap), 0, 0, NULL, 0, 0, NULL, 0, NULL, \
			0, NULL                                                \
	}

/*
 * Writes an envelope for each device to file `output`. key: the model key that
 * they bring; NULL: none.
 */
ENCMNIST_API bool encmnist_wrap_file(const encmnist_owner *owner,
				     const encmnist_model_key *key,
				     const struct encmnist_wrap *wrap,
				     const char *output,
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

/* What leaves the TEE (enum encmnist_leaves), and of how many or of what. */
ENCMNIST_API uint32_t encmnist_inspect_leaves(const encmnist_inspection *i);
ENCMNIST_API uint32_t encmnist_inspect_amount(const encmnist_inspection *i);

/* Whether it computes with int8, and not with f32. */
ENCMNIST_API bool encmnist_inspect_is_int8(const encmnist_inspection *i);

/*
 * The fingerprint of the device that an envelope is for, in the order of the
 * file; NULL: there is none. The inspection's own.
 */
ENCMNIST_API const char *encmnist_inspect_device(const encmnist_inspection *i,
						 size_t envelope);

#ifdef __cplusplus
}
#endif

#endif
