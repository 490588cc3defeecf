/* SPDX-License-Identifier: Apache-2.0 */
/* For builds without a TEE client library: the owner's workstation. */
#include "host/device/session.h"

static bool no_tee(struct enc_error *e)
{
	enc_fail(e, ENC_ERR_UNSUPPORTED,
		 "this build of enc_mnist cannot talk to a TEE");
	return enc_hint(e, "run this command on the device, with the enc_mnist "
			   "that was built for it (out/device/enc_mnist); "
			   "`make shell` boots a board that has it");
}

bool enc_tee_open(struct enc_tee **tee, struct enc_error *e)
{
	*tee = NULL;
	return no_tee(e);
}

void enc_tee_close(struct enc_tee *tee)
{
	(void)tee;
}

uint8_t *enc_tee_images(struct enc_tee *tee)
{
	(void)tee;
	return NULL;
}

uint8_t *enc_tee_chunk(struct enc_tee *tee)
{
	(void)tee;
	return NULL;
}

bool enc_tee_store_key(struct enc_tee *tee, const uint8_t *key,
		       struct enc_error *e)
{
	(void)tee;
	(void)key;
	return no_tee(e);
}

bool enc_tee_provision(struct enc_tee *tee, const uint8_t *envelope,
		       struct enc_error *e)
{
	(void)tee;
	(void)envelope;
	return no_tee(e);
}

bool enc_tee_device_key(struct enc_tee *tee, uint8_t *key, struct enc_error *e)
{
	(void)tee;
	(void)key;
	return no_tee(e);
}

bool enc_tee_status(struct enc_tee *tee, struct enc_status *status,
		    struct enc_error *e)
{
	(void)tee;
	(void)status;
	return no_tee(e);
}

bool enc_tee_load_begin(struct enc_tee *tee, struct enc_error *e)
{
	(void)tee;
	return no_tee(e);
}

bool enc_tee_load_begin_sealed(struct enc_tee *tee, const uint8_t *head,
			       struct enc_error *e)
{
	(void)tee;
	(void)head;
	return no_tee(e);
}

bool enc_tee_load_push(struct enc_tee *tee, const uint8_t *data, size_t len,
		       struct enc_error *e)
{
	(void)tee;
	(void)data;
	(void)len;
	return no_tee(e);
}

bool enc_tee_load_finalize(struct enc_tee *tee, struct enc_error *e)
{
	(void)tee;
	return no_tee(e);
}

bool enc_tee_infer(struct enc_tee *tee, const uint8_t *images, size_t n,
		   uint8_t *labels, struct enc_error *e)
{
	(void)tee;
	(void)images;
	(void)n;
	(void)labels;
	return no_tee(e);
}
