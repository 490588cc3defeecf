/* SPDX-License-Identifier: Apache-2.0 */
#include "tee.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>
#include <unistd.h>

#include "proto/enc_mnist_ta.h"
#include "tee_watch.h"

/* Results of the TEE that its client's header does not have. */
#define ERROR_CORRUPT_OBJECT	    0xF0100001
#define ERROR_STORAGE_NOT_AVAILABLE 0xF0100003
#define ERROR_OVERFLOW		    0xFFFF300F
#define ERROR_STORAGE_NO_SPACE	    0xFFFF3041

#define KEY_IN_USE "another program is storing or reading the key: try again"
#define STORAGE_DAMAGED                                                \
	"the files of trusted storage are damaged: remove those that " \
	"tee-supplicant keeps, and store the key again"
#define STORAGE_FAILED "trusted storage failed: see the log of the TEE"

#define TA_FILE ENC_MNIST_TA_UUID_TEXT ".ta"

struct enc_tee {
	TEEC_Context context;
	TEEC_Session session;
	struct enc_tee_watch watch;
};

static const char *origin_name(uint32_t origin)
{
	switch (origin) {
	case TEEC_ORIGIN_API:
		return "TEE client library";
	case TEEC_ORIGIN_COMMS:
		return "TEE driver";
	case TEEC_ORIGIN_TEE:
		return "TEE";
	case TEEC_ORIGIN_TRUSTED_APP:
		return "TA";
	default:
		return "unknown origin";
	}
}

static const char *result_name(TEEC_Result res)
{
	switch (res) {
	case TEEC_ERROR_GENERIC:
		return "generic error";
	case TEEC_ERROR_ACCESS_DENIED:
		return "access denied";
	case TEEC_ERROR_ACCESS_CONFLICT:
		return "access conflict";
	case TEEC_ERROR_EXCESS_DATA:
		return "excess data";
	case TEEC_ERROR_BAD_FORMAT:
		return "bad format";
	case TEEC_ERROR_BAD_PARAMETERS:
		return "bad parameters";
	case TEEC_ERROR_BAD_STATE:
		return "bad state";
	case TEEC_ERROR_ITEM_NOT_FOUND:
		return "item not found";
	case TEEC_ERROR_NOT_SUPPORTED:
		return "not supported";
	case TEEC_ERROR_OUT_OF_MEMORY:
		return "out of memory";
	case TEEC_ERROR_BUSY:
		return "busy";
	case TEEC_ERROR_COMMUNICATION:
		return "communication failed";
	case TEEC_ERROR_SECURITY:
		return "security error";
	case TEEC_ERROR_SHORT_BUFFER:
		return "short buffer";
	case TEEC_ERROR_TARGET_DEAD:
		return "the TA has died";
	case ERROR_CORRUPT_OBJECT:
		return "corrupt object in trusted storage";
	case ERROR_STORAGE_NOT_AVAILABLE:
		return "trusted storage not available";
	case ERROR_STORAGE_NO_SPACE:
		return "trusted storage is full";
	case ERROR_OVERFLOW:
		return "overflow";
	default:
		return "error";
	}
}

static bool fail(struct enc_error *e, const char *doing, TEEC_Result res,
		 uint32_t origin)
{
	return enc_fail(e, ENC_ERR_TEE, "cannot %s: %s (0x%08x from the %s)",
			doing, result_name(res), (unsigned int)res,
			origin_name(origin));
}

static bool fail_context(struct enc_error *e, TEEC_Result res)
{
	int error = 0;
	int fd = open("/dev/tee0", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		error = errno;
	else
		close(fd);
	if (error == EACCES) {
		enc_fail(e, ENC_ERR_TEE, "no permission to open /dev/tee0");
		return enc_hint(e, "run as root, or join the group that owns "
				   "/dev/tee0");
	}
	if (error) {
		enc_fail(e, ENC_ERR_TEE,
			 "no TEE on this machine: /dev/tee0: "
			 "%s",
			 strerror(error));
		return enc_hint(e, "is OP-TEE in the boot chain, and the "
				   "kernel's optee driver loaded "
				   "(modprobe optee)?");
	}
	return fail(e, "reach the TEE", res, TEEC_ORIGIN_API);
}

static bool fail_session(struct enc_error *e, TEEC_Result res, uint32_t origin)
{
	fail(e, "open a session with the TA", res, origin);
	if (enc_tee_supplicant_is_missing())
		return enc_hint(e, "tee-supplicant is not running: start it "
				   "(systemctl start tee-supplicant, or "
				   "tee-supplicant -d)");
	switch (res) {
	case TEEC_ERROR_ITEM_NOT_FOUND:
		return enc_hint(e, "the TA is not installed: copy " TA_FILE
				   " to where tee-supplicant looks for TAs "
				   "(/usr/lib/optee_armtz, to which `make "
				   "install PREFIX=/usr' copies it)");
	case TEEC_ERROR_OUT_OF_MEMORY:
		return enc_hint(e, "secure memory is short: end other "
				   "sessions, or give OP-TEE more "
				   "(CFG_TZDRAM_SIZE)");
	case TEEC_ERROR_SECURITY:
		return enc_hint(e, "the TA is not signed with the key that "
				   "this OP-TEE trusts: build it with "
				   "TA_SIGN_KEY and TA_DEV_KIT_DIR of this "
				   "board");
	default:
		return false;
	}
}

static TEEC_Result open_session(struct enc_tee *tee, uint32_t *origin)
{
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_watch_enter(&tee->watch);
	res = TEEC_OpenSession(&tee->context, &tee->session, &uuid,
			       TEEC_LOGIN_PUBLIC, NULL, NULL, origin);
	enc_tee_watch_leave(&tee->watch);
	return res;
}

bool enc_tee_open(struct enc_tee **tee, struct enc_error *e)
{
	struct enc_tee *t = calloc(1, sizeof(*t));
	uint32_t origin = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	*tee = NULL;
	if (!t)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	res = TEEC_InitializeContext(NULL, &t->context);
	if (res != TEEC_SUCCESS) {
		fail_context(e, res);
		goto free_tee;
	}
	enc_tee_watch_start(&t->watch);
	res = open_session(t, &origin);
	if (res != TEEC_SUCCESS) {
		fail_session(e, res, origin);
		goto stop_watch;
	}
	*tee = t;
	return true;

stop_watch:
	enc_tee_watch_stop(&t->watch);
	TEEC_FinalizeContext(&t->context);
free_tee:
	free(t);
	return false;
}

void enc_tee_close(struct enc_tee *tee)
{
	if (!tee)
		return;
	TEEC_CloseSession(&tee->session);
	enc_tee_watch_stop(&tee->watch);
	TEEC_FinalizeContext(&tee->context);
	free(tee);
}

/* A command with an input, an output, or neither (NULL). */
static TEEC_Result invoke(struct enc_tee *tee, uint32_t command, const void *in,
			  size_t in_size, void *out, size_t *out_size,
			  uint32_t *origin)
{
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	op.paramTypes =
		TEEC_PARAM_TYPES(in ? TEEC_MEMREF_TEMP_INPUT : TEEC_NONE,
				 out ? TEEC_MEMREF_TEMP_OUTPUT : TEEC_NONE,
				 TEEC_NONE, TEEC_NONE);
	op.params[0].tmpref.buffer = (void *)(uintptr_t)in;
	op.params[0].tmpref.size = in_size;
	op.params[1].tmpref.buffer = out;
	op.params[1].tmpref.size = out ? *out_size : 0;
	enc_tee_watch_enter(&tee->watch);
	res = TEEC_InvokeCommand(&tee->session, command, &op, origin);
	enc_tee_watch_leave(&tee->watch);
	if (out)
		*out_size = op.params[1].tmpref.size;
	return res;
}

bool enc_tee_store_key(struct enc_tee *tee, const uint8_t *key,
		       struct enc_error *e)
{
	uint32_t origin = 0;
	TEEC_Result res = invoke(tee, ENC_MNIST_CMD_STORE_KEY, key,
				 ENC_MNIST_KEY_BYTES, NULL, NULL, &origin);

	if (res == TEEC_SUCCESS)
		return true;
	fail(e, "store the key", res, origin);
	if (enc_tee_supplicant_is_missing())
		return enc_hint(e, "trusted storage needs tee-supplicant, "
				   "which is not running");
	if (res == TEEC_ERROR_ACCESS_CONFLICT)
		return enc_hint(e, KEY_IN_USE);
	if (res == ERROR_CORRUPT_OBJECT)
		return enc_hint(e, STORAGE_DAMAGED);
	if (res == TEEC_ERROR_TARGET_DEAD)
		return enc_hint(e, STORAGE_FAILED);
	return enc_hint(e, "has the file system of tee-supplicant's storage "
			   "room, and is it writable? The key of before, if "
			   "there was one, is kept");
}

static bool fail_load(struct enc_error *e, TEEC_Result res, uint32_t origin)
{
	fail(e, "load the model", res, origin);
	switch (res) {
	case TEEC_ERROR_ITEM_NOT_FOUND:
		return enc_hint(e, "the TA has no key yet: provision it with "
				   "`enc_mnist store-key`");
	case TEEC_ERROR_ACCESS_CONFLICT:
		return enc_hint(e, KEY_IN_USE);
	case ERROR_CORRUPT_OBJECT:
		return enc_hint(e, STORAGE_DAMAGED);
	case TEEC_ERROR_TARGET_DEAD:
		return enc_hint(e, STORAGE_FAILED);
	case TEEC_ERROR_OUT_OF_MEMORY:
		return enc_hint(e, "the heap of the TA is too small for the "
				   "model: raise TA_DATA_SIZE in "
				   "ta/inference/user_ta_header_defines.h");
	case TEEC_ERROR_BAD_FORMAT:
		return enc_hint(e, "it does not decrypt to a record of this "
				   "network: was it encrypted under the key "
				   "that was stored last? `enc_mnist "
				   "verify-model` checks the plain record");
	case TEEC_ERROR_EXCESS_DATA:
		return enc_hint(e, "the file goes on after the end of its "
				   "model: was it encrypted under the key that "
				   "was stored last?");
	default:
		return false;
	}
}

static bool load_step(struct enc_tee *tee, uint32_t command, const void *in,
		      size_t in_size, struct enc_error *e)
{
	uint32_t origin = 0;
	TEEC_Result res =
		invoke(tee, command, in, in_size, NULL, NULL, &origin);

	return res == TEEC_SUCCESS || fail_load(e, res, origin);
}

bool enc_tee_load_begin(struct enc_tee *tee, struct enc_error *e)
{
	return load_step(tee, ENC_MNIST_CMD_BEGIN, NULL, 0, e);
}

bool enc_tee_load_push(struct enc_tee *tee, const uint8_t *data, size_t len,
		       struct enc_error *e)
{
	return load_step(tee, ENC_MNIST_CMD_PUSH, data, len, e);
}

bool enc_tee_load_finalize(struct enc_tee *tee, struct enc_error *e)
{
	return load_step(tee, ENC_MNIST_CMD_FINALIZE, NULL, 0, e);
}

static bool infer_batch(struct enc_tee *tee, const uint8_t *images, size_t n,
			uint8_t *labels, struct enc_error *e)
{
	size_t count = n;
	uint32_t origin = 0;
	TEEC_Result res =
		invoke(tee, ENC_MNIST_CMD_INFER, images,
		       n * ENC_MNIST_IMAGE_BYTES, labels, &count, &origin);

	if (res != TEEC_SUCCESS) {
		fail(e, "classify", res, origin);
		return res == ERROR_OVERFLOW &&
		       enc_hint(e, "the model's sums leave the range of f32: "
				   "train it anew");
	}
	if (count != n)
		return enc_fail(e, ENC_ERR_TEE,
				"the TA answered %zu labels for %zu images",
				count, n);
	for (size_t i = 0; i < n; i++) {
		if (labels[i] >= ENC_MNIST_CLASSES)
			return enc_fail(e, ENC_ERR_TEE,
					"the TA answered label %u",
					(unsigned int)labels[i]);
	}
	return true;
}

bool enc_tee_infer(struct enc_tee *tee, const uint8_t *images, size_t n,
		   uint8_t *labels, struct enc_error *e)
{
	while (n) {
		size_t batch =
			n < ENC_MNIST_BATCH_MAX ? n : ENC_MNIST_BATCH_MAX;

		if (!infer_batch(tee, images, batch, labels, e))
			return false;
		images += batch * ENC_MNIST_IMAGE_BYTES;
		labels += batch;
		n -= batch;
	}
	return true;
}
