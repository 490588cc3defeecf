/* SPDX-License-Identifier: Apache-2.0 */
/* Every word of `enc_mnist --help`. */
#include "commands.h"

#include "cli.h"

/*
 * A command's table, struct and code share its name. The code of a device
 * command is in the device's program only; some commands have other code on the
 * workstation. host/describe only prints these words, so it has no code at all.
 */
#define WORDS(command) \
	.options = (command), .args_bytes = sizeof(struct cli_##command)
#ifdef ENC_MNIST_WORDS_ALONE
#define RUN(command, code) WORDS(command)
#define HAS_SECRETS	   .guard = NULL
#else
#define RUN(command, code) WORDS(command), .run = cli_##code##_run
#define HAS_SECRETS	   .guard = cli_guard
#endif
#define ANYWHERE(command) RUN(command, command)
#ifdef ENC_MNIST_OWNER_TOOLS
#define ON_DEVICE(command)    WORDS(command)
#define BOTH(command, native) RUN(command, native)
#else
#define ON_DEVICE(command)    ANYWHERE(command)
#define BOTH(command, native) ANYWHERE(command)
#endif

#define A_KEY "AES-256 key: 64 hex digits"
#define A_KEY_FILE                                                             \
	"read the 64 hex digits from FILE, - for standard input: other users " \
	"of the machine can see command lines"
#ifdef ENC_MNIST_ENCRYPT_MODEL
#define A_MODEL "sealed model, or JSON from encrypt-model; - for standard input"
#elif defined(ENC_MNIST_COMPAT)
#define A_MODEL "sealed model, or JSON of enc_mnist-rs; - for standard input"
#else
#define A_MODEL "sealed model; - for standard input"
#endif
#define A_NETWORK                                                               \
	"; on the workstation a network instead: a record of import, .tflite, " \
	".onnx, or a Burn record"

/* Of each command that signs. */
#define OWNER(command)                                                         \
	{ "owner",                                                             \
	  'w',                                                                 \
	  "KEY",                                                               \
	  CLI_NEEDED,                                                          \
	  CLI_INPUT(cli_##command, owner.key),                                 \
	  "private key: a PEM file of owner-key, or a key in a token (a "      \
	  "smart card or HSM) as a pkcs11: URI" },                             \
	{                                                                      \
		"passphrase-file", 'P', "FILE", CLI_OPTIONAL,                  \
			CLI_INPUT(cli_##command, owner.passphrase),            \
			"read the passphrase of an encrypted private key, or " \
			"the PIN of a token, from FILE, instead of asking "    \
			"for it on the terminal"                               \
	}

/* Of each command that calls the TEE. */
#define TEE(command)                                                           \
	{ "wait",                                                              \
	  0,                                                                   \
	  "SECONDS",                                                           \
	  CLI_OPTIONAL,                                                        \
	  CLI_WAIT(cli_##command, tee.wait),                                   \
	  "how long to wait for an answer of the TEE before "                  \
	  "giving up, 0 for ever; without it, 120; computing "                 \
	  "a large network may take longer" },                                 \
	{                                                                      \
		"ta", 0, "UUID", CLI_OPTIONAL,                                 \
			CLI_UUID(cli_##command, tee.ta),                       \
			"the TA to call, where a device has several; without " \
			"it, the one that this program was built for"          \
	}

/* --- On the workstation ------------------------------------------------ */

#ifdef ENC_MNIST_OWNER_TOOLS

static const struct cli_option owner_key[] = {
	{ "output", 'o', "PEM", CLI_ONE_OF, CLI_OUTPUT(cli_owner_key, output),
	  "private key to make and write; keep it secret" },
	{ "owner", 'w', "KEY", CLI_ONE_OF, CLI_INPUT(cli_owner_key, owner.key),
	  "private key that is there already, whose public one is written: "
	  "a PEM file, or in a token" },
	{ "public", 'p', "PEM", CLI_NEEDED, CLI_OUTPUT(cli_owner_key, public),
	  "public key to write, for the TA's build" },
	{ "encrypt", 'e', NULL, CLI_OPTIONAL, CLI_FLAG(cli_owner_key, encrypt),
	  "encrypt the private key under a passphrase, which is asked for on "
	  "the terminal, or read with --passphrase-file" },
	{ "passphrase-file", 'P', "FILE", CLI_OPTIONAL,
	  CLI_INPUT(cli_owner_key, owner.passphrase),
	  "with --output, encrypt it under the passphrase in FILE; with "
	  "--owner, read the passphrase or PIN from there" },
	{ 0 }
};

static const struct cli_option model_key[] = {
	{ "output", 'o', "FILE", CLI_NEEDED, CLI_OUTPUT(cli_model_key, output),
	  "key to write; keep it secret" },
	{ 0 }
};

static const struct cli_option import[] = {
	{ "input", 'i', "FILE", CLI_NEEDED, CLI_INPUT(cli_import, input),
	  "model to read: .tflite, .onnx, or a Burn record" },
	{ "output", 'o', "NET", CLI_NEEDED, CLI_OUTPUT(cli_import, output),
	  "record of the network to write" },
	{ "shape", 's', "SIZE", CLI_OPTIONAL, CLI_TEXTS(cli_import, shapes),
	  "NAME=SIZE: a dimension that an ONNX file leaves open; may be given "
	  "again" },
	{ "image", 'I', "SIZE", CLI_OPTIONAL, CLI_TEXT(cli_import, image),
	  "HEIGHTxWIDTHxCHANNELS: read the pixels of such a picture in place "
	  "of the input; without it, any of the next three does so for a "
	  "picture of the input's size" },
	{ "divisor", 'd', "NUMBER", CLI_OPTIONAL, CLI_TEXT(cli_import, divisor),
	  "each pixel becomes (pixel / divisor - mean) / std; without it, 255" },
	{ "mean", 'm', "NUMBERS", CLI_OPTIONAL, CLI_TEXT(cli_import, mean),
	  "one, or one for each channel with commas between them; without it, "
	  "0" },
	{ "std", 'S', "NUMBERS", CLI_OPTIONAL, CLI_TEXT(cli_import, std),
	  "one, or one for each channel; without it, 1" },
	{ "json", 'j', NULL, CLI_OPTIONAL, CLI_FLAG(cli_import, json),
	  "answer in JSON" },
	{ 0 }
};

static const struct cli_option quantize[] = {
	{ "input", 'i', "FILE", CLI_NEEDED, CLI_INPUT(cli_quantize, input),
	  "f32 network: a record of import, .tflite, .onnx, or a Burn record" },
	{ "output", 'o', "NET", CLI_NEEDED, CLI_OUTPUT(cli_quantize, output),
	  "record of the int8 network to write" },
	{ "calibration", 'c', "DATA", CLI_NEEDED,
	  CLI_INPUTS(cli_quantize, calibration),
	  "samples such as the network will see, of its training set: a "
	  "picture, a folder of pictures or of a folder for each class, IDX "
	  "images, or a .npy whose first axis is the batch; may be given "
	  "again; for a network of several inputs, a .npy for each" },
	{ "images", 'x', "IMAGES", CLI_OPTIONAL,
	  CLI_INPUTS(cli_quantize, images), "a test set, as for eval" },
	{ "labels", 'y', "LABELS", CLI_OPTIONAL,
	  CLI_INPUT(cli_quantize, labels), "its labels, as for eval" },
	{ "json", 'j', NULL, CLI_OPTIONAL, CLI_FLAG(cli_quantize, json),
	  "answer in JSON" },
	{ 0 }
};

static const struct cli_option seal[] = {
	{ "input", 'i', "FILE", CLI_NEEDED, CLI_INPUT(cli_seal, input),
	  "model to seal: a record of import, .tflite, .onnx, or a Burn "
	  "record" },
	{ "output", 'o', "FILE", CLI_NEEDED, CLI_OUTPUT(cli_seal, output),
	  "sealed model to write" },
	OWNER(seal),
	{ "model-id", 'm', "ID", CLI_NEEDED, CLI_TEXT(cli_seal, model_id),
	  "name of the model: 1 to 32 of a-z 0-9 . _ -" },
	{ "model-version", 'n', "N", CLI_NEEDED,
	  CLI_NUMBER(cli_seal, model_version, CLI_RISING_MAX),
	  "which release of the model it is: 1 or higher" },
	{ "security-version", 's', "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_seal, security_version, CLI_RISING_MAX),
	  "what devices do not go back behind: after `enc_mnist commit` they "
	  "refuse models of this id with a lower one; without it, the model "
	  "version" },
	{ "answers-per-load", 0, "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_seal, load_answers, INT64_MAX),
	  "the most samples that are answered each time that it is loaded" },
	{ "answers-in-life", 0, "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_seal, life_answers, INT64_MAX),
	  "the most samples that a device ever answers with models of this "
	  "id" },
	{ "login", 0, "WHO", CLI_OPTIONAL, CLI_TEXT(cli_seal, login),
	  "who may use it, as the device's kernel knows: user:UID, group:GID, "
	  "or application:UUID; without it, anybody who may open the TEE" },
	{ "outputs", 'x', "WHAT", CLI_OPTIONAL, CLI_TEXT(cli_seal, outputs),
	  "what may leave the TEE: label, top:K, scores:BITS or raw; without "
	  "it, the label of a classifier, and all outputs of another network" },
	{ "labels", 'l', "FILE", CLI_OPTIONAL, CLI_INPUT(cli_seal, labels),
	  "names of the classes, one a line; anyone can read them in the "
	  "sealed model" },
	{ "key", 'k', "HEX", CLI_ONE_OF, CLI_SECRET(cli_seal, key.hex), A_KEY },
	{ "key-file", 'K', "FILE", CLI_ONE_OF, CLI_INPUT(cli_seal, key.file),
	  A_KEY_FILE },
	{ 0 }
};

static const struct cli_option wrap[] = {
	OWNER(wrap),
	{ "device", 'd', "PEM", CLI_NEEDED, CLI_INPUTS(cli_wrap, devices),
	  "public key of a device, from device-key; may be given again" },
	{ "devices", 'n', "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_wrap, count, CLI_DEVICES_MAX),
	  "how many devices there are in all files; without it, each file has "
	  "one" },
	{ "fingerprint", 'f', "DIGITS", CLI_OPTIONAL,
	  CLI_TEXTS(cli_wrap, fingerprints),
	  "fingerprint that a device has shown; may be given again, for each "
	  "device" },
	{ "epoch", 'e', "N", CLI_NEEDED,
	  CLI_NUMBER(cli_wrap, epoch, CLI_RISING_MAX),
	  "1 or higher, and higher than that of the last envelope: a device "
	  "refuses any other" },
	{ "retire", 'r', "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_wrap, retire, CLI_RISING_MAX),
	  "remove the keys of envelopes of epoch N and lower; without it, "
	  "devices keep them beside the new one" },
	{ "model", 'm', "ID[=N]", CLI_OPTIONAL, CLI_TEXTS(cli_wrap, models),
	  "a model id that devices may load from then on, and its lowest "
	  "security version; may be given again; without it, they may load any "
	  "of yours" },
	{ "ta", 0, "UUID", CLI_OPTIONAL, CLI_UUID(cli_wrap, ta),
	  "the devices' TA, if it was built with TA_UUID; without it, the one "
	  "that this program was built for" },
	{ "output", 'o', "FILE", CLI_NEEDED, CLI_OUTPUT(cli_wrap, output),
	  "envelopes to write" },
	{ "key", 'k', "HEX", CLI_AT_MOST_ONE, CLI_SECRET(cli_wrap, key.hex),
	  A_KEY "; without one, envelopes bring none" },
	{ "key-file", 'K', "FILE", CLI_AT_MOST_ONE,
	  CLI_INPUT(cli_wrap, key.file), A_KEY_FILE },
	{ 0 }
};

static const struct cli_option make_ta[] = {
	{ "input", 'i', "ELF", CLI_NEEDED, CLI_INPUT(cli_make_ta, input),
	  "TA without an owner, from `make ta-elf`" },
	{ "owner", 'w', "PEM", CLI_NEEDED, CLI_INPUT(cli_make_ta, owner),
	  "public key of the owner, from owner-key" },
	{ "ta-version", 'n', "N", CLI_NEEDED,
	  CLI_NUMBER(cli_make_ta, ta_version, CLI_RISING_MAX),
	  "version of the TA: a device that has run it refuses lower ones" },
	{ "sign-key", 's', "PEM", CLI_NEEDED, CLI_INPUT(cli_make_ta, sign_key),
	  "RSA key by which the devices' OP-TEE knows TAs: the private one, or "
	  "the public one if the signature comes from elsewhere" },
	{ "passphrase-file", 'P', "FILE", CLI_OPTIONAL,
	  CLI_INPUT(cli_make_ta, passphrase),
	  "read the passphrase of an encrypted private key from FILE, instead "
	  "of asking for it on the terminal" },
	{ "ta", 0, "UUID", CLI_OPTIONAL, CLI_UUID(cli_make_ta, ta),
	  "UUID of the TA: another one for each owner on a device; without it, "
	  "the one that this program was built for" },
	{ "version-floor", 0, "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_make_ta, version_floor, CLI_RISING_MAX),
	  "lowest security version of models that the TA takes; without it, "
	  "1" },
	{ "epoch-floor", 0, "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_make_ta, epoch_floor, CLI_RISING_MAX),
	  "lowest epoch of keys that the TA takes; without it, 1" },
	{ "output", 'o', "TA", CLI_ONE_OF, CLI_OUTPUT(cli_make_ta, output),
	  "signed TA to write; OP-TEE loads it as UUID.ta" },
	{ "digest", 'd', "FILE", CLI_ONE_OF, CLI_OUTPUT(cli_make_ta, digest),
	  "write what is to be signed instead, in base64: a SHA-256, for "
	  "RSA-PSS with MGF1-SHA256 and a salt of 32 bytes" },
	{ "signature", 'S', "FILE", CLI_OPTIONAL,
	  CLI_INPUT(cli_make_ta, signature),
	  "signature of that, in base64; all other options as before" },
	{ 0 }
};

#endif

/* --- Anywhere ---------------------------------------------------------- */

static const struct cli_option inspect[] = {
	{ NULL, 0, "FILE", CLI_SOME_OF, CLI_OPERAND(cli_inspect, file),
	  "sealed model or envelopes, - for standard input; on the workstation "
	  "also a network: a record of import, .tflite, .onnx, or a Burn "
	  "record" },
	{ "owner", 'w', "PEM", CLI_OPTIONAL, CLI_INPUT(cli_inspect, owner),
	  "public key of the owner that you expect, from owner-key" },
	{ "device", 'd', "JSON", CLI_OPTIONAL, CLI_INPUT(cli_inspect, device),
	  "what `status --json` printed on a device, - for standard input: say "
	  "whether that device will take the file; the exit status is that of "
	  "the device then" },
	{ "plot", 'p', "SVG", CLI_OPTIONAL, CLI_OUTPUT(cli_inspect, plot),
	  "draw a network that is not sealed: its layers, and which tensors "
	  "are in the arena when" },
	{ "json", 'j', NULL, CLI_OPTIONAL, CLI_FLAG(cli_inspect, json),
	  "answer in JSON" },
	{ 0 }
};

#ifdef ENC_MNIST_ENCRYPT_MODEL

static const struct cli_option encrypt_model[] = {
	{ "input", 'i', "BIN", CLI_NEEDED, CLI_INPUT(cli_encrypt_model, input),
	  "Burn record to encrypt" },
	{ "output", 'o', "JSON", CLI_NEEDED,
	  CLI_OUTPUT(cli_encrypt_model, output), "encrypted model to write" },
	{ "key", 'k', "HEX", CLI_ONE_OF, CLI_SECRET(cli_encrypt_model, key.hex),
	  A_KEY },
	{ "key-file", 'K', "FILE", CLI_ONE_OF,
	  CLI_INPUT(cli_encrypt_model, key.file), A_KEY_FILE },
	{ 0 }
};

static const struct cli_option verify_model[] = {
	{ "input", 'i', "BIN", CLI_NEEDED, CLI_INPUT(cli_verify_model, input),
	  "record to verify" },
	{ 0 }
};

#endif

/* --- On the device ----------------------------------------------------- */

#ifdef ENC_MNIST_COMPAT

static const struct cli_option store_key[] = {
	{ "key", 'k', "HEX", CLI_ONE_OF, CLI_SECRET(cli_store_key, key.hex),
	  A_KEY },
	{ "key-file", 'K', "FILE", CLI_ONE_OF,
	  CLI_INPUT(cli_store_key, key.file), A_KEY_FILE },
	TEE(store_key),
	{ 0 }
};

#endif

static const struct cli_option device_key[] = {
	{ "output", 'o', "PEM", CLI_OPTIONAL,
	  CLI_OUTPUT(cli_device_key, output), "file to write the key to, too" },
	TEE(device_key),
	{ 0 }
};

static const struct cli_option provision[] = {
	{ "input", 'i', "FILE", CLI_NEEDED, CLI_INPUT(cli_provision, input),
	  "envelopes, from wrap; - for standard input" },
	{ "json", 'j', NULL, CLI_OPTIONAL, CLI_FLAG(cli_provision, json),
	  "answer in JSON" },
	TEE(provision),
	{ 0 }
};

static const struct cli_option status[] = { { "json", 'j', NULL, CLI_OPTIONAL,
					      CLI_FLAG(cli_status, json),
					      "answer in JSON" },
					    TEE(status),
					    { 0 } };

static const struct cli_option commit[] = {
	{ "model", 'm', "FILE", CLI_NEEDED, CLI_INPUT(cli_commit, model),
	  "sealed model; - for standard input" },
	{ "json", 'j', NULL, CLI_OPTIONAL, CLI_FLAG(cli_commit, json),
	  "answer in JSON" },
	TEE(commit),
	{ 0 }
};

static const struct cli_option infer[] = {
	{ "model", 'm', "FILE", CLI_NEEDED, CLI_INPUT(cli_infer, model),
	  A_MODEL A_NETWORK },
	{ "image", 'i', "IMAGE", CLI_SOME_OF, CLI_INPUTS(cli_infer, inputs),
	  "PNG, JPEG, BMP or PGM of any size, for a network that reads pixels; "
	  "may be given again" },
	{ "binary", CLI_INFER_RAW, "RAW", CLI_SOME_OF,
	  CLI_INPUTS(cli_infer, inputs),
	  "image as raw bytes, as many as the network reads: 784 for digits, "
	  "0 is background; - for any number of them on standard input, each "
	  "answered as it comes; may be given again" },
	{ "tensor", 'x', "NPY", CLI_SOME_OF, CLI_INPUTS(cli_infer, tensors),
	  "samples of any kind, whose first axis is the batch; one file for "
	  "each input of the network, in its order" },
	{ "invert", 0, NULL, CLI_OPTIONAL, CLI_FLAG(cli_infer, invert),
	  "for dark digits on light paper: swap light and dark of each IMAGE" },
	{ "fit", 0, NULL, CLI_OPTIONAL, CLI_FLAG(cli_infer, fit),
	  "find the digit in each IMAGE, and give it the size and place of "
	  "digits in MNIST" },
	{ "json", 'j', NULL, CLI_AT_MOST_ONE, CLI_FLAG(cli_infer, json),
	  "answer in JSON: one object, or with -b - a line for each image" },
	{ "show", 's', NULL, CLI_AT_MOST_ONE, CLI_FLAG(cli_infer, show),
	  "draw each digit beside its label" },
	{ "time", 't', NULL, CLI_OPTIONAL, CLI_FLAG(cli_infer, time),
	  "with each label, print the milliseconds that the TEE took for all "
	  "images of its call" },
	{ "labels", 'l', "FILE", CLI_OPTIONAL, CLI_INPUT(cli_infer, labels),
	  "names of the classes, one a line, to print instead of numbers, or "
	  "of the names in the model" },
	{ "top", 'k', "K", CLI_OPTIONAL, CLI_NUMBER(cli_infer, top, 65536),
	  "print the K classes with the highest scores, if the owner of the "
	  "model lets it give them" },
	{ "scores", 0, NULL, CLI_OPTIONAL, CLI_FLAG(cli_infer, scores),
	  "print the score of each class that is printed, if the owner lets "
	  "the model give it" },
	{ "output", 'o', "NPY", CLI_OPTIONAL, CLI_OUTPUT(cli_infer, output),
	  "write what the network computes, instead of printing labels, if its "
	  "owner lets it; of several outputs, each to a file with its number" },
	{ "dequantize", 0, NULL, CLI_OPTIONAL, CLI_FLAG(cli_infer, dequantize),
	  "write int8 outputs as the f32 that they stand for" },
	{ "commit", 0, NULL, CLI_OPTIONAL, CLI_FLAG(cli_infer, commit),
	  "once all is answered, commit the model, as `enc_mnist commit` "
	  "does" },
	TEE(infer),
	{ 0 }
};

static const struct cli_option eval[] = {
	{ "model", 'm', "FILE", CLI_NEEDED, CLI_INPUT(cli_eval, model),
	  A_MODEL A_NETWORK },
	{ "images", 'x', "IMAGES", CLI_NEEDED, CLI_INPUTS(cli_eval, images),
	  "test set: a folder that has a folder of pictures for each class; an "
	  "array (.npy), one for each input of the network; or images of MNIST "
	  "(IDX, plain or .gz)" },
	{ "labels", 'y', "LABELS", CLI_OPTIONAL, CLI_INPUT(cli_eval, labels),
	  "its labels: an array of integers, or IDX; with a folder, names of "
	  "the classes, one a line, as its folders are called" },
	{ "limit", 'n', "N", CLI_OPTIONAL,
	  CLI_NUMBER(cli_eval, limit, INT64_MAX),
	  "only the first N images; of a folder, one of each class in turn" },
	{ "top", 'k', "K", CLI_OPTIONAL, CLI_NUMBER(cli_eval, top, 65536),
	  "also count how often the right class is among the K likeliest, if "
	  "the owner of the model lets it give them" },
	{ "json", 'j', NULL, CLI_OPTIONAL, CLI_FLAG(cli_eval, json),
	  "answer in JSON" },
	TEE(eval),
#ifdef ENC_MNIST_PLOT
	{ "plot", 'p', "FILE", CLI_OPTIONAL, CLI_OUTPUT(cli_eval, plot),
	  "draw the confusion matrix of ten classes to FILE.png or FILE.svg" },
#endif
	{ 0 }
};

/* --- All --------------------------------------------------------------- */

const struct cli_command cli_commands[] = {
#ifdef ENC_MNIST_OWNER_TOOLS
	{
		.name = "owner-key",
		.summary = "make the key of an owner of models "
			   "(owner's machine)",
		.doc = "Makes the key pair of an owner of models (Ed25519), "
		       "which signs models and envelopes. Neither file is ever "
		       "overwritten. Without the private key nothing more can "
		       "be sealed for the devices that have the public one. "
		       "With --owner, writes the public key of a private one "
		       "that is there: in a PEM file, or in a token (a smart "
		       "card or HSM). Its name is a URI (RFC 7512): "
		       "pkcs11:token=TOKEN;object=KEY, with "
		       "?module-path=LIBRARY unless p11-kit knows the module. "
		       "The PIN is asked for, or comes from "
		       "--passphrase-file or pin-source=file:FILE.",
		HAS_SECRETS,
		ANYWHERE(owner_key),
	},
	{
		.name = "model-key",
		.summary = "make a key to seal models under (owner's machine)",
		.doc = "Makes a key to seal models under, which envelopes bring "
		       "to devices: 64 hex digits in a file that only you can "
		       "read, and that is never overwritten.",
		HAS_SECRETS,
		ANYWHERE(model_key),
	},
	{
		.name = "import",
		.summary = "read a .tflite, .onnx or Burn model "
			   "(owner's machine)",
		.doc = "Reads a model of TensorFlow Lite, of ONNX, or a stack "
		       "of Linear layers that Burn has saved, and writes it "
		       "as the record that the engine runs: every shape is "
		       "fixed, and the use of memory is planned. A model that "
		       "the engine cannot run is refused, with the operator "
		       "that it is about.",
		ANYWHERE(import),
	},
	{
		.name = "quantize",
		.summary = "make an f32 network compute with 8 bits "
			   "(owner's machine)",
		.doc = "Makes an int8 network of an f32 one: about a quarter "
		       "of the size and of the memory, and less work. Samples "
		       "of what the network will see decide its scales; some "
		       "tens of them suffice. It is used as before, with the "
		       "same inputs and outputs. With a labelled test set the "
		       "accuracy before and after is printed. If an ONNX file "
		       "leaves a dimension open, or the network is to read "
		       "pixels, `import` it first.",
		ANYWHERE(quantize),
	},
	{
		.name = "seal",
		.summary = "encrypt and sign a trained model (owner's machine)",
		.doc = "Encrypts a trained network chunk by chunk under "
		       "AES-256-GCM, and signs it, with what devices may "
		       "answer. A network that the TA would refuse is refused "
		       "here. If an ONNX file leaves a dimension open, or the "
		       "network is to read pixels, `import` it first.",
		HAS_SECRETS,
		ANYWHERE(seal),
	},
	{
		.name = "wrap",
		.summary = "put a model's key into envelopes (owner's machine)",
		.doc = "Puts the key of sealed models into envelopes, one for "
		       "each device. Only the TA of that device can open it, "
		       "and the TA checks that it is from this owner. "
		       "`enc_mnist provision` hands it to the TA, which keeps "
		       "up to 8 keys. An envelope also says which keys the "
		       "device forgets, and which models it may load.",
		HAS_SECRETS,
		ANYWHERE(wrap),
	},
	{
		.name = "make-ta",
		.summary = "make a TA that belongs to an owner "
			   "(owner's machine)",
		.doc = "Makes the TA of an owner from one that was built "
		       "without any, and signs it: with the bits that a build "
		       "for this owner has. Neither a compiler nor a TA "
		       "development kit is needed. The key that signs may be "
		       "elsewhere: with its public half, write the --digest, "
		       "have it signed, and give the --signature.",
		HAS_SECRETS,
		ANYWHERE(make_ta),
	},
#endif
	{
		.name = "inspect",
		.summary = "show what a sealed model, envelope or network is",
		.doc = "Shows what a sealed model or a file of envelopes is, "
		       "and whether it is intact. This needs no secret "
		       "key. Without --owner, it may be from anybody. On the "
		       "workstation it also lists the layers of a network that "
		       "is not sealed: what each computes, its weights, its "
		       "work in multiply-accumulates, and the memory in use.",
		.asks = "file",
		BOTH(inspect, inspect_any),
	},
#ifdef ENC_MNIST_ENCRYPT_MODEL
	{
		.name = "encrypt-model",
		.summary = "encrypt a trained model (owner's machine)",
		.doc = "Encrypts a trained model, a Burn record, under "
		       "AES-256-CBC with a random IV. A record that the TA "
		       "would refuse is refused here.",
		HAS_SECRETS,
		ANYWHERE(encrypt_model),
	},
	{
		.name = "verify-model",
		.summary = "check a trained model before encrypting it",
		.doc = "Says whether the TA would accept a plain record, and "
		       "if not, at which byte and why. This runs the same "
		       "reader as the TA.",
		ANYWHERE(verify_model),
	},
#endif
#ifdef ENC_MNIST_COMPAT
	{
		.name = "store-key",
		.summary = "store the model key in the TEE (device)",
		.doc = "Stores the model key in the trusted storage of the TA. "
		       "It replaces the key stored before.",
		HAS_SECRETS,
		ON_DEVICE(store_key),
	},
#endif
	{
		.name = "device-key",
		.summary = "print this device's public key (device)",
		.doc = "Prints this device's public key, for `enc_mnist wrap` "
		       "on the owner's machine. The TA makes the pair when it "
		       "is first asked; the private key never leaves trusted "
		       "storage. Compare the fingerprints: nothing else tells "
		       "the owner that the key is from a TA.",
		ON_DEVICE(device_key),
	},
	{
		.name = "provision",
		.summary = "bring a model's key to the TEE (device)",
		.doc = "Finds this device's envelope among others and hands it "
		       "to the TA, which stores the key of sealed models from "
		       "it, removes the keys that the envelope retires, and "
		       "from then on loads the models that it names.",
		ON_DEVICE(provision),
	},
	{
		.name = "status",
		.summary = "show keys, versions and protection (device)",
		.doc = "Shows which keys this device has, which models its TA "
		       "accepts, and which protection is real.",
		ON_DEVICE(status),
	},
	{
		.name = "commit",
		.summary = "keep the device from going back behind a model "
			   "(device)",
		.doc = "Loads a model into the TEE, lets it answer a sample of "
		       "zeros, and has the TA refuse models of this id with a "
		       "lower security version from then on. Until a model is "
		       "committed, the device can go back to an older one, any "
		       "number of times.",
		ON_DEVICE(commit),
	},
	{
		.name = "infer",
		.summary = "run an encrypted model on images or arrays "
			   "(device)",
		.doc = "Loads a model into the TEE, which decrypts it there, "
		       "and computes images or arrays in the order given. "
		       "Stops at the first image that cannot be read, with "
		       "exit status 1, after answering those before it. On "
		       "the workstation, it runs a network that is not sealed, "
		       "without a TEE: an owner sees what devices will answer, "
		       "and all that they could.",
		.asks = "images",
		BOTH(infer, infer_here),
	},
	{
		.name = "eval",
		.summary = "measure accuracy on a labelled test set (device)",
		.doc = "Classifies a labelled test set inside the TEE and "
		       "prints the accuracy; for up to 20 classes, also how "
		       "often each was taken for each. On the workstation, it "
		       "does so with a network that is not sealed, without a "
		       "TEE.",
		BOTH(eval, eval_here),
	},
};

const size_t cli_command_count = sizeof(cli_commands) / sizeof(cli_commands[0]);
