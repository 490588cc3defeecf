/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "host/base/hex.h"
#include "proto/enc_mnist_ta.h"
#include "result.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define WHERE_IT_LOOKS                                          \
	"/lib/optee_armtz, unless tee-supplicant was built or " \
	"started otherwise (`tee-supplicant --help', --ta-path)"

static const uint8_t built_for[BOX_UUID_BYTES] = ENC_MNIST_TA_UUID_OCTETS;

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
		return enc_hint(e, "join the group that owns it (`ls -l "
				   "/dev/tee0') and log in again, or run as "
				   "root; if the group is root, too, install "
				   "the udev rules of enc_mnist");
	}
	if (error) {
		enc_fail(e, ENC_ERR_TEE,
			 "no TEE on this machine: /dev/tee0: %s",
			 strerror(error));
		e->kind = ENC_TRY_AGAIN; /* there is none yet, while booting */
		return enc_hint(e, "check that OP-TEE is in the boot chain, "
				   "and the kernel's optee driver is loaded "
				   "(modprobe optee)");
	}
	return enc_tee_fail(e, "reach the TEE", res, TEEC_ORIGIN_API);
}

static const struct enc_tee_hint opening[] = {
	{ TEEC_ERROR_OUT_OF_MEMORY,
	  "secure memory is short: end other sessions, or give OP-TEE more "
	  "(CFG_TZDRAM_SIZE)" },
	{ TEEC_ERROR_SECURITY,
	  "the TA is not signed with the key that this OP-TEE trusts: build it "
	  "with TA_SIGN_KEY and TA_DEV_KIT_DIR of this board; or its file has "
	  "the name of another TA" },
	{ TEEC_ERROR_ACCESS_CONFLICT,
	  "this TA is older than one that the device has run (TA_VERSION), and "
	  "OP-TEE refuses it: install the newer one" },
	{ ENC_TEE_CORRUPT_OBJECT,
	  "trusted storage, where OP-TEE keeps the versions of TAs, is damaged "
	  "or a part of it is missing: put all of its files back, or remove "
	  "them all and give this device its keys again" },
	{ TEEC_ERROR_BAD_STATE,
	  "the TA has no owner: install one that `enc_mnist make-ta` made of it, "
	  "on the owner's machine" },
	{ TEEC_ERROR_GENERIC,
	  "most likely OP-TEE cannot write to trusted storage: " ENC_TEE_CHECK_STORAGE },
};

/* OP-TEE says the same of a TA and of the folder of its storage. */
static bool advise_install(struct enc_error *e, const uint8_t *ta)
{
	static const char *const folders[] = { "/lib", "/usr/lib",
					       "/usr/local/lib" };
	char uuid[ENC_UUID_TEXT] = "";
	char path[128] = "";

	enc_uuid_text(ta, uuid);
	for (size_t i = 0; i < COUNT(folders); i++) {
		snprintf(path, sizeof(path), "%s/optee_armtz/%s.ta", folders[i],
			 uuid);
		if (!access(path, F_OK))
			return enc_hint(e,
					"tee-supplicant does not find %s: let "
					"it read that file, or copy it to "
					"where it looks, " WHERE_IT_LOOKS
					"; if its storage was removed while it "
					"ran, restart it",
					path);
	}
	return enc_hint(e,
			"the TA is not installed: copy %s.ta to where "
			"tee-supplicant looks, " WHERE_IT_LOOKS
			": `make install TA_DIR=/lib/optee_armtz' does",
			uuid);
}

static bool fail_session(struct enc_error *e, const uint8_t *ta,
			 TEEC_Result res, uint32_t origin)
{
	static const char doing[] = "open a session with the TA";

	/* OP-TEE says that its memory is short then. */
	if (enc_tee_lacks_supplicant(doing, e))
		return false;
	enc_tee_fail(e, doing, res, origin);
	if (res == TEEC_ERROR_ITEM_NOT_FOUND)
		return advise_install(e, ta);
	return enc_tee_advise(e, res, opening, COUNT(opening));
}

static TEEC_Result open_session(struct enc_tee *tee, const uint8_t *ta,
				uint32_t *origin)
{
	TEEC_UUID uuid = {
		.timeLow = (uint32_t)ta[0] << 24 | (uint32_t)ta[1] << 16 |
			   (uint32_t)ta[2] << 8 | ta[3],
		.timeMid = (uint16_t)(ta[4] << 8 | ta[5]),
		.timeHiAndVersion = (uint16_t)(ta[6] << 8 | ta[7]),
	};
	TEEC_Result res = TEEC_ERROR_GENERIC;

	memcpy(uuid.clockSeqAndNode, ta + 8, sizeof(uuid.clockSeqAndNode));
	enc_tee_watch_enter(&tee->watch, 0);
	res = TEEC_OpenSession(&tee->context, &tee->session, &uuid,
			       TEEC_LOGIN_PUBLIC, NULL, NULL, origin);
	enc_tee_watch_leave(&tee->watch);
	return res;
}

bool enc_tee_open(struct enc_tee **tee, const struct enc_tee_options *options,
		  struct enc_error *e)
{
	static const struct enc_tee_options defaults;
	const uint8_t *ta = options && options->ta ? options->ta : built_for;
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
	res = enc_tee_share(t);
	if (res != TEEC_SUCCESS) {
		enc_tee_fail(e, "share memory with the TEE", res,
			     TEEC_ORIGIN_API);
		goto finalize_context;
	}
	enc_tee_watch_start(&t->watch, options ? options : &defaults);
	res = open_session(t, ta, &origin);
	if (res != TEEC_SUCCESS) {
		fail_session(e, ta, res, origin);
		goto stop_watch;
	}
	*tee = t;
	return true;

stop_watch:
	enc_tee_watch_stop(&t->watch);
	enc_tee_unshare(t);
finalize_context:
	TEEC_FinalizeContext(&t->context);
free_tee:
	free(t);
	return false;
}

void enc_tee_close(struct enc_tee *tee)
{
	if (!tee)
		return;
	enc_tee_watch_enter(&tee->watch, 0);
	TEEC_CloseSession(&tee->session);
	enc_tee_watch_leave(&tee->watch);
	enc_tee_watch_stop(&tee->watch);
	enc_tee_unshare(tee);
	TEEC_FinalizeContext(&tee->context);
	free(tee);
}

TEEC_Result enc_tee_invoke(struct enc_tee *tee, uint32_t command,
			   TEEC_Operation *op, uint32_t *origin)
{
	TEEC_Result res = TEEC_ERROR_GENERIC;

	enc_tee_watch_enter(&tee->watch, tee->work);
	res = TEEC_InvokeCommand(&tee->session, command, op, origin);
	enc_tee_watch_leave(&tee->watch);
	return res;
}
